"""The best offer that was found, in the terminal: the answer, the term sheet of the change, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from gainsim.analyses import tuned_words as words
from gainsim.analyses.candidates import Candidate, Candidates
from gainsim.analyses.tuning import Tuned
from gainsim.text.offer import heading, table
from gainsim.text.told import WIDTH, table_within
from gainsim.words import counted, futures_of

#: so many points of a frontier are shown
SHOWN = 8


def page(found: Tuned) -> str:
    """All that is told of a tuning."""
    candidates = found.candidates
    levers = counted(len(candidates.levers), "lever")
    scenario = candidates.loaded.scenario
    tried = f"{counted(len(candidates), 'candidate')} of {levers}, each on {futures_of(candidates.paths, scenario.run)}"
    parts = [
        f"{scenario.title}\n{tried}, seed {candidates.seed}; ± is one standard error",
        "\n".join(fill(said, WIDTH, subsequent_indent="  ") for said in words.answer(found)),
        _section("Term sheet of the change", _term_sheet(found)),
        _section("What it comes to", table_within(words.MEASURES_HEAD, list(words.measures(found)))),
    ]
    if found.limits:
        parts.append(_section("What must hold", table_within(words.LIMITS_HEAD, list(words.limits(found)), (0, 1, 5))))
    flat = table(list(words.flatness(found)), head=words.FLAT_HEAD, left=range(len(words.FLAT_HEAD)))
    parts.append(_section("How much hangs on each lever", f"{flat}\n\n{fill(words.flat_words(found), WIDTH)}"))
    parts.append(_section("What else the offer could be", both_parties(found)))
    return "\n\n".join(parts)


def so_far(candidates: Candidates, best: Candidate | None) -> str:
    """What is known when a search is interrupted."""
    if best is None:
        return f"Interrupted after {counted(len(candidates), 'candidate')}: none of them keeps all that must hold."
    numbers = zip(candidates.levers, best.numbers, strict=True)
    said = ", ".join(f"{lever.name} {lever.written(number)}" for lever, number in numbers)
    aim = f"{candidates.tune.measure} {candidates.tune.sign * best.aim:,.6g}"
    return f"Interrupted after {counted(len(candidates), 'candidate')}; the best so far: {said}, with {aim}."


def _section(title: str, body: str) -> str:
    return f"{heading(title)}\n{body}"


def _term_sheet(found: Tuned) -> str:
    """Every lever, and what those that move do alone."""
    sheet = table_within(words.CHANGES_HEAD, list(words.changes(found)), (0, 1, 2, 3))
    head, rows = words.alone(found)
    return f"{sheet}\n\n{table_within(head, rows)}" if len(rows) > 1 else sheet


def both_parties(found: Tuned) -> str:
    """The points that two parties may agree on, and the frontiers."""
    head, rows = words.points(found)
    parts = [table(rows, head=head)]
    if agreed := words.agreed(found):
        parts.append(fill(agreed, WIDTH))
    for said, line in words.frontiers(found):
        parts.append(f"{said}:\n{table([words.point(found, '', each) for each in _some(line)], head=head)}")
    return "\n\n".join(parts)


def _some(line: Sequence[Candidate]) -> list[Candidate]:
    """Both ends of a frontier and some between, about as far from each other in what the supplier has."""
    ends = line[0].supplier, line[-1].supplier
    aims = (ends[0] + (ends[1] - ends[0]) * n / (SHOWN - 1) for n in range(SHOWN))
    nearest = (min(range(len(line)), key=lambda at, aim=aim: abs(line[at].supplier - aim)) for aim in aims)  # type: ignore[misc]
    return [line[at] for at in dict.fromkeys(nearest)]
