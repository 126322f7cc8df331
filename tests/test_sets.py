"""A term is a set of six, and so is a step of a sharing term: whatever kind there is, none of the six is missing.

Its code; a docstring with its source and an executed example; a worked table with sources; property tests; its keys in the
schema, with their meaning; its clause in the terms and its line in the glossary.
"""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from gainsim.offer.sharing import STEPS
from gainsim.offer.terms import Term
from gainsim.scenario.schema import json_schema
from gainsim.terms.contract import _WRITERS
from gainsim.terms.sharing import _STEPS
from tests.terms.test_properties import CLAUSES

ROOT = Path(__file__).resolve().parent.parent
TERMS = {get_args(model.model_fields["term"].annotation)[0]: model for model in get_args(get_args(Term)[0])}
KINDS = [*TERMS, *STEPS]
MODELS: dict[str, Any] = {**TERMS, **STEPS}
WORKED = {
    file.stem: tomllib.loads(file.read_text(encoding="utf-8"))["case"] for file in (ROOT / "tests" / "worked").glob("*.toml")
}


def read(*names: str) -> str:
    return ROOT.joinpath(*names).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_its_docstring_says_source_and_signs_and_has_an_example(kind: str) -> None:
    written = (_STEPS[kind] if kind in STEPS else _WRITERS[TERMS[kind]]).__doc__ or ""
    examples = doctest.DocTestParser().get_examples(written)
    assert any(re.search(rf"\b{kind}:" if kind in STEPS else rf"term: {kind}\b", each.source) for each in examples)
    assert all(each.want for each in examples if "try_clause(" in each.source)
    assert "Source: " in written
    assert "money" in written


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_worked_by_hand_from_a_source(kind: str) -> None:
    if kind in TERMS:
        cases = WORKED[kind]
        assert any(f"term: {kind}" in case["contract"] for case in cases)
    else:
        cases = [case for table in WORKED.values() for case in table if re.search(rf"\b{kind}:", case["contract"])]
    assert any(case.get("source") for case in cases)


@pytest.mark.parametrize("kind", KINDS)
def test_its_properties_are_tested(kind: str) -> None:
    """Scale, order, jumps and edges, memory: tests/terms/test_properties.py. `sharing` is where its steps are."""
    assert kind == "sharing" or kind in {clause.kind for clause in CLAUSES}


@pytest.mark.parametrize("kind", KINDS)
def test_its_keys_have_a_meaning(kind: str) -> None:
    schema = json_schema()["$defs"][MODELS[kind].__name__]
    assert schema["description"]
    assert all(key["description"] for key in schema["properties"].values())


@pytest.mark.parametrize("kind", KINDS)
def test_it_stands_in_the_terms_and_in_the_glossary(kind: str) -> None:
    terms, glossary = read("docs", "reference", "terms.md"), read("docs", "reference", "glossary.md")
    assert f"\n## {kind}\n" in terms if kind in TERMS else re.search(rf"^- `{kind}\b", terms, re.MULTILINE)
    assert re.search(rf"^\|[^|]*`{kind}`", glossary, re.MULTILINE), "a line of its own"
