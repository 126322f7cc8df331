"""What histories add up in each period, by task, fleet and group, and where each of it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from gainsim.offer.operations import Cause
from gainsim.operations.plant import Plant

CAUSES: tuple[Cause, ...] = get_args(Cause)
#: causes that are waiting
WAITS = CAUSES[:4]
#: of each task; the hours by cause at the end
OF_TASK = (
    "failures", "planned_calls", "visits", "parts", "work", "overtime", "response", "responded", "worst_response", "late",
    "completion", "completed", "worst_completion", "overdue", "turned_away", "left", "escalated", "at_once", "at_depot", *CAUSES,
)  # fmt: skip
#: of each fleet: hours of assets that run or stand by, that run, hours in which enough run, and hours of those that run and
#: are asked for
OF_FLEET = ("up", "running", "served", "made")
#: these do not add up: of two periods, or tasks, it is the larger one
LARGEST = ("worst_response", "worst_completion")
#: the first of its places, and how many it has; whether it is the largest of what stands there
TOTAL = np.dtype([("first", "i8"), ("places", "i8"), ("largest", "i8")])


class Entry(NamedTuple):
    """One thing that is added up; of a group, the hours in which it serves."""

    of: Literal["task", "fleet", "group"]
    number: int
    name: str


#: what is told of several together, under one name: their sum in this order, or the largest; 0 of nobody
Total = tuple[Entry, ...]


def is_largest(total: Total) -> bool:
    """Whether it is the largest, and not the sum."""
    return any(entry.name in LARGEST for entry in total)


def placed(plant: Plant, totals: Sequence[Total]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """(totals,) as `TOTAL`, and where their entries stand, one total after the other."""
    found, places = np.zeros(len(totals), TOTAL), list[int]()
    for total, told in zip(totals, found, strict=True):
        told["first"], told["places"] = len(places), len(total)
        told["largest"] = is_largest(total)
        places += [place(plant, entry) for entry in total]
    return found, np.array(places, np.int64)


def place(plant: Plant, entry: Entry) -> int:
    """Where it stands among all that a history adds up."""
    tasks, fleets = len(plant.rules.tasks) * len(OF_TASK), len(plant.rules.fleets) * len(OF_FLEET)
    if entry.of == "task":
        return entry.number * len(OF_TASK) + OF_TASK.index(entry.name)
    if entry.of == "fleet":
        return tasks + entry.number * len(OF_FLEET) + OF_FLEET.index(entry.name)
    return tasks + fleets + entry.number
