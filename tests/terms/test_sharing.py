"""Sharing: what holds of its steps whatever the gains are, by identities and closed forms, and their edges from both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gainsim.errors import NotFiniteError
from gainsim.model import build
from gainsim.offer.scenario import Scenario
from gainsim.ops.arrays import run_arrays
from gainsim.ops.loop import Loop
from gainsim.ops.run_text import BLOCK
from gainsim.streams.source import Philox
from tests.terms.settled import Amounts, settled

ALL = {"share": {"below 0": "100%", "above": "100%"}}
GAINS = {"share": {"below 0": "0%", "above": "100%"}}
BANDS = {"share": {"below 0": "60%", "below -50": "100%", "up to 40": "20%", "up to 90": "50%", "above": "25%"}}
ALMOST = 2.0**-20
amounts = st.lists(st.integers(-400, 400).map(lambda n: n / 4), min_size=1, max_size=6)
sizes = st.integers(0, 400).map(lambda n: n / 4)
few = settings(max_examples=40, deadline=None)
Steps = Sequence[Mapping[str, Any]]


def run(gains: Sequence[float], *steps: Mapping[str, Any], step: str = "year", **facts: float) -> Amounts:
    term = {"term": "sharing", "of": "gain", "clock": {"measured": "period"}, "steps": list(steps)}
    known = {name: ("1", [value] * len(gains)) for name, value in facts.items()}
    return settled({"term": term}, {"gain": (f"EUR/{step}", gains), **known}, step=step)


def pays(gains: Sequence[float], *steps: Mapping[str, Any], **facts: float) -> list[float]:
    return run(gains, *steps, **facts).pays["term"]


def carry(what: str, expires: str = "never", at_end: str = "lost", **more: Any) -> dict[str, Any]:
    return {"carry": {"what": what, "expires": expires, "at_end": at_end, **more}}


def about(value: float | Sequence[float]) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-9)


# --- scale, order, continuity ----------------------------------------------------------------------------------------


def marked(of: str, scale: float) -> Steps:
    """New bests alone, and what lies beyond the cap paid later; amounts in this scale."""
    return (
        {"high_water_mark": {"of": of, "start": -20 * scale}},
        {"share": {"below 0": "0%", f"up to {20 * scale}": "20%", "above": "75%"}},
        carry("gain beyond the cap", "after 3 settlements", "paid", at_most=30 * scale),
        {"limit_payment": {"cap": 15 * scale, "per": "settlement"}},
    )


def everything(scale: float) -> Steps:
    """A term with every other kind of step, its amounts in this scale."""
    return (
        {"against": 10 * scale},
        {"deductible": {"at": 15 * scale, "per": "life", "sides": "both"}},
        carry("gain beyond the cap", at_most=30 * scale),
        {"limit_gain": {"cap": 80 * scale, "per": "life"}},
        {"quality_multiplier": {"by": 0.75, "sides": "both"}},
        {"share_of_whole": {"below 0": "50%", f"up to {20 * scale}": "20%", "above": "40%"}},
        {"limit_payment": {"floor": -20 * scale, "cap": 25 * scale, "per": "settlement"}},
        carry("all pain", "after 2 settlements"),
    )


@few
@given(amounts)
def test_a_contract_in_another_unit_pays_the_same(gains: list[float]) -> None:
    """A power of two, so that not a bit may differ: whoever counts in quarters of a euro gets four times the number."""
    for steps in (everything, partial(marked, "level"), partial(marked, "cumulative gain")):
        assert pays([4 * gain for gain in gains], *steps(scale=4.0)) == [
            4 * paid for paid in pays(gains, *steps(scale=1.0))
        ]


@few
@given(amounts, sizes, st.sampled_from([
    (BANDS,),
    ({"deductible": {"at": 30, "per": "life", "sides": "both"}}, BANDS),
    ({"limit_gain": {"floor": -40, "cap": 60, "per": "life"}}, BANDS),
    ({"high_water_mark": {"of": "cumulative gain", "start": 20}}, BANDS),
    ({"high_water_mark": {"of": "level", "start": -20}}, BANDS),
    (carry("all pain"), BANDS),
    (BANDS, {"quality_multiplier": {"by": 0.5, "sides": "gain"}}),
    (BANDS, carry("gain beyond the cap"), {"limit_payment": {"cap": 20, "per": "settlement"}}),
]))  # fmt: skip
def test_more_gain_never_pays_less_in_its_own_settlement(gains: list[float], more: float, steps: Steps) -> None:
    better = [*gains[:-1], gains[-1] + more]
    assert pays(better, *steps)[-1] >= pays(gains, *steps)[-1] - 1e-9


@few
@given(amounts)
def test_marginal_bands_do_not_jump(gains: list[float]) -> None:
    """No share exceeds 1, so that a little more gain pays at most that little more."""
    little = [gain + ALMOST for gain in gains]
    for less, more in zip(pays(gains, BANDS), pays(little, BANDS), strict=True):
        assert -1e-9 <= more - less <= ALMOST + 1e-9


@few
@given(amounts)
def test_one_share_of_the_whole_is_a_marginal_share_without_edges(gains: list[float]) -> None:
    whole = {"share_of_whole": {"below -50": "60%", "below 0": "60%", "up to 40": "25%", "above": "25%"}}
    assert pays(gains, whole) == about(pays(gains, {"share": {"below 0": "60%", "above": "25%"}}))


def test_whose_the_edges_are() -> None:
    whole = {"share_of_whole": {"below 0": "0%", "below 100": "20%", "up to 200": "30%", "above": "40%"}}
    gains = [100 - ALMOST, 100, 100 + ALMOST, 200 - ALMOST, 200, 200 + ALMOST]
    # below 100 is 20%, 100 itself is 30%; up to 200 and 200 itself are 30%, beyond is 40%
    shares = [0.2, 0.3, 0.3, 0.3, 0.3, 0.4]
    assert pays(gains, whole) == about([share * gain for share, gain in zip(shares, gains, strict=True)])
    upwards = {"deductible": {"at": 50, "per": "settlement", "sides": "both"}}
    assert pays([50 - ALMOST, 50, 50 + ALMOST, -50, -50 - ALMOST], upwards, ALL) == [0, 0, ALMOST, 0, -ALMOST]
    new_best = {"high_water_mark": {"of": "level", "start": 70}}
    assert pays([70 - ALMOST, 70, 70 + ALMOST, 70 + ALMOST], new_best, ALL) == [0, 0, ALMOST, 0]


@pytest.mark.parametrize(("level", "paid"), [(0.98 - ALMOST, 0), (0.98, 40), (0.98 + ALMOST, 40)])
def test_the_gate_at_its_edge(level: float, paid: float) -> None:
    gate = {"quality_gate": {"when": "level >= 98%", "sides": "gain"}}
    assert pays([40], gate, ALL, level=level) == [paid]
    assert pays([40], ALL, gate, level=level) == [paid]
    assert pays([-40], ALL, gate, level=level) == [-40]  # the other side needs no quality


# --- quality ---------------------------------------------------------------------------------------------------------


@few
@given(amounts, st.sampled_from(["gain", "pain", "both"]))
def test_a_closed_gate_is_a_multiplier_of_nothing_and_an_open_one_is_none(gains: list[float], sides: str) -> None:
    closed = {"quality_gate": {"when": "level > 1", "sides": sides}}
    opened = {"quality_gate": {"when": "level <= 1", "sides": sides}}
    nothing, once = ({"quality_multiplier": {"by": by, "sides": sides}} for by in (0, 1))
    carried = carry("all pain", "after 2 settlements")
    for before in ((), (carried,)):
        assert pays(gains, *before, closed, BANDS, level=1) == about(pays(gains, *before, nothing, BANDS))
        for changes_nothing in (opened, once):
            steps = (*before, changes_nothing, BANDS, changes_nothing)
            assert pays(gains, *steps, level=1) == pays(gains, *before, BANDS)


# --- over the years: closed forms ------------------------------------------------------------------------------------


@few
@given(st.lists(sizes, min_size=1, max_size=6), sizes, sizes)
def test_an_aggregate_deductible_and_limit_are_a_layer_of_the_sum(
    losses: list[float], deductible: float, limit: float
) -> None:
    """The textbook layer: of all losses together, what lies above the deductible, up to the limit."""
    layer = (
        {"deductible": {"at": deductible, "per": "life", "sides": "gain"}},
        {"limit_gain": {"cap": limit, "per": "life"}},
        GAINS,
    )
    assert sum(pays(losses, *layer)) == about(min(max(sum(losses) - deductible, 0), limit))


@few
@given(st.lists(sizes, min_size=1, max_size=6), sizes)
def test_a_deductible_begins_anew_with_the_year(losses: list[float], deductible: float) -> None:
    steps = ({"deductible": {"at": deductible, "per": "year", "sides": "gain"}}, GAINS)
    years = [sum(losses[n : n + 4]) for n in range(0, len(losses), 4)]
    assert sum(pays(losses, *steps, step="quarter")) == about(sum(max(year - deductible, 0) for year in years))


@few
@given(amounts, sizes)
def test_a_deductible_on_both_sides_is_one_on_each(gains: list[float], deductible: float) -> None:
    def counted(sides: str) -> list[float]:
        return pays(gains, {"deductible": {"at": deductible, "per": "life", "sides": sides}}, ALL)

    one_by_one = zip(gains, counted("gain"), counted("pain"), counted("both"), strict=True)
    assert all(both == (of_gains if gain > 0 else of_pains) for gain, of_gains, of_pains, both in one_by_one)


@few
@given(amounts, sizes)
def test_new_bests_add_up_to_the_last_mark(gains: list[float], start: float) -> None:
    """Whatever the way up: all that counted is the best of all, less the mark it began with."""
    level = {"high_water_mark": {"of": "level", "start": start}}
    together = {"high_water_mark": {"of": "cumulative gain", "start": start}}
    assert sum(pays(gains, level, ALL)) == about(max(start, *gains) - start)
    assert sum(pays(gains, together, ALL)) == about(max(start, *accumulate(gains)) - start)


@few
@given(amounts)
def test_a_deficit_carried_for_ever_is_a_mark_of_the_gains_added_up(gains: list[float]) -> None:
    mark = {"high_water_mark": {"of": "cumulative gain", "start": 0}}
    assert pays(gains, carry("all pain"), BANDS) == about(pays(gains, mark, BANDS))


# --- carry -----------------------------------------------------------------------------------------------------------

FLOOR = {"limit_payment": {"floor": -30, "per": "settlement"}}
CAP = {"limit_payment": {"cap": 30, "per": "settlement"}}


@few
@given(amounts, st.sampled_from([
    (ALL, carry("all pain", at_end="paid")),
    (ALL, carry("pain beyond the floor", at_end="paid"), FLOOR),
    (ALL, carry("gain beyond the cap", at_end="paid"), CAP),
    (ALL, carry("pain beyond the floor", at_end="paid"), carry("gain beyond the cap", at_end="paid"), FLOOR, CAP),
    (ALL, carry("all pain", "after 9 settlements", at_end="paid")),
]))  # fmt: skip
def test_what_is_carried_and_paid_at_the_end_is_all_there_was(gains: list[float], steps: Steps) -> None:
    assert sum(pays(gains, *steps)) == about(sum(gains))


@few
@given(
    amounts,
    st.sampled_from(["never", "after 1 settlement", "after 2 settlements"]),
    st.sampled_from([{}, {"at_most": 25}]),
)
def test_a_gain_beyond_the_cap_is_a_pain_beyond_the_floor_turned_over(
    gains: list[float], expires: str, most: dict[str, Any]
) -> None:
    turned = [-gain for gain in gains]
    up = pays(gains, ALL, carry("gain beyond the cap", expires, "paid", **most), CAP)
    down = pays(turned, ALL, carry("pain beyond the floor", expires, "paid", **most), FLOOR)
    assert up == about([-paid for paid in down])


@few
@given(amounts, st.sampled_from(["all pain", "pain beyond the floor", "gain beyond the cap"]))
def test_what_expires_after_the_contract_never_does(gains: list[float], what: str) -> None:
    limits = {"limit_gain": {"floor": -30, "cap": 40}}
    assert pays(gains, carry(what, "after 6 settlements"), limits, BANDS) == about(
        pays(gains, carry(what), limits, BANDS)
    )


@few
@given(amounts, sizes)
def test_at_most_so_much_is_carried(gains: list[float], most: float) -> None:
    """No settlement loses more than that to its past; at most nothing is no carry, at most enough is all of it."""
    lines = run(gains, carry("all pain", at_most=most), GAINS).lines
    assert all(change >= -most - 1e-9 for change in lines["term.carry"] if change < 0)
    assert pays(gains, carry("all pain", at_most=0), GAINS) == about([max(gain, 0) for gain in gains])
    assert pays(gains, carry("all pain", at_most=1000), GAINS) == about(pays(gains, carry("all pain"), GAINS))


@few
@given(amounts)
def test_before_or_after_a_full_share_the_carry_is_one(gains: list[float]) -> None:
    """Where the supplier takes all of gain and pain, a gain and a payment are the same amount."""
    limit = {"floor": -30, "cap": 40}
    before, after = {"limit_gain": limit}, {"limit_payment": {**limit, "per": "settlement"}}
    for what in ("all pain", "pain beyond the floor", "gain beyond the cap"):
        for expires in ("never", "after 1 settlement"):
            one = carry(what, expires)
            assert pays(gains, one, before, ALL) == about(pays(gains, ALL, one, after))
            if what != "gain beyond the cap":
                assert pays(gains, before, one, ALL) == about(pays(gains, ALL, after, one))


# --- two runners -----------------------------------------------------------------------------------------------------


def test_every_step_gives_the_same_bits_in_the_compiled_loop() -> None:
    """Gains drawn each quarter, half of them pains; every line of every path, bit by bit."""
    normal = {"central": "mean", "drawn": "each period", "normal": {"mean": 5, "sd": 40}}
    worn = {"central": "mean", "drawn": "each period", "uniform": {"low": 0, "high": 1}}
    term = {"term": "sharing", "of": "gain", "clock": {"measured": "quarter"}, "active_while": "level > 0.1"}
    gate = {"quality_gate": {"when": "level >= 40%", "sides": "both"}}
    limits = {"limit_payment": {"cap": 40, "floor": -30, "per": "2 years"}}
    document = {
        "gainsim": 1,
        "title": "every step",
        "currency": "EUR",
        "calendar": {"start": "2027-04", "years": 4, "step": "quarter", "year": "calendar", "stub_years": "prorated"},
        "money": {"discount_rate": "8% pa"},
        "drivers": {
            "gain": {"control": "nobody", "unit": "EUR/quarter", **normal},
            "level": {"control": "supplier", "unit": "1", **worn},
        },
        "contract": {
            "everything": {**term, "steps": [*everything(1.0), gate]},
            "levels": {**term, "steps": [gate, *marked("level", 1.0)]},
            "together": {**term, "steps": [gate, *marked("cumulative gain", 1.0)]},
            "years": {**term, "steps": [{"deductible": {"at": 20, "per": "year", "sides": "both"}}, BANDS, limits]},
        },
    }
    model = build(Scenario.model_validate(document))
    program, streams = model.program, Philox(model.plan(BLOCK, 7))
    by_loop = np.full((len(program.rows), BLOCK), np.nan)
    Loop(program).run(streams.key_table([*program.streams, *program.once_streams]), 0, by_loop)
    by_arrays = run_arrays(program, streams, np.arange(BLOCK, dtype=np.uint64))
    assert np.isfinite(by_arrays).all()
    assert np.array_equal(by_loop.view(np.uint64), by_arrays.view(np.uint64))
    never = {"levels.share below 0", "together.share below 0"}  # 0% of no pain
    bound = {program.line_names[line] for (_, line), row in zip(program.rows, by_arrays, strict=True) if row.any()}
    assert set(program.line_names) - bound == never


# --- a gate that cannot be told --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("up", "hours", "paid"), [(98, 100, 40), (97, 100, 0), (0, 0, 0)])
def test_a_gate_may_say_what_holds_where_nothing_was_measured(up: float, hours: float, paid: float) -> None:
    gate = {"quality_gate": {"when": "hours > 0 and up / hours >= 98%", "sides": "gain"}}
    assert pays([40], gate, ALL, up=up, hours=hours) == [paid]


def test_a_gate_that_cannot_be_told_closes_nothing_in_silence() -> None:
    """0 / 0 is not below 98%: it is no level at all; where no gain stands at the gate, nobody asks."""
    gate = {"quality_gate": {"when": "up / hours >= 98%", "sides": "gain"}}
    assert pays([-40], gate, ALL, up=0, hours=0) == [-40]
    with pytest.raises(NotFiniteError, match="the quotient of 0, 0"):
        pays([40], gate, ALL, up=0, hours=0)
