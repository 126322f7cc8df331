"""Dependence as written: pairs of drivers that are correlated, and groups that share their large moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from gainsim.offer.fields import Clauses, DurationText, Number, problems_below

Correlation = Annotated[Number, Field(ge=-1, le=1)]


def _gaussian(written: Any) -> Any:
    if written in _NEEDED:
        raise ValueError(f"'{written}' is the kind of a group: write one, as among: [a, b], kind: {written}. A pair is gaussian.")
    return written


class Pair(Clauses):
    """Two drivers that move together: how closely is said once, and of what."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    """Two drivers, drawn equally often."""
    correlation: Correlation | None = None
    """Pearson's, from -1 to 1."""
    rank_correlation: Correlation | None = None
    """Or Spearman's: the correlation of ranks."""
    tau: Correlation | None = None
    """Or Kendall's: how much oftener two draws of both agree in direction than they disagree."""
    of: Literal["innovations", "levels", "values"]
    """Of their changes; of their values in the long run; or of the values themselves of two distributions."""
    leads: DurationText | None = None
    """How long before the second driver the first one moves."""
    kind: Annotated[Literal["gaussian"], BeforeValidator(_gaussian)] = "gaussian"
    """How scores are coupled: as a normal distribution couples them."""

    @property
    def said(self) -> str:
        """The key by which it is said how closely."""
        return next(key for key in _HOW_CLOSELY if getattr(self, key) is not None)

    @property
    def size(self) -> float:
        """The number that is written there."""
        return float(getattr(self, self.said))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if sum(getattr(self, key) is not None for key in _HOW_CLOSELY) != 1:
            raise ValueError("say once how closely: by correlation: 0.5, or rank_correlation: 0.48 (Spearman's), or tau: 0.33.")
        if self.of == "values" and self.correlation is None:
            rule = "values have the same ranks as the innovations they come from. Write of: innovations."
            raise problems_below([(("of",), rule)])
        if self.leads is not None and self.of == "levels":
            rule = "what leads is an innovation, which is felt in every later level. Write of: innovations."
            raise problems_below([(("of",), rule)])
        return self


_HOW_CLOSELY = ("correlation", "rank_correlation", "tau")


class Group(Clauses):
    """Drivers that share their large moves: a driver stands in one group at most, and hangs together with no other."""

    among: Annotated[list[str], Field(min_length=2, max_length=100)]
    """Its drivers, drawn equally often."""
    kind: Literal["clayton", "gumbel", "frank", "student_t"]
    """How they hang together: closest in one tail (clayton, gumbel), in neither (frank), in both (student_t)."""
    tau: Annotated[Number, Field(ge=0.01, le=0.95)] | None = None
    """Kendall's, of any two of them; in a student_t group the pairs say how closely, each by itself."""
    tail: Literal["lower", "upper"] | None = None
    """Of clayton and gumbel, where they hang together most: where all are low, or where all are high."""
    degrees: Annotated[Number, Field(ge=1, le=1000)] | None = None
    """Of student_t, the degrees of freedom: the fewer, the more large moves come together."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        needed = _NEEDED[self.kind]
        found = [
            ((key,), f"a {self.kind} group has no {key}. Leave it out." + (_PAIRS_SAY if key == "tau" else ""))
            for key in ("tau", "tail", "degrees")
            if getattr(self, key) is not None and key not in needed
        ]
        if found:
            raise problems_below(found)
        for key, fix in needed.items():
            if getattr(self, key) is None:
                raise ValueError(f"a {self.kind} group says its {key}, as {key}: {fix}.")
        return self


_TAIL = "lower, where it is the low values that come together, or tail: upper"
_NEEDED: Mapping[str, Mapping[str, str]] = {
    "clayton": {"tau": "40%", "tail": _TAIL},
    "gumbel": {"tau": "40%", "tail": _TAIL},
    "frank": {"tau": "40%"},
    "student_t": {"degrees": "5"},
}
_PAIRS_SAY = " How closely any two hang together is said by pairs: { between: [a, b], tau: 40%, of: innovations }."


def _pair_or_group(written: Any) -> str:
    """Which of the two is written, told by the key that only a group has."""
    if isinstance(written, Mapping):
        return "group" if "among" in written else "pair"
    return "group" if isinstance(written, Group) else "pair"


Link = Annotated[Annotated[Pair, Tag("pair")] | Annotated[Group, Tag("group")], Discriminator(_pair_or_group)]
