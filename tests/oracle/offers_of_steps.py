"""Random sharing terms with the steps that remember, of quality, and of the whole."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import EDGES, Offer, _Writer

SIDES = ("gain", "pain", "both")


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Steps(number).write()


class _Steps(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        self.contract["sharing_0"] = self.sharing("sharing_0")
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units)

    def sharing(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        gain = self.gain_fact(f"gain_{name}", clock, EDGES)
        steps = [self.new_step(clock) for _ in range(self.some(1, 1, 2, 3))]
        old = self.gain_steps(clock) if self.chance(0.5) else []
        if not any(step.get("threshold", {}).get("then") == "catch_up" for step in old):
            steps += old
            self.random.shuffle(steps)
        if self.chance(0.5):
            steps.append({"share_of_whole": self.whole(clock)})
        else:
            steps.append({"share": self.bands(clock)})
        after = [self.limit_payment(clock) for _ in range(self.some(0, 0, 1))]
        if self.chance(0.3):
            after.insert(self.random.randint(0, len(after)), self.quality())
        return {"term": "sharing", "of": gain, "clock": clock, "steps": [*steps, *after]}

    def quality(self) -> dict[str, Any]:
        if self.chance(0.5):
            return {"quality_gate": {"when": self.some("mean(part) >= 0.5", "last(stock) > 20"), "sides": self.some(*SIDES)}}
        by = self.some("mean(part)", "1.5", "lowest(part) + 0.25", "0")
        return {"quality_multiplier": {"by": by, "sides": self.some(*SIDES)}}

    def new_step(self, clock: dict[str, Any]) -> dict[str, Any]:
        near, per = self.random.choice(EDGES), self.some("settlement", "year", "year", "life")
        kind = self.some("deductible", "deductible", "high_water_mark", "limit_gain", "limit_gain", "quality")
        if kind == "deductible":
            return {kind: {"at": self.amount(near, clock, at_least=0), "per": per, "sides": self.some(*SIDES)}}
        if kind == "high_water_mark":
            return {kind: {"of": self.some("level", "cumulative gain"), "start": self.some(0, 40, -20, "twenty", "25% of base")}}
        if kind == "quality":
            return self.quality()
        limits: dict[str, Any] = {"per": per}
        if self.chance(0.6):
            limits["floor"] = self.some(-100, -40, "-50% of base", 0, 10)
        if "floor" not in limits or self.chance(0.6):
            limits["cap"] = self.some(100, 240, "max(base, 20)")
        return {kind: limits}

    def whole(self, clock: dict[str, Any]) -> dict[str, Any]:
        inside = self.some("below", "up to")
        ranges = {f"{inside} -40": self.some("100%", "60%")} if self.chance(0.5) else {}
        ranges |= {f"{self.some('below', 'up to')} 0": self.some("0%", "60%", "25%")}
        for edge in self.some((), ("40",), ("100", "240"), ("twenty",)):
            ranges |= {f"{self.some('below', 'up to')} {edge}": self.some("0%", "40%", "50%", "mean(part)")}
        return ranges | {"above": self.some("30%", "100%")}
