"""How long everything lasts, as laws: one set for each failure mode, work of maintenance, kind of requests and weather."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import within
from gainsim.offer.fleets import FailureMode, LongWait, Maintenance, Work
from gainsim.offer.operations import Operations, Requests
from gainsim.offer.shapes import Shape
from gainsim.problems import Problems

Law = float | Marginal
#: what is drawn for each life of a mode, in this order. supply: the lead time of the depot that its spare comes from; patience:
#: that of a call; first: the first life of maintenance; foreseen: a life's end is, where this is below the chance; ahead: how
#: long before; planned: hours of planned work; shop: hours of work on its spare in a shop
KINDS = (
    "life", "repair", "travel", "access", "lead_time", "supply", "patience", "first", "foreseen", "ahead", "planned", "shop",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Mode:
    """What has lives. What is compiled for one is kept for it, whatever another one is like.

    laws:    one for each of `KINDS`, in their order; planned work as long as the repair is the same law
    crews:   who may do it, in this order; and who may once it escalated, after them
    travels: hours on the way of each of them; the first is the law of `travel`
    by_use: its lives are no hours, but what a driver says
    """

    fleet: str
    name: str
    laws: tuple[Law, ...]
    crews: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    travels: tuple[Law, ...] = (0.0,)
    by_use: bool = False

    def between(self, is_call: bool) -> tuple[Law, ...]:
        """What lies between the begin of one life and that of the next, in hours or in use.

        These are the life and the repair; for a call, which comes whether or not the one before was answered, and where lives are
        no hours, the life.
        """
        return self.laws[: 1 if self.by_use or is_call else 2]


def laws_of(name: str, operations: Operations, problems: Problems) -> tuple[Mode, ...]:
    """Of all that has lives, in the order of the plant; what is wrong with them is told."""
    return tuple(_Laws(name, operations, problems).all())


def who_may(work: Work, operations: Operations) -> tuple[str, ...]:
    """The crew that is named, or those with the skill, in the order of the file."""
    if work.crew is not None:
        return (work.crew,)
    return tuple(name for name, crew in operations.crews.items() if work.skill is not None and work.skill in crew.skills)


class _Laws:
    """The laws of one operations, each read once."""

    def __init__(self, name: str, operations: Operations, problems: Problems) -> None:
        self.place = ("operations", name)
        self.operations, self.problems = operations, problems
        self.travel = {crew: self._law(people.travel, "crews", crew, "travel") for crew, people in operations.crews.items()}
        self.lead_time = {
            spare: self._law(kept.lead_time, "spares", spare, "lead_time") for spare, kept in operations.spares.items()
        }
        self.shop = {
            spare: self._law(kept.shop.takes, "spares", spare, "shop", "takes")
            for spare, kept in operations.spares.items()
            if kept.shop is not None
        }
        self.site = {
            site: self._law(kept.travel, "sites", site, "travel")
            for site, kept in operations.sites.items()
            if kept.travel is not None
        }

    def all(self) -> Iterator[Mode]:
        for fleet, kind in self.operations.fleets.items():
            for name, failure in kind.failures.items():
                yield self._failure(fleet, name, failure, kind.site)
            for name, work in kind.maintenance.items():
                yield self._maintenance(fleet, name, work, kind.site)
        for name, asked in self.operations.requests.items():
            yield self._requests(name, asked)
        for site, kept in self.operations.sites.items():
            if kept.weather is not None:
                where = ("sites", site, "weather")
                why = "a fair spell may be 0 hours: the weather would change for ever"
                fair = self._lasting(kept.weather.fair, why, *where, "fair")
                yield Mode(site, "weather", _laws(life=fair, repair=self._law(kept.weather.foul, *where, "foul")))

    def _failure(self, fleet: str, name: str, failure: FailureMode, site: str | None) -> Mode:
        where = ("fleets", fleet, "failures", name)
        why = "a life may be 0 hours: it would fail again and again at one instant"
        laws = {
            "life": self._lasting(failure.life, why, *where, "life"),
            "repair": self._law(failure.repair, *where, "repair"),
            "access": self._law(failure.access, *where, "access"),
        }
        laws["planned"] = laws["repair"]
        if failure.foreseen is not None:
            laws["foreseen"] = _uniform() if failure.foreseen.chance < 1.0 else 0.0
            laws["ahead"] = self._law(failure.foreseen.ahead, *where, "foreseen", "ahead")
            if failure.foreseen.repair is not None:
                laws["planned"] = self._law(failure.foreseen.repair, *where, "foreseen", "repair")
        mode = self._mode(fleet, name, laws, failure, failure.escalates, failure.spare, site)
        if failure.foreseen is not None and failure.foreseen.chance > 0.0:
            self._check_that_time_passes(mode, *where, "foreseen")
        return mode

    def _check_that_time_passes(self, mode: Mode, *where: str) -> None:
        """From one call for planned work to the next, where that may be at once as a life begins."""
        laws = dict(zip(KINDS, mode.laws, strict=True))
        on_the_way = min(_ends(law)[0] for law in mode.travels)
        lasts = on_the_way + _ends(laws["access"])[0] + _ends(laws["planned"])[0]
        if lasts <= 0.0 and _ends(laws["ahead"])[1] >= _ends(laws["life"])[0]:
            with self.problems.at(*self.place, *where):
                raise ValueError(
                    "ahead may be as long as a life, and planned work may take no time: it would be called for again and again at "
                    "one instant. Write a repair that lasts, or an ahead that is shorter than every life."
                )

    def _maintenance(self, fleet: str, name: str, work: Maintenance, site: str | None) -> Mode:
        where = ("fleets", fleet, "maintenance", name)
        every: Law = work.every if isinstance(work.every, float) else self._lasting(
            work.every, "the time between may be 0 hours: it would be due again and again at one instant", *where, "every"
        )
        laws = {
            "life": every,
            "access": self._law(work.access, *where, "access"),
            "first": every if work.first is None else self._law(work.first, *where, "first"),
            "planned": self._law(work.takes, *where, "takes"),
            "foreseen": 0.0,
        }
        return self._mode(fleet, name, laws, work, None, work.spare, site)

    def _requests(self, name: str, asked: Requests) -> Mode:
        where = ("requests", name)
        why = "a call may come 0 hours after another: they would never end"
        laws = {"life": self._lasting(asked.every, why, *where, "every"), "repair": self._law(asked.takes, *where, "takes")}
        if asked.patience is not None:
            laws["patience"] = self._law(asked.patience, *where, "patience")
        return self._mode(name, "call", laws, asked, asked.escalates, asked.spare, asked.site)

    def _mode(
        self, fleet: str, name: str, laws: Mapping[str, Law], work: Work, escalates: LongWait | None, spare: str | None,
        site: str | None,
    ) -> Mode:  # fmt: skip
        who = who_may(work, self.operations)
        then = tuple(crew for crew in (who_may(escalates, self.operations) if escalates is not None else ()) if crew not in who)
        travels = tuple(self.site.get(site or "", self.travel[crew]) for crew in (*who, *then))
        depot = self.operations.spares[spare].depot if spare is not None else None
        return Mode(
            fleet,
            name,
            _laws(
                **{**laws, "travel": travels[0]},
                lead_time=self.lead_time.get(spare or "", 0.0),
                supply=self.lead_time.get(depot or "", 0.0),
                shop=self.shop.get(depot or spare or "", 0.0),
            ),
            (who, then),
            travels,
            isinstance(work, FailureMode | Maintenance) and work.ages == "use",
        )

    def _lasting(self, hours: Shape, why: str, *where: str) -> Law:
        law = self._law(hours, *where)
        if _ends(law)[0] <= 0.0:
            with self.problems.at(*self.place, *where):
                raise ValueError(f"{why}. Write one that lasts.")
        return law

    def _law(self, hours: float | Shape, *where: str) -> Law:
        if isinstance(hours, float):
            return hours
        with self.problems.at(*self.place, *where):
            return within(hours, where[-1], 0.0)
        return inf  # what is wrong with it is told already


def _laws(**told: Law) -> tuple[Law, ...]:
    """One for each of `KINDS`; what is not told does not last, nobody loses patience, and nothing is foreseen."""
    others = {"patience": inf, "foreseen": 1.0}
    return tuple(told.get(kind, others.get(kind, 0.0)) for kind in KINDS)


def _ends(law: Law) -> tuple[float, float]:
    """The least and the largest that it may be."""
    return law.ends if isinstance(law, Marginal) else (law, law)


def _uniform() -> Marginal:
    return within(Shape.model_validate({"uniform": {"low": 0.0, "high": 1.0}}), "foreseen")
