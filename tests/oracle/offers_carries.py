"""Random sharing terms that carry pain and gain on both sides of the share, and that do not always stand."""

from __future__ import annotations

from typing import Any

from tests.oracle.offers import EDGES, Offer, _Writer

PER = ("settlement", "settlement", "year", "life", "3 years", "2 years")


def offer(number: int) -> Offer:
    """The random contract of this number."""
    return _Carries(number).write()


class _Carries(_Writer):
    def write(self) -> Offer:
        self.common_facts()
        self.contract["sharing_0"] = self.sharing("sharing_0")
        return Offer(self.number, self.life, self.calendar, self.contract, self.facts, self.units)

    def write_calendar(self) -> Any:
        """Long enough to carry something in most contracts."""
        while True:
            life, said = super().write_calendar()
            if life.periods >= 3:
                return life, said

    def sharing(self, name: str) -> dict[str, Any]:
        clock = self.clock()
        while len(self.windows(clock)) < 3:
            clock = self.clock()
        gain = self.gain_fact(f"gain_{name}", clock, EDGES)
        steps = self.side(clock, "limit_gain") if self.chance(0.6) else self.before(clock)
        if self.chance(0.25):
            steps.append({"share_of_whole": {"below 0": self.some("60%", "100%"), "up to 100": "50%", "above": "30%"}})
        else:
            steps.append({"share": self.bands(clock)})
        if self.chance(0.25):
            steps.append(self.quality())
        steps += self.side(clock, "limit_payment") if self.chance(0.7) else []
        term: dict[str, Any] = {"term": "sharing", "of": gain, "clock": clock, "steps": steps}
        if self.chance(0.4):
            term["active_while"] = self.some("part > 0", "stock > 20", "stock >= 20")
        if self.chance(0.15):
            term["rounded"] = {"to": self.some(5, 7), "by": "half away"}
        return term

    def quality(self) -> dict[str, Any]:
        if self.chance(0.5):
            return {"quality_gate": {"when": "mean(part) >= 0.5", "sides": self.some("gain", "pain", "both")}}
        by = self.some("mean(part)", "1.5", "lowest(part) + 0.25")
        return {"quality_multiplier": {"by": by, "sides": self.some("gain", "pain", "both")}}

    def before(self, clock: dict[str, Any]) -> list[dict[str, Any]]:
        near, per = self.random.choice(EDGES), self.some(*PER)
        sides = self.some("gain", "pain", "both")
        return [
            self.some(
                {"against": 20}, {"deductible": {"at": near, "per": per, "sides": sides}},
                {"threshold": {"at": near, "sides": sides, "then": self.some("excess", "from_first")}}, self.quality(),
                {"high_water_mark": {"of": self.some("level", "cumulative gain"), "start": self.some(0, 40, "25% of base")}},
            )
        ]  # fmt: skip

    def limit(self, kind: str, clock: dict[str, Any]) -> dict[str, Any]:
        limits: dict[str, Any] = {"per": self.some(*PER)}
        if self.chance(0.7):
            limits["floor"] = self.some(-20, -40, "-25% of base", -100, 0, "-1 * mean(stock)", 5)
        if "floor" not in limits or self.chance(0.7):
            # "A floor never lies above its cap."
            moving = [0, "mean(stock)", "25% of base"] if limits.get("floor") != 5 else []
            limits["cap"] = self.some(40, 60, 100, *moving)
        return {kind: limits}

    def side(self, clock: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        """Limits on one side of the share, and carries about them."""
        limits = [self.limit(kind, clock) for _ in range(self.some(0, 1, 1, 1, 2, 2, 3))]
        steps = list(limits)
        floors = [i for i, step in enumerate(limits) if "floor" in step[kind]]
        caps = [i for i, step in enumerate(limits) if "cap" in step[kind]]
        if caps and self.chance(0.6):
            steps.insert(self.random.randint(0, caps[0]), {"carry": self.carry("gain beyond the cap", kind)})
        if self.chance(0.7):
            what = self.some("all pain", "pain beyond the floor", "pain beyond the floor") if floors else "all pain"
            steps.insert(self.random.randint(0, len(steps)), {"carry": self.carry(what, kind)})
        if kind == "limit_gain" and self.chance(0.4):
            steps.insert(self.some(0, self.random.randint(0, len(steps))), self.before(clock)[0])
        return steps

    def carry(self, what: str, kind: str) -> dict[str, Any]:
        expires = self.some("never", "never", "after 1 settlement", "after 2 settlements", "after 5 settlements")
        at_end = self.some("lost", "paid") if kind == "limit_payment" else "lost"
        said = {"what": what, "expires": expires, "at_end": at_end}
        if self.chance(0.4):
            said["at_most"] = self.some(20, 50, 60, "25% of base", "mean(stock)")
        return said
