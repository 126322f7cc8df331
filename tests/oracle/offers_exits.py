"""Random offers that may end early, with milestones, delays, limits, retentions, costs and the customer's side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.offers import Offer
from tests.oracle.offers_costs import Costs
from tests.oracle.offers_of_delays import _Delays
from tests.oracle.offers_termination import _Terminations


@dataclass
class OfferWithCosts(Offer):
    """An offer that says what it costs, and what the customer has of it."""

    costs: dict[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] = field(default_factory=dict)

    def scenario(self) -> dict[str, Any]:
        return super().scenario() | {"costs": self.costs, "customer": self.customer, "parties": ["crew"]}


def offer(number: int) -> OfferWithCosts:
    """The random contract of this number."""
    return _Exits(number).written()


def lasting(number: int) -> OfferWithCosts:
    """The same without the terms that may end it early."""
    one = offer(number)
    return replace(one, contract={name: term for name, term in one.contract.items() if term["term"] != "termination"})


class _Exits(Costs, _Terminations, _Delays):
    def written(self) -> OfferWithCosts:
        self.common_facts()
        kinds = self.some(
            ("fee", "milestone"), ("fee", "delay_damages"), ("payment", "fee"), ("fee", "milestone", "delay_damages"),
            ("payment", "delay_damages"), ("fee", "fee", "payment"), ("sharing", "fee"),
        )  # fmt: skip
        for place, kind in enumerate(kinds):
            self.contract[f"{kind}_{place}"] = getattr(self, kind)(f"{kind}_{place}")
        beneath = list(self.contract)
        self.costs = self.write_costs()
        self.may_run_on()
        for place in range(self.some(1, 1, 2)):
            self.contract[f"out_{place}"] = self.termination()
        self.stand_over(beneath)
        if "kept" not in self.contract and self.chance(0.6):  # what is held back and passed on is in dispute
            self.pass_on(beneath)
        elif "kept" not in self.contract:
            self.claw_back(beneath)
        names = self.random.sample(list(self.contract), len(self.contract))
        contract = {name: self.contract[name] for name in names}
        return OfferWithCosts(
            self.number, self.life, self.calendar, contract, self.facts, self.units, costs=self.costs,
            customer=self.write_customer(),
        )  # fmt: skip

    def sharing(self, name: str) -> dict[str, Any]:
        """A limit may follow the scope."""
        term = super().sharing(name)
        for step in term["steps"]:
            if "limit_payment" in step and self.chance(0.5):
                step["limit_payment"]["scales_with"] = "scope"
        return term

    def may_run_on(self) -> None:
        for cost in self.costs.values():
            if self.chance(0.3):
                cost["after_exit"] = "runs on"
            if "at" not in cost and self.chance(0.5):
                cost["scales_with"] = "scope"

    def termination(self) -> dict[str, Any]:
        term = super().termination()
        written_down = [name for name, cost in self.costs.items() if "straight_line" in cost]
        if written_down:
            term["unrecovered"] = {
                "costs": self.random.sample(written_down, self.random.randint(1, len(written_down))),
                "share": self.some("100%", "75%", 0.5, "0%", f"75% from month {self.later()} else 50%"),
            }
        if self.chance(0.3):
            term["rounded"] = {"to": self.some(5, 7), "by": self.some("half away", "half even", "towards zero")}
        return term

    def stand_over(self, beneath: list[str]) -> None:
        """Limits and a retention over some of the terms."""
        if self.chance(0.5):
            self.contract["liability"] = {
                "term": "liability_limit", "limits": self.among(beneath), "at_most": self.some(15, 60, "constant_limit"),
                "per": self.some("year", "life"),
            }  # fmt: skip
        if self.chance(0.4):
            self.contract["collar"] = {
                "term": "common_limit", "over": self.among(beneath), "per": self.some("year", "life"),
                "spread": self.some("in order", "in proportion"), "cap": self.some(40, 150), "floor": self.some(-20, -60),
            }  # fmt: skip
        if self.chance(0.6):
            self.contract["kept"] = {
                "term": "retention", "of": self.among(beneath), "share": self.some("10%", "50%"),
                "at_end": self.some("released", "released", "kept"),
            }  # fmt: skip
            if self.chance(0.5):
                self.contract["kept"]["released"] = [{"part": "50%", "when": self.some("stock >= 100", "part > 0.5")}]

    def claw_back(self, beneath: list[str]) -> None:
        """What one of the terms has paid, all of it or some."""
        names = [name for name in beneath if "measured" in self.contract[name].get("clock", {})]
        names = [name for name in names if "invoiced" not in self.contract[name]["clock"]]
        if not names:
            return
        of = self.random.choice(names)
        clock = {key: said for key, said in self.contract[of]["clock"].items() if key in ("measured", "year")}
        term = {"term": "clawback", "of": of, "within": self.some("1 settlement", "3 settlements", "life"), "clock": clock}
        term["when"] = self.some("mean(part) <= 0.5", "last(stock) >= 40", "total(stock) > 50")
        self.contract["back"] = term | ({"claim": self.some(20, "last(stock)")} if self.chance(0.5) else {})

    def pass_on(self, beneath: list[str]) -> None:
        """A part of what some of the terms pay, or cover for it."""
        clock = {"measured": self.clock()["measured"]}
        if self.chance(0.5):
            self.contract["cover"] = {
                "term": "insurance", "party": "crew", "covers": self.among(beneath), "clock": clock, "share": "80%",
                "premium": f"24 EUR per {self.flow_kind}", "deductible": self.some(0, 15),
                "per": self.some("settlement", "year", "life"),
            }  # fmt: skip
            return
        term: dict[str, Any] = {"term": "subcontract", "party": "crew", "of": self.among(beneath), "share": "50%", "clock": clock}
        if self.chance(0.5):
            term["gets"] = {"at_most": self.some(40, 150), "per": self.some("year", "life")}
        self.contract["passed"] = term

    def among(self, names: list[str]) -> list[str]:
        return self.random.sample(names, self.random.randint(1, len(names)))
