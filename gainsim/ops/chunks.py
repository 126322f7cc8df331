"""Chunks: which sections of a program share one loop over the paths."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gainsim.ops.program import Program, Section
from gainsim.ops.tree import Node

LIMIT = 1500  # operations of one loop: beyond it registers spill and compiling slows


@dataclass
class Chunk:
    """One loop over the paths: a list of (section, nodes, whether the section ends here)."""

    due: NDArray[np.bool_]
    parts: list[tuple[Section, list[Node], bool]] = field(default_factory=list)
    size: int = 0


def chunks(program: Program, limit: int = LIMIT) -> list[Chunk]:
    """The program's live nodes as loops: fused while they fall due together, split where they grow too long.

    A section goes back into an earlier loop that falls due with it, past loops with which it shares nothing.
    """
    found: list[Chunk] = []
    for section, nodes in zip(program.sections, program.steps(), strict=True):
        if not nodes and not section.lines and not section.writes:
            continue
        pieces = [nodes[k : k + limit] for k in range(0, max(1, len(nodes)), limit)]
        for number, piece in enumerate(pieces):
            home = _home(found, section, piece, limit) if number == 0 else None
            if home is None:
                found.append(Chunk(section.due))
                home = found[-1]
            home.parts.append((section, piece, number == len(pieces) - 1))
            home.size += len(piece)
    return found


def _home(found: list[Chunk], section: Section, nodes: list[Node], limit: int) -> Chunk | None:
    """The last loop that a section may join."""
    for chunk in reversed(found):
        if np.array_equal(chunk.due, section.due) and chunk.size + len(nodes) <= limit:
            return chunk
        if not _independent(chunk, section, nodes):
            return None
    return None


def _independent(chunk: Chunk, section: Section, nodes: list[Node]) -> bool:
    """Whether a section may run before a loop instead of after it."""
    made = {node.number for _, part, _ in chunk.parts for node in part}
    used = {a.number for node in nodes for a in node.args if isinstance(a, Node)} | {n.number for n in section.roots}
    reads = {node.args[0] for node in nodes if node.op == "state"}
    written = {state.slot for other, _, _ in chunk.parts for state, _ in other.writes}
    writes = {state.slot for state, _ in section.writes}
    read = {node.args[0] for _, part, _ in chunk.parts for node in part if node.op == "state"}
    return not (used & made or reads & written or writes & read)
