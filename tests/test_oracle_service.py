"""The engine against the oracle: service credits, service levels, service points; each twin was written from terms.md alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from gainsim.errors import NotFiniteError
from tests.oracle import offers_of_service, service
from tests.oracle.agreement import by_engine, by_oracle, differing, disagreements, pays, quarters
from tests.oracle.offers import Offer

CONTRACTS, BATCH = 300, 100
FAMILIES: dict[str, Callable[[int], Offer]] = {
    "service_levels": offers_of_service.levels,
    "service_points": offers_of_service.points,
    "service_credits": offers_of_service.credits,
}


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
@pytest.mark.parametrize("family", FAMILIES)
def test_engine_and_oracle_agree(family: str, first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(FAMILIES[family](number))) == {}


def _how(counted: str) -> str:
    """How failures or points are counted, without the number of settlements."""
    return counted.split(" 2")[0].split(" 3")[0].split(" 5")[0]


def _words_of_a_level(said: dict[str, Any], step: str) -> list[str]:
    """What a line of a level that is not nothing shows to have bound."""
    if step == "repeated":
        return [f"repeated {_how(said['repeated']['counted'])}"]
    if step == "critical":
        return [f"critical {said['critical']['pool']}"]
    if step == "earn-back":
        over, returns = said["earn_back"]["over"], said["earn_back"]["returns"]
        return [
            f"earn-back over {over}",
            f"earn-back {said['earn_back'].get('otherwise', 'year')}",
            f"earn-back {returns}",
        ]
    if step == "termination right":
        right = said["termination_right"]
        return [f"right {right['of']}", f"right {_how(right['counted'])}"]
    return [words for words in (*service.SIDES, "from month", "from year", "edge_", "moving_") if words in step]


def test_every_clause_of_service_levels_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offers_of_service.levels(number)
        term, (paid, lines) = one.contract["term"], by_oracle(one)
        found: set[str] = set()
        for (payer, _, step), amount in lines.items():
            if payer == "term" and amount:
                level, _, rest = step.partition(" ")
                found.update(_words_of_a_level(term["levels"][level], rest) if level in term["levels"] else [step])
                if step == "pool":
                    found.add(f"pool per {term['pool']['per']}")
        if any(
            lines.get(("term", window, "at risk"), 0.0) and lines.get(("term", window, "pool"), 0.0)
            for _, window in paid
        ):
            found.add("at risk and pool")
        if any(amount > 0 for (payer, _), amount in paid.items() if payer == "term"):
            found.add("more comes back than is credited")
        if any(amount for (payer, _), amount in paid.items() if payer == "limit.term"):
            found.add("relieved")
        if "active_while" in term and {bool(("term", window, "at risk") in lines) for _, window in paid} == {
            True,
            False,
        }:
            found.add("active_while")
        bound.update(found)
    for clause in (
        "below", "at or below", "above", "at or above", "from month", "from year", "edge_", "moving_", "at risk",
        "pool per settlement", "pool per year", "pool per life", "at risk and pool", "repeated in a row",
        "repeated in the last", "repeated in the year", "critical inside", "critical beside", "earn-back over year",
        "earn-back over 1 settlement", "earn-back over 2 settlements", "earn-back over 3 settlements", "earn-back lost",
        "earn-back kept", "earn-back 50%", "earn-back 100%", "right missed", "right critical", "right in a row",
        "right in the last", "right in the year", "active_while", "more comes back than is credited", "rounding", "relieved",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_every_clause_of_service_points_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offers_of_service.points(number)
        term, (paid, lines) = one.contract["term"], by_oracle(one)
        found: set[str] = set()
        for (payer, window, step), amount in lines.items():
            if payer != "term" or not amount:
                continue
            found.add(step)
            if step == "pool":
                found.add(f"pool per {term['pool']['per']}")
            if step == "points counted" and amount != sum(
                lines["term", window, f"{level} points"] for level in term["levels"]
            ):
                found.add(f"counted {_how(term['counted'])}")
            if step == "credit":
                found.update(one.tables["reduction"])
                found.update(f"repeated {_how(level['repeated']['counted'])}"
                             for level in term["levels"].values() if "repeated" in level)  # fmt: skip
        if "active_while" in term and {bool(("term", window, "credit") in lines) for _, window in paid} == {
            True,
            False,
        }:
            found.add("active_while")
        bound.update(found)
    for clause in (
        "a points", "b points", "c points", "points counted", "credit", "pool per settlement", "pool per year",
        "pool per life", "counted in the last", "counted in the year", "whole", "slices", "line", "repeated in a row",
        "repeated in the last", "repeated in the year", "active_while", "rounding",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


def test_every_edge_of_service_credits_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offers_of_service.credits(number)
        term, lines = one.contract["term"], by_oracle(one)[1]
        found: set[str] = set()
        for (payer, _, step), amount in lines.items():
            if payer == "term" and amount:
                found.update(
                    words for words in (*service.SIDES, "from month", "from year", "edge_", "moving_") if words in step
                )
                found.update([f"pool per {term['pool']['per']}"] if step == "pool" else [])
                found.update(["up / scheduled"] if "scheduled" in term["level"] else [])
        bound.update(found)
    for clause in (
        "below", "at or below", "above", "at or above", "from month", "from year", "edge_", "moving_",
        "pool per settlement", "pool per year", "pool per life", "up / scheduled",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)


# --- by hand --------------------------------------------------------------------------------------------------------

FEE = {"term": "fee", "amount": "400 EUR per quarter"}
CREDITS: dict[str, Any] = {
    "term": "service_credits", "level": "level", "credits": {"below 99%": "5%", "below 98%": "15%"}, "of": "fee", "clock": {},
}  # fmt: skip
LEVELS: dict[str, Any] = {
    "term": "service_levels", "of": "fee", "at_risk": "10%", "clock": {},
    "levels": {"x": {"level": "level", "credits": {"below 99%": "50%"}}},
}  # fmt: skip


def _offer(term: dict[str, Any], units: dict[str, str] | None = None, **facts: Any) -> Offer:
    one = quarters({"fee": FEE, "term": term}, **facts)
    for name, unit in (units or {}).items():
        one.units[name], one.facts[name].flow = unit, None
    return one


def test_what_was_measured_while_a_term_does_not_stand_is_not_asked() -> None:
    """A level that is no number ends the run, but not where "nothing is paid": nothing was measured, and nothing is asked."""
    measured = {"solved": [90.0, 0.0, 100.0], "tickets": [100.0, 0.0, 100.0]}
    units = dict.fromkeys(measured, "1")
    levels = {"x": {"level": "solved / tickets", "credits": {"below 99%": "50%"}}}
    for term, paid in (
        (CREDITS | {"level": "solved / tickets"}, [-60, 0, 0]),
        (LEVELS | {"levels": levels}, [-20, 0, 0]),
    ):
        stands = term | {"active_while": "tickets > 0"}
        assert pays(_offer(stands, units, **measured)) == pytest.approx(paid)
        with pytest.raises(NotFiniteError, match="is not a finite number"):
            by_engine(_offer(term, units, **measured))


def test_edges_that_cross_end_the_run() -> None:
    """ "each must lie beyond the one before it": in the second year both are 99%, though no level comes near."""
    levels = [0.985, 0.97, 1.0, 1.0, 0.985]
    nearer = CREDITS | {"credits": {"below 99%": "5%", "at or below 98.5% from year 2 else 98%": "15%"}}
    assert pays(_offer(nearer, level=levels)) == pytest.approx([-20, -60, 0, 0, -60])
    crossing = CREDITS | {"credits": {"below 99%": "5%", "below 99% from year 2 else 98%": "15%"}}
    with pytest.raises(NotFiniteError, match="has crossed"):
        by_engine(_offer(crossing, level=[1.0] * 5))


def test_the_part_of_what_is_cut_that_comes_back() -> None:
    """60 and 20 and a critical 40 of 80 at risk and a pool of 60: half of each was credited, and of 60 half comes back."""
    better = {"when": "at or above 99%", "over": "1 settlement", "otherwise": "lost", "returns": "50%"}
    levels = {
        "a": {"level": "level", "credits": {"below 99%": "75%"}, "earn_back": better},
        "b": {"level": "level", "credits": {"below 99%": "25%"},
              "critical": {"when": "below 95%", "credit": 40, "pool": "inside"}},
    }  # fmt: skip
    term = LEVELS | {"at_risk": "20%", "levels": levels, "pool": {"at_most": 60, "per": "life"}}
    assert pays(_offer(term, level=[0.9, 1, 0.9])) == pytest.approx([-60, 15, 0])


def test_a_pool_over_a_window_says_how_it_is_taken() -> None:
    pool = {"at_most": "first(stock)", "per": "settlement"}
    term = CREDITS | {"level": "last(level)", "clock": {"measured": "half_year"}, "pool": pool}
    one = _offer(term, {"stock": "EUR"}, level=[0.9] * 4, stock=[10.0, 20.0, 30.0, 40.0])
    assert pays(one) == [-10, -30]
