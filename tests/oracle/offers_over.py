"""Random contracts with terms that stand over others: common limits, retentions, claw-backs, and what is passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.oracle.offers import Offer, _Writer

PARTIES = ("crew", "insurer", "designer")
Clause = dict[str, Any]


@dataclass
class OfferOver(Offer):
    """An offer that names further parties."""

    def scenario(self) -> dict[str, Any]:
        return super().scenario() | {"parties": list(PARTIES)}


def offer(family: str, number: int) -> OfferOver:
    """The random contract of this number."""
    return _Over(number).one_of(family)


class _Over(_Writer):
    def one_of(self, family: str) -> OfferOver:
        self.shared_clock: Clause | None = None
        self.common_facts()
        if family == "common_limit" and self.chance(0.4):  # "for terms that all settle in the same periods"
            self.shared_clock = self.clock()
        kinds = self.some(("sharing", "payment"), ("fee", "payment"), ("payment", "fee", "payment"), ("sharing", "sharing"),
                          ("payment",), ("fee", "sharing", "payment"), ("payment", "target_cost"))  # fmt: skip
        if family == "clawback":  # a fee in advance has no clock that another term may have
            kinds = self.some(("sharing",), ("payment",), ("payment", "sharing"), ("payment", "fee"))
        for place, kind in enumerate(kinds):
            term: Clause = getattr(self, kind)(f"{kind}_{place}")
            if self.chance(0.2):
                term["active_while"] = self.standing()
                if kind == "sharing":
                    term["steps"] = [step for step in term["steps"] if "carry" not in step]
            if self.chance(0.15):
                term["rounded"] = {"to": 5, "by": "half even"}
            self.contract[f"{kind}_{place}"] = term
        beneath = list(self.contract)
        getattr(self, family)(beneath)
        names = self.random.sample(list(self.contract), len(self.contract))
        contract = {name: self.contract[name] for name in names}
        return OfferOver(self.number, self.life, self.calendar, contract, self.facts, self.units, self.value)

    def clock(self, *, window: bool = True) -> Clause:
        shared = self.shared_clock
        return super().clock(window=window) if shared is None else dict(shared)

    def fee(self, name: str) -> Clause:
        term = super().fee(name)
        if self.shared_clock is not None:
            term["clock"].pop("invoiced", None)
        return term

    def payment(self, name: str) -> Clause:
        clock = self.clock()
        return {"term": "payment", "amount": self.gain_fact(f"gain_{name}", clock, [20, 40, 100]), "clock": clock}

    def standing(self) -> str:
        return str(self.some("part > 0", "stock > 20", "part >= 0.125 or stock < 40"))

    def may_say(self, term: Clause, *, rounding: bool = True) -> Clause:
        if self.chance(0.3):
            term["active_while"] = self.standing()
        if rounding and self.chance(0.25):
            term["rounded"] = {"to": self.some(1, 5, 7), "by": self.some("half away", "half even", "towards zero")}
        return term

    def among(self, names: list[str]) -> list[str]:
        return self.random.sample(names, self.random.randint(1, len(names)))

    def liability(self, name: str, limits: list[str]) -> None:
        self.contract[name] = {
            "term": "liability_limit", "limits": limits, "at_most": self.some(60, 150, "constant_limit"),
            "per": self.some("year", "life"),
        }  # fmt: skip
        if self.chance(0.3):
            self.contract[name]["active_while"] = self.standing()

    # over others

    def common_limit(self, beneath: list[str]) -> None:
        if self.chance(0.4):
            self.liability("liability", self.among(beneath))
        for name in self.some(("collar",), ("collar",), ("collar", "second_collar")):
            per = self.some("settlement", "settlement", "year", "life") if self.shared_clock else self.some("year", "life")
            self.contract[name] = self.may_say(self.collar(self.among(beneath), per), rounding=False)

    def collar(self, names: list[str], per: str) -> Clause:
        for name in names:
            if per == "year" and len(names) > 1:  # of what is paid now for a later year, the English leaves the year open
                windows = self.windows(self.contract[name]["clock"])
                if any(self.life.year_of(first) != self.life.year_of(last) for first, last in windows):
                    self.contract[name]["clock"].pop("invoiced", None)
        later = self.random.randint(1, (self.life.periods - 1) * self.life.step + 1)
        fees = [name for name in names if self.contract[name]["term"] == "fee"]
        parts = [f"{part} of max({name}, 0)" for name in fees for part in ("10%", "40%") if per != "settlement"]
        limit: Clause = {"term": "common_limit", "over": names, "per": per, "spread": self.some("in order", "in proportion")}
        if self.chance(0.7):
            limit["cap"] = self.some(100, 40, 0, "constant_limit", f"60 from month {later} else 150", *parts)
        if "cap" not in limit or self.chance(0.7):
            negative = [f"-{part}" for part in parts]
            limit["floor"] = self.some(-100, -40, 0, "-constant_limit", f"-150 from month {later} else -20", *negative)
        return limit

    def retention(self, beneath: list[str]) -> None:
        if self.chance(0.3):
            self.liability("liability", self.among(beneath))
        if self.chance(0.4):
            self.contract["collar"] = self.collar(self.among(beneath), self.some("year", "life"))
        self.kept(beneath)

    def kept(self, beneath: list[str]) -> None:
        term: Clause = {"term": "retention", "of": self.among(beneath), "share": self.some("5%", "10%", "50%", "100%", 0.3)}
        if self.chance(0.5):
            term["at_most"] = self.some(15, 60, "200 EUR", "constant_limit")
        term["released"] = [
            {"part": part, "when": self.some("stock >= 100", "part > 0.5", "stock > 60 and part > 0", "not part < 0.5")}
            for part in self.some((), ("50%",), ("25%", "50%"), ("100%",), ("50%", 0.5))
        ]
        if not term["released"]:
            del term["released"]
        term["at_end"] = self.some("released", "kept")
        if self.chance(0.3):
            term["clock"] = {"paid": "30 days"}
        self.contract["kept"] = self.may_say(term, rounding=False)

    def clawback(self, beneath: list[str]) -> None:
        of = self.random.choice([name for name in beneath if self.contract[name]["term"] != "fee"])
        if self.chance(0.4):
            self.contract["collar"] = self.collar(self.among(beneath), self.some("year", "life"))
        clock = {key: said for key, said in self.contract[of]["clock"].items() if key in ("measured", "year")}
        term: Clause = {"term": "clawback", "of": of, "within": self.some("1 settlement", "2 settlements", "4 settlements", "life"),
                        "clock": clock}  # fmt: skip
        if self.chance(0.7):
            when = ("mean(part) < 0.5", "last(stock) >= 40", f"gain_{of} < 0", "total(stock) > 50")
            term["when"] = self.some(*when)
        if "when" not in term or self.chance(0.6):
            term["claim"] = self.some(20, "last(stock)", f"50% of max(-gain_{of}, 0)", "constant_limit")
        self.contract["back"] = self.may_say(term)
        if self.chance(0.4):
            if "collar" in self.contract:
                self.liability("liability", self.among(beneath))
            else:
                others = self.random.sample(beneath, self.random.randint(0, len(beneath)))
                self.liability("liability", self.random.sample([*others, "back"], len(others) + 1))
        if self.chance(0.3):
            self.kept(beneath)

    # passed on

    def limited(self, beneath: list[str]) -> list[str]:
        """What may be passed on: the terms beneath, and what a retention releases."""
        for name in self.some((), ("liability",), ("liability",), ("liability", "second_liability")):
            self.liability(name, self.among(beneath))
        if self.chance(0.25):
            self.contract["collar"] = self.collar(self.among(beneath), self.some("year", "life"))
        if self.chance(0.3):
            self.kept(beneath)
            return [*beneath, "kept"]
        return beneath

    def subcontract(self, beneath: list[str]) -> None:
        beneath = self.limited(beneath)
        clock = self.clock()
        share = ("60%", 0.3, "100%", "mean(part)", "25% from year 2 else 50%" if self.two_years(clock) else "50%")
        term: Clause = {"term": "subcontract", "party": "crew", "of": self.among(beneath), "share": self.some(*share),
                        "clock": clock}  # fmt: skip
        if self.chance(0.4):
            term["share_of_pain"] = self.some(*share, "0%")
        for side in self.some((), ("gets",), ("pays",), ("pays",), ("pays", "gets"), ("gets", "pays")):
            per = self.some("settlement", "settlement", "year", "year", "life")
            flows = ("25% of base",) if per == "settlement" else ()
            term[side] = {"at_most": self.some(10, 20, 60, "150 EUR", "constant_limit", *flows), "per": per}
        self.contract["passed"] = self.may_say(term)

    def insurance(self, beneath: list[str]) -> None:
        self.limited(beneath)
        later = self.later()
        dated = f"12 EUR per year from month {later} else 24 EUR per year"
        premium = (f"24 EUR per {self.flow_kind}", "5% of base", "36 EUR per year", dated)
        term: Clause = {"term": "insurance", "party": "insurer", "covers": self.among(beneath), "premium": self.some(*premium),
                        "per": self.some("settlement", "year", "year", "life"), "clock": self.clock()}  # fmt: skip
        if self.chance(0.7):
            term["deductible"] = self.some(20, 40, 100, "constant_limit", 0)
        if self.chance(0.6):
            term["share"] = self.some("80%", 0.5, "100%", f"50% from month {self.later(term['clock'])} else 90%")
        if self.chance(0.6):
            term["limit"] = self.some(30, 90, "constant_limit")
        self.contract["cover"] = self.may_say(term)

    def alliance_split(self, beneath: list[str]) -> None:
        beneath = self.limited(beneath)
        parts = self.some({"crew": "30%"}, {"crew": "30%", "designer": "20%"}, {"designer": 0.25, "insurer": "75%"},
                          {"crew": "10%", "insurer": "20%", "designer": "30%"})  # fmt: skip
        term = {"term": "alliance_split", "of": self.among(beneath), "parts": parts, "clock": self.clock()}
        self.contract["split"] = self.may_say(term)
