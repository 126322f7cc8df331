"""The fragment: drivers and their dependence as YAML, ready to paste into a scenario, each with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from gainsim import __version__
from gainsim.calibration.calibrate import Calibrated, Calibration, Fit
from gainsim.calibration.jumping import Jumps
from gainsim.calibration.ranking import strays
from gainsim.calibration.words import impossible, moving_as_one
from gainsim.scenario.rewriting import as_written
from gainsim.words import counted

#: characters of a line
WIDE = 132


def method(fit: Fit) -> str:
    """What was taken, and why."""
    chosen, ranking = fit.ranking.chosen, fit.ranking
    gap, _ = ranking.behind(chosen)
    if chosen is ranking.tried[0]:
        why = "foretold best"
    elif ranking.asked:
        why = "of the kind that was asked for"
    elif strays(ranking.tried[0].fitted, fit.series) and not strays(chosen.fitted, fit.series):
        why = "foretold about as well as the best, and has no values that cannot be"
    elif gap < 0.0 or chosen.candidate.count(fit.series) < ranking.tried[0].candidate.count(fit.series):
        why = "the simplest of those that foretold about as well as the best that may be taken"
    else:
        why = "best of those that may be taken"
    weighed = isinstance(chosen.candidate, Jumps)
    how = "by likelihood, weighed with a weak belief in what jumps are like" if weighed else "by maximum likelihood"
    return f"{chosen.candidate.title}, {how}; {why}"


def fragment(found: Calibration) -> str:
    """The text: `drivers`, and `dependence` where there is any."""
    lines = [f"# calibrated from {found.history.source} by gainsim {__version__}", "drivers:"]
    for each in found.columns:
        lines += _driver(each)
    if found.dependence:
        lines += ["dependence:", *(f"  # {said}" for said in moving_as_one(found))]
        lines += [*(f"  - {as_written(entry)}" for entry in map(dict, found.dependence))]
    return "\n".join(lines) + "\n"


def _driver(found: Calibrated) -> list[str]:
    column, fit = found.column, found.fit
    last = column.label(len(column.values) - 1)
    said = [
        f"calibrated from '{column.heading}': {counted(len(column.values), column.step)}, {column.label(0)} to {last}",
        method(fit),
    ]
    if found.backtest is not None:
        held, within = counted(len(found.backtest.came), column.step), found.backtest.within[0.9]
        tested, written = found.backtest.fit.ranking.chosen.candidate, fit.ranking.chosen.candidate
        other = "" if tested == written else f" of another candidate ({tested.title}), taken from what came before them"
        said.append(f"of the last {held}, held back, {100 * within:.0f}% lay in the band of 90%{other}")
    elif found.untested:
        said.append(f"not held against its own end: {found.untested}")
    said += impossible(found)
    if not column.unit:
        said.append("the unit was not said: write it in the place of 1")
    return [
        f"  {column.name}:",
        *(f"    # {each}" for each in said),
        *(line for key, value in fit.driver.items() for line in _lines(key, value, "    ")),
    ]


def _lines(key: str, value: object, indent: str) -> list[str]:
    """A key with its value in one line, or, where that is long and has keys of its own, a line for each of them."""
    line = f"{indent}{key}: {as_written(value)}"
    if len(line) <= WIDE or not isinstance(value, Mapping):
        return [line]
    return [f"{indent}{key}:", *(each for inner, part in value.items() for each in _lines(inner, part, f"{indent}  "))]
