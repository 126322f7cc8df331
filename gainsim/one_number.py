"""Where parties that answer results see one number, and a clause asks two."""

from __future__ import annotations

from collections.abc import Iterator

from gainsim.offer.scenario import Scenario
from gainsim.offer.sharing import Sharing, kind_of_step
from gainsim.spelling import listed


def one_number(scenario: Scenario) -> Iterator[str]:
    """Whoever responds or weighs, and each sharing term that remembers from window to window what no one number tells.

    A cap over the life beside a deadband of the year: whether a unit more is paid hangs on both, on the year so far and on what
    the years before have left of the cap.
    """
    seeing = [f"effort {name}" for name, each in scenario.effort.items() if each.policy == "responsive"]
    seeing += [f"decision {name}" for name, each in scenario.lifecycle.items() if each.weighs is not None]
    for name, term in scenario.contract.items():
        if not seeing or not isinstance(term, Sharing):
            continue
        stays, begins_anew = _steps_over(term)
        if stays and begins_anew:
            two = f"{listed(begins_anew)} begins anew each {term.clock.measured}, and {listed(stays)} remembers more"
            yield (
                f"'{name}' hangs on two numbers: {two}; {listed(seeing)} looks at one. Where the other one decides it may be too "
                "much or too little: let it look at what binds most; gainsim explain shows what is done when the other binds."
            )


def _steps_over(term: Sharing) -> tuple[list[str], list[str]]:
    """The steps that remember beyond the window of a settlement, and those that begin with it."""
    stays, anew = [], []
    for step in term.steps:
        kind = str(kind_of_step(step))
        per = getattr(getattr(step, kind), "per", "settlement")
        if kind in ("carry", "high_water_mark") or per not in ("settlement", term.clock.measured):
            stays.append(kind)
        elif kind in ("threshold", "deadband", "limit_gain", "limit_payment", "deductible"):
            anew.append(kind)
    return stays, anew
