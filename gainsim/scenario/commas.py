"""Thousands behind a comma, which YAML takes for two values: put together again, so that they are told as one number."""

from __future__ import annotations

import re
from collections import deque
from itertools import pairwise
from typing import Any

import yaml


def rejoined(events: list[yaml.Event]) -> list[yaml.Event]:
    """The events with every `1,800` in one piece, where YAML ends a value or a key inside braces, or in a list, at the comma.

    Whoever reads it as a number says what is wrong with it.
    """
    found: list[yaml.Event] = []
    waiting = deque(events)
    while waiting:
        event = waiting.popleft()
        if found and _goes_on(found[-1], event) and waiting and _is_empty(waiting[0]):  # { mean: 1,800 }
            waiting.popleft()
            found.append(_joined(found.pop(), event))
        elif len(found) > 1 and _is_empty(found[-1]) and _goes_on(found[-2], event):  # { up to 40,000: 45% }
            found.pop()
            found.append(_joined(found.pop(), event))
        elif isinstance(event, yaml.SequenceEndEvent):
            start = next(n for n in range(len(found) - 1, -1, -1) if not isinstance(found[n], yaml.ScalarEvent)) + 1
            found[start:] = [*_rejoined_items(found[start:]), event]
        else:
            found.append(event)
    return found


def _rejoined_items(items: list[Any]) -> list[Any]:
    """The items of a list, `130,000` among them in one piece: thousands begin with 0, or behind a comma with no space, as
    not all of them do."""
    tight = [
        _goes_on(one, other) and bool(_UP_TO_THREE.fullmatch(one.value) and _THREE.match(other.value))
        for one, other in pairwise(items)
    ]
    if not any(tight) or (all(tight) and not any(item.value.startswith("0") for item in items[1:])):
        return items
    found = items[:1]
    for item, goes_on in zip(items[1:], tight, strict=True):
        found.append(_joined(found.pop(), item) if goes_on else item)
    return found


#: what may stand before a comma between thousands, and behind it
_UP_TO_THREE, _THREE = re.compile(r"[-+]?[0-9]{1,3}"), re.compile(r"[0-9]{3}(?![0-9])")


def _is_empty(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.style is None and event.value == ""


def _goes_on(event: Any, following: Any) -> bool:
    """Whether only a comma stands between the digits at whose end one plain text stops and the next begins."""
    if not all(isinstance(each, yaml.ScalarEvent) for each in (event, following)):
        return False
    plain = event.style is None and following.style is None
    digits = event.value[-1:].isdigit() and following.value[:1].isdigit()
    return bool(plain and digits and event.end_mark.index + 1 == following.start_mark.index)


def _joined(event: Any, following: Any) -> yaml.ScalarEvent:
    value = f"{event.value},{following.value}"
    return yaml.ScalarEvent(None, None, (True, False), value, event.start_mark, following.end_mark)
