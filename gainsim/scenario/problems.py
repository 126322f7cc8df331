"""Pydantic's findings as problems in our words, each at its place in the file.

A message says what was written, the rule and the fix. Pydantic's locations mix keys of the file with names of its own
(the tag of a tagged union, the members of a plain one); the model's core schema tells which is which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from gainsim.errors import Problem
from gainsim.offer.called import terms_called
from gainsim.scenario.further_down import further_down, parts_below
from gainsim.scenario.reading import Document, KeyPath, path_text
from gainsim.spelling import did_you_mean, short

_Schema = Mapping[str, Any]
_ANYTHING: _Schema = {"type": "any"}


def problems_from(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """The problems behind a validation error of `model` on the document's data, in file order.

    What a validator of ours raised as a ValueError is taken as it is. Where a value may have one of several forms,
    the problems are those of the form that was meant; if that cannot be told, one problem names all forms.

    >>> from gainsim.scenario.reading import read_text
    >>> class Fee(BaseModel, extra="forbid"):
    ...     amount: float
    >>> document = read_text("amuont: 34_000", "offer.yaml")
    >>> try:
    ...     Fee.model_validate(document.data)
    ... except ValidationError as error:
    ...     for problem in problems_from(error, document, Fee):
    ...         print(problem)
    offer.yaml:1:1: 'amount' is missing here.
    offer.yaml:1:1: amuont: no such key. Did you mean 'amount'?
    """
    guide = _Guide(model)
    findings = [_finding(detail, guide, document) for detail in error.errors(include_url=False)]
    understood = {union for finding in findings for union in finding.spot.unions if not finding.rejects(union)}
    problems: set[Problem] = set()
    for finding in findings:
        rejected = next((union for union in finding.spot.unions if finding.rejects(union)), None)
        if rejected is None or rejected not in understood:
            same = [other for other in findings if rejected is not None and other.rejects(rejected)]
            problems.add(_problem(finding, same or [finding], document))
    return sorted(problems)


def problem_of(message: str, path: KeyPath, document: Document) -> Problem:
    """A problem that came up while the offer was put together, at the place of the value it speaks of.

    Whoever puts a term or a cost together knows its name only. The value in it is the one under the key that the
    message begins with, as in "at: 2030-06 lies outside the contract", or the only one that the message quotes.

    >>> from gainsim.scenario.reading import read_text
    >>> document = read_text("costs: { people: { amount: 9_000 EUR, at: 2030-06 } }", "offer.yaml")
    >>> print(problem_of("at: 2030-06-01 lies outside the contract.", ("costs", "people"), document))
    offer.yaml:1:43: costs.people.at: 2030-06-01 lies outside the contract.
    >>> print(problem_of("'9_000 EUR' is in EUR.", ("costs", "people"), document))
    offer.yaml:1:28: costs.people.amount: '9_000 EUR' is in EUR.
    """
    parts = dict(parts_below(path, _value_at(document, path)))
    at_key = False
    if found := _BEGINS_WITH_KEY.match(message):
        end = (found[1],) if found[2] is None else (found[1], int(found[2]))
        under = [each for each in parts if each[-len(end) :] == end]
        if len(under) == 1:
            path, message = under[0], message[found.end() :]
    else:
        path, at_key = _quoted_part(message, path, parts)
    single = isinstance(parts.get(path), str | int | float) and not at_key and path in document.value_places
    place = document.value_places[path] if single else document.place(path)
    return Problem(document.name, *place, path_text(path), message)


_BEGINS_WITH_KEY = re.compile(r"(\w+)(?:\[(\d+)\])?(?::| =) ")
_FORMULA_PART = re.compile(r"'(.+?)(?:\.\.\.)?' \(column (\d+)\): ", re.DOTALL)
_EDGE = re.compile(r"(?:below|up to)\s+")


def _quoted_part(message: str, path: KeyPath, parts: Mapping[KeyPath, object]) -> tuple[KeyPath, bool]:
    """Of the parts below `path` the only one that the message quotes, and whether it is a key; else `path` itself."""
    texts = {each: _as_written(part) for each, part in parts.items() if isinstance(part, str | int | float)}
    keys = {each: each[-1] for each in parts if len(each) > len(path) and isinstance(each[-1], str)}
    if found := _FORMULA_PART.match(message):
        word = re.compile(rf"{re.escape(found[1])}(?!(?<=\w)\w)")
        start = int(found[2]) - 1
        edges = {each: _EDGE.sub("", key) for each, key in keys.items() if _EDGE.match(key)}
        for named, is_key in (texts, False), (edges, True):
            holding = [each for each, text in named.items() if word.match(text, start)]
            if len(holding) == 1:
                return holding[0], is_key
        return path, False
    for quote in re.findall("'([^']*)'", message.partition("Did you mean")[0]):
        for named, is_key in (texts, False), (keys, True):
            same = [each for each, text in named.items() if text == quote]
            if len(same) == 1 and quote not in path:
                return same[0], is_key
    return path, False


def _as_written(part: object) -> str:
    return f"{part:_}" if isinstance(part, int) and not isinstance(part, bool) else str(part)


def _value_at(document: Document, path: KeyPath) -> object:
    value: Any = document.data
    for key in path:
        known = key in value if isinstance(value, dict) else isinstance(value, list) and key in range(len(value))
        value = value[key] if known else None
    return value


@dataclass(frozen=True)
class _Spot:
    """Where a location of pydantic's lies in the document: the keys down to it, what is there, what may be there."""

    path: KeyPath
    data: object
    schema: _Schema
    unions: tuple[KeyPath, ...] = ()  # where on the way a choice between untagged forms was made

    def below(self, key: str | int, schema: _Schema = _ANYTHING) -> _Spot:
        data = self.data
        if isinstance(data, list) and isinstance(key, int):
            inner = data[key] if key < len(data) else None
        else:
            inner = data.get(key) if isinstance(data, dict) else None
        return replace(self, path=(*self.path, key), data=inner, schema=schema)

    def has(self, key: object) -> bool:
        return isinstance(self.data, dict) and isinstance(key, str) and key in self.data


@dataclass(frozen=True)
class _Finding:
    """One finding of pydantic's: a message, or the form that is expected where something else is written."""

    spot: _Spot
    message: str
    form: str = ""
    fix: str = ""

    def rejects(self, union: KeyPath) -> bool:
        """Whether it only says that the value of this union does not have one of its forms."""
        return bool(self.form) and self.spot.path == union and union in self.spot.unions


def _problem(finding: _Finding, same: list[_Finding], document: Document) -> Problem:
    """A finding at its place: a single value where the value is, all else at the key."""
    path, message = finding.spot.path, finding.message
    if finding.form:
        forms = " or ".join(dict.fromkeys(each.form for each in same))
        message += f" is written here; {forms} is expected." + "".join(dict.fromkeys(each.fix for each in same))
    single = isinstance(finding.spot.data, str | int | float) and path in document.value_places
    place = document.value_places[path] if single else document.place(path)
    return Problem(document.name, *place, path_text(path), message)


class _Guide:
    """Follows pydantic's locations through the core schema of a model."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._root: _Schema = model.__pydantic_core_schema__
        self._definitions = {each["ref"]: each for each in self._root.get("definitions", ())}

    def follow(self, location: Iterable[str | int], data: object) -> _Spot:
        spot = _Spot((), data, self._opened(self._root))
        for item in location:
            if item == "[key]" and not spot.has(item):  # the key itself is meant, not what stands behind it
                return replace(spot, data=None)
            spot = self._step(spot, item)
        return spot

    def _step(self, spot: _Spot, item: str | int) -> _Spot:
        schema = spot.schema
        match schema["type"]:
            case "tagged-union":
                return _tagged(spot, item, self._opened(schema["choices"].get(item, _ANYTHING)))
            case "union":
                return replace(spot, schema=self._member(schema, str(item)), unions=(*spot.unions, spot.path))
            case "model-fields":
                return spot.below(item, self._opened(_fields(schema).get(str(item), _ANYTHING)))
            case "dict" if item != "[key]":
                return spot.below(item, self._opened(schema.get("values_schema", _ANYTHING)))
            case "list":
                return spot.below(item, self._opened(schema.get("items_schema", _ANYTHING)))
            case "tuple" if isinstance(item, int):
                items = schema["items_schema"]
                return spot.below(item, self._opened(items[min(item, len(items) - 1)]))
        # Unknown ground: what the file has there is a key, anything else a name of pydantic's.
        is_key = isinstance(item, int) or spot.has(item)
        return spot.below(item) if is_key else replace(spot, data=None, schema=_ANYTHING)

    def _opened(self, schema: _Schema) -> _Schema:
        return list(self._layers(schema))[-1]

    def words(self, schema: _Schema) -> list[str]:
        """The words that may stand at a key, or some of them; none where it is not words that stand there."""
        for layer in self._layers(schema):
            known = layer["expected"] if layer["type"] == "literal" else layer.get("metadata", {}).get("known", ())
            if known:
                return [str(word) for word in known]
        return []

    def _layers(self, schema: _Schema) -> Iterator[_Schema]:
        """A schema and what it wraps: defaults, validators and references add nothing to a location."""
        yield schema
        if schema["type"] == "definition-ref":
            yield from self._layers(self._definitions[schema["schema_ref"]])
        elif "schema" in schema:
            yield from self._layers(schema["schema"])

    def _member(self, union: _Schema, label: str) -> _Schema:
        """The form that pydantic calls `label`, as in `Fee`, `list[Fee]` or `function-after[check(), Fee]`."""
        members = {}
        for choice in reversed(union["choices"]):
            layers = list(self._layers(choice[0] if isinstance(choice, tuple) else choice))
            members[layers[-1]["type"]] = layers[-1]
            members |= {layer["cls"].__name__: layers[-1] for layer in layers if "cls" in layer}
        return next((members[word] for word in re.findall(r"[\w-]+", label) if word in members), _ANYTHING)


def _tagged(spot: _Spot, tag: str | int, choice: _Schema) -> _Spot:
    """The chosen form. Where `share: {...}` is read as {kind: share, ...}, the tag is also a key of the file."""
    schema = spot.schema
    if spot.has(tag) and not spot.has(schema["discriminator"]) and tag not in _fields(choice):
        return spot.below(tag, choice)
    return replace(spot, schema=choice)


def _fields(schema: _Schema) -> dict[str, _Schema]:
    """The keys a model knows and what may be there."""
    fields = {}
    for name, field in schema["fields"].items() if schema["type"] == "model-fields" else ():
        alias = field.get("validation_alias", name)  # one name, or a list of paths of which each may be used
        for key in [alias] if isinstance(alias, str) else [path[0] for path in alias]:
            fields[str(key)] = field["schema"]
    return fields


_FORMS = {
    "text": ("string_type",),
    "a whole number": ("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    "a number": ("float_type", "float_parsing", "finite_number"),
    "true or false": ("bool_type", "bool_parsing"),
    "a list": ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"),
    "a block of keys": ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
    "nothing": ("none_required",),
}
_FORM_OF = {kind: form for form, kinds in _FORMS.items() for kind in kinds}
_RULES = {
    "greater_than": "be above {gt}",
    "greater_than_equal": "be {ge} or more",
    "less_than": "be below {lt}",
    "less_than_equal": "be {le} or less",
    "multiple_of": "be a multiple of {multiple_of}",
    "too_short": "have {min_length} or more items",
    "too_long": "have {max_length} or fewer items",
    "string_too_short": "have {min_length} or more characters",
    "string_too_long": "have {max_length} or fewer characters",
    "string_pattern_mismatch": "be of the form {pattern}",
}


def _finding(detail: ErrorDetails, guide: _Guide, document: Document) -> _Finding:
    kind, location, value = detail["type"], detail["loc"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return _missing(guide, location, document)
    if kind == "extra_forbidden":
        spot = guide.follow(location[:-1], document.data)
        return _unknown_key(spot, str(location[-1]), list(_fields(spot.schema)))
    spot = guide.follow(location, document.data)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_tag(spot, value, context.get("tag"))
    if kind in ("literal_error", "enum"):
        words = re.findall("'(.*?)'", context["expected"])
        meant = did_you_mean(value, words) if isinstance(value, str) else ""
        return _Finding(spot, _written(value), _listed(words) if len(words) > MOST_WORDS else context["expected"], meant)
    if kind in _FORM_OF:
        return _Finding(spot, _written(value), _FORM_OF[kind], _fix(_FORM_OF[kind], value, spot))
    if kind == "form":  # our own readers of numbers, formulas and the like, where a list or a block stands
        return _Finding(spot, _written(value), str(context["form"]))
    if kind in _RULES:
        limits = {name: _written(limit).strip("'") for name, limit in context.items()}
        return _Finding(spot, f"{_written(value)} is written here; it must {_RULES[kind].format(**limits)}.")
    if kind in ("value_error", "assertion_error"):
        return _Finding(spot, str(context["error"]))
    known = kind in get_args(ErrorType)  # pydantic's own words may name classes; a message of ours is taken as it is
    return _Finding(spot, f"{_written(value)} is not allowed here." if known else detail["msg"])


def _missing(guide: _Guide, location: tuple[str | int, ...], document: Document) -> _Finding:
    """A key that must be there, with the words that may stand at it where there are few."""
    spot = guide.follow(location[:-1], document.data)
    words = guide.words(_fields(spot.schema).get(str(location[-1]), _ANYTHING))
    which = f" Write {_listed(words)}." if 0 < len(words) <= MOST_WORDS else ""
    return _Finding(spot, f"'{path_text(location[-1:])}' is missing here.{which}")


def _unknown_key(spot: _Spot, key: str, known: list[str]) -> _Finding:
    meant = did_you_mean(key, [each for each in known if not spot.has(each)]) or further_down(key, (), spot.path, spot.data)
    at_key = replace(spot.below(key), data=None)
    return _Finding(at_key, f"no such key.{meant or _known(known)}")


def _wrong_tag(spot: _Spot, value: object, tag: object) -> _Finding:
    """No form of a tagged union: by the word at its discriminator, or by the key that says which form it is."""
    words = [str(word) for word in spot.schema.get("choices", ())]
    discriminator = spot.schema.get("discriminator")
    if not isinstance(value, dict):
        return _Finding(spot, _written(value), "a block of keys")
    if tag is not None and spot.has(discriminator):
        at_word = spot.below(str(discriminator))
        return _Finding(at_word, _written(at_word.data), _listed(words), _meant(str(tag), words))
    if tag is not None and spot.has(tag):
        return _unknown_key(spot, str(tag), words)
    name = f"'{discriminator}', which is {_listed(words)}," if isinstance(discriminator, str) else _listed(words)
    return _Finding(spot, f"{name} is missing here.")


def _meant(tag: str, words: list[str]) -> str:
    """The likely one of some words: what people call so, or what is spelt alike."""
    called = [f"'{word}'" for word in terms_called(tag) if word in words]
    return f" Did you mean {' or '.join(called)}?" if called else did_you_mean(tag, words)


def _fix(form: str, value: object, spot: _Spot) -> str:
    single = isinstance(value, str | int | float)
    if form == "text" and single:
        return " Put quotes around it."
    if form.endswith("number") and isinstance(value, str):
        return " Write digits, without unit or quotes."
    if form == "a list" and single:
        return " Put brackets around it."
    if single and len(keys := _fields(spot.schema)) == 1:
        return f" Write {{ {next(iter(keys))}: {_as_written(value)} }}."
    if isinstance(value, str) and spot.schema["type"] == "dict":
        return f" Write a name before it, as {{ saving: {short(value)} }}."
    return _known(_fields(spot.schema))


def _known(keys: Iterable[str]) -> str:
    names = ", ".join(f"'{key}'" for key in keys)
    return f" Known here: {names}." if names else ""


MOST_WORDS = 16


def _listed(words: list[str]) -> str:
    """The words to choose from; of very many the first."""
    quoted = [f"'{word}'" for word in words[:MOST_WORDS]]
    if len(words) > MOST_WORDS:
        quoted.append(f"one of {len(words) - MOST_WORDS} more in the reference")
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)


def _written(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return short(f"{value:.15g}" if isinstance(value, float) else str(value))
    if isinstance(value, str):
        return f"'{short(' '.join(value.split()))}'"
    return "a list" if isinstance(value, list) else "a block of keys"
