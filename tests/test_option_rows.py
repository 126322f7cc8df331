"""Published options against clauses on simulated lognormal drivers: one seed of `validation/options.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from validation.expectations import band
from validation.option_clauses import LEFT, LEFT_ROWS, SIMULATED, WRITTEN
from validation.options import FILE, PATHS, Found, found, in_gate, payoffs, together

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
SEED = 20_271


@pytest.fixture(scope="module")
def results(validation_rows: Rows) -> list[Found]:
    """Every row of the gate, simulated once."""
    return found(in_gate(validation_rows(FILE)), PATHS, [SEED])


def test_published_values(results: list[Found]) -> None:
    """Within four standard errors and the source's rounding; the errors at most 1% of the value (or of 2)."""
    assert not [each for each in results if not each.agrees]
    assert not [each for each in results if each.error > 0.01 * max(abs(each.published), 2.0)]


def test_errors_are_as_large_as_stated(results: list[Found]) -> None:
    """The mean of z² lies in its 99% band: over all rows, over each large family, over all kinds with few rows."""
    families: dict[str, list[float]] = defaultdict(list)
    for each in results:
        if each.kind not in SIMULATED:
            families["all"].append(each.z**2)
            families[each.kind].append(each.z**2)
    few = [kind for kind, squares in families.items() if len(squares) < 10]
    families["few"] = [square for kind in few for square in families.pop(kind)]
    assert families.keys() == {"all", "european", "exchange_margrabe", "merton_jump_diffusion", "few"}
    for kind, squares in families.items():
        low, high = band(len(squares))
        assert low <= np.mean(squares) <= high, kind


def test_every_way_to_write_a_clause_pays_the_same(validation_rows: Rows) -> None:
    """A leg as a reference, as a threshold's excess or as a limit on the payment: the same money on every path."""
    rows = [row for row in in_gate(validation_rows(FILE)) if len(WRITTEN[row["sub"]](row["inputs"]).terms) > 1]
    assert {row["sub"] for row in rows} == {"european", "collar_call_spread", "gap"}
    clauses = {f"x{number}": WRITTEN[row["sub"]](row["inputs"]) for number, row in enumerate(rows)}
    for group in together(clauses):
        for name, (first, *others) in payoffs(group, 4_096, SEED, ways=True).items():
            assert np.count_nonzero(first) > 20, name
            for other in others:
                np.testing.assert_allclose(other, first, rtol=0.0, atol=1e-10)


def test_every_row_is_tried_or_left_for_a_reason(validation_rows: Rows) -> None:
    rows = validation_rows(FILE)
    assert {row["sub"] for row in rows} == WRITTEN.keys() | LEFT.keys()
    assert not WRITTEN.keys() & LEFT.keys()
    assert {row["id"] for row in rows} >= LEFT_ROWS.keys()
