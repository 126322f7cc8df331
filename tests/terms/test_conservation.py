"""What is neither made nor lost, clause by clause: what is held back is released, what is carried is set off or lapses, and
no limit lets more through than it says. Facts are drawn; the sums are reckoned beside the engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gainsim.accounts import Group
from tests.terms.clauses import PERIODS, YEAR, Clause, Facts, Floats
from tests.terms.test_properties import ACCOUNTS, CLAUSES, every, facts_of, some

NEAR = 1e-9


def those(*kinds: str) -> Any:
    """The clauses of a kind, or of several."""
    found = [clause for clause in CLAUSES if clause.kind in kinds]
    return pytest.mark.parametrize("clause", found, ids=lambda clause: f"{clause}-{CLAUSES.index(clause)}")


def constant(facts: Facts, *names: str) -> dict[str, Floats]:
    """The facts, some of them the same in all periods."""
    return {name: np.broadcast_to(value[:1], value.shape) if name in names else value for name, value in facts.items()}


def to_date(amounts: Floats, per: str) -> Floats:
    """What amounts add up to in each settlement, year or life so far."""
    if per == "settlement":
        return amounts
    size = YEAR if per == "year" else PERIODS
    return np.cumsum(amounts.reshape(-1, size, ACCOUNTS), axis=1).reshape(amounts.shape)


def gains(amounts: Floats) -> Floats:
    return np.maximum(amounts, 0.0)


def close(one: Floats, other: Floats) -> bool:
    return bool((np.abs(one - other) <= NEAR).all())


@every()
@some
@given(st.data())
def test_what_one_receives_another_pays(clause: Clause, data: st.DataObject) -> None:
    """Every line that moves money stands between two parties, one of them the supplier: over all it adds up to zero."""
    found = clause.settle(data.draw(facts_of(clause)))
    total = {party: np.zeros(ACCOUNTS) for party in ("supplier", "customer", "crew", "insurer")}
    for line in found.contract.model.lines:
        if line.agreed:
            assert "supplier" in line.parties
            total[line.payee] += found.lines[line.name].sum(axis=0)
            total[line.payer] -= found.lines[line.name].sum(axis=0)
    assert close(np.add.reduce(list(total.values())), np.zeros(ACCOUNTS))


# --- steps of a sharing term ------------------------------------------------------------------------------------------


def shared(gain: Floats) -> Floats:
    """A quarter of a pain, half of a gain."""
    return np.where(gain < 0.0, 0.25, 0.5) * gain


def by_threshold(clause: Clause, gain: Floats, size: Floats) -> Floats:
    if "excess" in clause.text:
        return shared(np.sign(gain) * gains(np.abs(gain) - size))
    if "from_first" in clause.text:
        return shared(np.where(np.abs(gain) >= size, gain, 0.0))
    paid = shared(np.where((gain < 0.0) | (gain >= size), gain, 0.0))
    return np.where(gain > 0.0, np.minimum(paid, 0.75 * gains(gain - size)), paid)


def by_bands(gain: Floats, low: Floats, mid: Floats, high: Floats) -> Floats:
    pain = 0.25 * np.clip(gain, -low, 0.0) + 0.75 * np.minimum(gain + low, 0.0)
    return pain + 0.5 * np.clip(gain, 0.0, mid) + 0.125 * np.clip(gain - mid, 0.0, high) + gains(gain - mid - high)


@those("against", "threshold", "deadband", "share", "share_of_whole", "quality_gate", "quality_multiplier")
@some
@given(st.data())
def test_a_step_that_remembers_nothing_in_closed_form(clause: Clause, data: st.DataObject) -> None:
    f = data.draw(facts_of(clause))
    gain = f["gain"]
    forms = {
        "against": lambda: shared(gain - f["base"]),
        "threshold": lambda: by_threshold(clause, gain, f["size"]),
        "deadband": lambda: shared(gains(gain - f["high"]) - gains(-gain - f["low"])),
        "share": lambda: by_bands(gain, f["low"], f["mid"], f["high"]),
        "share_of_whole": lambda: (
            gain * np.select([gain < 0.0, gain <= f["mid"], gain < f["mid"] + f["high"]], [0.5, 0.25, 0.5], 0.75)
        ),
        "quality_gate": lambda: shared(gain) * ((gain < 0.0) | (f["level"] >= 0.75)),
        "quality_multiplier": lambda: shared(gain) * np.where(gain > 0.0, f["level"], 1.0),
    }
    assert close(clause.watched(f), forms[clause.kind]())


@those("deductible")
@some
@given(st.data())
def test_a_deductible_takes_itself_off_each_side_and_no_more(clause: Clause, data: st.DataObject) -> None:
    facts = constant(data.draw(facts_of(clause)), "size")
    found = clause.settle(facts).lines
    for sign in (1.0, -1.0):
        own = gains(sign * facts["gain"])
        taken = np.where(own > 0.0, -sign * found["it.deductible"], 0.0)
        assert close(to_date(taken, clause.keeps), np.minimum(to_date(own, clause.keeps), facts["size"]))


@those("high_water_mark")
@some
@given(st.data())
def test_new_bests_add_up_to_the_last_mark(clause: Clause, data: st.DataObject) -> None:
    facts = constant(data.draw(facts_of(clause)), "mark")
    found = clause.settle(facts).lines
    level = facts["gain"] if "of: level" in clause.text else np.cumsum(facts["gain"], axis=0)
    best = np.maximum(np.maximum.accumulate(level, axis=0), facts["mark"])
    assert close(np.cumsum(facts["gain"] + found["it.high_water_mark"], axis=0), best - facts["mark"])


@those("limit_gain", "limit_payment")
@some
@given(st.data())
def test_what_passes_a_limit_stays_within_it_and_nothing_is_cut_that_need_not_be(
    clause: Clause, data: st.DataObject
) -> None:
    facts = constant(data.draw(facts_of(clause)), "low", "high")
    found = clause.settle(facts)
    passed = facts["gain"] + found.lines["it.limit_gain"] if clause.kind == "limit_gain" else found.paid("it")
    so_far = to_date(passed, clause.keeps)
    assert close(so_far, np.clip(so_far - passed + facts["gain"], -facts["low"], facts["high"]))


@those("carry")
@some
@given(st.data())
def test_what_is_carried_in_is_set_off_or_lapses_or_is_carried_on(clause: Clause, data: st.DataObject) -> None:
    """With the balance in and out read from the account's memory: in - set off + own - lapsed = out."""
    facts = data.draw(facts_of(clause))
    lines = clause.settle(facts).lines
    balance = _balances(clause, facts)
    limits = {"pain beyond the floor": ["it.floor"], "gain beyond the cap": ["it.limit_gain"], "all pain": []}
    what = next(each for each in limits if each in clause.text)
    moved = lines["it.carry"] + np.add.reduce([np.zeros_like(facts["gain"]), *(lines[name] for name in limits[what])])
    sign = 1.0 if what == "gain beyond the cap" else -1.0
    out, before = sign * balance[1:], sign * balance[:-1]
    left = before - sign * moved
    assert (out >= 0.0).all()
    assert (out <= facts["most"] + NEAR)[:-1].all()
    assert (left - out >= -NEAR)[:-1].all()
    if "never" in clause.text:
        assert close(out[:-1], np.minimum(left, facts["most"])[:-1])
    assert (out[-1] == 0.0).all()  # with the contract's end it lapses
    if clause.text.find("limit_payment") < clause.text.find("carry") and "limit_payment" in clause.text:
        met = sum(
            amounts for name, amounts in lines.items() if name.startswith("it.") and name not in ("it.gain", "it.carry")
        )
        assert (clause.watched(facts) >= np.minimum(met, 0.0) - NEAR).all()  # set off only against what is positive
    if "after 2 settlements" in clause.text:
        own = sign * _own(clause, facts, lines)
        reach = own + np.vstack([np.zeros((1, ACCOUNTS)), own[:-1]])
        assert (out <= reach + NEAR)[:-1].all()


def _own(clause: Clause, facts: Facts, lines: dict[str, Floats]) -> Floats:
    """What of a settlement's own gain may be carried: all of its pain, or of its gain."""
    if "gain beyond" in clause.text:
        return gains(facts["gain"])
    return -gains(-(facts["gain"] if "steps: [ carry" in clause.text else lines["it.share below 0"]))


def _balances(clause: Clause, facts: Facts) -> Floats:
    """What is carried before the first settlement and after each, (periods + 1, accounts)."""
    contract = clause.settle(facts).contract
    slots = [slot for name, slot in contract.states.items() if name.startswith("it: carried")]
    found, memory = [np.zeros(ACCOUNTS)], None
    for period in range(PERIODS):
        inputs = {name: facts[name][period : period + 1] for name in contract.model.given}
        memory = contract.settle(Group((None,) * ACCOUNTS, np.arange(ACCOUNTS), period, 1, inputs, memory)).memory
        found.append(memory[slots].sum(axis=0))
    return np.array(found)


@those("target_cost")
@some
@given(st.data())
def test_a_price_is_the_cost_and_a_profit_within_its_limits_below_the_ceiling(
    clause: Clause, data: st.DataObject
) -> None:
    facts = data.draw(facts_of(clause))
    saved = facts["target"] - facts["cost"]
    profit = np.clip(facts["profit"] + np.where(saved > 0, 0.25 * saved, 0.5 * saved), -8.0, 16.0)
    assert close(clause.watched(facts), np.minimum(facts["cost"] + profit, facts["ceiling"]))


# --- fees, credits, volumes -------------------------------------------------------------------------------------------


@those("fee")
@some
@given(st.data())
def test_a_price_moves_by_its_steps_or_with_its_index_within_cap_and_floor(clause: Clause, data: st.DataObject) -> None:
    """In the second year: one step of 25%, or what the last quarter of the first says against its first."""
    facts = data.draw(facts_of(clause))
    factor = np.ones((PERIODS, ACCOUNTS))
    if "escalated" in clause.text:
        factor[YEAR:] = 1.25
    if "indexed" in clause.text:
        factor[YEAR:] = np.clip(facts["wage"][YEAR - 1] / facts["wage"][0], 0.75, 1.25)
    assert close(clause.watched(facts), facts["rate"] * factor)


@those("payment")
@some
@given(st.data())
def test_a_payment_is_what_is_due_where_its_condition_holds(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    level = facts["level"]
    if "scale" in clause.text:
        due = facts["size"] * np.select([level < 0.25, level <= 0.5], [0.0, 0.5], 0.75)
    elif "once_per" in clause.text:
        due = facts["gain"] * ((level >= 0.75) & (to_date(1.0 * (level >= 0.75), "year") == 1.0))
    else:
        due = facts["gain"] * (level > 0.75)
    assert close(clause.watched(facts), due)


@those("fee_at_risk")
@some
@given(st.data())
def test_no_more_is_withheld_than_was_at_risk(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    paid = clause.watched(facts)
    assert (paid <= 0.0).all()
    assert (-paid <= 0.5 * facts["size"]).all()


@those("minimum_revenue")
@some
@given(st.data())
def test_what_is_paid_to_date_is_the_minimum_to_date_or_more(clause: Clause, data: st.DataObject) -> None:
    facts = constant(data.draw(facts_of(clause)), "least")
    part = {"settlement": 1.0, "year": 1.0 / YEAR, "life": 1.0 / PERIODS}[clause.keeps]
    least = to_date(facts["least"] * part, clause.keeps)
    paid = to_date(facts["one"] + facts["other"], clause.keeps)
    assert close(to_date(clause.watched(facts), clause.keeps), np.maximum(paid, least))


@those("fee_credit")
@some
@given(st.data())
def test_a_credit_is_covered_by_what_was_paid_and_by_what_is_due(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    credit = -clause.watched(facts)
    left = np.cumsum(0.5 * facts["one"] - credit, axis=0)
    assert ((credit == 0.0) | (left >= -NEAR)).all()
    assert ((credit >= 0.0) & (credit <= gains(facts["other"]))).all()
    assert ((left <= NEAR) | (credit >= gains(facts["other"]) - NEAR)).all()  # nothing waits that could be credited


@those("subscription")
@some
@given(st.data())
def test_seats_once_active_are_paid_to_the_end(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    committed = np.repeat([8.0, 12.0], YEAR)[:, None]
    active = np.maximum(np.maximum.accumulate(np.minimum(facts["wanted"], 12.0), axis=0), committed)
    assert close(clause.watched(facts), 6.0 * active)


@those("service_credits")
@some
@given(st.data())
def test_credits_are_what_is_missed_as_far_as_the_pool_has_room(clause: Clause, data: st.DataObject) -> None:
    facts = constant(data.draw(facts_of(clause)), "most")
    found = clause.settle(facts)
    missed = -(found.paid("it") - found.lines.get("it.pool", np.zeros(1)))
    pools = {"settlement": 10.0, "year": 0.4 * facts["most"], "life": 0.8 * facts["most"]} if "most" in facts else {}
    pool = pools.get(clause.keeps, np.inf)
    assert close(to_date(-found.paid("it"), clause.keeps), np.minimum(to_date(missed, clause.keeps), pool))


@those("service_levels")
@some
@given(st.data())
def test_levels_credit_no_more_than_is_at_risk_and_nothing_comes_back_twice(
    clause: Clause, data: st.DataObject
) -> None:
    facts = constant(data.draw(facts_of(clause)), "most")
    found = clause.settle(facts)
    returned = found.lines.get("it.x earn-back", np.zeros_like(facts["x"]))
    credited = returned - found.paid("it")
    assert ((credited >= -NEAR) & (credited <= 0.5 * facts["size"] + NEAR)).all()
    assert (returned >= 0.0).all()
    earlier = np.cumsum(credited, axis=0) - credited
    assert (np.cumsum(returned, axis=0) <= 0.5 * earlier + NEAR).all()
    if "most" in facts:
        assert (to_date(credited, "year") <= facts["most"] + NEAR).all()


@those("service_points")
@some
@given(st.data())
def test_points_of_the_year_are_looked_up(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    points = np.select([facts["x"] < 0.5, facts["x"] < 0.75], [4.0, 2.0]) + np.where(facts["y"] >= 0.5, 3.0, 0.0)
    counted = to_date(points, "year")
    part = np.select([counted < 2, counted < 3, counted <= 6], [0.0, 0.1, 0.25], 1.0)
    assert close(clause.watched(facts), -part * facts["size"])


@those("volume_charge")
@some
@given(st.data())
def test_units_are_charged_once_band_by_band(clause: Clause, data: st.DataObject) -> None:
    """Where edges fall into the deadband it is an error: widths are kept within them."""
    facts = data.draw(facts_of(clause))
    volume, low, high, price = (facts[name] for name in ("volume", "low", "high", "price"))
    outside = (volume > 40 + high) | (volume < 40 - low)
    excess = "excess" in clause.text
    above = gains(volume - (40 + high if excess else 40)) * outside
    below = gains((40 - low if excess else 40) - volume) * outside
    dear = gains(volume - 60) * outside - gains(20 - volume) * outside
    assert close(clause.watched(facts), price * (above - below + dear))


@those("take_or_pay")
@some
@given(st.data())
def test_no_more_is_made_up_than_was_paid_for(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause)) | {"price": np.ones((PERIODS, ACCOUNTS))}
    lines = clause.settle(facts).lines
    short, made_up = lines["it.shortfall"], -lines["it.make-up"]
    spare = gains(facts["volume"] - facts["least"])
    assert close(short, gains(facts["least"] - facts["volume"]))
    assert ((made_up >= 0.0) & (made_up <= np.minimum(spare, facts["most"]))).all()
    earlier = np.cumsum(short, axis=0) - short
    left = earlier - np.cumsum(made_up, axis=0)
    assert (left >= -NEAR).all()
    if "never" in clause.text:
        assert close(made_up, np.minimum(np.minimum(spare, facts["most"]), left + made_up))
    else:
        lately = sum(np.vstack([np.zeros((n, ACCOUNTS)), short[:-n]]) for n in (1, 2))
        assert (made_up <= lately + NEAR).all()


@those("difference_payment")
@some
@given(st.data())
def test_a_difference_is_paid_on_its_volume(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    market = gains(facts["market"]) if "counts as zero" in clause.text else facts["market"]
    due = facts["strike"] - market
    if "nothing is paid" in clause.text:
        due = np.where(market < 0.0, 0.0, due)
    due = gains(due) if "to supplier" in clause.text else np.minimum(due, 0.0) if "to customer" in clause.text else due
    assert close(clause.watched(facts), facts["volume"] * due)


# --- terms over others, times, parties --------------------------------------------------------------------------------


@those("liability_limit")
@some
@given(st.data())
def test_the_supplier_bears_all_up_to_the_limit_and_nothing_beyond(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    owed = to_date(gains(-facts["one"]) + gains(-facts["other"]), clause.keeps)
    relieved = to_date(clause.settle(facts).paid("it"), clause.keeps)
    assert close(relieved, gains(owed - facts["most"]))


@those("common_limit")
@some
@given(st.data())
def test_together_they_stay_between_floor_and_cap(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    found = clause.settle(facts)
    together = facts["one"] + facts["other"]
    so_far = to_date(clause.watched(facts), clause.keeps)
    before = so_far - clause.watched(facts)
    assert close(so_far, np.clip(before + together, -facts["low"], facts["high"]))
    for name, paid in (("it.a", facts["one"]), ("it.b", facts["other"])):
        left = paid + found.lines[name]
        assert (paid * left >= -NEAR).all()
        assert (np.abs(left) <= np.abs(paid) + NEAR).all()


@those("retention")
@some
@given(st.data())
def test_what_is_held_back_is_released_and_never_more_than_agreed(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    found = clause.settle(facts)
    held = np.cumsum(-found.paid("it"), axis=0)
    paid = np.cumsum(gains(facts["one"]) + gains(facts["other"]), axis=0)
    released = np.array([0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 1.0])[:, None]
    assert close(held, np.minimum(0.25 * paid, facts["most"]) * (1.0 - released))


@those("clawback")
@some
@given(st.data())
def test_no_more_is_paid_back_than_was_paid_lately(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    back, earned = -clause.watched(facts), gains(facts["one"])
    claim = np.where(facts["level"] < 0.75, facts["size"], 0.0)
    lately = sum(np.vstack([np.zeros((n, ACCOUNTS)), earned[:-n]]) for n in (1, 2))
    assert ((back >= 0.0) & (back <= np.minimum(claim, lately) + NEAR)).all()
    assert (np.cumsum(back, axis=0) <= np.cumsum(earned, axis=0) - earned + NEAR).all()


@those("milestone")
@some
@given(st.data())
def test_a_milestone_is_paid_once(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    reached = np.maximum.accumulate(facts["level"] >= 0.75, axis=0)
    now = reached & ~np.vstack([np.zeros((1, ACCOUNTS), bool), reached[:-1]])
    months = 3.0 * np.arange(1, PERIODS + 1)[:, None]
    extra = 2.0 * gains(9.0 - months) - np.minimum(3.0 * gains(months - 9.0), 20.0)
    assert close(clause.watched(facts), np.where(now, facts["gain"] + extra, 0.0))


@those("delay_damages")
@some
@given(st.data())
def test_damages_add_up_to_what_the_delay_so_far_comes_to(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    months = 3.0 * np.arange(1, PERIODS + 1)[:, None]
    delay = gains(np.minimum(facts["took"], months) - 4.5)
    counts = gains(delay - 3.0) if "excess" in clause.text else np.where(delay > 3.0, delay, 0.0)
    assert close(np.cumsum(clause.watched(facts), axis=0), -np.minimum(2.0 * counts, 20.0))


@those("termination")
@some
@given(st.data())
def test_an_early_end_pays_once_and_stops_the_fee(clause: Clause, data: st.DataObject) -> None:
    """Notice at the end of a quarter ends the contract with the next; in the last two quarters it comes too late."""
    facts = data.draw(facts_of(clause))
    called = np.vstack([np.zeros((1, ACCOUNTS), bool), (facts["level"] < 0.25)[:-1]])
    called[-1] = False
    over = np.maximum.accumulate(called, axis=0)
    last = over & ~np.vstack([np.zeros((1, ACCOUNTS), bool), over[:-1]])
    assert close(clause.watched(facts), np.where(over & ~last, 0.0, facts["rate"]) + np.where(last, facts["gain"], 0.0))


@those("step_in")
@some
@given(st.data())
def test_a_step_in_lasts_two_quarters_after_each_call(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    left, charged = np.zeros(ACCOUNTS), np.zeros((PERIODS, ACCOUNTS))
    for period in range(PERIODS):
        inside = left > 0.0
        charged[period] = np.where(inside, facts["size"][period], 0.0)
        left = np.where(inside, left - 1.0, np.where(facts["level"][period] < 0.25, 2.0, 0.0))
    assert close(clause.watched(facts), -charged)


@those("subcontract")
@some
@given(st.data())
def test_each_side_of_a_subcontract_pays_its_share_up_to_its_limit(clause: Clause, data: st.DataObject) -> None:
    facts = constant(data.draw(facts_of(clause)), "gets", "pays")
    lines = clause.settle(facts).lines
    together = facts["one"] + facts["other"]
    got = to_date(-lines["it.share of gain"] - lines["it.gets"], "year")
    borne = to_date(lines["it.share of pain"] + lines["it.pays"], "year")
    assert close(got, np.minimum(to_date(0.5 * gains(together), "year"), facts["gets"]))
    assert close(borne, np.minimum(to_date(0.25 * gains(-together), "year"), facts["pays"]))


@those("insurance")
@some
@given(st.data())
def test_an_insurer_pays_its_share_of_the_losses_beyond_the_deductible_up_to_its_limit(
    clause: Clause, data: st.DataObject
) -> None:
    facts = constant(data.draw(facts_of(clause)), "bear", "most")
    losses = to_date(gains(-facts["one"]) + gains(-facts["other"]), clause.keeps)
    claims = to_date(clause.watched(facts) + 1.0, clause.keeps)  # the premium is 1 a quarter
    assert close(claims, np.minimum(0.5 * gains(losses - facts["bear"]), facts["most"]))


@those("alliance_split")
@some
@given(st.data())
def test_partners_take_their_parts_and_the_rest_is_the_suppliers(clause: Clause, data: st.DataObject) -> None:
    facts = data.draw(facts_of(clause))
    lines, together = clause.settle(facts).lines, facts["one"] + facts["other"]
    assert close(lines["it.crew"], -0.25 * together)
    assert close(lines["it.insurer"], -0.5 * together)
