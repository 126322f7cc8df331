"""Why a line is not a finite number: the values of one path, followed down to the first operation that broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gainsim.errors import NotFiniteError
from gainsim.ops.tree import FLOAT, Node

if TYPE_CHECKING:
    from gainsim.ops.arrays import ArrayRun

_SAID = {
    "div": ("the quotient", "Keep the divisor away from 0, as max(x, 1)."),
    "sqrt": ("the square root", "Keep what stands under the root from 0 on, as max(x, 0)."),
    "mul": ("the product", ""),
    "add": ("the sum", ""),
    "sub": ("the difference", ""),
}
#: where a kernel gives a constant, its argument lies outside its range
_OUT_OF_RANGE = {
    "inf": ("exp() of a number above 709.78", "Keep the exponent small, as min(x, 50)."),
    "-inf": ("log() of 0", "Keep what stands in log() above 0, as max(x, 1)."),
    "nan": ("log() of a negative number", "Keep what stands in log() above 0, as max(x, 1)."),
}


def why(run: ArrayRun, node: Node, column: int, t: int, line: str) -> NotFiniteError:
    """What made `node`, a value of `line`, not finite in period t of a run, on the path in this column.

    A memory is followed back to the period in which it broke.
    """
    while True:
        worse = [a for a in _arguments(run, node, column) if a.op != "const" and not np.isfinite(run.at(a, column))]
        if not worse:
            break
        node = worse[0]
    if node.op == "state" and (earlier := _memory_broke(run, node.args[0], column, t, line)):
        return earlier
    path, refusal = int(run.paths[column]), run.program.tree.refusals.get(node.number)
    refused = run.program.tree.refused.get(node.number)
    if refusal:
        how = "" if refused is None else f"it is {run.at(refused, column):.6g}"
        fix = "" if refused is None else "Keep it within its rule, with max, min or clip."
    else:
        how, fix = _broke(run, node, column)
    said = refusal or f"{node.label or line} is not a finite number"
    return NotFiniteError(said, path, t + 1, line, how, fix or "Look at the values it is made of.")


def _arguments(run: ArrayRun, node: Node, column: int) -> list[Node]:
    """What the value was made of: of a choice, only what was chosen; of one that could not be told, what was compared."""
    if node.op != "where":
        return [a for a in node.args if isinstance(a, Node) and a.kind == FLOAT]
    condition, then, otherwise = node.args
    if np.broadcast_to(run.values[condition.number], len(run.paths))[column]:
        return [then]
    return [*run.program.tree.compared.get(node.number, ()), otherwise]


def _broke(run: ArrayRun, node: Node, column: int) -> tuple[str, str]:
    """What the operation was given, and a likely fix."""
    arguments = _arguments(run, node, column)
    if node.op == "where":
        return _OUT_OF_RANGE[f"{run.at(arguments[0], column):g}"]
    shown = ", ".join(f"{run.at(a, column):g}" for a in arguments)
    operation, fix = _SAID.get(node.op, (node.op, ""))
    return f"{operation} of {shown}", fix


def _memory_broke(run: ArrayRun, slot: int, column: int, t: int, line: str) -> NotFiniteError | None:
    """Run this path again, alone, up to the period that wrote into the memory what is not finite."""
    written = {state.slot: value for section in run.program.sections for state, value in section.writes}
    alone = run.alone(column)
    for period in range(alone.first, t + 1):
        alone.period(period)
        if not np.isfinite(alone.memory[slot]).all():
            return why(alone, written[slot], 0, period, line)
    return None
