"""What may be tuned of an offer, as written: numbers of the file with their ranges, what is wanted, and what must hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gainsim.numbers import Written
from gainsim.offer.fields import Clauses, ReadBy, number_schema, reader
from gainsim.offer.limits import HouseLimit
from gainsim.offer.names import Name

#: more levers than this are no offer that anybody could explain
MOST = 12


def _text(written: Written) -> str:
    return f"{written:_}" if isinstance(written, (int, float)) else written.strip()


def _keys(written: Any) -> Any:
    return [written] if isinstance(written, str) else written


def _ends(written: Any) -> Any:
    if isinstance(written, (list, tuple)) and len(written) == 2:
        return written
    raise ValueError("a range has two ends, the lower one first, as [20%, 45%].")


NumberAsThere = Annotated[str, ReadBy(reader(tuple, _text, "a number, perhaps with its unit")), number_schema("80_000 EUR")]
Keys = Annotated[
    list[str],
    Field(min_length=1),
    BeforeValidator(_keys),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}, "examples": ["contract.base_fee.amount"]}),
]

_ITEM = {"type": ["number", "string"], "examples": ["80_000 EUR"]}


class LeverText(Clauses):
    """A number of the file that may be moved: the number at a key, or the edge in the key of a band."""

    about: str | None = None
    """For the reader; moves nothing."""
    at: Keys | None = None
    """The key of the number, with dots between, as for `--set`; of several keys all have the same number. What is moved is the
    first number that is written there."""
    edge: Keys | None = None
    """Or the key of a band or step, whose edge is moved: `contract.gain_share.steps[2].share.up to 50_000`."""
    between: Annotated[
        tuple[NumberAsThere, NumberAsThere],
        BeforeValidator(_ends),
        WithJsonSchema({"type": "array", "items": _ITEM, "minItems": 2, "maxItems": 2}),
    ]
    """The least and the most it may be. A number alone counts in what is written there: 20 is 20% where 40% stands."""
    step: NumberAsThere | None = None
    """The steps in which it moves, from the least on: `1%`, `250`, or 1 for a number of people. A thousandth of the range or
    less, unless said."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.at is None) == (self.edge is None):
            raise ValueError("a lever is the number at a key or the edge in one. Write at: or edge:, one of them.")
        return self


class Tune(Clauses):
    """Which numbers of the offer may be moved, how far, and for what; `gainsim tune` searches for the best offer among these."""

    levers: Annotated[dict[Name, LeverText], Field(min_length=1, max_length=MOST)]
    """What may be moved, by name."""
    maximise: str | None = None
    """The measure that is to be as high as can be, by its name in house limits; `npv`, unless said."""
    minimise: str | None = None
    """Or the one that is to be as low as can be, as `chance_of_loss`."""
    subject_to: dict[str, HouseLimit] = {}
    """What must hold, of both parties, in the words of house limits: `customer_net_benefit: { at_least: 0 }`."""
    without: list[Literal["limits", "accepts"]] = []
    """The house's `limits` and what the customer `accepts` must hold too, unless they are named here."""

    @model_validator(mode="after")
    def _one_aim(self) -> Self:
        if self.maximise is not None and self.minimise is not None:
            raise ValueError("an offer is tuned for one measure. Write maximise: or minimise:, and limit the other one.")
        return self

    @property
    def measure(self) -> str:
        """The measure that is wanted."""
        return self.minimise or self.maximise or "npv"

    @property
    def sign(self) -> float:
        """1 where more of it is better, -1 where less is."""
        return 1.0 if self.minimise is None else -1.0
