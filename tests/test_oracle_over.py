"""The engine against the oracle: terms that stand over others, and those that pass on what others pay."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.oracle.agreement import differing, quarters
from tests.oracle.calendar import Window
from tests.oracle.offers import Offer
from tests.oracle.offers_over import OfferOver, offer
from tests.oracle.rows import without_chance
from tests.oracle.standing_over import settle_over

CONTRACTS, BATCH = 300, 100
FAMILIES = ("common_limit", "retention", "clawback", "subcontract", "insurance", "alliance_split")
SEVERAL = ("liability_limit", "common_limit", "retention", "alliance_split")  # a line for each term, or partner
Paid = dict[tuple[str, str, Window], float]


def by_engine(one: Offer) -> tuple[Paid, Paid]:
    """What each term pays in each of its settlements, by line where it has several; and its lines."""
    model, rows = without_chance(one.scenario())
    paid: Paid = defaultdict(float)
    lines: Paid = {}
    seen: Counter[int] = Counter()
    for (_, number), amount in zip(model.program.rows, rows, strict=True):
        line = model.lines[number]
        settlement = line.settlements[seen[number]]
        seen[number] += 1
        window = (settlement.window.first, settlement.window.last)
        kind = one.contract[line.group]["term"]
        name = line.step if kind in SEVERAL else ""
        if kind == "insurance":
            name = "premium" if line.step in ("premium", "rounding") else "claim"
        lines[line.group, line.step, window] = float(amount)
        if line.role in ("payment", "party"):
            paid[line.group, name, window] += float(amount)
    return paid, lines


def by_oracle(one: Offer) -> tuple[Paid, Paid]:
    """The same by the oracle; its lines are those that the English defines."""
    found = settle_over(one.contract, one.life, one.facts, one.calendar["start"])
    paid = {(*name, settled.window): settled.paid for name, settlements in found.items() for settled in settlements}
    lines = {
        (name[0], step, settled.window): amount
        for name, settlements in found.items() for settled in settlements for step, amount in settled.lines.items()
    }  # fmt: skip
    return paid, lines


def disagreements(one: Offer) -> list[str]:
    engine_paid, engine_lines = by_engine(one)
    paid, lines = by_oracle(one)
    if set(paid) != set(engine_paid):
        return [f"settlements {sorted(set(paid) ^ set(engine_paid))}"]
    found = []
    for of, engine, oracle in (("pays", engine_paid, paid), ("line", engine_lines, lines)):
        for key, amount in oracle.items():
            if key not in engine or abs(engine[key] - amount) > 1e-9 * max(1.0, abs(amount)):
                found.append(f"{of} {key}: {engine.get(key)}, by the oracle {amount}")
    return found


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
@pytest.mark.parametrize("family", FAMILIES)
def test_engine_and_oracle_agree(family: str, first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(family, number))) == {}


def every(family: str) -> list[tuple[OfferOver, Paid, Paid]]:
    """The family's contracts, and what the oracle says of each."""
    contracts = [offer(family, number) for number in range(CONTRACTS)]
    return [(one, *by_oracle(one)) for one in contracts]


def count(bound: Counter[str], wanted: str) -> None:
    for clause in wanted.split(", "):
        assert bound[clause] >= 10, (clause, bound)


def test_every_common_limit_binds() -> None:
    bound: Counter[str] = Counter()
    for one, paid, _ in every("common_limit"):
        for (name, _, _), amount in paid.items():
            term = one.contract[name]
            if amount and term["term"] == "common_limit":
                bound.update((f"{term['per']} {'+' if amount > 0 else '-'}", term["spread"], name))
                bound.update(word for word in ("active_while",) if word in term)
                said = str(term.get("floor" if amount > 0 else "cap"))
                bound.update(("a part of a fee",) if "fee" in said else ("dated",) if "from" in said else ())
                bound["several"] += len(term["over"]) > 1
        bound["after a liability limit"] += "liability" in one.contract and any(
            amount for (name, _, _), amount in paid.items() if name == "liability"
        )
    count(
        bound,
        "settlement +, settlement -, year +, year -, life +, life -, in order, in proportion, second_collar, active_while, "
        "a part of a fee, dated, several, after a liability limit",
    )


def test_every_retention_binds() -> None:
    bound: Counter[str] = Counter()
    for one, paid, _ in every("retention"):
        term, last = one.contract["kept"], one.life.periods - 1
        held = -sum(amount for (name, line, _), amount in paid.items() if name == "kept" and line != "released")
        given = sum(amount for (name, line, _), amount in paid.items() if name == "kept" and line == "released")
        at_end = paid["kept", "released", (last, last)]
        early = abs(given - at_end) > 1e-9
        bound.update(word for word in ("at_most", "active_while") if held and word in term)
        bound["in the order of the list"] += held > 0 and len(term["of"]) > 1
        bound["released early"] += early
        bound["released early, the rest at the end"] += early and at_end > 0
        bound[f"{term['at_end']} at the end"] += held > 0 and ((at_end > 0) == (term["at_end"] == "released"))
        bound["kept for good"] += held - given > 1e-9
        bound["after a limit"] += held > 0 and any(
            amount for (name, line, _), amount in paid.items() if name in ("collar", "liability") and line in term["of"]
        )
    for clause in (
        "at_most", "active_while", "in the order of the list", "released early", "released early, the rest at the end",
        "released at the end", "kept at the end", "kept for good", "after a limit",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_every_clawback_binds() -> None:
    bound: Counter[str] = Counter()
    for one, paid, _ in every("clawback"):
        term = one.contract["back"]
        backs = [amount for (name, _, _), amount in paid.items() if name == "back"]
        if any(backs):
            bound.update((term["within"], *(word for word in ("when", "claim", "active_while", "rounded") if word in term)))
            bound["several times"] += sum(1 for amount in backs if amount) > 1
            bound["all that can be"] += "claim" not in term
            limits = {line for (name, line, _), amount in paid.items() if amount and name in ("liability", "collar")}
            bound["relieved"] += "back" in limits
            bound["after a limit"] += term["of"] in limits
            bound["limited with its term"] += {"back", term["of"]} <= set(one.contract.get("liability", {}).get("limits", ()))
            bound["of what is retained"] += held_back(one, paid, [term["of"]])
    count(
        bound,
        "1 settlement, 2 settlements, 4 settlements, life, when, claim, active_while, rounded, several times, all that can be, "
        "relieved, after a limit, limited with its term, of what is retained",
    )


def test_every_subcontract_binds() -> None:
    bound: Counter[str] = Counter()
    for one, paid, lines in every("subcontract"):
        term = one.contract["passed"]
        for (name, step, _), amount in lines.items():
            if name == "passed" and amount:
                bound[step] += 1
                if step in ("gets", "pays"):
                    bound[f"{step} per {term[step]['per']}"] += 1
                bound["share_of_pain"] += step == "share of pain" and "share_of_pain" in term
        some = any(amount for (name, _, _), amount in paid.items() if name == "passed")
        bound.update(word for word in ("active_while", "rounded") if some and word in term)
        bound["several"] += some and len(term["of"]) > 1
        bound["after a relief"] += some and relieved(paid, term["of"])
        bound["what is released"] += some and "kept" in term["of"]
        bound["what is held back"] += some and held_back(one, paid, term["of"])
    count(
        bound,
        "what is released, what is held back, "
        "share of gain, share of pain, gets per settlement, gets per year, gets per life, pays per settlement, pays per year, "
        "pays per life, share_of_pain, active_while, rounded, several, after a relief",
    )


def relieved(paid: Paid, terms: list[str]) -> bool:
    """Whether a limit has changed what one of the terms pays."""
    limits = ("liability", "second_liability", "collar")
    return any(amount for (name, line, _), amount in paid.items() if name in limits and line in terms)


def held_back(one: OfferOver, paid: Paid, terms: list[str]) -> bool:
    """Whether a part of what one of the terms pays is held back."""
    return any(amount for (name, line, _), amount in paid.items() if name == "kept" and line in terms)


def test_every_insurance_binds() -> None:
    bound: Counter[str] = Counter()
    for one, paid, lines in every("insurance"):
        term = one.contract["cover"]
        some = False
        for (name, step, _), amount in lines.items():
            if name == "cover" and amount:
                some = some or step == "claim"
                bound[f"{step} per {term['per']}"] += 1
        bound.update(word for word in ("deductible", "share", "active_while", "rounded") if some and word in term)
        bound["no deductible"] += some and "deductible" not in term
        bound["after a relief"] += some and relieved(paid, term["covers"])
        bound["no premium"] += any(name == "cover" and line == "premium" and not amount for (name, line, _), amount in paid.items())
    count(
        bound,
        "claim per settlement, claim per year, claim per life, limit per settlement, limit per year, limit per life, "
        "deductible, share, active_while, rounded, no deductible, after a relief, no premium",
    )


def test_every_alliance_binds() -> None:
    bound: Counter[str] = Counter()
    for one, paid, _ in every("alliance_split"):
        term = one.contract["split"]
        amounts = [amount for (name, _, _), amount in paid.items() if name == "split" and amount]
        bound.update(f"{'+' if amount > 0 else '-'} {len(term['parts'])}" for amount in amounts)
        bound.update(word for word in ("active_while", "rounded") if amounts and word in term)
        bound["after a relief"] += bool(amounts) and relieved(paid, term["of"])
        bound["what is released"] += bool(amounts) and "kept" in term["of"]
        bound["what is held back"] += bool(amounts) and held_back(one, paid, term["of"])
    count(bound, "what is released, what is held back, + 1, - 1, + 2, - 2, + 3, - 3, active_while, rounded, after a relief")


# --- what engine and English do not agree on --------------------------------------------------------------------------

PERIOD = {"measured": "period"}


def engine_pays(contract: dict[str, Any], name: str, line: str = "", **facts: Any) -> list[float]:
    """What the engine has, in a contract of quarters."""
    paid, _ = by_engine(OfferOver(**vars(quarters(contract, **facts))))
    return [amount for (term, said, _), amount in sorted(paid.items(), key=lambda item: item[0][2]) if (term, said) == (name, line)]


def test_the_name_of_a_fee_in_advance_stands_as_the_fee_does() -> None:
    """ "in advance it is asked in the window's first period, for all of it": the second quarter is paid for."""
    contract = {
        "charge": {"term": "fee", "amount": "rate", "active_while": "level > 0.5",
                   "clock": {"measured": "half_year", "invoiced": "in advance"}},
        "tenth": {"term": "payment", "amount": "10% of charge", "clock": PERIOD},
    }  # fmt: skip
    facts: dict[str, Any] = {"rate": [100, 100, 100, 100], "level": [1, 0, 1, 1]}
    assert engine_pays(contract, "charge", **facts) == [200, 200]
    assert engine_pays(contract, "tenth", **facts) == [10, 10, 10, 10]
    assert engine_pays(contract, "tenth", rate=[100, 100, 100, 100], level=[0, 1, 1, 0]) == [0, 0, 10, 10]


RETAINED = {
    "work": {"term": "payment", "amount": "gain", "clock": PERIOD},
    "kept": {"term": "retention", "of": ["work"], "share": "10%", "at_end": "released"},
}


@pytest.mark.parametrize("kind", ["subcontract", "alliance_split"])
def test_what_is_held_back_is_passed_on_as_it_is_paid(kind: str) -> None:
    """The supplier gets 90, and 54 + 16: half of it is passed on when it moves, wherever the retention stands in the file."""
    said = {"party": "crew", "share": "50%"} if kind == "subcontract" else {"parts": {"crew": "50%"}}
    line = "" if kind == "subcontract" else "crew"
    for of, passed in ((["work", "kept"], [-45, -35]), (["work"], [-45, -27]), (["kept"], [0, -8])):
        one = {"passed": {"term": kind, "of": of, "clock": PERIOD, **said}}
        assert engine_pays(RETAINED | one, "passed", line, gain=[100, 60]) == passed
        assert engine_pays(one | RETAINED, "passed", line, gain=[100, 60]) == passed


def test_what_is_held_back_is_not_taken_off_what_paid_says() -> None:
    contract = RETAINED | {"half": {"term": "payment", "amount": "50% of paid(work)", "clock": PERIOD}}
    assert engine_pays(contract, "half", gain=[100, 60]) == [50, 30]
