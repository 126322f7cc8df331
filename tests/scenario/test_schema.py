"""The schema of scenario files says what every key means."""

from __future__ import annotations

from gainsim.scenario.schema import json_schema


def test_every_key_has_its_meaning() -> None:
    schema = json_schema()
    parts = {"the file": schema, **schema["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part["properties"].items()
        if not value.get("description", "").endswith(".")
    ]
    assert silent == []
