"""Service operations as written: fleets of assets that fail, crews that repair them, spares that run out."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from gainsim.offer.fields import Clauses, Number, problems_below
from gainsim.offer.names import Name
from gainsim.offer.shapes import Shape
from gainsim.spelling import did_you_mean

Hours = Annotated[Number, Field(ge=0)] | Shape
Outcome = Literal[
    "availability", "served", "failures", "downtime", "waiting", "access", "visits", "work", "parts", "response"
]  # fmt: skip
Answer = Literal["calls", "answered", "turned_away", "left", "late", "waiting", "response", "work"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEK: tuple[Weekday, ...] = get_args(Weekday)


class FailureMode(Clauses):
    """One way in which an asset fails, and what its repair takes."""

    life: Shape
    """Hours of running until it fails; a distribution."""
    repair: Hours
    """Hours of work."""
    crew: Name
    """Who repairs it."""
    access: Hours = 0.0
    """Hours that the crew waits on the spot until the customer lets it begin; none, unless said."""
    spare: Name | None = None
    """What part it takes; none, unless said."""
    priority: Annotated[int, Field(ge=1, le=9)] = 1
    """What is repaired first: 1 before 2."""
    renews: Literal["mode", "asset"] = "mode"
    """What is as good as new after the repair: what failed, or the whole asset."""


class Fleet(Clauses):
    """Assets that are alike."""

    assets: Annotated[int, Field(ge=1, le=1_000)]
    """How many there are."""
    running: Annotated[int, Field(ge=1)] | None = None
    """How many run at once, the others standing by without ageing; all, unless said."""
    needed: Annotated[int, Field(ge=1)] | None = None
    """How many must run for the fleet to serve; as many as run at once, unless said."""
    failures: Annotated[dict[Name, FailureMode], Field(min_length=1)]
    """In which ways each of them fails."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.most > self.assets:
            rule = f"{self.most} of {self.assets} cannot run at once. Write at most {self.assets}."
            raise problems_below([(("running",), rule)])
        if self.least > self.most:
            rule = f"{self.least} are needed of {self.most} that run: the fleet could never serve. Write at most {self.most}."
            raise problems_below([(("needed",), rule)])
        return self

    @property
    def most(self) -> int:
        """How many run at once."""
        return self.assets if self.running is None else self.running

    @property
    def least(self) -> int:
        """How many must run."""
        return self.most if self.needed is None else self.needed


def _days(written: Any) -> Any:
    """`monday to friday`, one day, or a list of days."""
    if not isinstance(written, str):
        return written
    first, to, last = (part.strip() for part in written.lower().partition(" to "))
    if not to:
        return [first]
    if first not in WEEK or last not in WEEK:
        raise ValueError(f"'{written}' is not days of the week. Write monday to friday, or [monday, thursday].")
    start = WEEK.index(first)
    return [WEEK[(start + n) % 7] for n in range((WEEK.index(last) - start) % 7 + 1)]


class Shifts(Clauses):
    """When a crew begins repairs."""

    days: Annotated[list[Weekday], Field(min_length=1), BeforeValidator(_days)]
    """On which days of the week, as `monday to friday`."""
    begins: Annotated[int, Field(ge=0, le=23)]
    """From which full hour on."""
    ends: Annotated[int, Field(ge=1, le=24)]
    """Up to which full hour of the same day, itself excluded."""

    @model_validator(mode="after")
    def _of_one_day(self) -> Self:
        if self.ends <= self.begins:
            rule = f"{self.begins} to {self.ends} is no part of one day. Write a later hour, 24 for midnight."
            raise problems_below([(("ends",), rule)])
        return self


class Crew(Clauses):
    """People who repair, any of them alike."""

    number: Annotated[int, Field(ge=1, le=1_000)]
    """How many there are."""
    shifts: Shifts | None = None
    """When they begin repairs; around the clock, unless said."""
    travel: Hours = 0.0
    """Hours on the way to each repair; none, unless said."""


class Spare(Clauses):
    """A stock of parts: each one that is needed is ordered anew at once."""

    stock: Annotated[int, Field(ge=0, le=10_000)]
    """How many there are at the start."""
    lead_time: Hours
    """Hours from the order to the arrival; from a depot, from when it sends one."""
    depot: Name | None = None
    """The spare out of whose stock it is supplied, one for one; from outside, unless said."""


class Requests(Clauses):
    """Calls from outside, which come whether or not anything fails."""

    every: Shape
    """Hours from one call to the next; a distribution."""
    takes: Hours
    """Hours of work."""
    crew: Name
    """Who is called."""
    priority: Annotated[int, Field(ge=1, le=9)] = 1
    """What is begun first, among repairs and calls: 1 before 2."""
    room: Annotated[int, Field(ge=0)] | None = None
    """How many may wait, the others being turned away; any number, unless said."""
    patience: Hours | None = None
    """Hours after which one who waits leaves; never, unless said."""
    within: Annotated[Number, Field(ge=0)] | None = None
    """Hours within which the crew must be there; later is `late`."""


class Operations(Clauses):
    """What delivers the service."""

    fleets: Annotated[dict[Name, Fleet], Field(min_length=1)]
    """The assets, by kind."""
    crews: Annotated[dict[Name, Crew], Field(min_length=1)]
    """Who repairs them."""
    spares: dict[Name, Spare] = {}
    """What repairs take from stock."""
    requests: dict[Name, Requests] = {}
    """What the crews are called for besides."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        found: list[tuple[tuple[str | int, ...], str]] = []
        depots = {spare.depot for spare in self.spares.values() if spare.depot}
        for fleet, written in self.fleets.items():
            for name, mode in written.failures.items():
                place = ("fleets", fleet, "failures", name)
                if mode.crew not in self.crews:
                    found.append(((*place, "crew"), f"no crew '{mode.crew}'.{_meant(mode.crew, self.crews)}"))
                if mode.spare is not None and mode.spare not in self.spares:
                    found.append(((*place, "spare"), f"no spare '{mode.spare}'.{_meant(mode.spare, self.spares)}"))
                elif mode.spare in depots:
                    rule = f"'{mode.spare}' is a depot; it supplies stocks, no repairs."
                    found.append(((*place, "spare"), f"{rule} Write a spare with depot: {mode.spare} and a lead time."))
        for name, asked in self.requests.items():
            if asked.crew not in self.crews:
                found.append((("requests", name, "crew"), f"no crew '{asked.crew}'.{_meant(asked.crew, self.crews)}"))
            if name in self.fleets:
                found.append((("requests", name), f"'{name}' is a fleet too. Write another name."))
        for name, spare in self.spares.items():
            if spare.depot is None:
                continue
            if spare.depot not in self.spares:
                others = {other: kept for other, kept in self.spares.items() if other != name}
                found.append((("spares", name, "depot"), f"no spare '{spare.depot}'.{_meant(spare.depot, others)}"))
            elif self.spares[spare.depot].depot is not None:
                rule = f"'{spare.depot}' has a depot itself: supply goes over two stocks at most. Leave one of the two depots out."
                found.append((("spares", name, "depot"), rule))
        if found:
            raise problems_below(found)
        return self


class OfOperations(Clauses):
    """What operations come to in each period."""

    of: Name
    """Which operations."""
    outcome: Outcome | Answer
    """What of them."""
    fleet: Name | None = None
    """Of this fleet alone; of all, unless said."""
    requests: Name | None = None
    """Of these requests, and of no fleet."""


def _meant(name: str, known: dict[str, Crew] | dict[str, Spare]) -> str:
    return did_you_mean(name, known) or (f" Known are {', '.join(known)}." if known else " None is written.")
