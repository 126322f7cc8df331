"""What was found, in words: what it means for an offer, and what so few points cannot tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gainsim.calibration.calibrate import AHEAD, TOGETHER, UNIT_ROOT, Backtest, Calibrated, Calibration, Fit
from gainsim.calibration.changing import NOT_IDENTIFIABLE
from gainsim.calibration.dependence import AS_ONE
from gainsim.calibration.diagnosis import Test
from gainsim.calibration.distributions import NO_SHARES
from gainsim.calibration.figures import CENTURY, life, percent
from gainsim.calibration.history import Column
from gainsim.calibration.linear import Linear
from gainsim.calibration.ranking import SELDOM
from gainsim.calibration.reversion import half_life
from gainsim.calibration.series import SEASON_YEARS, Candidate
from gainsim.spelling import listed
from gainsim.words import counted

#: below this chance a test is taken to have found something
FOUND = 0.05


def told(value: float | None) -> str:
    """A statistic, or that there is none.

    >>> told(0.93951), told(None)
    ('0.9395', 'not defined')
    """
    return "not defined" if value is None else f"{value:,.4g}"


def chance(test: Test) -> str:
    """A p-value; of the smallest that could be found, that it is no larger.

    >>> chance(Test(2.0, 0.1396)), chance(Test(9.0, 0.00002)), chance(Test(9.0, 0.005, least=0.005))
    ('p = 0.14', 'p < 0.001', 'p at most 0.005')
    """
    if test.p < 0.001:
        return "p < 0.001"
    return f"p at most {test.p:.2g}" if test.p <= test.least else f"p = {test.p:.2g}"


def findings(found: Calibrated) -> Iterator[str]:
    """What the tests say, one sentence or two each."""
    fit = found.fit
    yield _unit_root(fit)
    yield from fit.written.notes
    yield from impossible(found)
    yield _normal(fit)
    yield from _together(fit)
    yield from _season(fit)
    yield from _not_identifiable(fit)
    yield from _too_few(fit)


def impossible(found: Calibrated) -> Iterator[str]:
    """How much of what is written lies where nothing of the column's kind does, and how to cut it off."""
    name, kind = found.column.name, "where no value of the history does"
    below, above = (found.below, f"below 0, {kind}", f"max({name}, 0)"), (found.above, f"above 1, {kind}", f"min({name}, 1)")
    for share, where, cut in (below, above):
        if share > SELDOM:
            yield (
                f"{percent(share)} of the fan of the next {AHEAD} years lies {where}. If none can, write {cut} where {name} stands "
                "in a formula."
            )


def _unit_root(fit: Fit) -> str:
    test = f"augmented Dickey-Fuller {fit.unit_root.statistic:.2f}, {counted(fit.unit_root.lags, 'lag')}, {chance(fit.unit_root)}"
    low, high = (half_life(weight) * 12 / fit.series.per_year for weight in fit.speed.interval())
    agrees = _agreeing(low, high)
    if fit.reverts and math.isinf(high):
        return f"Walk or reversion: a unit root is refused at {100 * UNIT_ROOT:.0f}% ({test}), yet {agrees}: it is close to a walk."
    if fit.reverts:
        return f"Walk or reversion: a unit root is refused at {100 * UNIT_ROOT:.0f}% ({test}); {agrees}."
    if not fit.series.positive:
        said = f"Walk or reversion: a unit root is not refused ({test}); {agrees}."
        return f"{said} No driver walks below 0, so a reversion stands for it: far ahead its fan may be too narrow."
    if math.isinf(high) and not math.isinf(low):
        return f"Walk or reversion: cannot be told. A unit root is not refused ({test}), and {agrees}: it may never come back."
    return (
        f"Walk or reversion: a unit root is not refused ({test}); {agrees}. A walk has the wider fan, and is preferred."
    )


def _agreeing(low: float, high: float) -> str:
    """The half-lives, in months, that a history agrees with."""
    if math.isinf(low):
        return "no half-life agrees with it, however long"
    if low > CENTURY:
        return "no half-life of less than a century agrees with it"
    if high > CENTURY:
        return f"a half-life of {life(low)} or any longer one agrees with it"
    if low < 1.0:
        return f"a half-life of {'less than a month' if high < 1.0 else f'up to {life(high)}'} agrees with it"
    return f"a half-life from {life(low)} to {life(high)} agrees with it"


def _normal(fit: Fit) -> str:
    darling, distance = fit.normal
    said = [f"Anderson-Darling {darling.statistic:.2f}, {chance(darling)}"]
    said += [f"Lilliefors {distance.statistic:.3f}, {chance(distance)}", "critical values for fitted parameters"]
    test = "; ".join(said)
    if min(darling.p, distance.p) >= FOUND:
        return f"Surprises: nothing speaks against the shape that was fitted ({test})."
    z = (fit.scores - fit.scores.mean()) / fit.scores.std()
    worst = float(abs(z).max())
    return (
        f"Surprises: not as fitted ({test}). The largest is {worst:.1f} deviations: a single {fit.column.step} may be wilder "
        "than the fan says, and most are calmer."
    )


def _together(fit: Fit) -> Iterator[str]:
    if fit.together.p < TOGETHER:
        said = f"Surprises hang together (Ljung-Box {chance(fit.together)})"
        if fit.stretch > 1.0:
            yield (
                f"{said}: over a year it moved {fit.stretch:.2f} times as much as independent changes would. The volatility "
                "that is written is that of a year, and more than that of a month."
            )
        else:
            yield f"{said}: what is written leaves out a part of what is known."
    if fit.clustered.p < TOGETHER:
        yield f"Calm and wild times still follow each other in what is left (Ljung-Box of squares {chance(fit.clustered)})."


def _season(fit: Fit) -> Iterator[str]:
    if fit.series.per_year == 1:
        return
    if fit.season is None:
        yield f"Season: fewer than {SEASON_YEARS} years cannot tell one from chance; none was tried."
        return
    found = isinstance(fit.ranking.chosen.fitted, Linear) and fit.ranking.chosen.fitted.season.any()
    test = f"F {fit.season.statistic:.2f}, {chance(fit.season)}"
    if found:
        yield f"Season: written ({test})."
    elif fit.season.p < FOUND and not isinstance(fit.ranking.chosen.fitted, Linear):
        yield f"Season: there are signs of one ({test}), but this kind of driver has none: it is left out."
    elif fit.season.p < FOUND:
        yield f"Season: there are signs of one ({test}), but it did not help to foretell, and is left out."
    else:
        yield f"Season: none is seen ({test})."


def _not_identifiable(fit: Fit) -> Iterator[str]:
    """What cannot be told here, candidate by candidate."""
    reasons: dict[str, list[Candidate]] = {}
    for candidate, why in fit.ranking.left:
        if why == NO_SHARES:
            continue
        reasons.setdefault(why, []).append(candidate)
    for why, candidates in reasons.items():
        said = f"{_capital(listed(_titles(candidates)))}: {why}."
        short = why.startswith(f"{NOT_IDENTIFIABLE} from")
        yield f"{said} That the fan has none of it does not mean that there is none." if short else said
    if none := [each.candidate for each in fit.ranking.unidentified]:
        yield (
            f"{_capital(listed(_titles(none)))}: not identifiable here, though there are points enough. The AIC is no lower than "
            "that of a plain walk, so what was found of the parameters may be chance."
        )


def _titles(candidates: Sequence[Candidate]) -> list[str]:
    """What candidates are called; one with a season is left out where it stands without one as well."""
    plain = {each.title for each in candidates if getattr(each, "season", "none") == "none"}
    return [each.title for each in candidates if each.title in plain or each.title.partition(" with ")[0] not in plain]


def _capital(said: str) -> str:
    return said[0].upper() + said[1:]


def _too_few(fit: Fit) -> Iterator[str]:
    tried = len(fit.ranking.chosen.foretold)
    if tried < 30:
        yield f"The ranking rests on {counted(tried, 'value')} that were foretold: it can tell little."


def held_words(found: Calibrated) -> str:
    """How the fan of the first part did, or why there is none; "" where none was wanted."""
    if found.backtest is not None:
        return backtest_words(found.backtest)
    return f"nothing, as {found.untested}." if found.untested else ""


def backtest_words(found: Backtest) -> str:
    """How the fan of the first part did on the rest, honestly."""
    column, held = found.fit.column, len(found.came)
    first, last = column.label(len(column.values)), column.label(len(column.values) + held - 1)
    chosen = found.fit.ranking.chosen.candidate.title
    what = f"{counted(held, column.step)}, {first} to {last}, foretold from what came before ({chosen})"
    inside, outside = found.within[0.9], found.places[(found.places < 0.05) | (found.places > 0.95)]
    if inside < 0.7:
        side = "above" if (outside > 0.5).mean() > 0.5 else "below"
        worst = found.places.max() if side == "above" else 1.0 - found.places.min()
        beyond = (
            "as none of 10,000 futures did"
            if worst >= 0.9999
            else f"as one future in {1 / max(1 - worst, 1e-4):,.0f} did"
        )
        verdict = (
            f"The fan failed: {100 * inside:.0f}% lie in the band of 90%, most others {side} it, at worst {beyond}. "
            "What happened then was not in the history before, and what will happen need not be in this one."
        )
    elif inside < 0.9:
        verdict = f"{100 * inside:.0f}% lie in the band of 90%: rather too narrow a fan, or a little bad luck."
    else:
        verdict = f"{100 * inside:.0f}% lie in the band of 90%: nothing speaks against the fan."
    return f"{what}. {verdict} All of them are one stretch of one course, which count for far fewer than {held}."


def pair_words(found: Calibration) -> str:
    """What is written of the dependence."""
    return " ".join([_written_pairs(found), *(f"{said}." for said in moving_as_one(found))])


def _written_pairs(found: Calibration) -> str:
    count, of = len(found.dependence), len(found.pairs)
    if not count:
        return "No pair can be told from chance; none is written."
    closest = {pair.between: pair.written for pair in found.pairs}
    if any(closest[a, b] != each["correlation"] for each in found.dependence for a, b in [each["between"]]):
        return "As they stand they cannot hold together, being of different periods: written are the nearest that can."
    if count == of:
        return f"Written: {'the pair' if of == 1 else 'all of them'}."
    return f"Written: {count} of {of}, those that can be told from chance when all are looked at."


def moving_as_one(found: Calibration) -> Iterator[str]:
    """Pairs of which one tells nothing that the other does not, and what to write in the place of two drivers."""
    columns = {each.column.name: each.column for each in found.columns}
    for pair in found.pairs:
        if pair.as_one:
            a, b = pair.between
            times = _times(columns[a], columns[b])
            instead = f"as {times:.4g} * {a}" if times else f"as what it is of {a}"
            yield (
                f"{a} and {b} move as one, and {AS_ONE:g} is the closest that is written. As two drivers each draws a drift of its "
                f"own all the same: leave {b} out of the drivers and reckon it {instead}"
            )


def _times(one: Column, other: Column) -> float | None:
    """How many times the one the other is; None where it is not always the same, to a hundredth."""
    shared = {one.month(place): value for place, value in enumerate(one.values.tolist())}
    pairs = [(shared.get(other.month(place)), value) for place, value in enumerate(other.values.tolist())]
    ratios = sorted(value / before for before, value in pairs if before)
    middle = ratios[len(ratios) // 2]
    return middle if ratios[-1] - ratios[0] < 0.01 * abs(middle) else None
