"""Service levels and service points: edges, repeats, conservation of what is earned back, and refusals."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gainsim.errors import NotFiniteError
from tests.terms.settled import Amounts, settled

PERIOD = {"measured": "period"}
SMALL = 1e-9
TABLES = {"by_points": {"slices": {"above": "1%"}}}


def sla(levels: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Service levels on charges of 1,000 a quarter, of which 10% are at risk: 100."""
    return {"term": "service_levels", "of": "charges", "at_risk": "10%", "levels": levels, "clock": PERIOD, **more}


def quarters(contract: dict[str, Any], **levels: list[float]) -> Amounts:
    number = len(next(iter(levels.values())))
    facts = {name: ("fraction", values) for name, values in levels.items()}
    return settled(
        {"sla": contract}, {**facts, "charges": ("EUR/quarter", [1_000] * number)}, step="quarter", tables=TABLES
    )


# --- edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edge", "missed"),
    [
        ("below 99%", [True, False, False]),
        ("at or below 99%", [True, True, False]),
        ("above 99%", [False, False, True]),
        ("at or above 99%", [False, True, True]),
    ],
)
def test_the_edge_belongs_to_the_side_that_is_written(edge: str, missed: list[bool]) -> None:
    x = [0.99 - SMALL, 0.99, 0.99 + SMALL]
    due = [-20.0 if each else 0.0 for each in missed]
    assert quarters(sla({"x": {"level": "x", "credits": {edge: "20%"}}}), x=x).pays["sla"] == due
    single = {"term": "service_credits", "level": "x", "credits": {edge: "2%"}, "of": "charges", "clock": PERIOD}
    assert quarters(single, x=x).pays["sla"] == due
    points = {"x": {"level": "x", "points": {edge: 2}}}
    assert quarters(by_points(points, "settlement"), x=x).pays["sla"] == due
    fixed = {"when": edge, "credit": 20, "pool": "beside"}
    far = "below -1" if "below" in edge else "above 2"
    critical = sla({"x": {"level": "x", "credits": {far: "0%"}, "critical": fixed}})
    assert quarters(critical, x=x).pays["sla"] == due


@pytest.mark.parametrize(
    ("edge", "returned"), [("at or above 99.5%", [False, True, True]), ("above 99.5%", [False, False, True])]
)
def test_the_edge_of_an_earn_back(edge: str, returned: list[bool]) -> None:
    how = {"when": edge, "over": "1 settlement", "otherwise": "kept", "returns": "100%"}
    level = {"level": "x", "credits": {"below 99%": "20%"}, "earn_back": how}
    for after, comes_back in zip([0.995 - SMALL, 0.995, 0.995 + SMALL], returned, strict=True):
        found = quarters(sla({"x": level}), x=[0.98, after])
        assert found.lines["sla.x earn-back"] == [0.0, 20.0 if comes_back else 0.0]


def test_a_yearly_mean_on_its_edge() -> None:
    """Levels in eighths, whose mean is exact: (0.5 + 1 + 0.75 + 0.75) / 4 = 0.75."""
    for edge, comes_back in [("at or above 75%", 20.0), ("above 75%", 0.0)]:
        level = {
            "level": "x",
            "credits": {"below 60%": "20%"},
            "earn_back": {"when": edge, "returns": "100%", "over": "year"},
        }
        found = quarters(sla({"x": level}), x=[0.5, 1.0, 0.75, 0.75])
        assert found.lines["sla.x earn-back"] == [0.0, 0.0, 0.0, comes_back]


def test_edges_that_are_formulas_keep_their_order_or_the_run_ends() -> None:
    steps = {"below 99%": "20%", "below 98% from month 4 else 97%": "40%"}
    assert quarters(sla({"x": {"level": "x", "credits": steps}}), x=[0.975, 0.975]).pays["sla"] == [-20, -40]
    crossed = {"below 99%": "20%", "below 99.5% from month 4 else 97%": "40%"}
    with pytest.raises(NotFiniteError, match=r"the edge 'below 99\.5% from month 4 else 97%' has crossed 'below 99%'"):
        quarters(sla({"x": {"level": "x", "credits": crossed}}), x=[1.0, 1.0])


@pytest.mark.parametrize(("side", "edge", "other"), [("below", "99%", "97%"), ("above", "1%", "3%")])
def test_two_edges_at_one_level_are_no_order(side: str, edge: str, other: str) -> None:
    same = {f"{side} {edge}": "20%", f"{side} {edge} from month 4 else {other}": "40%"}
    with pytest.raises(NotFiniteError, match=f"has crossed '{side} {edge}' before it"):
        quarters(sla({"x": {"level": "x", "credits": same}}), x=[0.99, 0.99])


@pytest.mark.parametrize("term", ["service_levels", "service_credits", "service_points"])
def test_a_level_that_is_no_number_is_told_and_never_met_in_silence(term: str) -> None:
    """No incidents: 0 / 0. What that means must be said, as 1 if x <= 0 else …"""
    by_kind: dict[str, dict[str, Any]] = {
        "service_levels": sla({"x": {"level": "x / x", "credits": {"below 99%": "20%"}}}),
        "service_credits": {
            "term": "service_credits", "level": "x / x", "credits": {"below 99%": "2%"}, "of": "charges", "clock": PERIOD,
        },
        "service_points": by_points({"x": {"level": "x / x", "points": {"below 99%": 2}}}, "settlement"),
    }  # fmt: skip
    with pytest.raises(NotFiniteError, match=r"'x / x' is not a finite number .*: the quotient of 0, 0"):
        quarters(by_kind[term], x=[1.0, 0.0])


@pytest.mark.parametrize("level", ["x / zero", "-x / zero"])
def test_a_level_without_end_is_no_number_either(level: str) -> None:
    with pytest.raises(NotFiniteError, match="is not a finite number"):
        quarters(sla({"x": {"level": level, "credits": {"below 99%": "20%"}}}), x=[1.0, 1.0], zero=[1.0, 0.0])


def test_no_measurement_may_count_as_met() -> None:
    level = {"level": "1 if x <= 0 else x / 2", "credits": {"below 99%": "20%"}}
    assert quarters(sla({"x": level}), x=[2.0, 0.0, 1.0]).pays["sla"] == [0, 0, -20]


def test_a_negative_charge_is_refused() -> None:
    with pytest.raises(NotFiniteError, match="the charge 'charges - 2_000' is negative"):
        quarters({**sla({"x": {"level": "x", "credits": {"below 99%": "20%"}}}), "of": "charges - 2_000"}, x=[1.0])


# --- what is counted -------------------------------------------------------------------------------------------------

FAILURES = some.lists(some.booleans(), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(FAILURES, some.integers(2, 5))
def test_repeats_are_counted_as_said(failed: list[bool], last: int) -> None:
    """The number of failures is the multiple: 1, 2, 3, …, up to twelve."""
    times = {f"from {n}": n for n in range(1, 13)}
    x = [0.9 if each else 1.0 for each in failed]
    runs = list(accumulate(failed, lambda row, now: row + 1 if now else 0, initial=0))[1:]
    expected = {
        "in a row": runs,
        f"in the last {last} settlements": [sum(failed[max(0, n - last + 1) : n + 1]) for n in range(len(failed))],
        "in the year": [sum(failed[n - n % 4 : n + 1]) for n in range(len(failed))],
    }
    for counted, counts in expected.items():
        level = {"level": "x", "credits": {"below 99%": "1%"}, "repeated": {"counted": counted, "multiply": times}}
        paid = quarters(sla({"x": level}), x=x).pays["sla"]
        assert paid == pytest.approx([-float(n) * each for n, each in zip(counts, failed, strict=True)])


def by_points(levels: dict[str, Any], counted: str) -> dict[str, Any]:
    """1% of charges of 1,000 for each point: 10."""
    return {
        "term": "service_points", "of": "charges", "levels": levels, "counted": counted, "table": "by_points", "clock": PERIOD,
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(some.lists(some.integers(0, 3), min_size=1, max_size=12), some.integers(2, 5))
def test_points_are_counted_as_said(points: list[int], last: int) -> None:
    level = {"level": "x", "points": {"below 0.25": 1, "below 0.15": 2, "below 0.05": 3}}
    x = [0.3 - 0.1 * each for each in points]
    expected = {
        "settlement": points,
        f"in the last {last} settlements": [sum(points[max(0, n - last + 1) : n + 1]) for n in range(len(points))],
        "in the year": [sum(points[n - n % 4 : n + 1]) for n in range(len(points))],
    }
    for counted, counts in expected.items():
        found = quarters(by_points({"x": level}, counted), x=x)
        assert found.lines["sla.points counted"] == counts
        assert found.pays["sla"] == pytest.approx([-10.0 * each for each in counts])


# --- conservation ----------------------------------------------------------------------------------------------------

LEVELS = some.lists(some.sampled_from([0.90, 0.96, 0.98, 0.99, 1.0]), min_size=8, max_size=8)
EARN_BACKS = (
    {"when": "at or above 99%", "over": "1 settlement", "otherwise": "lost", "returns": "100%"},
    {"when": "at or above 99%", "over": "2 settlements", "otherwise": "kept", "returns": "100%"},
    {"when": "at or above 97%", "over": "year", "returns": "60%"},
)


@settings(max_examples=40, deadline=None)
@given(LEVELS, LEVELS, LEVELS)
def test_nothing_is_returned_that_was_not_credited(a: list[float], b: list[float], c: list[float]) -> None:
    """Cut by the amount at risk and by the pool of a year, multiplied, earned back in three ways."""
    repeated = {"counted": "in a row", "multiply": {"from 2": 2}}
    parts = {"below 97%": "30%", "below 95%": "70%"}
    levels = {
        name: {"level": name, "credits": parts, "repeated": repeated, "earn_back": how}
        for name, how in zip("abc", EARN_BACKS, strict=True)
    }
    found = quarters(sla(levels, pool={"at_most": 150, "per": "year"}), a=a, b=b, c=c)
    back = {name: found.lines[f"sla.{name} earn-back"] for name in "abc"}
    credited = [
        pay - sum(returned) for pay, returned in zip(found.pays["sla"], zip(*back.values(), strict=True), strict=True)
    ]
    assert all(-100 - SMALL <= each <= SMALL for each in credited)
    assert min(sum(credited[:4]), sum(credited[4:])) >= -150 - SMALL
    for name in "abc":
        own = [sum(found.lines[f"sla.{name} {step}"][n] for step in (*parts, "repeated")) for n in range(8)]
        for n in range(8):
            assert -SMALL <= sum(back[name][: n + 1]) <= -sum(own[: n + 1]) + SMALL
    assert all(total <= SMALL for total in accumulate(found.pays["sla"]))


PAID = {"term": "payment", "amount": "paid(sla)", "clock": PERIOD}


@settings(max_examples=25, deadline=None)
@given(LEVELS)
def test_what_is_paid_is_the_sum_of_the_lines(x: list[float]) -> None:
    """What other terms see of it: with all that may be cut, fixed or returned; and of points with their pool."""
    level = {
        "level": "x", "credits": {"below 97%": "60%", "below 95%": "90%"}, "earn_back": EARN_BACKS[0],
        "repeated": {"counted": "in a row", "multiply": {"from 2": 2}},
    }  # fmt: skip
    fixed = [{"when": "below 95%", "credit": 7, "pool": pool} for pool in ("inside", "beside")]
    points = by_points({"x": {"level": "x", "points": {"below 97%": 3}}}, "in the year")
    facts = {"x": ("fraction", x), "charges": ("EUR/quarter", [1_000.0] * 8)}
    for term in (
        *(sla({"x": {**level, "critical": how}}, pool={"at_most": 150, "per": "year"}) for how in fixed),
        sla({"x": level}),
        {**points, "pool": {"at_most": 50, "per": "year"}},
    ):
        pays = settled({"sla": term, "again": PAID}, facts, step="quarter", tables=TABLES).pays
        assert pays["again"] == pytest.approx(pays["sla"])


@settings(max_examples=25, deadline=None)
@given(LEVELS, LEVELS)
def test_the_order_of_the_levels_does_not_matter(a: list[float], b: list[float]) -> None:
    levels = {
        "a": {"level": "a", "credits": {"below 99%": "80%"}, "earn_back": EARN_BACKS[0]},
        "b": {"level": "b", "credits": {"below 97%": "50%"}, "earn_back": EARN_BACKS[1]},
    }
    swapped = {"b": levels["b"], "a": levels["a"]}
    assert quarters(sla(levels), a=a, b=b).pays["sla"] == pytest.approx(quarters(sla(swapped), a=a, b=b).pays["sla"])


@settings(max_examples=25, deadline=None)
@given(LEVELS)
def test_one_level_with_all_that_is_at_risk_is_a_service_credit(x: list[float]) -> None:
    one = sla({"x": {"level": "x", "credits": {"below 99%": "40%", "at or below 96%": "100%"}}})
    single = {
        "term": "service_credits", "level": "x", "credits": {"below 99%": "4%", "at or below 96%": "10%"}, "of": "charges",
        "clock": PERIOD,
    }  # fmt: skip
    assert quarters(one, x=x).pays["sla"] == pytest.approx(quarters(single, x=x).pays["sla"])
