"""What a sharing term carries: the engine against the oracle."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.oracle.agreement import ALL, Lines, Paid, by_window, differing, disagreements, quarters
from tests.oracle.carries import rounded, sharing
from tests.oracle.formulas import World
from tests.oracle.offers import Offer
from tests.oracle.offers_carries import offer

CONTRACTS, BATCH = 300, 100


def by_twin(one: Offer) -> tuple[Paid, Lines]:
    world = World(one.life, one.facts, one.tables, one.calendar["start"])
    return by_window({name: rounded(term, sharing(term, world)) for name, term in one.contract.items()})


def share_at(term: dict[str, Any]) -> int:
    return next(i for i, step in enumerate(term["steps"]) if "share" in step or "share_of_whole" in step)


@pytest.mark.parametrize("first", range(0, CONTRACTS, BATCH))
def test_engine_and_oracle_agree(first: int) -> None:
    assert differing(range(first, first + BATCH), lambda number: disagreements(offer(number), by_twin)) == {}


def pays(steps: list[dict[str, Any]], gain: list[float], **said: Any) -> list[float]:
    """By the oracle and by the engine, which must be one."""
    active = {"active_while": said.pop("active_while")} if "active_while" in said else {}
    term = {"term": "sharing", "of": "gain", "clock": {"measured": "period"}, "steps": [*steps, ALL], **active}
    one = quarters({"term": term}, gain=gain, **said)
    assert disagreements(one, by_twin) == []
    return [amount for _, amount in sorted(by_twin(one)[0].items())]


def carry_of(what: str, **said: Any) -> dict[str, Any]:
    return {"carry": {"what": what, "expires": "never", "at_end": "lost", **said}}


def test_a_mark_begins_at_its_start() -> None:
    """ "counts nowhere: … the best so far stays as it was": 40 holds until 50 comes."""
    mark = {"high_water_mark": {"of": "level", "start": 40}}
    assert pays([mark], [30, 50, 70], active_while="level > 0.5", level=[0, 1, 1]) == [0, 10, 20]


def test_a_gain_beyond_the_cap_behind_a_floor() -> None:
    """ "`gain beyond the cap`, which always stands before every limit with a cap: the balance is added"."""
    floor, cap = {"limit_gain": {"floor": -100}}, {"limit_gain": {"cap": 100}}
    assert pays([floor, carry_of("gain beyond the cap"), cap], [400, 51, 10]) == [100, 100, 100]


def test_what_stands_for_three_years_and_what_does_not_stand() -> None:
    limit = {"limit_gain": {"cap": 100, "per": "3 years"}}
    world = {"step": "year", "stub_years": "prorated"}
    # 100 in years 1 to 3; 24 of 36 months in years 4 and 5: 66.67
    assert pays([limit], [60, 60, 60, 60, 60], **world) == pytest.approx([60, 40, 0, 60, 20 / 3])
    pain = carry_of("all pain", expires="after 1 settlement")
    # the second settlement is none of those in which the 50 can be set off, and its 10 are not
    assert pays([pain], [-50, 10, 60, 60], active_while="level > 0.5", level=[1, 0, 1, 1]) == [0, 0, 10, 60]


def test_every_carry_binds() -> None:
    bound: Counter[str] = Counter()
    for number in range(CONTRACTS):
        one = offer(number)
        (term,) = one.contract.values()
        lines = by_twin(one)[1]
        carries = [
            (place < share_at(term), step["carry"]) for place, step in enumerate(term["steps"]) if "carry" in step
        ]
        for count, (before, said) in enumerate(carries, 1):
            name = "carry" if count == 1 else f"carry #{count}"
            if any(amount for (_, _, line), amount in lines.items() if line == name):
                where = "before" if before else "after"
                bound.update(
                    [f"{said['what']} {where}", f"expires {said['expires'].split()[0]}", f"at_end {said['at_end']}"]
                )
                bound.update(word for word in ("at_most",) if word in said)
                bound.update(word for word in ("active_while", "rounded") if word in term)
                bound["3 years"] += "3 years" in str(term)
                bound["both sides"] += len({side for side, _ in carries}) > 1
    for clause in (
        "all pain before", "all pain after", "pain beyond the floor before", "pain beyond the floor after",
        "gain beyond the cap before", "gain beyond the cap after", "expires never", "expires after", "at_end lost",
        "at_end paid", "at_most", "active_while", "rounded", "3 years", "both sides",
    ):  # fmt: skip
        assert bound[clause] >= 10, (clause, bound)
