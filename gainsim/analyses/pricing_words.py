"""What is told of a price: the answer, how sure it is, and what else the offer then comes to."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from gainsim.analyses.pricing import Priced
from gainsim.analyses.told import Row, Told
from gainsim.measuring import Measured
from gainsim.scenario.changes import with_number
from gainsim.spelling import listed
from gainsim.titles import title
from gainsim.words import counted, two_digits

#: what is written with its first number in percent
_IN_PERCENT = re.compile(r"[^\d]*[\d._]+\s*%")


def answer(found: Priced) -> str:
    """The number as it is written in the file, how far chance may have moved it, and what it stands for."""
    error = f"± {two_digits(found.error)}" if 0.0 < found.error < math.inf else "exactly" if found.error == 0.0 else "± ?"
    points = " pp" if error.startswith("±") and _IN_PERCENT.match(found.before) else ""
    number = with_number(found.before, _as_well_as_known(found.number, found.error))
    return f"{found.key}: {number} {error}{points} (one standard error), in place of {found.before}"


def _as_well_as_known(number: float, error: float) -> float:
    """A number with no more digits than are worth reading: those down to a tenth of the first digit of its error.

    >>> _as_well_as_known(26.663214, 0.13), _as_well_as_known(17_698_963.2, 78_000.0), _as_well_as_known(45.0000001, 0.0)
    (26.66, 17699000.0, 45.0)
    """
    return round(number, 1 - math.floor(math.log10(error))) if 0.0 < error < math.inf else float(f"{number:.6g}")


def reason(found: Priced) -> str:
    """What the measure is with it, and what it was."""
    was, now = found.measure
    value, error = _at_target(found).shown
    wanted = _with_value(now, found.target).shown[0]
    jumps = "" if value == wanted else f"; it steps over {wanted} there"
    return f"With it: {title(now.name)} {value} {error}, in place of {was.shown[0]}{jumps}.".replace(" ,", ",")


def _at_target(found: Priced) -> Measured:
    """The measure at the answer: what was wanted, where the search came to it but for its last digits."""
    return _with_value(found.measure[1], found.target) if found.met else found.measure[1]


def _with_value(measured: Measured, value: float) -> Measured:
    assert measured.estimate is not None
    return replace(measured, estimate=replace(measured.estimate, value=value))


def comes_to(found: Priced) -> Told:
    """The measures that are told of the offer, as it was and at the answer."""
    wanted = _row(found.measure[1].name, (found.measure[0], _at_target(found)))
    rows = [wanted, *(_row(name, both) for name, both in found.told.items())]
    futures = f"{counted(found.paths, 'future')}, seed {found.seed}; every trial met the same ones."
    broken = [f"At the answer the offer breaks what the house asks for: {listed(found.broken)}."] if found.broken else []
    return Told("comes_to", "What the offer then comes to", ("", "as it was", "", "at the answer", ""), rows, [*broken, futures])


def _row(name: str, both: tuple[Measured, Measured]) -> Row:
    return (title(name), *both[0].shown, *both[1].shown)
