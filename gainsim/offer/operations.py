"""Service operations as written: fleets that fail, crews that repair them, spares that run out, sites, and calls from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gainsim.offer.fields import Clauses, problems_below
from gainsim.offer.fleets import Fleet, LongWait, Priority, Work
from gainsim.offer.lasting import Hours, HoursFrom0, HoursShape
from gainsim.offer.names import Name
from gainsim.offer.shifts import Shifts
from gainsim.spelling import did_you_mean

Outcome = Literal[
    "availability", "served", "failures", "planned", "downtime", "waiting", "access", "visits", "work", "overtime", "parts",
    "escalated", "response", "worst_response", "late", "on_time", "completion", "worst_completion", "overdue", "done_on_time",
    "throughput", "demand_served", "performance", "oee", "people", "stock", "assets", "monitored",
    "calls", "answered", "turned_away", "left",
]  # fmt: skip
#: those that do not change from period to period
STANDING: tuple[Outcome, ...] = ("people", "stock", "assets", "monitored")
#: parts of a whole
FRACTIONS: tuple[Outcome, ...] = ("availability", "served", "on_time", "done_on_time", "demand_served", "performance", "oee")
#: what the hours of an asset that is down are spent on
Cause = Literal["no_spare", "weather", "no_shift", "no_crew", "travel", "access", "repair", "planned"]
#: the ways in which a structure may serve, at most
WAYS = 1_000
Found = list[tuple[tuple[str | int, ...], str]]


class Crew(Clauses):
    """People who repair, any of them alike."""

    number: Annotated[int, Field(ge=1, le=1_000)]
    """How many there are."""
    skills: list[Name] = []
    """What they know to do besides what is asked of them by name."""
    shifts: Shifts | None = None
    """When they begin repairs; around the clock, unless said."""
    travel: Hours = 0.0
    """Hours on the way to each repair; none, unless said."""


class Shop(Work):
    """Where worn parts are made good."""

    takes: Hours
    """Hours of work on a part."""
    priority: Priority = 1
    """What is begun first, among all that its crew is called for: 1 before 2."""


class Spare(Clauses):
    """A stock of parts: each one that is needed is ordered anew at once."""

    stock: Annotated[int, Field(ge=0, le=10_000)]
    """How many there are at the start."""
    lead_time: Hours
    """Hours from the order to the arrival; from a depot, from when it sends one; to a shop, until the worn part is there."""
    depot: Name | None = None
    """The spare out of whose stock it is supplied, one for one; from outside, unless said."""
    shop: Shop | None = None
    """Where worn parts are repaired that come back into this stock; they are bought anew, unless said."""


class Weather(Clauses):
    """Spells in which nothing begins at a site, and those between."""

    fair: HoursShape
    """Hours of a spell in which repairs begin; a distribution."""
    foul: Hours
    """Hours of a spell in which none do."""


class Site(Clauses):
    """A place where fleets stand."""

    travel: Hours | None = None
    """Hours on the way to it, whichever crew comes; as the crew says, unless said."""
    weather: Weather | None = None
    """When repairs can begin there; always, unless said."""


class Requests(Work):
    """Calls from outside, which come whether or not anything fails."""

    every: HoursShape
    """Hours from one call to the next; a distribution."""
    takes: Hours
    """Hours of work."""
    site: Name | None = None
    """Where they come from; nowhere in particular, unless said."""
    spare: Name | None = None
    """What part each takes; none, unless said."""
    priority: Priority = 1
    """What is begun first, among repairs and calls: 1 before 2."""
    room: Annotated[int, Field(ge=0)] | None = None
    """How many may wait, the others being turned away; any number, unless said."""
    patience: Hours | None = None
    """Hours after which one who waits leaves; never, unless said."""
    escalates: LongWait | None = None
    """What becomes of a call that waits for long; nothing, unless said."""
    within: HoursFrom0 | None = None
    """Hours within which the crew must be there; later is `late`."""
    done_within: HoursFrom0 | None = None
    """Hours within which it must be done; later is `overdue`."""


class Serves(Clauses):
    """Which fleets are needed: all of some, any, or at least so many; each a fleet, or such a rule again."""

    all: Annotated[list[Name | Serves], Field(min_length=1)] | None = None
    """All of these."""
    any: Annotated[list[Name | Serves], Field(min_length=1)] | None = None
    """One of these."""
    at_least: Annotated[int, Field(ge=1)] | None = None
    """So many, `of` some."""
    of: Annotated[list[Name | Serves], Field(min_length=1)] | None = None
    """Of these."""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        rules = [self.all is not None, self.any is not None, self.at_least is not None]
        if sum(rules) != 1 or (self.at_least is None) != (self.of is None):
            raise ValueError("this is not one rule. Write all: [...], any: [...], or at_least: 2 and of: [...].")
        if self.at_least is not None and self.at_least > len(self.parts):
            rule = f"{self.at_least} of {len(self.parts)} can never be. Write at most {len(self.parts)}."
            raise problems_below([(("at_least",), rule)])
        named = [part for part in self.parts if isinstance(part, str)]
        if len(set(named)) < len(named):
            raise ValueError("a fleet is written twice in one rule. Write each once.")
        if self.ways > WAYS:
            raise ValueError(f"this can be kept in {self.ways:,} ways, and at most {WAYS:,} are gone through. Write fewer fleets.")
        return self

    @property
    def ways(self) -> int:
        """In how many ways the rule can be kept with as few as it takes."""
        found = [1] + [0] * self.least
        for part in self.parts:
            own = 1 if isinstance(part, str) else part.ways
            found = [1] + [found[n] + found[n - 1] * own for n in range(1, len(found))]
        return found[-1]

    @property
    def parts(self) -> list[str | Serves]:
        """What the rule is about."""
        return list(self.all or self.any or self.of or [])

    @property
    def least(self) -> int:
        """How many of its parts it takes."""
        return self.at_least or (len(self.parts) if self.all is not None else 1)

    def fleets(self) -> Iterator[str]:
        """All that are named."""
        for part in self.parts:
            yield from [part] if isinstance(part, str) else part.fleets()


class Operations(Clauses):
    """What delivers the service."""

    fleets: Annotated[dict[Name, Fleet], Field(max_length=60)] = {}
    """The assets, by kind; none where there are requests alone."""
    crews: Annotated[dict[Name, Crew], Field(min_length=1)]
    """Who repairs them."""
    spares: dict[Name, Spare] = {}
    """What repairs take from stock."""
    requests: dict[Name, Requests] = {}
    """What the crews are called for besides."""
    sites: dict[Name, Site] = {}
    """Where fleets stand."""
    hours: Shifts | None = None
    """When the service is owed; around the clock, unless said."""
    serves: Serves | None = None
    """Which fleets are needed for the service; all, unless said."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        found: Found = []
        if not self.fleets and not self.requests:
            found.append(((), "nothing fails here, and nobody calls. Write fleets: and the assets, or requests: and the calls."))
        for place, work in self.works():
            found += self._by_whom(place, work)
        for kind, keeps in (("fleets", self.fleets), ("requests", self.requests)):
            for name, kept in keeps.items():
                if kept.site is not None and kept.site not in self.sites:
                    found.append(((kind, name, "site"), f"no site '{kept.site}'.{_meant(kept.site, self.sites)}"))
        for kind, names in (("requests", self.requests), ("sites", self.sites)):
            for name in names:
                if name in self.fleets or (kind == "sites" and name in self.requests):
                    what = "a fleet" if name in self.fleets else "a kind of requests"
                    found.append(((kind, name), f"'{name}' is {what} too. Write another name."))
        found += self._supplied()
        for name in self.serves.fleets() if self.serves is not None else ():
            if name not in self.fleets:
                found.append((("serves",), f"no fleet '{name}'.{_meant(name, self.fleets)}"))
        if found:
            raise problems_below(found)
        return self

    @property
    def reads(self) -> set[str]:
        """The drivers that its fleets read."""
        return {name for kind in self.fleets.values() for name in kind.reads.values()}

    def works(self) -> Iterator[tuple[tuple[str, ...], Work]]:
        """All that crews are called for, and where it is written."""
        for fleet, kind in self.fleets.items():
            for name, failure in kind.failures.items():
                yield ("fleets", fleet, "failures", name), failure
                if failure.escalates is not None:
                    yield ("fleets", fleet, "failures", name, "escalates"), failure.escalates
            for name, work in kind.maintenance.items():
                yield ("fleets", fleet, "maintenance", name), work
        for name, asked in self.requests.items():
            yield ("requests", name), asked
            if asked.escalates is not None:
                yield ("requests", name, "escalates"), asked.escalates
        for name, spare in self.spares.items():
            if spare.shop is not None:
                yield ("spares", name, "shop"), spare.shop

    def _by_whom(self, place: tuple[str, ...], work: Work) -> Found:
        found: Found = []
        if work.crew is not None and work.crew not in self.crews:
            found.append(((*place, "crew"), f"no crew '{work.crew}'.{_meant(work.crew, self.crews)}"))
        skills = list(dict.fromkeys(skill for crew in self.crews.values() for skill in crew.skills))
        if work.skill is not None and work.skill not in skills:
            meant = did_you_mean(work.skill, skills) or f" Write skills: [{work.skill}] at a crew that has it."
            found.append(((*place, "skill"), f"no crew has the skill '{work.skill}'.{meant}"))
        spare = getattr(work, "spare", None)
        if spare is None:
            return found
        if spare not in self.spares:
            found.append(((*place, "spare"), f"no spare '{spare}'.{_meant(spare, self.spares)}"))
        elif spare in {kept.depot for kept in self.spares.values()}:
            rule = f"'{spare}' is a depot; it supplies stocks, no repairs. Write a spare with depot: {spare} and a lead time."
            found.append(((*place, "spare"), rule))
        return found

    def _supplied(self) -> Found:
        found: Found = []
        for name, spare in self.spares.items():
            if spare.depot is None:
                continue
            if spare.shop is not None:
                rule = f"worn parts go to the depot, {spare.depot}. Write the shop there."
                found.append((("spares", name, "shop"), rule))
            if spare.depot not in self.spares:
                others = [other for other in self.spares if other != name]
                meant = _meant(spare.depot, others) if others else " Write the depot's own stock under spares, by its name."
                found.append((("spares", name, "depot"), f"no spare '{spare.depot}'.{meant}"))
            elif self.spares[spare.depot].depot is not None:
                rule = f"'{spare.depot}' has a depot itself: supply goes over two stocks at most. Leave one of the two depots out."
                found.append((("spares", name, "depot"), rule))
        return found


def _each_with_its_name(written: Any) -> Any:
    """Operations by name; that theirs is left out is told once, and not of all that stands in its place."""
    if isinstance(written, dict) and "crews" in written and {"fleets", "requests"} & written.keys():
        raise ValueError("operations have a name. Write one here, as hall:, and all that stands here below it, indented.")
    return written


NamedOperations = Annotated[dict[Name, Operations], BeforeValidator(_each_with_its_name)]


class OfOperations(Clauses):
    """What operations come to in each period."""

    of: Name
    """Which operations."""
    outcome: Outcome
    """What of them."""
    fleet: Name | None = None
    """Of this fleet alone; of all, unless said."""
    site: Name | None = None
    """Of the fleets of this site."""
    mode: Name | None = None
    """Of this failure or maintenance of the fleet."""
    requests: Name | None = None
    """Of these requests, and of no fleet."""
    crew: Name | None = None
    """Whose people."""
    spare: Name | None = None
    """Whose stock."""
    cause: Cause | None = None
    """The part of downtime that is spent on this."""
    excludes: list[Cause] = []
    """Hours of these count neither as down nor as time."""


def _meant(name: str, known: Iterable[str]) -> str:
    known = list(known)
    return did_you_mean(name, known) or (f" Known are {', '.join(known)}." if known else " None is written.")
