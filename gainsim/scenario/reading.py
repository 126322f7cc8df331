"""A scenario file as plain data, with the place of every key.

The text is YAML, read by our own rules for plain words: nothing a commercial reader would take for text becomes a
number, a date or a yes/no (`NO`, `00123` and `2027-01` stay text), and nothing is dropped in silence. What YAML could
do beyond data (tags, anchors, several documents) is refused, and sizes are checked before anything is built.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from gainsim.errors import Problem, ScenarioError
from gainsim.numbers import is_two_numbers
from gainsim.scenario.commas import rejoined
from gainsim.scenario.files import why_unreadable
from gainsim.spelling import short

if TYPE_CHECKING:
    from gainsim.scenario.changes import Change

MAX_BYTES, MAX_NODES, MAX_DEPTH = 1_000_000, 50_000, 40

KeyPath = tuple[str | int, ...]


class Place(NamedTuple):
    """Where something stands in its file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """The data of one file and where each part of it was written.

    name:         the file, as problems name it
    places:       the place of each key, by key path; of a list's item, where the item starts; of (), the first key
    value_places: the place of each value, by the same key paths
    text:         what gives this data when it is read
    changes:      what was changed since the file was read; `data` and `text` have it, the places are still the file's
    whole:        the document that holds it, where it is one of several offers in a file
    sha256:       the hash of the file as it was read, whatever was changed since
    """

    name: str
    data: dict[str, Any]
    places: Mapping[KeyPath, Place]
    value_places: Mapping[KeyPath, Place]
    text: str = ""
    changes: tuple[Change, ...] = ()
    whole: Document | None = None
    sha256: str = ""

    def place(self, path: KeyPath) -> Place:
        """The place of the key at `path`, or of its nearest ancestor in the file."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]


class PartlyReadError(ScenarioError):
    """What is wrong with a file that could be read all the same; `document` is what was understood of it."""

    def __init__(self, problems: Iterable[Problem], document: Document) -> None:
        super().__init__(problems)
        self.document = document


def read(path: Path) -> Document:
    """The document in a file: UTF-8, with or without a byte order mark, up to 1 MB.

    errors: ScenarioError, for a file that cannot be read and for all that `read_text` refuses

    >>> read(Path("no_such_offer.yaml"))
    Traceback (most recent call last):
    gainsim.errors.ScenarioError: no_such_offer.yaml has 1 problem
      no_such_offer.yaml: no such file.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ScenarioError([Problem(name, 0, 0, "", why_unreadable(path, error))]) from None
    _check_size(len(content), name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _end_of(content[: error.start].decode("utf-8"))
        message = f"byte 0x{content[error.start]:02X} on line {line} is not UTF-8; save the file as UTF-8."
        raise ScenarioError([Problem(name, line, column, "", message)]) from None
    return read_text(text, name)


def read_text(text: str, name: str) -> Document:
    r"""The document in a text; `name` stands for the file in problems.

    errors: ScenarioError: one problem where the text is not YAML or is too large, otherwise every duplicate or
            unreadable key, tag, anchor, alias and impossible number at once

    >>> document = read_text("country: NO\nmoney: { fee: 14_500, from: 2027-01 }", "offer.yaml")
    >>> document.data
    {'country': 'NO', 'money': {'fee': 14500, 'from': '2027-01'}}
    >>> document.places["money", "fee"], document.value_places["money", "fee"]
    (Place(line=2, column=10), Place(line=2, column=15))
    """
    content = text.encode("utf-8", "surrogatepass")
    _check_size(len(content), name)
    text = text.removeprefix("\ufeff")
    if found := _UNSEEN.search(text):
        message = f"{_UNSEEN_RULE.format(ord(found[0]))} Remove it."
        raise ScenarioError([Problem(name, *_end_of(text[: found.start()]), "", message)])
    builder = _Builder(name, _events(text, name))
    data = builder.document()
    if not isinstance(data, dict):
        raise ScenarioError(builder.problems)
    sha256 = hashlib.sha256(content).hexdigest()
    document = Document(name, data, builder.places, builder.value_places, text, sha256=sha256)
    if builder.problems:
        raise PartlyReadError(builder.problems, document)
    return document


def path_text(path: KeyPath) -> str:
    """A key path as it is written in problems.

    >>> path_text(("contract", "gain_share", "steps", 1, "threshold"))
    'contract.gain_share.steps[1].threshold'
    """
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


# Characters no editor shows as such. Three of them end a line for some programs and not for others, so that the line
# numbers of a problem would be wrong.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_UNSEEN_RULE = "the character U+{:04X} cannot be seen and is not allowed."

_TOP_LEVEL = "a scenario is keys and their values, as in 'title: Compressed air'."
_SPACE_RULE = "A colon needs a space after it: 'key: value'."
_NO_SPACE = re.compile(r"[\s-]*[\w .-]+:[^\s:]")

_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WORDS_FOR_NOTHING = ("", "~", "null", "Null", "NULL")
_WHOLE = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_INTEGER = re.compile(rf"[-+]?{_WHOLE}")
_DECIMAL = re.compile(rf"[-+]?(?:{_WHOLE}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?[0-9]+)?")


def _plain(text: str) -> object:
    """The value of an unquoted scalar; a ValueError for a number beyond the range of numbers.

    30.000 stays text: whoever reads it as a number says that it may be two.
    """
    if text in _WORDS_FOR_NOTHING:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if not _DECIMAL.fullmatch(text) or is_two_numbers(text):
        return text
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{short(text)} is too large; a number lies below 1.8e308.")
    return int(text) if _INTEGER.fullmatch(text) else value


class _Builder:
    """Builds data from the events of one document, whose number and depth have been checked."""

    def __init__(self, name: str, events: list[yaml.Event]) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.places: dict[KeyPath, Place] = {}
        self.value_places: dict[KeyPath, Place] = {}
        self._events = iter(events)

    def document(self) -> object:
        first = next(self._events, None)
        if first is None or (isinstance(first, yaml.ScalarEvent) and first.value == ""):
            self.problems.append(Problem(self.name, 0, 0, "", f"the file is empty; {_TOP_LEVEL}"))
            return None
        self.places[()] = _place(first.start_mark)
        if isinstance(first, yaml.SequenceStartEvent):
            self._problem(first, (), f"the top level is a list; {_TOP_LEVEL}")
        elif isinstance(first, yaml.ScalarEvent):
            hint = f" {_SPACE_RULE}" if _NO_SPACE.match(first.value) else ""
            self._problem(first, (), f"the top level is text; {_TOP_LEVEL}{hint}")
        return self._value(first, ())

    def _value(self, event: yaml.Event, path: KeyPath) -> object:
        self.value_places[path] = _place(event.start_mark)
        self._refuse_extras(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else None

    def _refuse_extras(self, event: yaml.Event, path: KeyPath) -> None:
        """Report what YAML adds to plain data: an alias, an anchor, a tag, a character written by its number."""
        extra = None
        if isinstance(event, yaml.AliasEvent):
            extra = f"'{short(f'*{event.anchor}')}' is an alias"
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            extra = f"'{short(f'&{event.anchor}')}' is an anchor"
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            extra = f"'{short(event.tag)}' is a tag"
        if extra:
            message = f"{extra}, which is not allowed. Write the value out, or put quotes around text."
            self._problem(event, path, message)
        if isinstance(event, yaml.ScalarEvent) and (found := _UNSEEN.search(event.value)):
            self._problem(event, path, _UNSEEN_RULE.format(ord(found[0])))

    def _sequence(self, path: KeyPath) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            item_path = (*path, len(items))
            self.places[item_path] = _place(event.start_mark)
            items.append(self._value(event, item_path))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            key_path = (*path, key)
            if key and key in mapping:
                where = _both(self.places[key_path], _place(event.start_mark))
                self._problem(event, key_path, f"'{short(key)}' is written twice, {where}. Keep one.")
            self.places.setdefault(key_path, _place(event.start_mark))
            mapping[key] = self._value(next(self._events), key_path)
        return mapping

    def _key(self, event: yaml.Event, path: KeyPath) -> str:
        """The key as written, so that the year in `2027: 5` is text; empty where it is no key."""
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event, path)
            if len(event.value.splitlines()) == 1:
                return event.value
            self._problem(event, path, "a key must be one line of text before its colon.")
        else:
            self._problem(event, path, "a key must be plain text. Put quotes around one that starts with [, {, * or &.")
            self._value(event, path)  # read on behind it; the problem prevents that anything of it is used
        return ""

    def _scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> object:
        if event.style is not None:
            return event.value
        try:
            return _plain(event.value)
        except ValueError as error:
            self._problem(event, path, str(error))
            return None

    def _problem(self, event: yaml.Event, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.name, *_place(event.start_mark), path_text(path), message))


def _events(text: str, name: str) -> list[yaml.Event]:
    """The events of the one document, read in full before anything is built, and within the limits."""
    loader: Any = yaml.SafeLoader(text)
    events: list[yaml.Event] = []
    depth = nodes = documents = 0
    try:
        while event := loader.get_event():
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            nodes += isinstance(event, yaml.NodeEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            if broken := _broken_limit(depth, nodes, documents):
                raise ScenarioError([Problem(name, *_place(event.start_mark), "", broken)])
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                events.append(event)
    except yaml.MarkedYAMLError as error:
        place, message = _explained(error, text.splitlines())
        raise ScenarioError([Problem(name, *place, "", message)]) from None
    except (ValueError, OverflowError):  # how the parser fails on "\\UFFFFFFFF"
        message = "an escape here stands for no character. Write the text without it."
        raise ScenarioError([Problem(name, *_place(loader.get_mark()), "", message)]) from None
    return rejoined(events)


def _broken_limit(depth: int, nodes: int, documents: int) -> str:
    if depth > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH} levels."
    if nodes > MAX_NODES:
        return f"more than {MAX_NODES:,} keys and values. Keep long histories in a file of their own."
    return "a second document starts here; a file holds one scenario. Remove the '---'." if documents > 1 else ""


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        message = f"larger than {MAX_BYTES:,} bytes. Keep long histories in a file of their own."
        raise ScenarioError([Problem(name, 0, 0, "", message)])


# What the parser says, and what usually lies behind it: the first that fits. {what} is what the parser stopped at.
_INDENTATION = "this line does not start in the column of its neighbours. Check the indentation."
_HINTS = (
    ("mapping values", "no ':' is expected here. Put quotes around text with a colon, or check the indentation."),
    ("find expected ':'", "a key without its colon. Write 'key: value'."),
    ("found unexpected", "the quote opened here is never closed."),
    ("unknown escape", "a backslash has a meaning between double quotes. Use single quotes, or write it twice."),
    ("start any token", "text that starts with {what} needs quotes."),
    ("indentation indicators", "text that starts with > or | needs quotes."),
    ("a comment or a line", "text that starts with > or | needs quotes."),
    ("alphabetic or numeric", "text that starts with * or & needs quotes."),
    ("start>', but found '<s", "the file must start with a key. Put quotes around text that starts with %."),
    ("'<stream end>'", "the file ends inside a bracket or brace. Close it."),
    ("found '<scalar>'", "text goes on after a closing quote. Quote all of it, and write a quote inside it twice."),
    ("found '<", _INDENTATION),
    ("found '-'", _INDENTATION),
    ("found '?'", _INDENTATION),
    ("<block end>, but", "{what} stands alone here. Open it before, or put quotes around text."),
    ("the node content", "a value is missing before {what}."),
    ("", "this is not YAML: {problem}."),
)


def _explained(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[Place, str]:
    """The place of the parser's one error, and its usual cause in plain words."""
    problem = error.problem or ""
    stop = _place(error.problem_mark)
    start = _place(error.context_mark) if error.context_mark else stop
    before = lines[stop.line - 1][: stop.column] if stop.line <= len(lines) else ""
    if before.isspace() and "\t" in before:
        return stop, "a tab is used for indentation. Use spaces."
    if found := re.match("expected ',' or ('.'), but got", problem):
        return _unclosed(found[1], start, stop)
    if "mapping values" in problem or "find expected ':'" in problem:
        for number in (start.line, stop.line - 1):
            if 0 < number <= len(lines) and (found := _NO_SPACE.match(lines[number - 1])):
                return Place(number, found.end()), _SPACE_RULE
    hint = next(hint for words, hint in _HINTS if words in problem)
    at_start = "quote opened here" in hint or "without its colon" in hint
    what = (re.findall("'.+?'", problem) or [""])[-1]
    return start if at_start else stop, hint.format(what=what, problem=problem)


def _unclosed(bracket: str, start: Place, stop: Place) -> tuple[Place, str]:
    if start.line == stop.line:
        return stop, f"a comma or the closing {bracket} is missing before this. Text with brackets needs quotes."
    return start, f"no closing {bracket} for this was found up to line {stop.line}, or a comma is missing there."


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _both(one: Place, other: Place) -> str:
    """Two places in a sentence."""
    if one.line == other.line:
        return f"on line {one.line}, in columns {one.column} and {other.column}"
    return f"on line {one.line} and on line {other.line}"


def _end_of(text: str) -> Place:
    """The place of the character that comes after `text`."""
    lines = re.split("\r\n|\r|\n", text)
    return Place(len(lines), len(lines[-1]) + 1)
