"""Random service credits, service levels and service points: what is measured, its edges, and what follows from them."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import MONTHS_IN
from tests.oracle.formulas import percent
from tests.oracle.offers import ALMOST, LEVELS, Offer, _Writer

TIMES = ("30", "60", "120", "240")


def levels(number: int) -> Offer:
    """The random contract of this number, of service levels."""
    return _Service(number).write_one("service_levels")


def points(number: int) -> Offer:
    """The random contract of this number, of service points."""
    return _Service(number).write_one("service_points")


def credits(number: int) -> Offer:  # noqa: A001
    """The random contract of this number, of service credits."""
    return _Service(number).write_one("service_credits")


class _Level:
    """What one level measures: its formula, its edges from the first to the deepest, which side of them is worse."""

    def __init__(self, formula: str, edges: list[str], worse: str) -> None:
        self.formula, self.edges, self.worse = formula, edges, worse

    @property
    def better(self) -> str:
        return "above" if self.worse == "below" else "below"


class _Service(_Writer):
    def write_one(self, kind: str) -> Offer:
        self.common_facts()
        self.tables: dict[str, Any] = {}
        per = f"EUR per {self.flow_kind}"
        rate = self.add(
            "rate", self.flow_unit, [self.some(300, 600, 900) for _ in range(self.life.periods)], self.flow_kind
        )
        amount = self.some(
            rate, f"600 {per}", f"900 {per} from month {self.later()} else 600 {per}", f"max({rate}, 400)"
        )
        self.contract["charge"] = {"term": "fee", "amount": amount, "clock": {"measured": "period"}}
        if self.chance(0.3):
            self.contract["charge"]["indexed"] = self.indexation({})
        self.its_clock = self.clock()
        if len(self.windows(self.its_clock)) < 3 and self.chance(0.7):
            self.its_clock["measured"] = "period"
        self.later_month = self.later(self.its_clock)
        term: dict[str, Any] = {
            "term": kind, **getattr(self, kind)(),
            "of": self.some("charge", "charge", "base", "50% of charge", "constant_limit"), "clock": self.its_clock,
        }  # fmt: skip
        if self.chance(0.5):
            term["pool"] = self.pool()
        if self.chance(0.3):
            term["active_while"] = self.some("part > 0", "stock > 20", "stock >= 20", "base >= 0 and part < 1")
        if self.chance(0.2):
            term["rounded"] = {"to": self.some(1, 5, 0.25), "by": self.some("half away", "half even", "towards zero")}
        self.contract["term"] = term
        if self.chance(0.2):
            self.contract["limit"] = {
                "term": "liability_limit", "limits": ["term"], "at_most": self.some(60, 300, "constant_limit"),
                "per": self.some("year", "life"),
            }  # fmt: skip
        return Offer(
            self.number, self.life, self.calendar, self.contract, self.facts, self.units, self.value, self.tables
        )

    def pool(self) -> dict[str, Any]:
        per = self.some("settlement", "year", "year", "life")
        flows = ["5% of charge", "10% of base", "2% of charge + 1% of base"] if per != "settlement" else []
        dated = f"120 from month {self.later_month} else 60"
        return {"at_most": self.some(20, 60, 150, "constant_limit", "max(twenty, 30)", dated, *flows), "per": per}

    # what is measured

    def level(self, name: str, *, deep: int = 3) -> _Level:
        worse = self.some("below", "below", "above", "by formula")
        written = TIMES if worse == "above" else LEVELS
        chosen = sorted(self.random.sample(range(len(written)), self.random.randint(1, deep)))
        edges = [written[place] for place in chosen]
        if worse == "by formula":
            return _Level(self.uptime(name), edges, "below")
        near: list[float] = [percent(edge) for edge in written]
        a_little = ALMOST if worse == "above" else 1e-6
        values = []
        for _ in range(self.life.periods):
            ends = (15.0, 300.0) if worse == "above" else (1.0, 0.5)
            around = self.some(*(near[place] for place in chosen), *near, *ends, ends[0], near[0])
            values.append(around + self.some(0, 0, 0, 0, a_little, -a_little))
        self.add(name, "minute" if worse == "above" else "1", values)
        single = all(first == last for first, last in self.windows(self.its_clock))
        taken = f"{self.some('lowest', 'highest', 'last', 'mean')}({name})"
        return _Level(name if single and self.chance(0.7) else taken, edges, worse)

    def uptime(self, name: str) -> str:
        """ "Time that is excused is left out by the level's formula" """
        per = self.calendar["step"]
        for what, values in (("up", (100, 99, 98, 97, 95, 90, 96)), ("scheduled", (100,)), ("excused", (0, 0, 1, 3))):
            self.add(f"{what}_{name}", f"minute/{per}", [self.some(*values) for _ in range(self.life.periods)], per)
        assert MONTHS_IN[per] == self.life.step
        return str(self.some(f"up_{name} / (scheduled_{name} - excused_{name})", f"up_{name} / scheduled_{name}"))

    def edge(self, edge: str, worse: str) -> str:
        """An edge, in one of the ways to write it: another edge is never so near to it."""
        size = percent(edge)
        if worse == "above":
            other, unit, plain = f"{float(edge) + 5:g}", "minute", self.some(edge, f"{edge} minute")
        else:
            other, unit, plain = f"{float(edge[:-1]) - 0.25:g}%", "1", edge
        dated = f"{edge} from month {self.later_month} else {other}"
        held = f"edge_{edge}".replace(".", "_").removesuffix("%") + ("_time" if worse == "above" else "")
        moving = f"moving_{held}"
        choice = self.some("plain", "plain", "plain", "dated", "held", "moving", "year")
        if choice == "year" and self.two_years(self.its_clock):
            return f"{other} from year 2 else {edge}"
        if choice == "dated":
            return dated
        if choice == "held":
            if held not in self.facts:
                self.hold(held, size, unit)
            return held
        if choice == "moving":
            if moving not in self.facts:
                values = [self.some(size, size, percent(other)) for _ in range(self.life.periods)]
                self.add(moving, unit, values)
            return f"{self.some('first', 'last')}({moving})"
        return str(plain)

    def steps(self, level: _Level, parts: tuple[Any, ...]) -> dict[str, Any]:
        words = (level.worse, level.worse, f"at or {level.worse}")
        return {
            f"{self.some(*words)} {self.edge(edge, level.worse)}": part
            for edge, part in zip(level.edges, parts, strict=False)
        }

    def counted(self) -> str:
        return str(self.some("in a row", "in the last 3 settlements", "in the last 2 settlements", "in the year",
                             "in the last 5 settlements"))  # fmt: skip

    def repeated(self) -> dict[str, Any]:
        multiply = self.some(
            {"from 2": 2},
            {"from 2": 2, "from 3": 3.5},
            {"from 1": 0, "from 2": 1},
            {"from 3": 2},
            {"from 2": 1.5, "from 4": 5},
        )
        return {"counted": self.counted(), "multiply": multiply}

    # the terms

    def service_credits(self, name: str = "x") -> dict[str, Any]:
        level = self.level(name)
        parts = self.some(("5%", "15%", "30%"), ("10%", "10%", "100%"), ("5%", f"15% from month {self.later_month} else 5%", "30%"))
        return {"level": level.formula, "credits": self.steps(level, parts)}

    def service_points(self) -> dict[str, Any]:
        self.tables["reduction"] = self.some(
            {"whole": {"below 2": "0%", "below 5": "2%", "up to 9": "6%", "above": "10%"}},
            {"slices": {"up to 1": "0%", "up to 20": "2%", "above": "0%"}},
            {"line": [[1, "0%"], [4, "5%"], [4, "8%"], [12, "40%"]]},
        )
        levels: dict[str, Any] = {}
        for name in self.some(("a",), ("a", "b"), ("a", "b", "c")):
            level = self.level(name)
            levels[name] = {
                "level": level.formula,
                "points": self.steps(level, self.some((1, 2, 4), (3, 5, 6), (2, 2, 3))),
            }
            if self.chance(0.5):
                levels[name]["repeated"] = self.repeated()
        counted = self.some("settlement", "in the last 3 settlements", "in the last 2 settlements", "in the year")
        return {"levels": levels, "counted": counted, "table": "reduction"}

    def service_levels(self) -> dict[str, Any]:
        levels = {name: self.one_level(name) for name in self.some(("a",), ("a", "b"), ("a", "b", "c"))}
        return {"at_risk": self.some("10%", "20%", "50%", f"50% from month {self.later_month} else 10%"), "levels": levels}

    def one_level(self, name: str) -> dict[str, Any]:
        level = self.level(name)
        parts = self.some(("20%", "40%", "100%"), ("60%", "60%", "80%"), ("10%", "15%", "30%"))
        said: dict[str, Any] = {"level": level.formula, "credits": self.steps(level, parts)}
        if self.chance(0.5):
            said["repeated"] = self.repeated()
        if self.chance(0.5):
            edge = self.edge(self.random.choice(TIMES if level.worse == "above" else LEVELS), level.worse)
            credit = self.some(
                20, 90, "constant_limit", "25% of base", "highest(stock)", f"40 from month {self.later_month} else 10"
            )
            said["critical"] = {
                "when": f"{self.some(level.worse, f'at or {level.worse}')} {edge}", "credit": credit,
                "pool": self.some("inside", "beside"),
            }  # fmt: skip
        if self.chance(0.7):
            said["earn_back"] = self.earn_back(level)
        if self.chance(0.4):
            of = self.some("missed", "critical") if "critical" in said else "missed"
            counted = self.counted()
            reached = (1, 2) if counted == "in the last 2 settlements" else (1, 2, 3)
            said["termination_right"] = {"failures": self.some(*reached), "counted": counted, "of": of}
        return said

    def earn_back(self, level: _Level) -> dict[str, Any]:
        over = self.some(
            "year", "year", "1 settlement", "1 settlement", "2 settlements", "3 settlements", "3 settlements"
        )
        marks: tuple[str, ...] = TIMES if level.worse == "above" else LEVELS
        marks = marks[1:] if over == "year" else marks[:3]  # a year's mean is worse than its best settlements
        edge = self.edge(self.some(level.edges[0], *marks), level.worse)
        side = self.some(level.better, f"at or {level.better}", f"at or {level.better}")
        returns = self.some("100%", "50%", f"50% from month {self.later_month} else 100%")
        said = {"when": f"{side} {edge}", "returns": returns, "over": over}
        return said if over == "year" else said | {"otherwise": self.some("lost", "kept")}
