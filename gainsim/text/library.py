"""The library of starting points and of shocks in words, and one of them ready to paste."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from textwrap import fill
from typing import Any

from gainsim.scenario.library import StartingPoint, to_be_said
from gainsim.scenario.rewriting import as_written
from gainsim.scenario.shock_library import StandardShock
from gainsim.text.offer import heading, table

SCHEMA = "gainsim/library/1"
_WIDTH = 110


def page(points: Iterable[StartingPoint], shocks: Iterable[StandardShock]) -> str:
    """All of them, by what they are about, and the shocks."""
    parts = []
    for about, of_it in groupby(points, lambda point: point.about):
        rows = [(point.name, point.basis, point.date, _short(point.says)) for point in of_it]
        parts.append(f"{heading(about.capitalize())}\n{table(rows, head=('name', 'basis', 'date', ''), left=(0, 1, 2, 3))}")
    rows = [(shock.name, shock.basis, shock.date, shock.of) for shock in shocks]
    parts.append(f"{heading('Shocks')}\n{table(rows, head=('name', 'basis', 'date', 'of'), left=(0, 1, 2, 3))}")
    use = "In a driver, or in a shock of it: like: NAME. gainsim library NAME shows one of them whole, with its source."
    return "\n\n".join([*parts, use])


def _short(says: str) -> str:
    """Its first sentence, without the full stop."""
    return says.strip().split(". ")[0].split("; ")[0].removesuffix(".")


def one(point: StartingPoint) -> str:
    """One of them: what it is and whose, what its user has to say, and how it is written in full."""
    open_keys = to_be_said(point)
    lines = [fill(f"{point.name}: {point.says.strip()}", _WIDTH), fill(f"{point.basis.capitalize()}. {point.origin}", _WIDTH), ""]
    lines += ["drivers:", f"  {point.name}:", f"    like: {point.name}"]
    lines += [f"    # yours to say: {', '.join(open_keys)}"] if open_keys else []
    lines += ["", "which stands for", "", f"  {point.name}:"]
    lines += [f"    {key}: {as_written(part)}" for key, part in point.driver.items()]
    return "\n".join(lines)


def one_shock(shock: StandardShock) -> str:
    """A shock: what it is and whose, and how it is written in full."""
    lines = [fill(f"{shock.name}: {shock.says.strip()}", _WIDTH), fill(f"{shock.basis.capitalize()}. {shock.origin}", _WIDTH), ""]
    lines += ["stress:", f"  {shock.name}:", f"    shocks: {{ YOURS: {{ like: {shock.name} }} }}  # {shock.of}"]
    return "\n".join([*lines, "", "which stands for", "", f"    shocks: {{ YOURS: {as_written(shock.shock)} }}"])


def to_json(points: Iterable[StartingPoint], shocks: Iterable[StandardShock]) -> str:
    """Every one of them with all that is known of it."""
    told = {"starting_points": [_object(point) for point in points], "shocks": [asdict(shock) for shock in shocks]}
    return json.dumps({"schema": SCHEMA, **told}, allow_nan=False)


def _object(point: StartingPoint) -> dict[str, Any]:
    return {
        "name": point.name, "about": point.about, "says": point.says.strip(), "source": point.source, "date": point.date,
        "basis": point.basis, "kind": point.kind, "driver": point.driver, "to_be_said": list(to_be_said(point)),
    }  # fmt: skip
