"""What `gainsim calibrate` prints: for each column the ranking, the parameters, and in words what they are worth."""

from __future__ import annotations

from collections.abc import Iterator

from gainsim.calibration.calibrate import Backtest, Calibrated, Calibration, Fit
from gainsim.calibration.dependence import Pair
from gainsim.calibration.fan import BANDS
from gainsim.calibration.fragment import method
from gainsim.calibration.words import findings, held_words, pair_words, told
from gainsim.text.offer import table
from gainsim.words import counted

#: candidates far behind the best are not shown
MOST = 8


def page(found: Calibration) -> str:
    """The whole as a page of text."""
    parts = [f"{found.history.source}: {counted(len(found.columns), 'column')}, a value each {found.history.step}"]
    parts += [f"- {note}" for note in found.history.notes]
    for each in found.columns:
        parts += ["", *_column(each)]
    if found.pairs:
        parts += ["", "Surprises of several columns together", pair_table(found.pairs)]
        parts += [pair_words(found)]
    return "\n".join(parts)


def _column(found: Calibrated) -> Iterator[str]:
    column, of = found.column, found.statistics
    unit = f", {column.unit}" if column.unit else ""
    last = column.label(len(column.values) - 1)
    yield f"{column.name}{unit}: {counted(of.count, 'point')}, {column.label(0)} to {last}"
    yield (
        f"mean {of.mean:,.6g}, deviation {told(of.sd)}, autocorrelation {told(of.lag1)}, "
        f"from {of.lowest:,.6g} to {of.highest:,.6g}"
    )
    yield from (f"- {note}" for note in column.notes)
    yield ""
    yield ranking_table(found.fit)
    yield ""
    yield f"Written: {method(found.fit)}"
    yield table([known.row for known in found.fit.written.parameters], head=("", "value", "95 times in 100"))
    yield from (f"- {said}" for said in findings(found))
    if said := held_words(found):
        yield ""
        yield f"Held back: {said}"
    if found.backtest is not None:
        yield backtest_table(found.backtest)


def ranking_rows(fit: Fit, most: int = MOST) -> list[tuple[str, str, str, str, str]]:
    """(candidate, parameters, AIC, log score, behind the best) of the candidates that foretold best, the chosen one marked."""
    rows = []
    for place, each in enumerate(fit.ranking.tried):
        chosen = each is fit.ranking.chosen
        if place >= most and not chosen:
            continue
        gap, error = fit.ranking.behind(each)
        behind = f"{gap:.3f} ± {error:.3f}" if place else "best"
        name = f"{each.candidate.title}{' *' if chosen else ''}"
        rows.append((name, str(each.candidate.count(fit.series)), f"{each.aic:,.1f}", f"{each.log_score:.3f}", behind))
    return rows


def ranking_table(fit: Fit) -> str:
    """The ranking, aligned."""
    return table(ranking_rows(fit), head=("candidate (* written)", "parameters", "AIC", "log score", "behind"))


def backtest_table(found: Backtest) -> str:
    """What should lie in each band, and what did."""
    rows = [(f"{100 * band:.0f}%", f"{100 * found.within[band]:.0f}%") for band in BANDS]
    return table(rows, head=("band", "inside"))


def pair_table(pairs: tuple[Pair, ...]) -> str:
    """Every pair with its interval."""
    rows = [
        (" with ".join(p.between), f"{p.correlation:+.2f}", f"{p.low:+.2f} to {p.high:+.2f}", "yes" if p.told else "no")
        for p in pairs
    ]
    return table(rows, head=("", "correlation", "95 times in 100", "told from chance"), left=(0, 3))
