"""Whatever is done to a scenario's data, loading it gives a model or a scenario error: never a traceback, never a hang."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gainsim.errors import Problem, ScenarioError
from gainsim.scenario.load import Loaded, offers_of
from gainsim.scenario.reading import Document, KeyPath, read

FOLDER = Path(__file__).resolve().parent.parent.parent / "scenarios"
SHIPPED = [read(file) for file in sorted(FOLDER.glob("*.yaml"))]

ODD_NUMBERS = (0, -1, 1, 3, 0.5, 1e300, -1e300, 1e-300, 5e-324, 10**30)
ODD_TEXTS = (
    *("", " ", "NaN", "inf", "0", "-1", "x" * 3_000, "é", "💶", "a b", "[base]", "'", "{0}", "%s", "1e999", "0 EUR"),
    *("0%", "60", "60%", "1e300%", "-100% pa", "1e300% pa", "1e300% pa continuous", "99.99% pa nominal", "€1.234"),
    *("0 days", "1 month", "999999 years", "999999 weeks", "1 year 1 day", "1000-01", "2027-13", "9999-12", "9999-12-31"),
    *("1 / 0", "0 / 0", "-1 * -1", "1 if 2 > 1 else 0", "1 > 2", "not 1", "sqrt(-1)", "log(0)", "exp(1000)", "mean(1)"),
    *("1 from 2999-12 else 2", "1 from year 9999 else 2", "total(total(1 EUR/month))", "(" * 60, "1" + "+1" * 300),
    *("5 MWh", "5 USD per month", "1 USD", "1e308 EUR per month", "after 99999 settlements", "below 0", "above", "mean"),
    *("period", "life", "start", "end", "once", "each period", "catch_up", "nominal", "fiscal", "calendar", "quarter"),
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(ODD_TEXTS),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from([[], {}, [[]], [{}], {"": ""}, {"a": {"b": [1, {"c": None}]}}, [None], [0] * 12, ["a", "a"]]),
)


def places(path: KeyPath, value: Any) -> Iterator[KeyPath]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places((*path, key), part)


def at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data[key]
    return data


def alike(draw: Callable[..., Any], value: Any, data: Any) -> Any:
    """A value that passes for the one that stands here: mutations of this kind get past the form, into the sense."""
    if isinstance(value, str):
        others = [other for path in places((), data) if isinstance(other := at(data, path), str)]
        other = draw(st.sampled_from([*others, *ODD_TEXTS]))
        forms = other, f"({value}) / ({other})", f"min({value}, {other})", f"{other} from month 3 else {value}"
        return draw(st.sampled_from(forms))
    numbers = [*ODD_NUMBERS, "1e300%", "0%", "100%", "1e-300"]
    return draw(st.sampled_from(numbers)) if isinstance(value, int | float) else value


def mutated(draw: Callable[..., Any], data: Any) -> None:
    """One change to the data, in place: drop, rename, replace, swap, double or graft."""
    every = list(places((), data))
    if not every:
        return
    *inside, key = path = draw(st.sampled_from(every))
    holder = at(data, tuple(inside))
    match draw(st.sampled_from(["drop", "rename", "odd", "alike", "alike", "alike", "swap", "graft", "double", "text"])):
        case "drop":
            del holder[key]
        case "rename" if isinstance(holder, dict):
            name = draw(st.one_of(st.sampled_from(["", "x", "energy_saved", "a-b", "above", "up to 5"]), st.text(max_size=5)))
            holder[name] = holder.pop(key)
        case "odd":
            holder[key] = draw(ODD)
        case "alike":
            holder[key] = alike(draw, holder[key], data)
        case "swap":
            *other_inside, other_key = other = draw(st.sampled_from(every))
            if other[: len(path)] != path and path[: len(other)] != other:
                other_holder = at(data, tuple(other_inside))
                holder[key], other_holder[other_key] = other_holder[other_key], holder[key]
        case "graft":
            holder[key] = copy.deepcopy(at(data, draw(st.sampled_from(every))))
        case "double" if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        case "text":
            holder[key] = f"{holder[key]} {draw(st.sampled_from(['%', 'pa', 'EUR', '/ 0', '* 1e300', '+ nobody', '>', '0']))}"


def outcome(document: Document, data: dict[str, Any]) -> None:
    """Load mutated data; a number that overflows on the way may warn, as any run may, but must not raise."""
    mutant = Document(document.name, data, document.places, document.value_places)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        told = problems_of(mutant)
    assert all(problem.message and problem.line >= 1 for problem in told)


def problems_of(document: Document) -> tuple[Problem, ...]:
    """Its problems, at least one if there is no model."""
    try:
        assert all(isinstance(loaded, Loaded) for loaded in offers_of(document).values())
    except ScenarioError as error:
        return error.problems or (Problem(document.name, 0, 0, "", ""),)
    return ()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_change_gives_a_model_or_a_scenario_error(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(SHIPPED))
    changed = copy.deepcopy(document.data)
    for _ in range(data.draw(st.integers(1, 4))):
        mutated(data.draw, changed)
    outcome(document, changed)


@pytest.mark.parametrize("odd", [None, True, 0, -1, 1e300, "", "NaN", [], {}, "0 / 0"], ids=repr)
def test_no_single_value_of_the_smallest_scenario_breaks_the_loader(odd: object) -> None:
    document = min(SHIPPED, key=lambda each: len(each.places))
    for path in places((), document.data):
        changed = copy.deepcopy(document.data)
        at(changed, path[:-1])[path[-1]] = odd
        outcome(document, changed)
