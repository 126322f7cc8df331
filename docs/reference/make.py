"""Write the reference pages that follow from the scenario models: python docs/reference/make.py."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from gainsim.offer.sharing import STEPS
from gainsim.scenario.library import starting_points, to_be_said
from gainsim.scenario.rewriting import as_written
from gainsim.scenario.schema import json_schema
from gainsim.scenario.shock_library import standard_shocks

HERE = Path(__file__).resolve().parent
Schema = dict[str, Any]

#: what a kind of field is called; the models tell them apart by their example
KINDS = {
    "12%": "a number",
    "80_000 EUR": "a number, perhaps with its unit",
    "40%": "a share",
    "40% from year 2 else 50%": "a share, or a formula",
    "8% pa": "a rate",
    "18 months": "a duration",
    "24 months": "a moment",
    "20% pa": "a volatility",
    "2% of baseline_cost": "a formula",
    "EUR/MWh": "a unit",
    "2027-01": "a month",
    "2027-01-15": "a date",
    "p90": "a percentile, or an amount",
    "12 months": "what may stand there",
}
LIBRARY = """\
# The library of starting points

Generated from the library by `docs/reference/make.py`; `gainsim library` lists the same, `gainsim library NAME` shows one.

A starting point is a driver that somebody measured or believed, taken into a scenario by its name. It is where to begin, not
where to end: what you know of your own plant, market and customer takes its place, key by key.

```yaml
# file: offer.yaml
gainsim: 1
title: Maintenance with a share of the saving
currency: EUR
calendar: { start: 2027-01, years: 5, step: month, year: contract }
money: { discount_rate: 7% pa }
drivers:
  wages: { like: wages_us, geometric_walk: { start: 48, drift: 2.5% pa }, unit: EUR/hour }
  saving: { like: customer_cost_cut, control: { supplier: 60%, customer: 40% } }
value:
  saved: saving * 400_000 EUR per year
contract:
  base_fee: { term: fee, amount: 6_000 EUR per month }
  gain_share: { term: payment, amount: 40% of saved, clock: { paid: 30 days } }
costs:
  people: { amount: 180 hours per month * wages }
```

```sh
gainsim check offer.yaml
gainsim library customer_cost_cut
```

```text
- drivers.saving is like customer_cost_cut, which is opinion, not measurement: gainsim library customer_cost_cut says whose.
customer_cost_cut: What customers of advanced services are said to save, as a part of their cost before (up to
    # yours to say: control
```

- Whatever the driver says itself holds; the rest comes from the library, key by key of its process: above, the volatility of
  `wages` does. The parameters of a distribution stand together: `lognormal: { median: 1.2, p90: 2 }` takes the place of all of
  the entry's. A driver of another kind (`constant: 27%`) takes unit, control and central value alone, and no source.
- Who controls it is for you to say, except of prices. Other keys that are left open are named in the tables.
- Prices and wages are indices that start at 1: multiply them by today's price, or write its unit and its `start` (and the
  `mean`, where it is drawn back to one). Where there is a season, today's price is the one of an average month. They are what
  `gainsim calibrate --process` of that kind makes of the history that is named ([how](../how-to/calibrate-from-history.md)); of
  your own history it makes better ones. A mean that grows because of volatility alone, as a walk's does, is no forecast.
- `basis` says whether it was measured or is opinion; `gainsim check` notes every opinion. The report tells source and date,
  and which values are your own.
- An entry that has been released does not change: what is known better comes under a new name. `--set` reaches its keys.

"""
SHOCKS = """\
## Shocks

What has come to drivers of a kind, for the cases of a [stress](../how-to/stress-an-offer.md): `shocks: { power: { like:
energy_crisis, begins: 2028-01 } }`. What the shock says itself holds, key by key; what says another size takes none from here.

| name | a shock of | what it is | written in full | basis, source |
|---|---|---|---|---|"""
HEAD = """\
# Scenario keys

Generated from the models of the offer by `docs/reference/make.py`; `gainsim schema` prints the same as a JSON Schema,
which editors use to complete and check a file ([scenario.schema.json](scenario.schema.json); the shipped scenarios
point to it in their first line). What the terms mean is in [terms](terms.md).

Unknown and duplicate keys are refused, with their line. How values are written:

- **a number**: `14_500`, `1.5`, `12%`, `1.2m`. `1.234` and `1,234` are refused, with a unit and without, for two readers take
  them for two numbers: write `1_234` or `1.2340`. `0.125`, `12.345%`, `1.234m` and `1.2345` are clear.
- **a share**: `40%` or `0.40`. **a volatility**: `20% pa`. **a duration**: `18 months`, `60 days`, `7 years`.
- **a rate**: `8% pa`, also `per year` or `a year`, is what a whole year adds, whatever the steps. `2% pm` (`per month`,
  `a month`, `per quarter`) is what a month adds: 26.8% pa. `8% pa continuous` grows at every instant, 8.33% in a year;
  `8% pa nominal` is divided by the calendar's periods and compounded, 8.30% with `step: month`.
- **a moment**: a date, a month (its first day), or the time since the contract's start, as `24 months`.
- **a month**: `2027-01`. **a date**: `2027-01-15`. **a unit**: `EUR/MWh`, `MWh/month`, `fraction of …`.
- **a formula**: numbers with their units, named values, `+ - * /`, `x of y`, comparisons, `and`, `or`, `not`,
  `A if C else B`, `A from month 13 else B` (also `from year 2`, `from 2028-01`), `min`, `max`, `clip`, `abs`, `exp`,
  `log`, `logistic(x)` = 1 / (1 + exp(-x)), `sqrt`, `round(x, 0.01)`; over a window `total`,
  `mean`, `lowest`, `highest`, `first`, `last`, and `paid(term)`;
  `name(x)` looks a table up. An amount over time says per what: `34_000 EUR per month`.
  Inside `{ }` a formula with `[base]`, a comma or a colon stands in quotes.

Time counts in months: a period is the same part of a year whatever its days, and money is discounted by twelfths of a
year, days by their part of the month. Whatever is due at a window's end is due on the first day after it.

A key in **bold** must be written; the others may be left out.
"""


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    schema = json_schema()
    return {
        "scenario.md": _page(schema),
        "scenario.schema.json": json.dumps(schema, indent=2) + "\n",
        "library.md": _library(),
    }


def _library() -> str:
    """The starting points, a table for each of their files."""
    parts = [LIBRARY]
    for about, points in groupby(starting_points().values(), lambda point: point.about):
        head = "| name | what it is | driver | yours to say | basis, source |\n|---|---|---|---|---|"
        parts += [f"## {about.capitalize()}\n", head]
        for point in points:
            said = ", ".join(f"`{key}`" for key in to_be_said(point))
            law = f"`{point.kind}: {as_written(point.driver[point.kind])}`"
            parts[-1] += f"\n| `{point.name}` | {point.says.strip()} | {law} | {said} | {point.basis}: {point.origin} |"
        parts[-1] += "\n"
    parts += [SHOCKS]
    for shock in standard_shocks().values():
        said = (f"`{shock.name}`", shock.of, shock.says.strip(), f"`{as_written(shock.shock)}`", f"{shock.basis}: {shock.origin}")
        parts[-1] += f"\n| {' | '.join(said)} |"
    return "\n".join(parts) + "\n"


def _page(schema: Schema) -> str:
    definitions: dict[str, Schema] = schema["$defs"]
    parts = [HEAD, _section("The file", schema)]
    parts += [_section(_title(name), definitions[name]) for name in _in_order(schema, definitions)]
    return "\n".join(parts)


def _title(name: str) -> str:
    """A definition's name as a heading: `GeometricWalk` is Geometric walk; a step of a sharing term says so."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Text"))
    steps = {model.__name__ for model in STEPS.values()}
    return f"Step: {words.lower().removesuffix(' step')}" if name in steps else words.capitalize()


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z -]", "", _title(name).lower()).replace(" ", "-")


def _in_order(schema: Schema, definitions: dict[str, Schema]) -> list[str]:
    """The definitions in the order in which a reader of the file meets them."""
    found: list[str] = []

    def follow(part: Schema) -> None:
        for name in _names_in(part):
            if name not in found:
                found.append(name)
                follow(definitions[name])

    follow({key: value for key, value in schema.items() if key != "$defs"})
    return found


def _names_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rsplit("/", 1)[1]
        for key, value in part.items():
            if key != "discriminator":
                yield from _names_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from _names_in(value)


def _section(name: str, schema: Schema) -> str:
    lines = [f"## {name}", "", *schema["description"].split("\n"), ""]
    lines += ["| key | value | unless said | meaning |", "|---|---|---|---|"]
    needed = schema.get("required") or schema.get("anyOf", [{}])[-1].get("required", ())  # of a driver: where it is like none
    for key, value in schema["properties"].items():
        shown = f"**`{key}`**" if key in needed else f"`{key}`"
        lines.append(f"| {shown} | {_value(value)} | {_default(value)} | {value['description']} |")
    return "\n".join(lines) + "\n"


def _value(schema: Schema) -> str:
    """What may be written, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{_title(name).lower()}](#{_anchor(name)})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        choices = schema["enum"]
        from_library = choices in (list(starting_points()), list(standard_shocks()))
        return "[a name](library.md)" if from_library else " or ".join(f"`{choice}`" for choice in choices)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(_value(one) for one in schema[union] if one.get("type") != "null"))
    return _plain(schema)


def _plain(schema: Schema) -> str:
    example = (schema.get("examples") or [None])[0]
    if isinstance(example, str) and example in KINDS:
        return KINDS[example] + _range(schema)
    kind = schema.get("type")
    if kind == "array" and "items" not in schema.get("items", {}) and example:
        return "a list, as `[" + ", ".join(f"[{', '.join(pair)}]" for pair in example) + "]`"
    if kind == "array":
        return f"a list, each {_value(schema['items'])}"
    if kind == "object":
        inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
        if not isinstance(inner, dict):
            return "as `{ " + ", ".join(f"{key}: {example[key]}" for key in sorted(example, key=_as_read)) + " }`"
        return f"{_keys(schema)}, each with {_value(inner)}"
    if kind == "integer":
        return "a whole number" + _range(schema)
    return "text" + (f", as `{example}`" if example else "")


def _as_read(edge: str) -> tuple[int, float]:
    """The order of bands, credits and multiples in a file; the schema gives its examples by the alphabet."""
    words = ("from", "below", "up to", "down to", "above")
    word, number = re.match(r"[a-z ]*[a-z]", edge)[0], re.search(r"-?[\d._]+", edge)  # type: ignore[index]
    if number is None:  # above, or below: all the rest
        return len(words), 0.0
    return words.index(word), float(number[0]) if word == "from" else -float(number[0])


def _keys(schema: Schema) -> str:
    """What the keys of a mapping are: the parties, months, or names of the reader's own."""
    choice = schema.get("propertyNames", {}).get("enum")
    if choice:
        return ", ".join(f"`{key}`" for key in choice)
    return "months" if (schema.get("propertyNames", {}).get("examples") or [""])[0] == "2027-01" else "names"


def _range(schema: Schema) -> str:
    words = {
        "minimum": "{:,} or more", "exclusiveMinimum": "above {:,}", "maximum": "at most {:,}", "exclusiveMaximum": "below {:,}"
    }  # fmt: skip
    parts = [said.format(schema[key]) for key, said in words.items() if key in schema]
    return f", {', '.join(parts)}" if parts else ""


def _default(schema: Schema) -> str:
    default = schema.get("default")
    if default is None or default in ({}, []) or isinstance(default, dict):
        return ""
    return f"`{default}`"


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
