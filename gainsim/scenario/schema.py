"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from gainsim.offer.fields import Clauses
from gainsim.offer.scenario import Scenario
from gainsim.scenario.library import starting_points
from gainsim.scenario.shock_library import standard_shocks


def json_schema() -> dict[str, Any]:
    """The schema, with the descriptions of the offer's own documentation.

    >>> json_schema()["title"], json_schema()["properties"]["currency"]["description"]
    ('gainsim scenario', 'The one currency of all money, as an ISO code.')
    """
    for model in _models(Clauses):
        model.model_rebuild()  # the default of a key may be a part that nothing has been read into yet
    schema = Scenario.model_json_schema(schema_generator=_Writer)
    parts = {"Scenario": schema, **schema["$defs"]}
    for model in _models(Clauses):
        for key, meaning in _meanings(model).items():
            if key in parts.get(model.__name__, {}).get("properties", {}):
                parts[model.__name__]["properties"][key]["description"] = meaning
    driver = parts["Driver"]
    driver["properties"]["like"]["anyOf"][0]["enum"] = list(starting_points())
    parts["Shock"]["properties"]["like"]["anyOf"][0]["enum"] = list(standard_shocks())
    driver["anyOf"] = [{"required": ["like"]}, {"required": driver.pop("required")}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "gainsim scenario",
        "anyOf": [{"required": ["contract"]}, {"required": ["offers"]}],
    }


def _models(root: type[Clauses]) -> Iterator[type[Clauses]]:
    for model in root.__subclasses__():
        yield model
        yield from _models(model)


def _meanings(model: type[Clauses]) -> dict[str, str]:
    """What each key means: the text below its line in the source, which is read only when a schema is asked for."""
    found: dict[str, str] = {}
    for part in reversed(model.__mro__[: model.__mro__.index(Clauses)]):
        (definition,) = ast.parse(inspect.getsource(part)).body
        assert isinstance(definition, ast.ClassDef)
        for line, below in zip(definition.body, definition.body[1:], strict=False):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(below, ast.Expr):
                found[line.target.id] = " ".join(ast.literal_eval(below.value).split())
    return found


class _Writer(GenerateJsonSchema):
    """A kind of our own (a formula, a rate) is told by its example: its key is no title for it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return schema["type"] != "function-plain" and super().field_title_should_be_set(schema)
