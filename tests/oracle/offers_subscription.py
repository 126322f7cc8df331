"""Random subscriptions: their three structures, seats activated early, and fees of so much a seat."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import Offer, _Writer


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Subscriptions(number).write()


class _Subscriptions(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        self.contract["licence"] = self.subscription()
        if self.chance(0.3):
            self.contract["second"] = self.subscription()
        if self.chance(0.4):
            rate = f"{self.some(2, 0.5)} EUR/seat/{self.some('month', 'quarter', 'year')}"
            self.contract["care"] = {"term": "fee", "amount": f"licence * {rate}", "clock": self.clock()}
        names = self.random.sample(list(self.contract), len(self.contract))
        contract = {name: self.contract[name] for name in names}
        return Offer(self.number, self.life, self.calendar, contract, self.facts, self.units, self.value)

    def since(self) -> str:
        """A date, a month or a year within the contract."""
        month = self.random.randint(2, self.last_month())
        year, first = (int(part) for part in self.calendar["start"].split("-"))
        date = year * 12 + first - 1 + month - 1
        last_year = self.life.year_of(self.life.periods - 1) + 1
        years = [f"from year {self.random.randint(2, last_year)}"] if last_year > 1 else []
        return str(self.some(f"from month {month}", f"from {date // 12}-{date % 12 + 1:02d}", *years))

    def last_month(self) -> int:
        """The month in which the last period begins, counted from 1."""
        return (self.life.periods - 1) * self.life.step + 1

    def rising(self, numbers: list[float], unit: str) -> str:
        """The largest number last in time: each step from a month of its own."""
        steps = sorted(
            self.random.sample(range(2, self.last_month() + 1), min(len(numbers) - 1, self.last_month() - 1))
        )
        if len(steps) == 1:
            return f"{numbers[1]} {unit} {self.since()} else {numbers[0]} {unit}"
        numbers = numbers[: len(steps) + 1]
        written = [f"{n} {unit} from month {month}" for n, month in zip(numbers[1:], steps, strict=True)]
        return " else ".join([*reversed(written), f"{numbers[0]} {unit}"])

    def subscription(self) -> dict[str, Any]:
        long = self.life.periods > 1
        structure = self.some("simple", "staged", "staged", "staged", "ramp") if long else "simple"
        seats, price = self.some([20.0], [300]), self.some([10.0], [0.5], [25])
        if structure == "staged":
            seats = self.some([20, 30], [10, 20, 50], [1, 40], [50, 60, 60.5], [20, 25, 90, 100])
        if structure == "ramp":
            price = self.some([5, 10], [1, 4, 12], [19.5, 20, 20.5])
        per = f"EUR/seat/{self.some('month', 'quarter', 'year')}"
        term: dict[str, Any] = {
            "term": "subscription", "structure": structure, "seats": self.rising(seats, "seat"),
            "price": self.rising(price, per), "clock": self.clock(),
        }  # fmt: skip
        if structure == "staged" and self.chance(0.7):
            wanted = f"wanted_{len(self.contract)}"
            marks = (*seats, *seats, 0, max(seats) + 10, 15.5, 33.25)
            self.add(wanted, "seat", [self.random.choice(marks) for _ in range(self.life.periods)])
            term["adopted"] = self.some(
                wanted, wanted, f"round({wanted}, 1)", f"{wanted} * part", f"{wanted} {self.since()} else 0 seat"
            )
        elif self.chance(0.5):
            term["clock"]["invoiced"] = "in advance"
        if self.chance(0.4):
            term["active_while"] = self.some(
                "part > 0", "stock >= 40", f"stock > (0 from month {self.random.randint(1, self.last_month())} else 20)"
            )
        if self.chance(0.2):
            term["rounded"] = {"to": self.some(5, 100), "by": self.some("half away", "half even", "towards zero")}
        if self.chance(0.5):
            term["guardrails"] = self.guardrails(structure)
        return term

    def guardrails(self, structure: str) -> dict[str, Any]:
        years = self.life.year_of(self.life.periods - 1) + 1
        part = self.some("20%", "40%", "50%", "75%", "100%")
        rules: dict[str, Any] = {}
        if structure != "simple":
            rules["first_year"] = {self.some("at_least", "more_than"): part}
        if structure == "ramp":
            rules["full_price_from"] = self.some(years, years, self.random.randint(1, years))
        budget = [self.some(600, 2400, 7200, 9000, 36000) for _ in range(self.random.randint(1, years))]
        if self.chance(0.9):
            shown = ["products", "editions", "seats", "budget_limit", "fixed_steps", "open_roll_out"]
            for _ in range(self.some(0, 0, 1, 2)):
                shown.remove(self.random.choice(shown))
            rules["criteria_met"] = shown
        return rules | {"budget": budget}
