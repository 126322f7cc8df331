"""A sharing term as written: what is shared, its clocks, and the ordered steps from gain to payment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag, WithJsonSchema, model_validator

from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import (
    AT_KEY,
    Clauses,
    FormulaText,
    ReadBy,
    Share,
    SizeText,
    problems_below,
    read_formula,
    read_share,
)
from gainsim.offer.term import TermText
from gainsim.ops.formula import Formula, parse
from gainsim.ops.formula import Number as NumberWritten
from gainsim.ops.formula import Unary as Signed

Per = Literal["settlement", "year", "life"]
Sides = Literal["gain", "pain", "both"]


class Against(Clauses):
    """Gain is what exceeds the reference: a guaranteed level, a baseline, a target."""

    against: FormulaText
    """What is taken off the gain."""


class ThresholdText(Clauses):
    """A size that a gain or pain must reach before anything is shared; what happens beyond it is said."""

    at: SizeText
    """Its size."""
    sides: Sides
    """Where it stands."""
    then: Literal["excess", "from_first", "catch_up"]
    """What counts beyond it: the excess, all from the first unit, or all with a catch-up."""
    catch_up_share: Share | None = None
    """The supplier's share of what lies beyond until it has caught up."""

    @model_validator(mode="after")
    def _catch_up_is_said(self) -> Self:
        if (self.then == "catch_up") != (self.catch_up_share is not None):
            raise ValueError(
                "then: catch_up goes with catch_up_share, the supplier's share of what lies beyond "
                "until it has caught up."
            )
        if self.then == "catch_up" and self.sides != "gain":
            raise ValueError("a supplier catches up on gains. Write sides: gain.")
        return self


class Threshold(Clauses):
    """The threshold step."""

    threshold: ThresholdText
    """Its details."""


class DeadbandText(Clauses):
    """Small pains and gains that nobody pays for; only what lies beyond counts."""

    below: SizeText
    """Its width on the side of pain, a size."""
    above: SizeText
    """Its width on the side of gain, a size."""


class Deadband(Clauses):
    """The deadband step."""

    deadband: DeadbandText
    """Its details."""


class Limits(Clauses):
    """A floor, a cap, or both (a collar), on one gain."""

    floor: FormulaText | None = None
    """The lowest that counts."""
    cap: FormulaText | None = None
    """The highest that counts."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.floor is None and self.cap is None:
            raise ValueError("a limit has a floor, a cap, or both.")
        return self


class LimitGain(Clauses):
    """The limit on what is shared."""

    limit_gain: Limits
    """Its details."""


@dataclass(frozen=True)
class Band:
    """One slice of a gain, from the edge below it to `edge`, and the supplier's share of that slice."""

    label: str
    edge: Formula | None
    share: Formula


@dataclass(frozen=True)
class Bands:
    """Marginal shares: `below` the edges of pain, downwards; `up_to` the edges of gain; `above` the last.

    Bands are kept from the lowest to the highest; each has the edge that ends it (None: no end) on the side away from
    its neighbour nearer to zero.
    """

    below: tuple[Band, ...]
    up_to: tuple[Band, ...]
    above: Band


_KEY = re.compile(r"(below|up to)\s+(.+)$")


def _bands(written: Any) -> Any:
    if isinstance(written, Bands):
        return written
    if not isinstance(written, Mapping):
        raise ValueError("a share is written band by band: { below 0: 60%, up to 50_000: 40%, above: 25% }.")
    found: list[tuple[tuple[str, ...], str]] = []
    bands: dict[str, list[Band]] = {"below": [], "up to": [], "above": []}
    for key, share in written.items():
        label = str(key).strip()
        place: tuple[str, ...] = (key, AT_KEY)
        try:
            kind, edge = _band_key(label)
            place = (key,)
            bands[kind].append(Band(label=label, edge=edge, share=_share_formula(share)))
        except ValueError as error:
            found.append((place, str(error)))
    if found:
        raise problems_below(found)
    below, up_to, above = bands.values()
    if not above:
        raise ValueError(
            "the share of what lies beyond the last edge is missing. Add 'above: 0%' if nothing is shared there."
        )
    if not below:
        raise ValueError(
            "the share of pain is missing: it never follows from the gain side. "
            "Add 'below 0: 0%' if the supplier bears none."
        )
    if below[0].edge is None or below[0].edge.text.strip() not in ("0", "0.0"):
        message = f"the first band of pain is 'below 0'; written is '{below[0].label}'."
        raise problems_below([((below[0].label, AT_KEY), message)])
    return Bands(below=tuple(below), up_to=tuple(up_to), above=above[0])


def _band_key(label: str) -> tuple[str, Formula | None]:
    if label == "above":
        return label, None
    found = _KEY.match(label)
    if found is None:
        raise ValueError(f"'{label}' is not a band. Write 'below 0', 'up to 50_000' or 'above'.")
    return found[1], parse(found[2])


def _share_formula(written: Any) -> Formula:
    if isinstance(written, bool) or not isinstance(written, (str, int, float)):
        raise ValueError("a share is a number between 0 and 1, as 40%, or a formula.")
    formula = read_formula(written)
    number = formula.tree.operand if isinstance(formula.tree, Signed) else formula.tree
    if isinstance(number, NumberWritten):
        read_share(written)
    return formula


BandsText = Annotated[
    Bands,
    ReadBy(_bands),
    WithJsonSchema({"type": "object", "examples": [{"below 0": "60%", "up to 50_000": "40%", "above": "25%"}]}),
]


class ShareStep(Clauses):
    """The supplier's share, band by band, as tax brackets are."""

    share: BandsText
    """The share of each band."""


class LimitPaymentText(Clauses):
    """A floor, a cap or both on what is paid, per settlement, year or life."""

    floor: FormulaText | None = None
    """The lowest payment; negative where the supplier pays."""
    cap: FormulaText | None = None
    """The highest payment."""
    per: Per
    """What it is the limit of."""
    scales_with: Literal["scope"] | None = None
    """`scope`: floor and cap grow and shrink with the scope that conduct decides; 1 where nothing does."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.floor is None and self.cap is None:
            raise ValueError("a limit has a floor, a cap, or both.")
        return self


class LimitPayment(Clauses):
    """The limit on what is paid."""

    limit_payment: LimitPaymentText
    """Its details."""


def _expiry(written: str) -> str:
    if written != "never" and not re.fullmatch(_EXPIRY, written):
        raise ValueError(
            f"'{written}' does not say when a carried amount lapses. Write never, or after 3 settlements (1 to 120)."
        )
    return written


_EXPIRY = r"after (1 settlement|([2-9]|[1-9][0-9]|1[01][0-9]|120) settlements)"
Expiry = Annotated[str, AfterValidator(_expiry), WithJsonSchema({"type": "string", "pattern": f"^(never|{_EXPIRY})$"})]


class CarryText(Clauses):
    """What is carried into later settlements, and until when.

    Its place in the list says when it is applied: before a limit_payment, the balance meets the amount first and the
    limit cuts the sum; after it, the balance is only set against payments that the limit left positive.
    """

    what: Literal["pain beyond the floor", "all pain"]
    """What is carried."""
    expires: Expiry
    """When a carried amount lapses: never, or after 3 settlements."""
    at_end: Literal["lost", "paid"]
    """What becomes of the balance with the contract's end."""

    @property
    def settlements(self) -> int | None:
        """After how many settlements a carried amount lapses; None: never."""
        return None if self.expires == "never" else int(self.expires.split()[1])


class Carry(Clauses):
    """The carry step."""

    carry: CarryText
    """Its details."""


STEPS: dict[str, type[Clauses]] = {
    "against": Against,
    "threshold": Threshold,
    "deadband": Deadband,
    "limit_gain": LimitGain,
    "share": ShareStep,
    "limit_payment": LimitPayment,
    "carry": Carry,
}


def _kind_of_step(step: Any) -> str | None:
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
    | Annotated[LimitGain, Tag("limit_gain")]
    | Annotated[ShareStep, Tag("share")]
    | Annotated[LimitPayment, Tag("limit_payment")]
    | Annotated[Carry, Tag("carry")],
    Discriminator(_kind_of_step),
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
    """Executed as written: before `share` they change the gain, after it the payment."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        kinds = [str(_kind_of_step(step)) for step in self.steps]
        if "share" not in kinds:
            rule = "a sharing term has exactly one share step: before it stand gains, after it payments. Add one."
            raise problems_below([(("steps",), rule)])
        wrong = self._out_of_turn(kinds)
        floor = any(s.limit_payment.floor is not None for s in self.steps if isinstance(s, LimitPayment))
        for number, step in enumerate(self.steps):
            if isinstance(step, Carry) and step.carry.what == "pain beyond the floor" and not floor:
                wrong.setdefault(number, "pain beyond the floor is carried, but no limit_payment has a floor. Add one.")
        if wrong:
            raise problems_below([(("steps", number), rule) for number, rule in sorted(wrong.items())])
        return self

    @staticmethod
    def _out_of_turn(kinds: list[str]) -> dict[int, str]:
        """What is wrong with the order of the steps, by their numbers."""
        turn = kinds.index("share")
        wrong = {}
        for number, kind in enumerate(kinds):
            if kind in ("limit_payment", "carry") and number < turn:
                before = " Before it, write limit_gain." if kind == "limit_payment" else " Move it behind share."
                what = "limits what is paid" if kind == "limit_payment" else "carries what is not paid"
                wrong[number] = f"{kind} {what}; it stands after share.{before}"
            elif kind == "share" and number > turn:
                wrong[number] = f"a sharing term has exactly one share step; steps[{turn}] is one already. Keep one."
            elif kind == "carry" and number > kinds.index("carry"):
                wrong[number] = "one sharing term carries one balance; there is a carry step already. Keep one."
            elif kind not in ("share", "limit_payment", "carry") and number > turn:
                wrong[number] = f"{kind} speaks of the gain; it stands before share. Move it up."
        return wrong
