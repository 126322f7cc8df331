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
    number = with_number(found.before, float(f"{found.number:.6g}"))
    return f"{found.key}: {number} {error}{points} (one standard error), in place of {found.before}"


def reason(found: Priced) -> str:
    """What the measure is with it, and what it was."""
    was, now = found.measure
    value, error = _at_target(found).shown
    return f"With it {now.name} is {value} {error}, where it was {was.shown[0]}.".replace("  ", " ")


def _at_target(found: Priced) -> Measured:
    """The measure at the answer: what was wanted, which the search came to but for its last digits."""
    measured = found.measure[1]
    assert measured.estimate is not None
    return replace(measured, estimate=replace(measured.estimate, value=found.target))


def comes_to(found: Priced) -> Told:
    """The measures that are told of the offer, as it was and at the answer."""
    wanted = _row(found.measure[1].name, (found.measure[0], _at_target(found)))
    rows = [wanted, *(_row(name, both) for name, both in found.told.items())]
    futures = f"{counted(found.paths, 'future')}, seed {found.seed}; every trial met the same ones."
    broken = [f"At the answer the offer breaks what the house asks for: {listed(found.broken)}."] if found.broken else []
    return Told("comes_to", "What the offer then comes to", ("", "as it was", "", "at the answer", ""), rows, [*broken, futures])


def _row(name: str, both: tuple[Measured, Measured]) -> Row:
    return (title(name), *both[0].shown, *both[1].shown)
