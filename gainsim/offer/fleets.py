"""Assets as written: in which ways they fail, what is foreseen of it, how they are maintained."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gainsim.numbers import QuantityError, Written
from gainsim.offer.fields import Clauses, ReadBy, Share, number_schema, problems_below, read_share, reader
from gainsim.offer.lasting import Hours, HoursAbove0, HoursFrom0, HoursShape
from gainsim.offer.names import NAME_SCHEMA, Name, is_name
from gainsim.quantities import parse_quantity
from gainsim.units import DIMENSIONLESS

Priority = Annotated[int, Field(ge=1, le=9)]
Ages = Literal["running", "calendar", "use"]


def _driver(written: Any) -> Any:
    """The name of a driver; a number most likely is meant to be one that never changes."""
    if number := re.match(r"-?[\d.][\d._]*", str(written)):
        rule = f"'{written}' is not the name of a driver, from which this is read, period by period"
        raise ValueError(f"{rule}. Write one, with constant: {number[0]} where it never changes, and its name here.")
    return written


def _share_or_driver(written: Any) -> Any:
    return written if isinstance(written, str) and is_name(written) else _share(written)


def _amount(written: Written) -> float:
    quantity = parse_quantity(written)
    if quantity.unit != DIMENSIONLESS:
        raise QuantityError(f"'{written}' carries a unit. Write the number alone: it is in the unit of the demand, an hour.")
    return quantity.value


_capacity = reader(tuple, _amount, "a number")
_share = reader(tuple, read_share, "a share or the name of a driver")
DriverName = Annotated[Name, BeforeValidator(_driver)]
ShareOrDriver = Annotated[
    float | str, ReadBy(_share_or_driver), WithJsonSchema({"anyOf": [number_schema("40%").json_schema, NAME_SCHEMA.json_schema]})
]


class Work(Clauses):
    """Work that a crew is called for: by its name, or by a skill that crews have."""

    crew: Name | None = None
    """Who does it; or `skill`."""
    skill: Name | None = None
    """What a crew must know to do it, whichever it is; or `crew`."""

    @model_validator(mode="after")
    def _by_somebody(self) -> Self:
        if self.crew is None and self.skill is None and self._someone:
            raise ValueError("nobody is called for it. Write crew: and a name, or skill: and what a crew must know.")
        if self.crew is not None and self.skill is not None:
            raise problems_below([(("skill",), "crew says already who does it. Leave one of the two out.")])
        return self

    @property
    def _someone(self) -> bool:
        """Whether somebody must be named."""
        return True


class LongWait(Work):
    """What becomes of a call that waits for long."""

    after: HoursAbove0
    """Hours of waiting, from the failure or call on."""
    priority: Priority
    """What is begun first from then on: 1 before 2."""

    @property
    def _someone(self) -> bool:
        return False  # who may do it already goes on


class Foreseen(Clauses):
    """Failures that condition monitoring tells beforehand, so that work on them is planned."""

    chance: Share
    """The part of the lives whose end is foreseen."""
    ahead: Hours
    """How long before the end, in the mode's age: hours, or what it ages by."""
    repair: Hours | None = None
    """Hours of planned work; as long as the repair, unless said."""
    priority: Priority = 5
    """What is begun first: 1 before 2."""


class FailureMode(Work):
    """One way in which an asset fails, and what its repair takes."""

    life: HoursShape
    """Hours of running until it fails, or what it ages by; a distribution."""
    ages: Ages = "running"
    """By what it ages: hours of `running`, of the `calendar`, or the fleet's `use`."""
    repair: Hours
    """Hours of work."""
    access: Hours = 0.0
    """Hours that the crew waits on the spot until the customer lets it begin; none, unless said."""
    spare: Name | None = None
    """What part it takes; none, unless said."""
    priority: Priority = 1
    """What is repaired first: 1 before 2."""
    renews: Literal["mode", "asset"] = "mode"
    """What is as good as new after the repair: what failed, or the whole asset."""
    foreseen: Foreseen | None = None
    """What condition monitoring tells of it; nothing, unless said."""
    escalates: LongWait | None = None
    """What becomes of a repair that waits for long; nothing, unless said."""
    within: HoursFrom0 | None = None
    """Hours within which the crew must be there; later is `late`."""
    done_within: HoursFrom0 | None = None
    """Hours within which the repair must be done; later is `overdue`."""


class Maintenance(Work):
    """Work that is planned, done again and again."""

    every: HoursAbove0 | HoursShape
    """Hours of running after which it is called for, or what it ages by, since it was last done."""
    first: Hours | None = None
    """The same of the first time, so that not all are due at once; as `every`, unless said."""
    ages: Ages = "running"
    """By what it is counted: hours of `running`, of the `calendar`, or the fleet's `use`."""
    takes: Hours
    """Hours of work."""
    access: Hours = 0.0
    """Hours that the crew waits on the spot until the customer lets it begin; none, unless said."""
    spare: Name | None = None
    """What part it takes; none, unless said."""
    priority: Priority = 5
    """What is begun first: 1 before 2."""
    renews: Literal["asset", "nothing"] | list[Name] = "asset"
    """What is as good as new after it: the whole asset, the failure modes that are named, or nothing but this work's own count."""


class Fleet(Clauses):
    """Assets that are alike."""

    assets: Annotated[int, Field(ge=1, le=1_000)]
    """How many there are."""
    running: Annotated[int, Field(ge=1)] | None = None
    """How many run at once, the others standing by without ageing; all, unless said."""
    needed: Annotated[int, Field(ge=1)] | None = None
    """How many must run for the fleet to serve; as many as run at once, unless said."""
    site: Name | None = None
    """Where they stand; nowhere in particular, unless said."""
    failures: Annotated[dict[Name, FailureMode], Field(min_length=1)]
    """In which ways each of them fails."""
    maintenance: dict[Name, Maintenance] = {}
    """What is done to each of them, planned."""
    use: DriverName | None = None
    """The driver that says what an asset that runs is used in a period."""
    demand: DriverName | None = None
    """The driver that says what is asked of the fleet in a period."""
    capacity: Annotated[float, BeforeValidator(_capacity), number_schema("12%"), Field(gt=0)] | None = None
    """What an asset that runs makes in an hour, in the unit of the demand."""
    performance: ShareOrDriver = 1.0
    """The part of the capacity that those which run achieve: a fraction, or a driver."""
    quality: ShareOrDriver = 1.0
    """The part of what is made that is good: a fraction, or a driver."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.most > self.assets:
            rule = f"{self.most} of {self.assets} cannot run at once. Write at most {self.assets}."
            raise problems_below([(("running",), rule)])
        if self.least > self.most:
            rule = f"{self.least} are needed of {self.most} that run: the fleet could never serve. Write at most {self.most}."
            raise problems_below([(("needed",), rule)])
        return self

    @model_validator(mode="after")
    def _works(self) -> Self:
        found: list[tuple[tuple[str | int, ...], str]] = []
        for group, works in (("failures", self.failures), ("maintenance", self.maintenance)):
            for name, work in works.items():
                if work.ages == "use" and self.use is None:
                    found.append(((group, name, "ages"), "the fleet has no use. Write use: and the driver that says it."))
        for name, work in self.maintenance.items():
            if name in self.failures:
                found.append((("maintenance", name), f"'{name}' is a failure too. Write another name."))
            if isinstance(work.renews, list):
                unknown = [mode for mode in work.renews if mode not in self.failures]
                if unknown:
                    rule = f"no failure '{unknown[0]}'. Known are {', '.join(self.failures)}."
                    found.append((("maintenance", name, "renews"), rule))
        if self.demand is not None and self.capacity is None:
            found.append((("demand",), "what an asset makes is not said. Write capacity: in the unit of the demand, an hour."))
        if found:
            raise problems_below(found)
        return self

    @property
    def most(self) -> int:
        """How many run at once."""
        return self.assets if self.running is None else self.running

    @property
    def least(self) -> int:
        """How many must run."""
        return self.most if self.needed is None else self.needed

    @property
    def reads(self) -> dict[str, str]:
        """The drivers that it reads, by key."""
        keys = {"use": self.use, "demand": self.demand, "performance": self.performance, "quality": self.quality}
        return {key: name for key, name in keys.items() if isinstance(name, str)}
