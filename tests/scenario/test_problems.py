"""Pydantic's findings in our words: each at its exact place, with nothing of pydantic's left in it."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gainsim.scenario.problems import problems_from
from gainsim.scenario.reading import Document, read_text


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def an_amount(text: str) -> str:
    if text[:1].isdigit():
        return text
    raise ValueError(f"{text!r} is not an amount. Write 34_000 per month.")


def a_word_of_ours(value: Any) -> Any:
    raise PydanticCustomError("ours", "{word} is out of stock.", {"word": value})


Amount = Annotated[str, AfterValidator(an_amount)]


class Indexed(Strict):
    at: Amount
    cap: float = 0.0


class Share(Strict):
    kind: Literal["share"]
    bands: dict[str, float]


class Carry(Strict):
    kind: Literal["carry"]
    what: Literal["pain", "gain"] = "pain"
    years: int = Field(1, gt=0, le=7)

    @model_validator(mode="after")
    def _agree(self) -> Carry:
        if self.what == "gain" and self.years > 1:
            raise ValueError("a gain is carried for one year. Write years: 1.")
        return self


def by_its_key(step: Any) -> Any:
    """`carry: {...}` as {kind: carry, ...}."""
    if isinstance(step, dict) and "kind" not in step and len(step) == 1:
        ((kind, rest),) = step.items()
        return {"kind": kind, **rest} if isinstance(rest, dict) else step
    return step


def first_key(value: Any) -> str | None:
    return next(iter(value), None) if isinstance(value, dict) else None


class Walk(Strict):
    walk: dict[str, float]
    unit: str


class Ramp(Strict):
    ramp: list[int]


class Side(enum.Enum):
    SUPPLIER = "supplier"
    CUSTOMER = "customer"


Step = Annotated[Share | Carry, Field(discriminator="kind")]


class Shares(RootModel[dict[str, float]]):
    pass


class Offer(Strict):
    steps: list[Step] = Field([], max_length=3)
    short_steps: list[Annotated[Step, BeforeValidator(by_its_key)]] = []
    drivers: dict[
        str, Annotated[Annotated[Walk, Tag("walk")] | Annotated[Ramp, Tag("ramp")], Discriminator(first_key)]
    ] = {}
    fee: Amount | Indexed = "0"
    level: Literal["none", "full"] | float | None = None
    parts: Shares | list[int] | None = None
    many: Amount | Step = "0"
    nested: str | list[int | str] = ""
    side: Side = Field(Side.SUPPLIER, strict=False)
    both: bool = Field(True, alias="both sides")
    years: int = Field(1, validation_alias=AliasChoices("years", "term"))
    rate: float = Field(0.5, ge=0, lt=1)
    step_size: int = Field(1, multiple_of=2)
    pair: tuple[int, str] = Field((1, ""), strict=False)
    name: str = Field("abc", min_length=2, max_length=5, pattern="^[a-z]+$")
    by_year: dict[Annotated[int, Field(strict=False)], int] = {}
    ours: Annotated[Any, AfterValidator(a_word_of_ours)] = None
    asserted: Annotated[int, AfterValidator(lambda number: check_even(number))] = 0
    empty: None = None
    exact: complex = 0j
    inner: Offer | None = None


def check_even(number: int) -> int:
    assert number % 2 == 0, f"{number} is odd. Write an even number."
    return number


def found(text: str, model: type[BaseModel] = Offer) -> list[str]:
    document = read_text(text, "offer.yaml")
    with pytest.raises(ValidationError) as caught:
        model.model_validate(document.data)
    problems = problems_from(caught.value, document, model)
    assert problems == sorted(problems)
    return [str(problem).removeprefix("offer.yaml:") for problem in problems]


@pytest.mark.parametrize(
    "text, problem",
    [
        # keys
        ("a: 1", "1:1: a: no such key. Known here: "),
        ("rate: 0.1\nyaers: 5", "2:1: yaers: no such key. Did you mean 'years'?"),
        ("trem: 5", "1:1: trem: no such key. Did you mean 'term'?"),
        ("both_sides: true", "1:1: both_sides: no such key. Did you mean 'both sides'?"),
        ("inner:\n  inner: {raet: 1}", "2:11: inner.inner.raet: no such key. Did you mean 'rate'?"),
        ("fee: {at: 5 pm, Cap: 1}", "1:17: fee.Cap: no such key. Did you mean 'cap'?"),
        ("fee: {at: 5 pm, cap: 1, zap: 1}", "1:25: fee.zap: no such key. Known here: 'at', 'cap'."),
        ("fee:\n  cap: 5", "1:1: fee: 'at' is missing here."),
        ("steps:\n  - kind: share", "2:5: steps[0]: 'bands' is missing here."),
        ("pair: [1]", "1:1: pair: '[1]' is missing here."),
        ("by_year: {2027: 1, now: 2}", "1:20: by_year.now: 'now' is written here; a whole number is expected."),
        # tagged unions
        (
            "steps:\n  - kind: crary",
            "2:11: steps[0].kind: 'crary' is written here; 'share' or 'carry' is expected. Did you mean 'carry'?",
        ),
        ("steps:\n  - {kind: 5}", "2:12: steps[0].kind: 5 is written here; 'share' or 'carry' is expected."),
        ("steps:\n  - years: 5", "2:5: steps[0]: 'kind', which is 'share' or 'carry', is missing here."),
        ("steps:\n  - 5", "2:5: steps[0]: 5 is written here; a block of keys is expected."),
        ("steps:\n  - {kind: carry, yeers: 1}", "2:19: steps[0].yeers: no such key. Did you mean 'years'?"),
        (
            "steps:\n  - {kind: share, bands: {above: x}}",
            "2:34: steps[0].bands.above: 'x' is written here; a number is expected.",
        ),
        (
            "short_steps:\n  - carry: {years: 9}",
            "2:20: short_steps[0].carry.years: 9 is written here; it must be 7 or less.",
        ),
        ("short_steps:\n  - share: {}", "2:5: short_steps[0].share: 'bands' is missing here."),
        ("short_steps:\n  - crary: {years: 9}", "2:5: short_steps[0].crary: no such key. Did you mean 'carry'?"),
        (
            "drivers:\n  p: {walk: {start: x}, unit: a}",
            "2:21: drivers.p.walk.start: 'x' is written here; a number is expected.",
        ),
        ("drivers:\n  p: {walk: {start: 1.5}}", "2:3: drivers.p: 'unit' is missing here."),
        ("drivers:\n  p: {wlak: {start: 1}}", "2:7: drivers.p.wlak: no such key. Did you mean 'walk'?"),
        ("drivers:\n  p: {}", "2:3: drivers.p: 'walk' or 'ramp' is missing here."),
        ("drivers:\n  p: 5", "2:6: drivers.p: 5 is written here; a block of keys is expected."),
        # words
        (
            "steps:\n  - {kind: carry, what: pian}",
            "2:25: steps[0].what: 'pian' is written here; 'pain' or 'gain' is expected. Did you mean 'pain'?",
        ),
        (
            "side: suplier",
            "1:7: side: 'suplier' is written here; 'supplier' or 'customer' is expected. Did you mean 'supplier'?",
        ),
        ("side: 7", "1:7: side: 7 is written here; 'supplier' or 'customer' is expected."),
        # forms
        ("name: 5", "1:7: name: 5 is written here; text is expected. Put quotes around it."),
        ("name: true", "1:7: name: true is written here; text is expected. Put quotes around it."),
        ("name: [a]", "1:1: name: a list is written here; text is expected."),
        (
            "years: 60%",
            "1:8: years: '60%' is written here; a whole number is expected. Write digits, without unit or quotes.",
        ),
        ("years: 1.5", "1:8: years: 1.5 is written here; a whole number is expected."),
        (
            "rate: '0.5'",
            "1:7: rate: '0.5' is written here; a number is expected. Write digits, without unit or quotes.",
        ),
        ("rate:", "1:1: rate: nothing is written here; a number is expected."),
        ("rate: {a: 1}", "1:1: rate: a block of keys is written here; a number is expected."),
        ("both sides: yes", "1:13: both sides: 'yes' is written here; true or false is expected."),
        ("steps: 5", "1:8: steps: 5 is written here; a list is expected. Put brackets around it."),
        ("drivers: [1]", "1:1: drivers: a list is written here; a block of keys is expected."),
        ("empty: 5", "1:8: empty: 5 is written here; nothing is expected."),
        ("exact: x", "1:8: exact: 'x' is not allowed here."),
        # limits
        ("steps:\n  - {kind: carry, years: 0}", "2:26: steps[0].years: 0 is written here; it must be above 0."),
        ("rate: -0.25", "1:7: rate: -0.25 is written here; it must be 0 or more."),
        ("rate: 1.0", "1:7: rate: 1 is written here; it must be below 1."),
        ("step_size: 3", "1:12: step_size: 3 is written here; it must be a multiple of 2."),
        ("name: a", "1:7: name: 'a' is written here; it must have 2 or more characters."),
        ("name: abcdef", "1:7: name: 'abcdef' is written here; it must have 5 or fewer characters."),
        ("name: A-B", "1:7: name: 'A-B' is written here; it must be of the form ^[a-z]+$."),
        ("steps: [" + "{kind: carry}," * 4 + "]", "1:1: steps: a list is written here; it must have 3 or fewer items."),
        # our own words
        ("fee: free", "1:6: fee: 'free' is not an amount. Write 34_000 per month."),
        ("fee: {at: free}", "1:11: fee.at: 'free' is not an amount. Write 34_000 per month."),
        (
            "steps:\n  - {kind: carry, what: gain, years: 2}",
            "2:5: steps[0]: a gain is carried for one year. Write years: 1.",
        ),
        ("ours: gold", "1:7: ours: gold is out of stock."),
        ("asserted: 3", "1:11: asserted: 3 is odd. Write an even number."),
        # untagged unions
        (
            "fee: 5",
            "1:6: fee: 5 is written here; text or a block of keys is expected. Put quotes around it. Known here: ",
        ),
        (
            "level: ful",
            "1:8: level: 'ful' is written here; 'none' or 'full' or a number is expected. Did you mean 'full'?",
        ),
        ("parts: x", "1:8: parts: 'x' is written here; a block of keys or a list is expected."),
        ("parts: {a: x}", "1:12: parts.a: 'x' is written here; a number is expected."),
        ("parts: [1, x]", "1:12: parts[1]: 'x' is written here; a whole number is expected."),
        ("many: {kind: carry, yaers: 2}", "1:21: many.yaers: no such key. Did you mean 'years'?"),
        (
            "many: {kind: crary}",
            "1:14: many.kind: 'crary' is written here; 'share' or 'carry' is expected. Did you mean 'carry'?",
        ),
        ("nested: [[1]]", "1:10: nested[0]: a list is written here; a whole number or text is expected."),
    ],
)
def test_each_finding_is_one_problem_at_its_place(text: str, problem: str) -> None:
    problems = found(text)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_the_fixes_of_several_forms_are_all_named() -> None:
    assert found("level: ful") == [
        "1:8: level: 'ful' is written here; 'none' or 'full' or a number is expected. "
        "Did you mean 'full'? Write digits, without unit or quotes."
    ]


def test_a_misspelt_key_is_missing_too_and_a_key_already_there_is_not_suggested() -> None:
    assert found("fee: {att: 5 pm, cpa: 1, cap: 2}") == [
        "1:1: fee: 'at' is missing here.",
        "1:7: fee.att: no such key. Did you mean 'at'?",
        "1:18: fee.cpa: no such key. Known here: 'at', 'cap'.",
    ]


def test_all_problems_come_in_file_order() -> None:
    text = "years: x\nsteps:\n  - kind: share\n  - kind: carry\n    years: -1\nname: 7\nrate: 3\n"
    assert [problem.split(": ")[:2] for problem in found(text)] == [
        ["1:8", "years"],
        ["3:5", "steps[0]"],
        ["5:12", "steps[1].years"],
        ["6:7", "name"],
        ["7:7", "rate"],
    ]


def test_long_values_are_cut() -> None:
    assert found("years: " + "x" * 500)[0].startswith(f"1:8: years: '{'x' * 37}...' is written here;")
    assert found("step_size: 1" + "0" * 299 + "1")[0].startswith(f"1:12: step_size: 1{'0' * 36}... is written here;")


def test_a_problem_of_the_whole_file_stands_at_its_first_key() -> None:
    class Whole(Strict):
        a: int = 0

        @model_validator(mode="after")
        def _never(self) -> Whole:
            raise ValueError("these do not fit together.")

    assert found("\na: 1", Whole) == ["2:1: these do not fit together."]
    assert found("\na: 1", RootModel[list[int]]) == ["2:1: a block of keys is written here; a list is expected."]


PLAIN = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-3, 3), st.floats(0, 2), st.sampled_from(["share", "carry", "5 pm", "x"])
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*Offer.model_fields, "kind", "bands", "what", "at", "cap", "walk", "ramp", "share", "carry", "2027"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(list(Offer.model_fields)), PLAIN, min_size=1, max_size=4))
def test_any_data_has_problems_in_our_words_only(data: dict[str, Any]) -> None:
    document = Document("offer.yaml", data, {(): (1, 1)}, {(): (1, 1)})  # type: ignore[dict-item]
    try:
        Offer.model_validate(data)
    except ValidationError as error:
        problems = problems_from(error, document, Offer)
    else:
        problems = []
    for problem in problems:
        assert not any(
            word in str(problem) for word in ("pydantic", "Input", "function-", "tagged-union", "Indexed", "Walk")
        )
