"""Random costs and customers: over time, at a date, written down; what is gained, avoided and spent."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import _Writer


class Costs(_Writer):
    """A writer of offers that say what they cost."""

    def flow(self, name: str, *, least: int = 0) -> str:
        """An amount over time that is never negative."""
        values = [self.some(least, 30, 60, 90, 120) for _ in range(self.life.periods)]
        rate = self.add(f"rate_{name}", self.flow_unit, values, self.flow_kind)
        later, per = self.later(), f"EUR per {self.flow_kind}"
        dated = f"{rate} from year 2 else 40 {per}" if self.two_years() else rate
        return str(self.some(rate, rate, f"25 {per}", "25% of base", f"60 {per} from month {later} else {rate}", dated))

    def date(self) -> str:
        """Some day of the contract."""
        year, month = (int(part) for part in self.calendar["start"].split("-"))
        months = year * 12 + month - 1 + self.random.randrange(self.life.months)
        return f"{months // 12}-{months % 12 + 1:02d}-{self.some('01', '05', '28')}"

    def write_costs(self) -> dict[str, Any]:
        """Some of each kind."""
        found: dict[str, Any] = {}
        for name in self.some(("people",), ("people", "energy"), ("people", "office")):
            cost = found[name] = {"amount": self.flow(name), "layer": self.some("contribution", "overhead")}
            if self.chance(0.3):
                cost["indexed"] = self.some("index_a", "index_b")
        for name in self.some((), ("tool",), ("tool", "clearing")):
            at = "end" if name == "clearing" else self.some("start", self.date())
            found[name] = {"amount": self.some(80, 200, "stock", "constant_limit"), "at": at, "layer": "overhead"}
        later = self.later()
        for name in self.some((), ("plant",), ("plant", "spares")):
            periods = self.some(1, 2, self.life.periods, self.random.randint(1, self.life.periods + 5))
            found[name] = {
                "amount": self.some(600, 1200, f"400 from month {later} else 1000", "4 * constant_limit"),
                "at": self.some("start", self.date(), "end"), "layer": "capital",
                "straight_line": f"{periods * self.life.step} months",
            }  # fmt: skip
            if self.chance(0.2):
                found[name]["indexed"] = "index_a"
        return found

    def write_customer(self) -> dict[str, Any]:
        """What the customer gains, avoids and spends."""
        gains = self.some({}, {"less": self.flow("less")}, {"less": "base"})
        avoids = self.some({}, {"old_fee": self.flow("old_fee")})
        return {"gains": gains, "avoids": avoids, "spends": self.some({}, {"training": self.flow("training")})}
