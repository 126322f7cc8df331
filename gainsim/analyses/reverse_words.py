"""What a reverse stress found, in sentences and rows, for the terminal and the page alike."""

from __future__ import annotations

import math

from gainsim.analyses.reverse import ENOUGH, SURE, Reverse, Way
from gainsim.analyses.states import MATTERS, State, matters
from gainsim.credit import DEFAULT
from gainsim.measures import Estimate
from gainsim.quantities import money_text
from gainsim.units import DIMENSIONLESS, Unit
from gainsim.words import counted, doubt, only_rounding, percent, several, two_digits, unit_words, values

#: fewer equal futures say little
FEW = 30.0
#: a way is named by what makes this part of how unlikely it is, and lies so many of its ordinary deviations from usual
LEADS, STANDS_OUT = 0.1, 0.25
#: of what operations come to, so much is told that lies APART from usual, in its ordinary deviations; a way is named by what is FAR
APART, FAR, MOST = 0.5, 1.0, 4
STATE_HEAD = ("driver", "control", "unit", "usually", "there", "lower in", "part", "past the limit", "")


def asked_words(found: Reverse) -> list[str]:
    """What was asked, and why something else is where it is."""
    said = []
    currency = found.model.scenario.currency
    if found.instead is not None:
        common = "comes too often to be asked" if found.common else "was not reached"
        said.append(f"{_capital(found.instead.words(currency))} {common}; {_level_words(found, currency)}.")
    if found.crossing.said:
        said.append(f"{_capital(found.crossing.said)}.")
    return said


def _level_words(found: Reverse, currency: str) -> str:
    """What is asked instead."""
    level = found.level
    assert level is not None
    if level.part == 0.0:
        return f"all ordinary futures come to the same, {money_text(level.amount, currency)}: no other level could be asked"
    said = f"asked instead is the level that {percent(level.part)} of ordinary futures fall below"
    if level.lump * found.futures < ENOUGH:
        return said
    less = percent(level.part - level.lump) if level.part > level.lump else "none"
    return f"{said}: {percent(level.lump)} of them come to exactly {money_text(level.lumped, currency)}, {less} to less"


def verdict(found: Reverse) -> str:
    """The answer in a sentence or two."""
    what = _capital(found.crossing.words(found.model.scenario.currency))
    if found.probability is None:
        drawn = f"{counted(found.simulated, 'future')}, most of them drawn towards it"
        luck = " Operations have chance of their own, which is not." if found.model.outcomes else ""
        return f"{what}: no future was found there, among {drawn}.{luck}"
    ways = "one way leads" if len(found.ways) == 1 else f"{len(found.ways)} ways lead"
    far = " and ".join(f"{way.deviations:.1f}" for way in found.ways)
    return f"{what}: {chance_words(found.probability)}; {ways} there, {far} standard deviations out."


def plain_words(found: Reverse) -> str:
    """What ordinary futures alone say."""
    worst = money_text(found.worst, found.model.scenario.currency)
    if found.at_most is None:
        return f"{counted(found.futures, 'ordinary future')} alone: {_percent(found.plain)}; the farthest of them came to {worst}."
    possible = f"which leaves up to {two_digits(100.0 * found.at_most)}% possible ({SURE:.0%} sure)"
    return f"None of {counted(found.futures, 'ordinary future')}, {possible}; the nearest of them came to {worst}."


def chance_words(of: Estimate) -> str:
    """As: 0.00067% ± 0.00005% of futures, one in 150,000; of what is more than one in ten no such number."""
    one_in = f", one in {_two_digits(1.0 / of.value)}" if 0.0 < of.value <= 0.1 else ""
    return f"{_percent(of)} of futures{one_in}"


def _percent(of: Estimate) -> str:
    """Two digits of a probability, and its standard error no finer.

    >>> _percent(Estimate(6.39e-6, 7.8e-7)), _percent(Estimate(0.0, 0.0))
    ('0.00064% ± 0.00008%', '0%')
    """
    value = two_digits(100.0 * of.value)
    error = f"{100.0 * of.standard_error:.{len(value.partition('.')[2])}f}"
    return f"{value}% ± {error if float(error) > 0.0 else two_digits(100.0 * of.standard_error)}%" if of.value else "0%"


def _two_digits(number: float) -> str:
    return f"{float(f'{number:.1e}'):,.0f}"


def way_title(number: int, found: Reverse) -> str:
    """As: Way 1 of 2: electricity_price high, air_demand high."""
    way = found.ways[number]
    drivers = [(each.driver, each.away, each.part) for each in way.states if each.part is not None]
    others = [(_called(name, found), each.score, each.part) for name, each in way.others.items()]
    leading = [(name, away) for name, away, part in [*drivers, *others] if part >= LEADS and abs(away) >= STANDS_OUT]
    told = [_stands_out(name, away, found) for name, away in leading]
    if way.rest >= LEADS and (delivered := [each for each in of_operations(way, found) if abs(each.away) >= FAR]):
        told.append(f"in operations {', '.join(_stands_out(each.driver, each.away, found) for each in delivered)}")
    names = ", ".join(told) or ("no driver stands out" if way.rest < LEADS else f"no driver leads there: {_left(found)}")
    known = ", not well known" if way.effective < FEW else ""
    return f"Way {number + 1} of {len(found.ways)}{known}: {names}"


def _called(name: str, found: Reverse) -> str:
    """What is drawn and is no driver, by what it is: an error of measurement by its name and that of the value."""
    value, _, error = name.partition("/")
    return f"the error {error} of {value}" if error and value in found.model.scenario.value else name


def _stands_out(name: str, away: float, found: Reverse) -> str:
    """What leads a way past a limit, by its name and score: a low one takes a decision, a high one is an early default."""
    if name == DEFAULT:
        return "the customer defaults" if away > 0.0 else "the customer does not default"
    if name in found.model.scenario.lifecycle:
        return f"{name} {'not taken' if away > 0.0 else 'taken'}"
    return f"{name} {'low' if away < 0.0 else 'high'}"


def _drawn(name: str, score: float, found: Reverse) -> str:
    """How far out lies what is no driver: of a decision on which side chance is, of a default how early it comes."""
    far = f"{abs(score):.1f} standard deviations"
    if name in found.model.scenario.lifecycle:
        return f"The decision {name}: chance is {far} {'against' if score > 0.0 else 'for'} it"
    if name == DEFAULT:
        return f"The customer's default is {far} {'earlier' if score > 0.0 else 'later'} than usual"
    return f"{_capital(_called(name, found))}: its score is {score:+z.1f} standard deviations"


def way_words(way: Way, found: Reverse) -> list[str]:
    """One way in sentences: how likely it is, and what the drivers are there."""
    said = [f"{_capital(chance_words(way.probability))}; {way.deviations:.1f} standard deviations out."]
    if way.effective < FEW:
        equal = counted(round(way.effective), "equal one")
        said.append(f"It is not well known: the futures past the limit this way weigh as much as {equal}. Take more --paths.")
    if not way.straight:
        said.append("What leads there bends: told is the middle of the futures past the limit, not the least unlikely state.")
    stands = [f"{each.driver} at {_there(each)}" for each in matter(way)]
    if stands:
        said.append(f"On average over the contract: {', '.join(stands)}.")
    for name, each in way.others.items():
        if matters(each.part, way.deviations):
            most = f" in year {each.year}, when it is farthest out" if each.year is not None else ""
            score = f"{_drawn(name, each.score, found)}{most}"
            said.append(f"{score}; it makes {percent(each.part)} of how unlikely this way is.")
    if way.rest >= MATTERS:
        said.append(f"{percent(way.rest)} of it is left to chance that is not moved: {_left(found)}.")
        if delivered := [f"{each.driver} at {_there(each)}" for each in of_operations(way, found)]:
            said.append(f"Operations come to {', '.join(delivered)} there, in the mean of the futures past the limit.")
    idle = [each.driver for each in way.states if each.part is not None and not each.matters and not each.moves]
    if idle:
        said.append(f"It makes no difference to it what becomes of {', '.join(idle)}.")
    return said


def matter(way: Way) -> list[State]:
    """The drivers that matter to a way: they make part of how unlikely it is, or move with one that does."""
    return [each for each in way.states if each.part is not None and (each.matters or each.moves)]


def of_operations(way: Way, found: Reverse) -> list[State]:
    """What operations come to that stands out on the futures past the limit, the farthest from usual first."""
    drivers = found.model.scenario.drivers
    delivered = [each for each in way.states if drivers[each.driver].operations is not None and abs(each.away) >= APART]
    return sorted(delivered, key=lambda each: -abs(each.away))[:MOST]


def _there(state: State) -> str:
    """What it is there, and usually."""
    there, usually = values([state.there, state.usual.value], state.unit)
    there = there if state.unit.part else several(there, "" if state.unit == DIMENSIONLESS else unit_words(state.unit))
    return f"{there} (usually {usually})"


def _left(found: Reverse) -> str:
    within = "what falls within a year, and what bends"
    return f"operations, {within}" if found.model.outcomes else within


def nearest_words(way: Way, found: Reverse) -> str:
    """The ordinary future that shows most of it."""
    number, amount = way.nearest
    came = money_text(amount, found.model.scenario.currency)
    return f"Of ordinary futures number {number} is nearest to it and came to {came}: gainsim explain, with --path {number}."


def state_rows(way: Way) -> list[tuple[str, ...]]:
    """By driver: what it usually is, what it is there, on what part of ordinary futures it is lower; its part; past the limit."""
    telling, rows = matter(way), list[tuple[str, ...]]()
    for each in way.states:
        usual, past, there = values([each.usual.value, each.past.value, each.there], each.unit)
        moved = (there, percent(each.place)) if each.part is None or each in telling else ("as usual", "")
        part = percent(each.part) if each.part is not None else "."
        rows.append((each.driver, each.owner, unit_words(each.unit), usual, *moved, part, past, _error(each.past, each.unit)))
    return rows


def _error(of: Estimate, unit: Unit) -> str:
    """A standard error to two digits, of fractions in points.

    >>> _error(Estimate(62.8, 1.024), Unit.parse("EUR/MWh")), _error(Estimate(0.05363, 0.0004485), Unit.parse("fraction"))
    ('± 1.0', '± 0.045 pp')
    """
    if not math.isfinite(of.standard_error):
        return "± ?"
    if only_rounding(of):
        return ""
    return f"± {two_digits(100.0 * of.standard_error)} pp" if unit.part else f"± {two_digits(of.standard_error)}"


def year_rows(way: Way, found: Reverse) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head, and for each driver that matters its course by year: usually, in the mean of ordinary futures, and there."""
    years = found.years
    head = ("", "", *(str(number + 1) for number in range(len(years))))
    rows = []
    for each in matter(way):
        assert each.course is not None
        courses = [float(course[year].mean()) for course in (each.usually.mean, each.course) for year in years]
        said = values(courses, each.unit)
        rows += [(each.driver, "usually", *said[: len(years)]), ("", "there", *said[len(years) :])]
    return head, rows


def clause_head(found: Reverse) -> tuple[str, ...]:
    """The head of what the terms and costs come to."""
    return (f"what it comes to, {found.model.scenario.currency}", "usually", "past the limit", "difference", "")


def clause_rows(way: Way) -> list[tuple[str, ...]]:
    """By term and cost: what it comes to usually, on the futures past the limit this way, how far apart, and how sure that is.

    What hardly differs is one row, so that the rows add up.
    """
    told = [*way.clauses.items(), ("all else", way.alike), ("= in all", way.whole)]
    return [
        (name, f"{of.usual.value:z,.0f}", f"{of.past.value:z,.0f}", f"{of.apart.value:+z,.0f}", doubt(of.apart))
        for name, of in told
        if of is not None
    ]


def notes(found: Reverse) -> list[str]:
    """What the figures are."""
    said = [
        "usually, past the limit: averages over the contract, in the mean of ordinary futures and of those past it this way.",
        "there: in the least unlikely state past it, in the mean of all else. lower in: on what part of ordinary ones it is lower.",
        "part: of how unlikely the state is, by the driver's own scores; what hangs together with a driver moves with it.",
    ]
    if found.model.outcomes:
        said.append("Operations have chance of their own that is not moved: there they are as on the futures past the limit.")
    return said


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
