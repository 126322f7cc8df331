"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from gainsim.offer.scenario import Scenario


def json_schema() -> dict[str, Any]:
    """The schema, with the descriptions of the offer's own documentation.

    >>> json_schema()["title"]
    'gainsim scenario'
    """
    schema = Scenario.model_json_schema(schema_generator=_Writer)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "gainsim scenario"}


class _Writer(GenerateJsonSchema):
    """A kind of our own (a formula, a rate) is told by its example: its key is no title for it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return schema["type"] != "function-plain" and super().field_title_should_be_set(schema)
