"""One value of a scenario changed in its text: comments, layout and all that is not changed stay as they were written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from gainsim.errors import ScenarioError
from gainsim.numbers import number_text
from gainsim.scenario.reading import KeyPath, read_text


def rewritten(text: str, path: KeyPath, value: object, data: Mapping[str, Any]) -> str:
    """The text with the value at `path` set, or with its key taken out where `value` is None.

    data: what the new text must give when it is read. Where the layout leaves no room for the change (as behind a
          comment inside a bracket), the whole is written anew, a line to each section

    >>> rewritten("costs: { lamps: 3 }  # to be agreed", ("costs", "lamps"), "5 EUR", {"costs": {"lamps": "5 EUR"}})
    'costs: { lamps: 5 EUR }  # to be agreed'
    """
    changed = _edited(text, yaml.compose(text, Loader=yaml.SafeLoader), path, value)
    try:
        if read_text(changed, "").data == data:
            return changed
    except ScenarioError:
        pass
    return _anew(data)


def _anew(data: Mapping[str, Any]) -> str:
    """All of it written anew, a line to each section."""
    return "".join(f"{key}: {as_written(part)}\n" for key, part in data.items())


def rekeyed(text: str, names: Mapping[KeyPath, str], data: Mapping[str, Any]) -> str:
    """The text with other names for some keys. names: by the keys down to one and itself, its new name; data: as for `rewritten`.

    >>> rekeyed("share: { up to 5: 40% } # ours", {("share", "up to 5"): "up to 7"}, {"share": {"up to 7": "40%"}})
    'share: { up to 7: 40% } # ours'
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    places = []
    for (*above, last), name in names.items():
        node: Any = root
        for key in above:
            node = _pair(node, key)[1]
        mark = _pair(node, last)[0]
        places.append((mark.start_mark.index, _end(text, mark), name))
    for start, end, name in sorted(places, reverse=True):
        text = text[:start] + _text(name) + text[end:]
    return text if names == {} or read_text(text, "").data == data else _anew(data)


def as_written(value: object) -> str:
    """Plain data as YAML on one line; text is quoted where it would be read as anything else.

    >>> as_written({"at": 25_000, "of": "5% pa", "note": "1: yes"})
    '{ at: 25_000, of: 5% pa, note: "1: yes" }'
    """
    if isinstance(value, dict):
        return (
            f"{{ {', '.join(f'{_text(key)}: {as_written(part)}' for key, part in value.items())} }}" if value else "{}"
        )
    if isinstance(value, list):
        return f"[{', '.join(as_written(part) for part in value)}]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, float):
        return number_text(value)
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    try:
        if read_text(f"x: [{text}]", "").data == {"x": [text]}:
            return text
    except ScenarioError:
        pass
    return json.dumps(text, ensure_ascii=False)


def _edited(text: str, node: Any, path: KeyPath, value: object) -> str:
    """The text with its one change; node: what is composed of it."""
    *above, last = path
    for number, key in enumerate(above):
        inner = _pair(node, key)
        if inner is None:  # the section itself is new
            for part in reversed(path[number + 1 :]):
                value = {part: value}
            return _added(text, node, key, value)
        node = inner[1]
    pair = _pair(node, last)
    if pair is None:
        return _added(text, node, last, value)
    if value is None:
        return _removed(text, node, pair)
    return text[: pair[1].start_mark.index] + as_written(value) + text[_end(text, pair[1]) :]


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    """The nodes of every key and its value; of a list's items twice the item."""
    return [(item, item) for item in node.value] if isinstance(node, yaml.SequenceNode) else node.value


def _pair(node: Any, key: str | int) -> Any:
    """The nodes of a key and its value; None where there is none."""
    if isinstance(node, yaml.SequenceNode):
        return _pairs(node)[int(key)]
    return next((pair for pair in node.value if pair[0].value == key), None)


def _end(text: str, node: Any) -> int:
    """Where a node ends; a block ends with its last part, for the parser only where the next block begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        return _end(text, _pairs(node)[-1][1])
    start: int = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())


def _added(text: str, node: Any, key: str | int, value: object) -> str:
    """With a new key: second of its section, where there is a second."""
    entry = f"{key}: {as_written(value)}"
    if not node.value:
        return f"{text[: node.start_mark.index]}{{ {entry} }}{text[node.end_mark.index :]}"
    mark = node.value[min(1, len(node.value) - 1)][0].start_mark
    between = ", " if node.flow_style else "\n" + " " * mark.column
    return f"{text[: mark.index]}{entry}{between}{text[mark.index :]}"


def _removed(text: str, node: Any, pair: Any) -> str:
    """Without a key or item: its lines; on a line with others up to the next one, or from the end of the one before."""
    pairs = _pairs(node)
    place = pairs.index(pair)
    if len(pairs) == 1:
        nothing = "[]" if isinstance(node, yaml.SequenceNode) else "{}"
        return f"{text[: node.start_mark.index]}{nothing}{text[_end(text, node) :]}"
    start, end = pair[0].start_mark.index, _end(text, pair[1])
    line = text.rfind("\n", 0, start) + 1
    if not node.flow_style and text[line:start].strip(" ") in ("", "-" if isinstance(node, yaml.SequenceNode) else ""):
        return text[:line] + text[end:].partition("\n")[2]
    if place + 1 < len(pairs):
        return text[:start] + text[pairs[place + 1][0].start_mark.index :]
    return text[: _end(text, pairs[place - 1][1])] + text[end:]
