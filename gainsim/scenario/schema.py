"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Any

from gainsim.offer.scenario import Scenario


def json_schema() -> dict[str, Any]:
    """The schema, with the descriptions of the offer's own documentation.

    >>> json_schema()["title"]
    'gainsim scenario'
    """
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "gainsim scenario"}
