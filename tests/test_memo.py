"""The memo: the house's recommendation, amounts as the engine has them, and what the customer is not told."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from gainsim.analyses.assumptions import decided_rows
from gainsim.analyses.memo import as_agreed, for_customer
from gainsim.analyses.memo_words import customer_verdict
from gainsim.analyses.service_levers import names_of_costs
from gainsim.approval import approval, recommended
from gainsim.clause_words import clauses_in_words
from gainsim.clause_words.definitions import definitions
from gainsim.cli.main import cli
from gainsim.judging import judge
from gainsim.measuring import Measures
from gainsim.offer.fields import formulas_in
from gainsim.offer.limits import HouseLimit
from gainsim.outcome import LAYERS
from gainsim.scenario.load import load_file
from gainsim.summary import Summary, summarise
from gainsim.text.memo import customer_page
from tests.scenarios.test_shipped import SHIPPED, load, simulated

PATHS = 4_000


def offer(tmp_path: Path, **more: object) -> Path:
    """A year: a fee of 130 for a cost N(100, 20²): the margin is 3/13, the chance of a loss P(z > 1.5) = 6.7%."""
    work = {"control": "nobody", "unit": "EUR/year", "drawn": "once", "central": "mean", "normal": {"mean": 100, "sd": 20}}
    document = {
        "gainsim": 1, "title": "approved", "currency": "EUR", "run": {"paths": PATHS}, "drivers": {"work": work},
        "calendar": {"start": "2027-01", "years": 1, "step": "year", "year": "contract"}, "money": {"discount_rate": "0% pa"},
        "contract": {"fee": {"term": "fee", "amount": "130 EUR per year"}}, "costs": {"work_done": {"amount": "work"}}, **more,
    }  # fmt: skip
    file = tmp_path / "approved.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def summary_of(file: Path) -> Summary:
    loaded = load_file(file)
    return summarise(loaded.simulate(PATHS, 1), loaded.document)


def levels(*rules: dict[str, object]) -> list[dict[str, object]]:
    return [*({"level": f"level {n}", "when": each} for n, each in enumerate(rules, start=1)), {"level": "board"}]


@pytest.mark.parametrize(
    ("rules", "level"),
    [
        ([{"expected_margin": {"at_least": "20%"}}, {"expected_margin": {"at_least": "10%"}}], "level 1"),
        ([{"expected_margin": {"at_least": "26%"}}, {"expected_margin": {"at_least": "10%"}}], "level 2"),
        ([{"expected_margin": {"at_least": "20%"}, "chance_of_loss": {"at_most": "5%"}}], "board"),
        ([{"expected_margin": {"at_least": "20%"}, "chance_of_loss": {"at_most": "10%"}}], "level 1"),
        ([{"irr": {"at_least": "5% pa"}}], "board"),  # which has no value here: nobody is told that it holds
    ],
)
def test_the_first_level_whose_rules_all_hold_may_approve(rules: list[dict[str, object]], level: str, tmp_path: Path) -> None:
    found = summary_of(offer(tmp_path, approval=levels(*rules))).approval
    assert found is not None
    assert found.level == level
    assert found.sure == (level != "board" or "irr" not in rules[0])


def test_a_memo_says_where_figures_are_not_adjusted_that_stand_beside_those_that_are(tmp_path: Path) -> None:
    """What is controlled by drivers' means is the run's; whose risk it is, and stresses, are told of the futures as drawn."""
    for more, told in (({}, False), ({"run": {"paths": 300, "control_variates": "drivers"}}, True)):
        shown = CliRunner().invoke(cli, ["memo", str(offer(tmp_path, **more)), "--paths", "300", "--no-report"])
        assert ("they are as drawn; the means above are adjusted by the drivers' exact means." in shown.stdout) == told


def test_a_rule_is_held_with_equality(tmp_path: Path) -> None:
    """A certain cost of 100 leaves 30 of 130: exactly 30 may be asked for."""
    certain = {"work_done": {"amount": "100 EUR per year"}}
    file = offer(tmp_path, costs=certain, drivers={}, approval=levels({"npv": {"at_least": 30}}))
    found = summary_of(file).approval
    assert found is not None
    assert found.level == "level 1"


def test_limits_are_held_before_levels(tmp_path: Path) -> None:
    summary = summary_of(offer(tmp_path, limits={"chance_of_loss": {"at_most": "1%"}}, approval=levels({"npv": {"at_least": 0}})))
    assert recommended(summary.limits, summary.approval)[0] == "do not approve"
    assert recommended((), summary.approval) == ("approve", "Approve, as level 1 may: the house states no limits.")
    least = HouseLimit.model_validate({"at_least": 50, "basis": "npv"})
    two = [judge("cvar_95", least, Measures(summary.outcome)), *summary.limits]
    said = "Do not approve as it stands: it breaks the house's limits of mean of the worst 5% and chance of loss (NPV below 0)."
    assert recommended(two, None)[1] == said
    assert recommended((), None)[0] == "no rules"
    assert approval((), Measures(summary.outcome)) is None


def test_what_keeps_the_customer_from_signing_stands_in_the_first_line(tmp_path: Path) -> None:
    """It gains 120 and pays 130: it is worse off by 10 on every future, and asks for 5."""
    gains = {"gains": {"relief": "120 EUR per year"}, "accepts": {"net_benefit": {"at_least": 5}}}
    file = offer(tmp_path, customer=gains, approval=levels({"npv": {"at_least": 0}}))
    done = CliRunner().invoke(cli, ["memo", str(file), "--paths", "500", "--no-report"])
    assert done.exit_code == 0, done.output
    first = done.stdout.split("\n\n")[1].split("\n")[0]
    assert first.startswith(
        "Approve, as level 1 may: the house states no limits, but the customer does not sign: "
        "it asks for net benefit at least 5 EUR and has -10 EUR; on average it is worse off by 10 EUR."
    )
    data = json.loads(CliRunner().invoke(cli, ["memo", str(file), "--paths", "100", "--no-report", "--json"]).stdout)
    refusal = {"asked": [{"measure": "customer_net_benefit", "rule": "at least 5 EUR", "value": -10.0}], "worse_off": 10.0}
    assert data["customer_refuses"] == refusal
    assert data["record"]["File (SHA-256)"] == hashlib.sha256(file.read_bytes()).hexdigest()  # whatever a run changes
    told = customer_verdict(for_customer(load_file(file), summary_of(file)))
    assert "are worse off by 10 EUR than without it" in told
    assert told.endswith("In more than 99.9% of futures you are worse off.")  # 4,000 of 4,000: three in 4,000 may be otherwise


def test_none_of_so_many_futures_is_no_certainty(tmp_path: Path) -> None:
    file = offer(tmp_path, customer={"gains": {"relief": "200 EUR per year"}})
    done = CliRunner().invoke(cli, ["memo", str(file), "--for", "customer", "--paths", "500", "--no-report"])
    assert "and are better off by 70 EUR" in done.stdout
    assert "In less than 0.6% of futures you are worse off." in done.stdout  # three in 500


def test_the_memo_answers_first_and_says_the_offer_in_words(tmp_path: Path) -> None:
    file = offer(tmp_path, approval=levels({"npv": {"at_least": 0}}))
    done = CliRunner().invoke(cli, ["memo", str(file), "--paths", "300", "--no-report"])
    assert done.exit_code == 0, done.output
    parts = done.stdout.split("\n\n")
    assert parts[1].startswith("Approve, as level 1 may: the house states no limits.")
    assert parts[3].endswith("- fee: The customer pays 130 EUR per year. Reckoned after each year.")


def test_clauses_say_their_amounts() -> None:
    said = clauses_in_words(load("energy_saving").scenario)
    assert "of a shortfall the supplier bears 100%; of a gain it gets 50%" in said["surplus_or_shortfall"]
    ends = "the supplier pays at most 70,000 EUR and gets at most 60,000 EUR in each settlement"
    assert ends in said["surplus_or_shortfall"]
    assert said["maintenance_fee"].endswith("It grows by 2% every year (compound).")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("loss", "customer pays loss; where that is negative the supplier pays"),
        ("-loss", "customer pays -loss; where that is negative the supplier pays"),
        ("-double", "customer pays -double; where that is negative the supplier pays"),
        ("max(double, 0 EUR)", "customer pays the larger of double and 0 EUR"),
        ("steady", "customer pays steady"),
        ("-(10% of saving) + 9_000 EUR", "customer pays -(10% of saving) + 9,000 EUR; where that is negative the supplier pays"),
        ("10% of saving-1_000 EUR", "customer pays 10% of saving - 1,000 EUR; where that is negative the supplier pays"),
        ("max(saving - 5_000 EUR, 0 EUR)", "customer pays the larger of saving - 5,000 EUR and 0 EUR"),
        ("abs(saving-5_000 EUR)", "customer pays abs(saving - 5,000 EUR)"),
        (
            "max(saving - 5 EUR,-9 EUR)",
            "customer pays the larger of saving - 5 EUR and -9 EUR; where that is negative the supplier pays",
        ),
        ("-80% of saving", "supplier pays 80% of saving"),
        ("-saving*3", "supplier pays saving × 3"),
        ("-5_000 EUR", "supplier pays 5,000 EUR"),
        ("-max(saving - 1 EUR, 0 EUR)", "supplier pays the larger of saving - 1 EUR and 0 EUR"),
        ("-(saving - 1 EUR)", "customer pays -(saving - 1 EUR); where that is negative the supplier pays"),
        ("saving if not saving<3 EUR else -2 EUR", "customer pays saving if not saving < 3 EUR else -2 EUR; where that is negative"
         " the supplier pays"),
    ],
)  # fmt: skip
def test_the_sign_of_an_amount_says_who_pays(amount: str, said: str, tmp_path: Path) -> None:
    payment = {"term": "payment", "amount": amount, "clock": {"measured": "year"}}
    saving = {"control": "nobody", "unit": "EUR/year", "constant": 40}
    common = {"control": "nobody", "unit": "EUR/year", "central": "mean", "drawn": "each period"}
    drivers = {
        "saving": saving,
        "loss": {**common, "normal": {"mean": 10, "sd": 20}},
        "steady": {**common, "normal": {"mean": 100, "sd": 20}},
    }
    file = offer(tmp_path, contract={"payment": payment}, drivers=drivers, costs={}, value={"double": "2 * loss"})
    assert clauses_in_words(load_file(file).scenario)["payment"] == f"The {said}. Reckoned after each year."


def test_a_floor_below_nothing_is_the_most_that_the_supplier_pays() -> None:
    said = clauses_in_words(load("shared_savings").scenario)["shared_savings"]
    assert "the supplier pays at most loss cap × benchmark and gets at most 15% of benchmark in each settlement" in said


@pytest.mark.parametrize(
    ("name", "term", "said"),
    [
        ("subscription_renewal", "not_renewed", "ends early once renewed has come out as no (renewed is decided by the customer)."),
        ("deal_structures:simple", "licence", "The customer commits to 1,000 seats at 100 USD/seat/month."),
        ("deal_structures:staged", "licence", "activated earlier as adopted (wanted, rounded to a whole number)."),
        ("share_ranges", "contractors_share", "Each payment is rounded to 0.01 GBP, halves away from 0."),
        (
            "disputed_savings", "review",
            "Where share comes to more than 12,000 EUR less by the customer's reading (their saving in place of our saving), only "
            "the lesser is paid at first, and the rest is withheld until it is settled: by what an expert finds (found saving), "
            "between the two, within 180 days, paid within 30 days; the expert costs 9,000 EUR each time",
        ),
        ("energy_saving", "maintenance_at_risk", "as it is earned: (mean plant there - 97%) / 2%, but from 0 to 1."),
        ("contract_for_difference", "difference", "the customer pays by how much agreed strike lies above wind price;"),
        ("outsourcing", "service_levels", "It stands only while it is month 4 or later."),
        (
            "outsourcing", "service_levels",
            "answer (15% below 80%, 35% below 75%; from the 2nd miss in a row on it counts 1.5 times, from the 3rd on 2 times; "
            "all of it comes back for a level at or above 85% over the next 2 settlements);",
        ),
        ("outsourcing", "service_levels", "; below 99% 40,000 EUR more, on top of what is at risk; all of it comes back"),
        ("outsourcing", "service_levels", "; 4 misses in the last 12 settlements give the right to terminate);"),
        ("outsourcing", "service_levels", "; from the 1st miss in a year on it counts nothing, from the 2nd on once);"),
        ("outsourcing", "desk_taken_over", "another may do the supplier's work for 3 months, for which the supplier pays"),
        ("cloud_credits", "support_points", "is credited for them, all in the last 3 settlements together, at most 10% of support"),
        ("wind_service", "cover", "it pays 80% of what the supplier pays under guarantee beyond 50,000 EUR, at most"),
        ("wind_service", "back_to_back", "; it gets at most 15,000 EUR a year; it pays at most 30,000 EUR a year."),
        ("cloud_credits", "support_points", "(1 above 30 minutes, 3 above 45 minutes; from the 2nd miss in a row on"),
        ("compressed_air", "availability_credits", "is credited a part of base fee: 5% below 99.5%, 15% below 99%, 30%"),
    ],
)  # fmt: skip
def test_conditions_and_numbers_read_as_english(name: str, term: str, said: str) -> None:
    assert said in clauses_in_words(load(name).scenario)[term]


FEE = {"term": "fee", "amount": "100 EUR/month"}
MISSED = {"term": "service_credits", "level": "mean(level)", "credits": {"below 90%": "10%"}}
OWED = {"term": "payment", "amount": "-10% of sales"}
AT_RISK = {"term": "fee_at_risk", "part": "10%", "earned": "0"}


@pytest.mark.parametrize(
    ("term", "of", "measured", "said", "paid"),
    [
        (MISSED, "monthly_fee", "year", "a part of the year's monthly fees: 10% below 90%. Reckoned after each year.", -120),
        (MISSED, "monthly_fee", "quarter", "a part of the quarter's monthly fees: 10% below 90%.", -30),
        (MISSED, "monthly_fee", "month", "a part of monthly fee: 10% below 90%. Reckoned after each month.", -10),
        (MISSED, "yearly_fee", "year", "a part of yearly fee: 10% below 90%. Reckoned after each year.", -120),
        (MISSED, "sales", "year", "a part of the year's total of sales: 10% below 90%. Reckoned after each year.", -60),
        (MISSED, "paid(monthly_fee)", "year", "a part of what is paid under monthly fee: 10% below 90%.", -120),
        (MISSED, "3_000 EUR", "year", "a part of 3,000 EUR: 10% below 90%. Reckoned after each year.", -300),
        (AT_RISK, "monthly_fee", "half_year", "10% of the half-year's monthly fees is paid only", -60),
        (OWED, "", "year", "10% of sales. Reckoned after each year, its months added", -60),
        (OWED, "", "month", "pays 10% of sales. Reckoned after each month.", -5),
        ({"term": "payment", "amount": "-10% of deal"}, "", "year", "pays 10% of deal. Reckoned after each year.", -7),
        ({"term": "payment", "amount": "-sales / sales * 7 EUR"}, "", "year", "7 EUR. Reckoned after each year.", -7),
    ],
)  # fmt: skip
def test_a_part_of_what_is_paid_each_month_says_of_how_many_months(
    term: dict[str, object], of: str, measured: str, said: str, paid: float, tmp_path: Path
) -> None:
    """A fee of 100 and sales of 50 a month, 10% of them: of a year's 120 and 60, of a month's 10 and 5; of a deal of 70 it is 7."""
    known = {"level": ("fraction", 0.8), "sales": ("EUR/month", 50), "deal": ("EUR", 70)}
    drivers = {name: {"control": "nobody", "unit": unit, "constant": at} for name, (unit, at) in known.items()}
    asked = {**term, **({"of": of} if of else {}), "clock": {"measured": measured}}
    contract = {"monthly_fee": FEE, "yearly_fee": {**FEE, "clock": {"measured": "year"}}, "asked": asked}
    calendar = {"start": "2027-01", "years": 1, "step": "month", "year": "contract"}
    loaded = load_file(offer(tmp_path, contract=contract, drivers=drivers, costs={}, calendar=calendar))
    assert said in clauses_in_words(loaded.scenario)["asked"]
    run = loaded.simulate(1, 1)
    came = sum(float(run.total[n].mean()) for n, line in enumerate(run.rows.lines) if line.group == "asked")
    settlements = 12 // {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[measured]
    assert came == pytest.approx(paid * settlements)


@pytest.mark.parametrize("reader", ["house", "customer"])
def test_the_memo_says_when_it_starts_how_long_it_runs_and_to_the_house_at_what_rate_and_cost(reader: str, tmp_path: Path) -> None:
    """Two costs for 30 months from 2027-04: 10 a year come to 25, and 40 that are written down over a year to 40."""
    costs = {"wages": {"amount": "10 EUR per year"}, "tools": {"amount": "40 EUR", "at": "start", "layer": "capital",
             "straight_line": "1 year"}}  # fmt: skip
    calendar = {"start": "2027-04", "months": 30, "step": "quarter", "year": "contract", "stub_years": "prorated"}
    fee = {"fee": {"term": "fee", "amount": "130 EUR per year"}}
    more = {"costs": costs, "drivers": {}, "calendar": calendar, "contract": fee, "money": {"discount_rate": "7% pa"}}
    out = tmp_path / "memo"
    arguments = ["memo", str(offer(tmp_path, **more)), "--for", reader, "--paths", "200"]
    shown = CliRunner().invoke(cli, [*arguments, "--out", str(out)])
    assert shown.exit_code == 0, shown.output
    lines = [line.split() for line in shown.stdout.splitlines()]
    house = reader == "house"
    assert ["Contract", "30", "months", "from", "2027-04"] in lines
    assert any(line[:6] == ["Calendar", "in", "steps", "of", "a", "quarter,"] for line in lines)
    for line in ("Discount rate 7% pa", "wages -25", "tools: written down -40", "= all costs -65"):
        assert (line.split() in lines) == house, line
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "30 months from 2027-04" in page
    assert ("7% pa" in page) == ("tools: written down" in page) == house
    term = json.loads((out / "result.json").read_text(encoding="utf-8"))["term"]
    assert term["Contract"] == "30 months from 2027-04"
    assert ("Discount rate" in term) == house


def test_what_must_be_true_is_what_is_assumed_and_what_makes_it_suspect_stands_apart(tmp_path: Path) -> None:
    """200 futures are too few for a tail of 5%; a work of 100 ± 20 is assumed."""
    done = CliRunner().invoke(cli, ["memo", str(offer(tmp_path)), "--paths", "200", "--no-report"])
    parts = {part.split("\n")[0]: part for part in done.stdout.split("\n\n")}
    (work,) = parts["What must be true"].split("\n")[2:]
    assert work == "- work: normal: mean 100, standard deviation 20; drawn once (EUR/year; controlled by nobody)"
    assert parts["What makes the run suspect"].split("\n")[2].startswith("- few tail paths: the worst 5% are 10 paths;")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_clause_is_a_sentence(name: str) -> None:
    for sentence in clauses_in_words(load(name).scenario).values():
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".")
        assert not re.search(r"_|None|\bTrue\b|<|\{", sentence.replace("< ", "")), sentence


@pytest.mark.parametrize(("reader", "code"), [("house", 5), ("customer", 0)])
def test_a_broken_limit_ends_the_houses_memo_as_it_ends_a_run(reader: str, code: int, tmp_path: Path) -> None:
    file = offer(tmp_path, limits={"chance_of_loss": {"at_most": "1%"}})
    out = tmp_path / "memo"
    done = CliRunner().invoke(cli, ["memo", str(file), "--for", reader, "--paths", "500", "--out", str(out)])
    assert done.exit_code == code, done.output
    assert ("House limit broken: chance_of_loss." in done.stderr) == (reader == "house")
    assert (out / "report.html").is_file()


def test_whose_risk_it_is_begins_with_what_no_driver_moves(tmp_path: Path) -> None:
    """A fee of 130 for a cost of 100, its central value: 30 in every future."""
    done = CliRunner().invoke(cli, ["memo", str(offer(tmp_path)), "--paths", "200", "--no-report"])
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("no driver moves"))
    assert row.split() == ["no", "driver", "moves", "0.0%", "0.0%", "30", "30"]
    assert "terms below 0" not in done.stdout  # no term of it ever costs the supplier


def test_json_and_page_of_the_house(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["memo", str(offer(tmp_path)), "--json", "--out", str(tmp_path / "memo"), "--paths", "200"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["schema"] == "gainsim/memo/1"
    assert told["recommendation"]["verdict"] == "no rules"
    assert told["clauses_in_words"] == {"fee": "The customer pays 130 EUR per year. Reckoned after each year."}
    assert (tmp_path / "memo" / "report.html").is_file()
    assert (tmp_path / "memo" / "scenario.yaml").is_file()


def test_what_parties_decide_and_put_in_is_assumed() -> None:
    decided = {name: (by, rule) for name, by, rule in decided_rows(load("pilot_to_scale").scenario)}
    assert decided["sites"][0] == "customer"
    assert decided["sites"][1].endswith("chance: 60%; becomes: the smaller of sites + 2 and 8; after: 3 months")
    (put_in,) = decided_rows(load("capped_gain_share:tapered").scenario)
    assert put_in == ("engineers", "supplier", "from 0 to 4 FTE; plan: responsive; costs 9,000 EUR/FTE/month × engineers")


# --- for the customer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["compressed_air", "energy_saving", "outsourcing", "three_ways:performance"])
def test_the_customers_figures_are_the_engines(name: str) -> None:
    run = simulated(name)
    found = for_customer(load(name), summarise(run))
    paid = sum(float(run.total[n].mean()) for n, line in enumerate(run.rows.lines) if line.role == "payment")
    own = sum(float(run.total[n].mean()) for n, line in enumerate(run.rows.lines) if line.role == "customer")
    assert float(found.paid.sum()) == pytest.approx(paid)
    assert float(found.has.sum()) == pytest.approx(own - paid)
    assert found.result["net benefit"].value == pytest.approx(own - paid)
    assert set(found.payments) <= set(load(name).scenario.contract)


SECRETIVE = """
gainsim: 1
title: An offer with secrets
about: It costs us zorgwages of 71_234 EUR a year, and the board is nervous.
currency: EUR
calendar: { start: 2027-01, years: 3, step: year, year: calendar }
money: { discount_rate: 7.3451% pa, tax: { rate: 31.2%, losses: refunded } }
parties: [zorgsmith]
drivers:
  zorgpay: { control: supplier, unit: EUR/year, central: mean, drawn: each period, normal: { mean: 71_234, sd: 9_876 } }
  shared_work:
    about: What zorg pays for what we both move.
    control: { customer: 40%, supplier: 60% }
    unit: EUR/year
    central: mean
    drawn: each period
    normal: { mean: 33_221, sd: 1_234 }
  visits:
    about: How often zorg drives to you.
    control: customer
    unit: visit/year
    central: mean
    drawn: each period
    normal: { mean: 40, sd: 5 }
  volume:
    about: What you send us.
    control: customer
    unit: EUR/year
    central: mean
    drawn: each period
    normal: { mean: 250_000, sd: 40_000 }
value: { crew_part: 43.21% + zorgpay / 987_654 EUR/year }
contract:
  fee: { term: fee, amount: 123_000 EUR per year, clock: { measured: year } }
  bonus: { term: payment, amount: 10_000 EUR * crew_part, clock: { measured: year } }
  share:
    term: sharing
    of: volume
    clock: { measured: year }
    steps: [ { against: 240_000 }, { share: { below 0: 10%, above: 20% } } ]
  zorgsub: { term: subcontract, party: zorgsmith, of: [share], share: 37%, clock: { measured: year } }
  early: { term: termination, when: volume < 100_000, notice: 1 year, unrecovered: { costs: [zorgplant], share: 40% } }
costs:
  zorgwages: { amount: zorgpay + shared_work + visits * 9 EUR/visit }
  zorgplant: { amount: 98_765 EUR, at: start, layer: capital, straight_line: 3 years }
  zorgrent: { amount: 11_223 EUR per year, layer: overhead }
customer:
  gains: { volume_saved: volume }
  spends: { own_people: 20_000 EUR per year }
  budget: 150_000 EUR per year
  credit: { default: 6.789%, recovery: 41% }
  accepts: { share_of_value: { at_least: 12.3456% } }
limits: { expected_margin: { at_least: 17.17% }, npv: { at_least: 54_321 } }
approval: [ { level: zorgboss, when: { chance_of_loss: { at_most: 3.21% } } }, { level: zorgboard } ]
"""


def test_the_customers_memo_has_nothing_of_the_suppliers(tmp_path: Path) -> None:
    """No cost by name or figure, no margin, rate, limit, level, further party: in text, JSON and pictures; and not the file."""
    file = tmp_path / "offer.yaml"
    file.write_text(SECRETIVE, encoding="utf-8")
    arguments = ["memo", str(file), "--for", "customer", "--paths", "300"]
    folder = tmp_path / "memo"
    told = CliRunner().invoke(cli, [*arguments, "--json", "--out", str(folder)])
    printed = CliRunner().invoke(cli, [*arguments, "--no-report"])
    assert told.exit_code == printed.exit_code == 0, told.output
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "result.json"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = page[page.index("</style>") :]
    assert "<svg" in page
    loaded = as_agreed(load_file(file))
    summary = summarise(loaded.simulate(300, loaded.scenario.run.seed), loaded.document)
    text = "\n".join([page, told.stdout, printed.stdout, (folder / "result.json").read_text(encoding="utf-8")])
    assert summary.run_id not in text
    for word in ("run id", "zorg", "credit", "default", "margin", "limit", "approv", "npv", "discount", "tax", "value created"):
        assert word not in text.lower(), word
    words = re.sub(r"<svg.*?</svg>", lambda svg: " ".join(re.findall(r">([^<>]+)<", svg[0])), text, flags=re.DOTALL)
    numbers = set(re.findall(r"[\d,]*\d(?:\.\d+)?", words))
    assert not hidden(summary) & numbers
    assert not {"71,234", "71_234", "98,765", "98_765", "11,223", "9,876", "54,321", "17.17", "12.3456", "3.21"} & numbers
    assert not {"7.3451", "31.2", "33,221", "1,234", "6.789"} & numbers
    assert not {"43.21", "987,654"} & numbers  # how what is agreed follows from what we spend
    assert "- crew part: as it turns out" in text
    assert "What you send us." in text
    assert "123,000" in text and "20,000" in text and "volume" in text


def hidden(summary: Summary) -> set[str]:
    """The figures of the supplier's costs, margins and cash, as pages write them and as JSON does; in all and by year."""
    outcome = summary.outcome
    figures = [float(outcome.npv.mean()), *(float(outcome.margin(layer).mean()) for layer in LAYERS)]
    figures += [float(outcome.cost.mean()), float(outcome.value_created.mean()), float(outcome.customer_npv.mean())]
    for n, line in enumerate(summary.run.rows.lines):
        if line.role in ("cost", "accrual", "cash", "tax", "party"):
            years = (*summary.base.by_year[n].tolist(), *summary.mean_by_year[n].tolist())
            figures += [*years, float(summary.base.by_year[n].sum()), float(summary.run.total[n].mean())]
    return {said for x in figures if abs(x) >= 1_000 for said in (f"{abs(x):,.0f}", f"{abs(x):.0f}", repr(abs(x)))}


@pytest.mark.parametrize("name", ["compressed_air", "wind_service", "pilot_to_scale"])
def test_the_costs_of_shipped_scenarios_stay_hidden(name: str) -> None:
    summary = summarise(simulated(name))
    _, _, text = customer_page(for_customer(load(name), summary)).partition("standard error")
    text, _, _ = text.partition("\nRun\n")  # so many paths are no amount of money
    assert not {said for said in hidden(summary) if len(said) >= 5} & set(re.findall(r"[\d,]*\d", text))
    for cost in set(load(name).scenario.costs) - {"parts", "capital", "people", "upkeep"}:  # words of other things too
        assert not re.search(rf"\b{cost}\b", text), cost


@pytest.mark.parametrize("name", SHIPPED)
def test_whatever_a_clause_names_is_a_clause_or_is_defined(name: str) -> None:
    scenario = load(name).scenario
    said = definitions(scenario, names_of_costs(scenario))
    for term in scenario.contract.values():
        if term.party == "customer":
            named = {each for formula in formulas_in(term) for each in formula.names}
            assert named <= {*said, *scenario.contract, "elapsed"}


def test_a_name_is_defined_by_what_the_file_says() -> None:
    found = for_customer(load("compressed_air"), summarise(simulated("compressed_air"))).definitions
    assert found["measured_saving"] == ("energy saved, as measured", "EUR/month")
    assert found["guaranteed_saving"] == ("15% of baseline cost from month 13 on, before that 0", "EUR/month")
    assert found["baseline_energy"] == ("air demand × 0.118 MWh/kNm3", "MWh/month")
    assert found["availability"] == ("as it turns out; controlled by the supplier", "fraction")
    assert definitions(load("disputed_savings").scenario)["their_saving"] == "saving, as measured"
    customers = definitions(load("growth_loops:loops").scenario)["customers"]
    assert customers == "as it turns out, anew every month; 60 customers at first"
    assert found["wage_index"][0] == "as it turns out; nobody controls it"
    decided = definitions(load("pilot_to_scale").scenario)
    assert decided["stays"].startswith("1 for yes, 0 for no, decided by the customer after 23 months, 35 months")
    assert decided["share"] == "50% at first; every year it becomes the larger of share - 3% and 40% if trusted is above 0"


@pytest.mark.parametrize(("clock", "paid"), [({}, [0.0, 130.0]), ({"invoiced": "in advance"}, [130.0, 0.0])])
def test_money_is_told_by_the_day_on_which_it_moves(clock: dict[str, str], paid: list[float], tmp_path: Path) -> None:
    """What is reckoned after the only year is paid behind it."""
    file = offer(tmp_path, contract={"fee": {"term": "fee", "amount": "130 EUR per year", "clock": {"measured": "year", **clock}}})
    assert for_customer(load_file(file), summary_of(file)).cash.tolist() == pytest.approx(paid)


def test_what_the_customer_is_asked_to_do_are_its_drivers() -> None:
    found = for_customer(load("compressed_air"), summarise(simulated("compressed_air")))
    assert [ask.name for ask in found.asks] == ["air_demand"]


def test_an_offer_that_says_nothing_of_the_customers_gains(tmp_path: Path) -> None:
    file = offer(tmp_path)
    found = for_customer(load_file(file), summary_of(file))
    assert not found.result
    assert np.array_equal(found.paid, [130.0])
    done = CliRunner().invoke(cli, ["memo", str(file), "--for", "customer", "--no-report", "--paths", "200"])
    assert "the offer says nothing of what you gain" in done.stdout


def test_who_reads_it_is_one_of_two(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["memo", str(offer(tmp_path)), "--for", "board"])
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ({"term": "delay_damages", "due": "14 months", "reached": "work_done > 3", "clock": {"measured": "year"},
          "grace": {"time": "14 days", "then": "from_first"},
          "rate": {"amount": "1_000 EUR", "per": "week", "begun": "in full", "at_most": "9_000 EUR"}},
         "For the delay from 14 months until work done is above 3, of which 14 days are borne (a longer one counts in full), the "
         "supplier pays 1,000 EUR a week, also for one that is only begun, at most 9,000 EUR. Reckoned after each year."),
        ({"term": "clawback", "of": "fee", "claim": "50 EUR", "within": "3 settlements", "clock": {"paid": "30 days"}},
         "The customer may claim back 50 EUR of what it has paid under fee in the last 3 settlements."),
        ({"term": "take_or_pay", "volume": "work_done * 1 MWh/EUR", "at_least": "9 MWh", "price": "3 EUR/MWh",
          "make_up": {"credit": "2 EUR/MWh", "expires": "after 2 settlements", "at_most": "4 MWh"}, "clock": {"measured": "year"}},
         "; what was paid for may be made up later in the next 2 settlements at a credit of 2 EUR/MWh, at most 4 MWh in each."),
    ],
)  # fmt: skip
def test_a_clause_says_all_that_moves_its_money(term: dict[str, object], said: str, tmp_path: Path) -> None:
    fee = {"term": "fee", "amount": "130 EUR per year"}
    file = offer(tmp_path, contract={"fee": fee, "asked": term}, value={"work_done": "work"}, costs={})
    assert said in clauses_in_words(load_file(file).scenario)["asked"]
