"""The worked tables: every term and step, settled by hand in tests/worked/, and by gainsim.

A table is a list of cases. Each has the facts period by period, the contract as a user writes it, and what is paid in
each settlement, with the arithmetic in a comment and the source of the rule where there is one.

name, source       what it shows, and where the rule comes from
calendar           as in a scenario; without it, one year a fact's value
tables             as in a scenario, where formulas look something up
facts.x            { unit, values }: one value a period, or one for all
parties            further parties that the terms name
contract           the terms, in the words of a scenario
pays.term          what a term pays in each settlement, the sum of its payment lines
lines."term.step"  what one step changed, settlement by settlement
paid.term          the dates on which it is paid
disputed           where gainsim settles otherwise: why; such a case is expected to fail
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from textwrap import indent
from typing import Any, get_args

import pytest
import yaml

from gainsim.api import Offer, Result, base_case, load_text, simulate

FOLDER = Path(__file__).resolve().parent / "worked"
Case = dict[str, Any]
MANY = 1_100  # enough for the compiled loop


def _cases(with_disputed: bool = True) -> list[Any]:
    found = []
    for file in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]:
            marks = [pytest.mark.xfail(reason=case["disputed"], strict=True)] if "disputed" in case else []
            if marks and not with_disputed:
                continue
            found.append(pytest.param(case, id=f"{file.stem}: {case['name']}", marks=marks))
    return found


def _calendar(case: Case) -> dict[str, Any]:
    if "calendar" in case:
        written: dict[str, Any] = yaml.safe_load(case["calendar"])
        return written
    periods = max(len(fact["values"]) for fact in case["facts"].values() if isinstance(fact["values"], list))
    return {"start": "2027-01", "years": periods, "step": "year", "year": "contract"}


def _driver(fact: dict[str, Any], calendar: dict[str, Any]) -> dict[str, Any]:
    """A fact as a driver that is certain: one value for all periods, or one from each period's first month."""
    driver = {"control": "nobody", "unit": fact["unit"]}
    if not isinstance(fact["values"], list):
        return {**driver, "constant": fact["values"]}
    step = {"month": 1, "quarter": 3, "year": 12}[calendar["step"]]
    year, month = (int(part) for part in str(calendar["start"]).split("-"))
    firsts = [divmod(year * 12 + month - 1 + step * n, 12) for n in range(len(fact["values"]))]
    dates = [f"{y}-{m + 1:02}" for y, m in firsts]
    return {**driver, "schedule": dict(zip(dates, fact["values"], strict=True))}


def offer_of(case: Case) -> Offer:
    """The case as a scenario."""
    calendar = _calendar(case)
    document = {
        "gainsim": 1,
        "title": case["name"],
        "currency": "EUR",
        "calendar": calendar,
        "money": {"discount_rate": "0% pa"},
        "drivers": {name: _driver(fact, calendar) for name, fact in case["facts"].items()},
    }
    if "parties" in case:
        document["parties"] = case["parties"]
    if "tables" in case:
        document["tables"] = yaml.safe_load(case["tables"])
    world = yaml.safe_dump(document, sort_keys=False, width=100_000)
    return load_text(f"{world}contract:\n{indent(case['contract'], '  ')}")


def settled(result: Result) -> tuple[dict[str, list[float]], dict[str, list[str]]]:
    """The amounts of every line, of every term ("term"), and the dates of payment by term, settlement by settlement."""
    amounts: dict[str, list[float]] = {}
    dates: dict[str, list[str]] = {}
    by_term: dict[str, dict[int, float]] = {}
    rows = result.run.rows
    for (t, n), settlement, amount in zip(rows.keys, rows.settlements, result.run.row_mean, strict=True):
        line = rows.lines[n]
        amounts.setdefault(line.name, []).append(float(amount))
        if line.agreed:
            term = by_term.setdefault(line.group, {})
            term[t] = term.get(t, 0.0) + float(amount)
            paid = dates.setdefault(line.group, [])
            if len(paid) < len(term):
                paid.append(settlement.paid.isoformat())
    return {**amounts, **{name: list(term.values()) for name, term in by_term.items()}}, dates


@pytest.mark.parametrize("paths", [1, MANY], ids=["one by one", "compiled"])
@pytest.mark.parametrize("case", _cases())
def test_worked(case: Case, paths: int) -> None:
    """Every settlement comes to what was worked by hand, alone and in the compiled loop."""
    amounts, dates = settled(simulate(offer_of(case), paths=paths, seed=1))
    expected = {**case.get("pays", {}), **case.get("lines", {})}
    assert expected, "a case that expects nothing"
    for name, worked in expected.items():
        assert amounts[name] == pytest.approx(worked, rel=1e-12, abs=1e-9), name
    assert {name: dates[name] for name in case.get("paid", {})} == case.get("paid", {})


@pytest.mark.parametrize("case", _cases(with_disputed=False))
def test_base_case_agrees(case: Case) -> None:
    """Nothing is uncertain here, so the base case pays the same in total."""
    case_pays = case.get("pays", {})
    base = base_case(offer_of(case))
    for name, worked in case_pays.items():
        payments = [line.group == name and line.agreed for line in base.model.lines]
        assert base.by_year[payments].sum() == pytest.approx(sum(worked), rel=1e-12, abs=1e-9), name


def test_every_term_and_step_is_worked() -> None:
    """A new kind of term or step needs a table."""
    from gainsim.offer.sharing import STEPS
    from gainsim.offer.terms import Term

    text = "\n".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.toml"))
    terms = [get_args(term.model_fields["term"].annotation)[0] for term in get_args(get_args(Term)[0])]
    assert [name for name in terms if f"term: {name}" not in text] == []
    assert [name for name in STEPS if f"{name}:" not in text] == []
