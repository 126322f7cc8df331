"""The oracle's amendments, from "Amendments" in docs/reference/terms.md: the offer with its numbers as they were amended."""

from __future__ import annotations

import copy
import re
from typing import Any


def amended(document: dict[str, Any], amendments: list[dict[str, Any]], start: str) -> dict[str, Any]:
    """The contract and values of a scenario, in which each amended number says when it was another.

    "A number of a term or a value amended from a month on is the dated formula `new from 2029-01 else old`, …; of several
    amendments of one number the latest that has come holds." So the latest stands first.
    """
    found = copy.deepcopy(document)
    for amendment in sorted(amendments, key=lambda each: each["effective"]):
        for key, new in amendment["set"].items():
            *above, last = places(key)
            part: Any = found
            for place in above:
                part = part[place]
            part[last] = f"({new}) from month {month(amendment['effective'], start)} else ({part[last]})"
    return found


def places(key: str) -> list[Any]:
    """A key with dots, items of lists by their number."""
    return [int(item) if item.isdigit() else item for item in re.findall(r"[^.\[\]]+", key)]


def month(effective: str, start: str) -> int:
    """A month of the contract, counted from 1."""
    (year, month), (first_year, first) = ([int(part) for part in said.split("-")] for said in (effective, start))
    return (year - first_year) * 12 + month - first + 1
