"""Every distribution that may be written in one place, and those that are made of others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gainsim.offer.distributions import (
    Above0,
    Beta,
    Binomial,
    Empirical,
    Exponential,
    Lognormal,
    NegativeBinomial,
    Normal,
    Outcome,
    Pert,
    Poisson,
    Triangular,
    Uniform,
)
from gainsim.offer.families import (
    Gamma,
    GeneralisedPareto,
    Gumbel,
    Logistic,
    Pareto,
    SkewNormal,
    StudentT,
    Weibull,
)
from gainsim.offer.fields import Clauses, Number, Share

SHAPES = (
    "normal", "lognormal", "uniform", "triangular", "pert", "beta", "exponential", "gamma", "weibull", "student_t", "skew_normal",
    "logistic", "gumbel", "pareto", "generalised_pareto", "poisson", "negative_binomial", "binomial", "discrete",
    "empirical", "truncated", "mixture", "compound",
)  # fmt: skip
#: those that are not made of others
WHOLE = SHAPES[:-3]
#: numbers of events
COUNTS = ("poisson", "negative_binomial", "binomial")
#: distributions of single values, between which there is nothing
COUNTED = (*COUNTS, "discrete", "empirical")


def exactly_one(model: Clauses, names: tuple[str, ...], what: str) -> None:
    """Refuse anything but exactly one of these keys."""
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        said = "none is given" if not given else f"{' and '.join(given)} are given"
        some = ", ".join(names[:10]) + (", … (the reference of scenario keys has all)" if len(names) > 10 else "")
        raise ValueError(f"{what} is exactly one of {some}; {said}.")


class Whole(Clauses):
    """The distributions that are not cut, each under its key."""

    normal: Normal | None = None
    """The bell."""
    lognormal: Lognormal | None = None
    """Its log is normal: never negative, with a long upper tail."""
    uniform: Uniform | None = None
    """Every value of a range equally likely."""
    triangular: Triangular | None = None
    """Three points, straight lines between them."""
    pert: Pert | None = None
    """Three points, smooth."""
    beta: Beta | None = None
    """A part between a lowest and a highest value."""
    exponential: Exponential | None = None
    """Without memory: the time until what comes at any moment alike."""
    gamma: Gamma | None = None
    """Never negative: sums, sizes, waiting times."""
    weibull: Weibull | None = None
    """Lives."""
    student_t: StudentT | None = None
    """A bell with heavy tails."""
    skew_normal: SkewNormal | None = None
    """A bell that leans."""
    logistic: Logistic | None = None
    """A bell with exponential tails."""
    gumbel: Gumbel | None = None
    """The largest, or the smallest, of many."""
    pareto: Pareto | None = None
    """A heavy upper tail."""
    generalised_pareto: GeneralisedPareto | None = None
    """What lies beyond a threshold."""
    poisson: Poisson | None = None
    """A number of independent events."""
    negative_binomial: NegativeBinomial | None = None
    """A number of events whose rate is uncertain."""
    binomial: Binomial | None = None
    """A number of successes."""
    discrete: list[Outcome] | None = None
    """Values with their chances."""
    empirical: Empirical | None = None
    """Values that were observed."""
    @property
    def shape(self) -> str:
        """Which of the distributions it is."""
        return next(name for name in SHAPES if getattr(self, name, None) is not None)

    @field_validator("discrete")
    @classmethod
    def _chances(cls, outcomes: list[Outcome] | None) -> list[Outcome] | None:
        if outcomes is not None:
            total = sum(outcome.chance for outcome in outcomes)
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"the chances add up to {total:.6g}; they must add up to 1.")
        return outcomes


class WholeShape(Whole):
    """A distribution that is not cut: exactly one kind is written."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, WHOLE, "a distribution")
        return self


class Truncated(Clauses):
    """Another distribution, given that its value lies in a range; nothing piles up at the ends."""

    of: WholeShape
    """The distribution."""
    low: Number | None = None
    """No value below."""
    high: Number | None = None
    """No value above."""

    @model_validator(mode="after")
    def _a_range(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("say where it is cut: low, high, or both.")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low {self.low:g} must lie below high {self.high:g}.")
        if self.of.shape in COUNTED:
            raise ValueError(
                f"a {self.of.shape} distribution has single values. Leave out those that cannot be, and write it as discrete."
            )
        return self


class Part(WholeShape):
    """One part of a mixture: a distribution, and how often it is the one."""

    weight: Share
    """The chance that the value comes from this part; all add up to 100%."""


class Count(Clauses):
    """How many events come: exactly one kind is written."""

    poisson: Poisson | None = None
    """Independent events."""
    negative_binomial: NegativeBinomial | None = None
    """Events whose rate is uncertain."""
    binomial: Binomial | None = None
    """Successes of so many trials."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, COUNTS, "a number of events")
        return self

    @property
    def shape(self) -> str:
        """Which of them it is."""
        return next(name for name in COUNTS if getattr(self, name) is not None)


class Layer(Clauses):
    """The part of each event's size that counts."""

    deductible: Annotated[Number, Field(ge=0)] = 0.0
    """So much of each does not count."""
    limit: Above0 | None = None
    """And no more than so much of what lies beyond counts."""


class Compound(Clauses):
    """The sum of a random number of events, each of a random size."""

    number: Count
    """How many come."""
    size: WholeShape
    """How large each is, drawn for each by itself."""
    each: Layer | None = None
    """What of each event counts: all of it, unless said."""


class Distributions(Whole):
    """Every kind of distribution, each under its key."""

    truncated: Truncated | None = None
    """Another distribution, given that it lies in a range."""
    mixture: Annotated[list[Part], Field(min_length=2, max_length=10)] | None = None
    """One of several distributions, each with its weight."""
    compound: Compound | None = None
    """The sum of a random number of random sizes."""

    @field_validator("mixture")
    @classmethod
    def _weights(cls, parts: list[Part] | None) -> list[Part] | None:
        if parts is not None:
            total = sum(part.weight for part in parts)
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"the weights add up to {total:.6g}; they must add up to 1.")
        return parts


class Shape(Distributions):
    """A distribution: exactly one kind is written."""

    @model_validator(mode="before")
    @classmethod
    def _with_its_name(cls, written: Any) -> Any:
        if isinstance(written, cls):
            return written
        if not isinstance(written, dict):
            raise PydanticCustomError("form", "a distribution is expected", {"form": f"a distribution, as {_example(written)},"})
        if written and not set(written) & set(SHAPES) and not any(isinstance(part, dict | list) for part in written.values()):
            raise ValueError(_unnamed(written))
        return written

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, SHAPES, "a distribution")
        return self


def _example(written: Any) -> str:
    """A distribution to write where something else stands: of a number, one with this mean."""
    number = re.match(r"\d[\d_]*(\.\d+)?(?![\d.])", f"{written:_}" if isinstance(written, int | float) else str(written))
    if number is None or float(number[0]) == 0.0:
        return "{ uniform: { low: 1, high: 3 } }"
    return f"{{ exponential: {{ mean: {number[0]} }} }}"


def _unnamed(written: Mapping[str, Any]) -> str:
    """What to write where the numbers of a distribution stand without its name."""
    of = [name for name in SHAPES if name not in COUNTED and _is_whole({name: written})]
    said = ", ".join(f"{key}: {part:_}" if isinstance(part, int | float) else f"{key}: {part}" for key, part in written.items())
    if not of:
        return f"no distribution is named. Write its name around its numbers, as {_example(0)}."
    which = f" where it is {of[0]}; these may also be the numbers of {' or '.join(of[1:4])}" if len(of) > 1 else ""
    return f"no distribution is named. Write its name around its numbers, as {{ {of[0]}: {{ {said} }} }}{which}."


def _is_whole(written: Mapping[str, Any]) -> bool:
    """Whether these are all the numbers that a distribution needs."""
    try:
        Distributions.model_validate(written)
    except ValidationError:
        return False
    return True
