"""A sharing term as written: what is shared, its clocks, and the ordered steps from gain to payment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Tag, model_validator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import Clauses, FormulaText, problems_below
from gainsim.offer.steps import (
    Against,
    Carry,
    Deadband,
    Deductible,
    HighWaterMark,
    LimitGain,
    LimitPayment,
    QualityGate,
    QualityMultiplier,
    ShareOfWhole,
    ShareStep,
    Threshold,
)
from gainsim.offer.term import TermText

STEPS: dict[str, type[Clauses]] = {
    "against": Against,
    "threshold": Threshold,
    "deadband": Deadband,
    "deductible": Deductible,
    "high_water_mark": HighWaterMark,
    "limit_gain": LimitGain,
    "quality_gate": QualityGate,
    "quality_multiplier": QualityMultiplier,
    "share": ShareStep,
    "share_of_whole": ShareOfWhole,
    "limit_payment": LimitPayment,
    "carry": Carry,
}
#: the steps that make a payment of the gain; those of the gain alone; those that stand on either side
_SHARES = ("share", "share_of_whole")
_OF_THE_GAIN = ("against", "threshold", "deadband", "deductible", "high_water_mark", "limit_gain")


def kind_of_step(step: Any) -> str | None:
    """The one key of a step, which says what it is."""
    if isinstance(step, Clauses):
        return next(iter(type(step).model_fields))
    return next(iter(step), None) if isinstance(step, Mapping) else None


def _one_key(step: Any) -> Any:
    if isinstance(step, Mapping) and len(step) > 1:
        raise ValueError(f"a step has one key; here are {', '.join(map(str, step))}. Write '- ' before each step.")
    if not isinstance(step, (Mapping, Clauses)):
        raise ValueError(f"a step is a key with its details, as 'threshold: {{ ... }}'. Known are {', '.join(STEPS)}.")
    return step


Step = Annotated[
    Annotated[Against, Tag("against")]
    | Annotated[Threshold, Tag("threshold")]
    | Annotated[Deadband, Tag("deadband")]
    | Annotated[Deductible, Tag("deductible")]
    | Annotated[HighWaterMark, Tag("high_water_mark")]
    | Annotated[LimitGain, Tag("limit_gain")]
    | Annotated[QualityGate, Tag("quality_gate")]
    | Annotated[QualityMultiplier, Tag("quality_multiplier")]
    | Annotated[ShareStep, Tag("share")]
    | Annotated[ShareOfWhole, Tag("share_of_whole")]
    | Annotated[LimitPayment, Tag("limit_payment")]
    | Annotated[Carry, Tag("carry")],
    Discriminator(kind_of_step),
]


class Sharing(TermText):
    """A sharing term: what is shared, and the ordered list of steps from gain to payment."""

    term: Literal["sharing"]
    """A sharing term."""
    of: FormulaText
    """The gain of the window; a negative one is a pain."""
    clock: ResultClockText
    """When it is settled and paid."""
    steps: list[Annotated[Step, BeforeValidator(_one_key)]]
    """Executed as written: before the share they change the gain, after it the payment."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        kinds = [str(kind_of_step(step)) for step in self.steps]
        turn = next((number for number, kind in enumerate(kinds) if kind in _SHARES), None)
        if turn is None:
            rule = "a sharing term has exactly one share step: before it stand gains, after it payments. Add one."
            raise problems_below([(("steps",), rule)])
        wrong = _out_of_turn(kinds, turn)
        for first, last in ((0, turn), (turn + 1, len(kinds))):
            for number, rule in _carries_amiss(self.steps[first:last], "before" if last == turn else "after").items():
                wrong.setdefault(first + number, rule)
        if wrong:
            raise problems_below([(("steps", number), rule) for number, rule in sorted(wrong.items())])
        return self


def _out_of_turn(kinds: list[str], turn: int) -> dict[int, str]:
    """What is wrong with the order of the steps, by their numbers. turn: where the gain becomes a payment"""
    wrong = {}
    for number, kind in enumerate(kinds):
        if kind == "limit_payment" and number < turn:
            wrong[number] = "limit_payment limits what is paid; it stands after share. Before it, write limit_gain."
        elif kind in _SHARES and number > turn:
            wrong[number] = f"a sharing term has exactly one share step; steps[{turn}] is one already. Keep one."
        elif kind in _OF_THE_GAIN and number > turn:
            wrong[number] = f"{kind} speaks of the gain; it stands before share. Move it up."
    return wrong


def _carries_amiss(steps: list[Any], place: str) -> dict[int, str]:
    """What is wrong with the carries on one side of the share, by their numbers there."""
    limits = {
        n: step.limit_gain if isinstance(step, LimitGain) else step.limit_payment
        for n, step in enumerate(steps)
        if isinstance(step, LimitGain | LimitPayment)
    }
    name = "limit_gain" if place == "before" else "limit_payment"
    wrong: dict[int, str] = {}
    sides: set[str] = set()
    for number, step in enumerate(steps):
        if not isinstance(step, Carry):
            continue
        said = step.carry
        caps = [n for n, limit in limits.items() if limit.cap is not None]
        if said.side in sides:
            wrong[number] = (
                f"one sharing term carries one balance of {said.side} {place} the share; there is such a carry step "
                "already. Keep one."
            )
        elif said.what == "pain beyond the floor" and all(limit.floor is None for limit in limits.values()):
            wrong[number] = f"pain beyond the floor is carried, but no {name} has a floor. Add one."
        elif said.what == "gain beyond the cap" and not caps:
            wrong[number] = f"gain beyond the cap is carried, but no {name} has a cap. Add one."
        elif said.what == "gain beyond the cap" and min(caps) < number:
            wrong[number] = f"what is carried meets the cap first: move it up, before the {name} with the cap."
        elif place == "before" and said.at_end == "paid":
            wrong[number] = (
                "a balance of gains is no money: with the contract's end it is lost. Write at_end: lost, or move the "
                "step behind the share, where payments are carried."
            )
        sides.add(said.side)
    return wrong
