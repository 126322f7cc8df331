"""The commented template that `gainsim new` writes: a small offer that runs as it stands."""

TEMPLATE = """\
# A gainsim scenario: one offer and the world it meets. Run it with:  gainsim run offer.yaml
# Editors complete and check the keys with the schema that `gainsim schema` prints.
gainsim: 1
title: My offer
currency: EUR

# When the contract runs, and which year a yearly clause means (contract, calendar or fiscal).
calendar: { start: 2027-01, years: 3, step: month, year: contract }
money: { discount_rate: 8% pa }
run: { paths: 10_000, seed: 1 }

# What moves. Each driver says who controls it (supplier, customer, nobody), its unit, and its central value.
drivers:
  energy_price:
    control: nobody
    unit: EUR/MWh
    central: mean
    geometric_walk: { start: 90, drift: 2% pa, volatility: 25% pa }
  energy_use:
    control: customer
    unit: MWh/month
    central: mean
    drawn: each period
    normal: { mean: 1_000, sd: 60 }
  saving_rate:
    control: supplier
    unit: fraction of the energy used
    central: mode
    ramp:
      full_effect: { pert: { low: 5%, mode: 12%, high: 16% } }
      time_to_full_effect: 9 months

# What is made of the drivers: plain formulas. Units are checked.
value:
  baseline_cost: energy_use * energy_price
  saving: baseline_cost * saving_rate

# What was agreed. Each term has its own clock; the steps of a sharing term are executed in their order.
contract:
  service_fee:
    term: fee
    amount: 4_000 EUR per month
    clock: { invoiced: in advance, paid: 30 days }
  gain_share:
    term: sharing
    of: saving
    clock: { measured: year, paid: 60 days }
    steps:
      - against: 4% of baseline_cost                       # the level that is guaranteed
      - share: { below 0: 50%, up to 60_000: 40%, above: 20% }
      - limit_payment: { floor: -20_000, cap: 35_000, per: year }

# What it costs us. A cost over time says per what; a cost at a date says when.
costs:
  team: { amount: 3_000 EUR per month }
  set_up: { amount: 25_000 EUR, at: start }

# What the customer has of it, beside what it pays.
customer:
  gains: { energy_saved: saving }

# The rules of the house: an offer that breaks one ends with exit code 5.
limits:
  chance_of_loss: { at_most: 20%, basis: npv }
  expected_margin: { at_least: 10% }
"""
