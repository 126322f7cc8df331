"""Random values that follow what was achieved, and contracts that rest on them."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import MONTHS_IN
from tests.oracle.offers import EDGES, Offer, _Writer

NAMES = ("followed", "after_it", "made_of_it")


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Following(number).write()


class _Following(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        value: dict[str, Any] = {"followed": self.ratchet("achieved")}
        if self.chance(0.5):
            value["after_it"] = self.ratchet(None)
        if self.chance(0.4):
            value["made_of_it"] = self.some("followed + stock", "max(followed, 40)", "followed - 50% of twenty")
        self.names = list(value)
        kinds = self.some(("payment",), ("payment", "sharing"), ("sharing",), ("target_cost",), ("payment", "payment"))
        for place, kind in enumerate(kinds):
            self.contract[f"{kind}_{place}"] = getattr(self, kind)(f"{kind}_{place}")
        names = self.random.sample(list(value), len(value))  # what is followed may stand below
        value = {name: value[name] for name in names} | self.value
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units, value)

    def write_calendar(self) -> Any:
        """Long enough for something to follow."""
        while True:
            life, said = super().write_calendar()
            if life.periods >= 4:
                return life, said

    def ratchet(self, achieved: str | None) -> dict[str, Any]:
        """What follows a flow whose windows come to edges; or what follows that in turn."""
        every = self.some(*(kind for kind, months in MONTHS_IN.items() if months >= self.life.step))
        if achieved is None:
            follows = self.some("last(followed)", "mean(followed) + 10", "lowest(followed) - 25% of base", "first(followed)")
        else:
            name = self.gain_fact(achieved, {"measured": every}, EDGES)
            later = self.later({"measured": every})
            follows = self.some(
                name, name, name, f"{name} - 25% of base", "last(stock)", "highest(stock)", "mean(stock)", f"max({name}, 20)",
                f"{name} from month {later} else last(stock)",
            )  # fmt: skip
        said = {"ratchet": follows, "start": self.some(40, 100, "twenty", "constant_limit", "-20 EUR"), "every": every}
        said["keeps"] = self.some("lowest", "highest", "last")
        if self.chance(0.5):
            said["by"] = self.some("50%", "25%", 0.3, "100%", "0%")
        return said

    def known(self, clock: dict[str, Any]) -> str:
        """A value that follows, in one of the ways to write it for a window."""
        name = self.random.choice(self.names)
        single = all(first == last for first, last in self.windows(clock))
        reduced = self.some("last", "mean", "first", "lowest", "highest")
        return name if single and self.chance(0.5) else f"{reduced}({name})"

    def amount(self, near: float, clock: dict[str, Any], *, at_least: float | None = None) -> Any:
        if self.chance(0.5):
            return super().amount(near, clock, at_least=at_least)
        return self.known(clock) if at_least is None else f"max({self.known(clock)}, {at_least})"

    def standing(self, term: dict[str, Any]) -> dict[str, Any]:
        if self.chance(0.3):
            term["active_while"] = f"{self.random.choice(self.names)} {self.some('>=', '>')} {self.some(20, 40, 100)} EUR"
        return term

    def payment(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        amount = self.some(self.known(clock), f"{self.known(clock)} - {self.known(clock)} / 2", f"total({self.names[0]}) - base")
        term = {"term": "payment", "amount": amount, "clock": clock}
        if self.chance(0.3):
            term["when"] = f"{self.known(clock)} >= {self.some(40, 100, 'last(stock)')}"
        return self.standing(term)

    def sharing(self, name: str) -> dict[str, Any]:
        term = super().sharing(name)
        term["steps"].insert(0, {"against": self.known(term["clock"])})
        term["steps"] = [step for step in term["steps"] if "carry" not in step]
        return self.standing(term)

    def target_cost(self, name: str) -> dict[str, Any]:
        term = super().target_cost(name)
        return self.standing(term | {"target_cost": self.known(term["clock"])})
