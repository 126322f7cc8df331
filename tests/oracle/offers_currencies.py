"""Random offers of other families with some of their amounts, each by itself, in another currency."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

from tests.oracle import offers, offers_exits, offers_over
from tests.oracle.formulas import Fact
from tests.oracle.offers import Offer

#: where a formula is an amount of money that may be in any currency
AMOUNTS = (
    "amount", "of", "against", "at", "floor", "cap", "below", "above", "at_most", "actual_cost", "target_cost", "target_profit",
    "ceiling_price", "lowest_profit", "highest_profit", "claim", "premium", "deductible", "limit",
)  # fmt: skip
#: what is known beforehand, or is no amount: lists of terms, times, prices, shares
OTHERS = ("share", "share_of_whole", "early", "late", "rate", "indexed", "credits", "clock", "released", "high_water_mark")
KNOWN = ("liability_limit", "common_limit", "retention")  # their limits are in the contract's currency
WORDS = ("layer", "indexed", "after_exit", "scales_with", "at")  # of a cost, beside its amount
RATES = (0.5, 0.8, 1.0, 1.25, 2.0)


def offer(number: int) -> Offer:
    """The random contract of this number."""
    kinds = (offers.offer, offers_exits.lasting, *(_over(family) for family in ("common_limit", "insurance", "retention")))
    return _Moneyed(kinds[number % 5 if number % 10 > 4 else number % 2](number), number).written()


def _over(family: str) -> Any:
    return lambda number: offers_over.offer(family, number)


class _Moneyed:
    def __init__(self, one: Offer, number: int) -> None:
        self.one, self.random = one, random.Random(f"money {number}")
        periods = one.life.periods
        price = Fact([self.random.choice(RATES) for _ in range(periods)], price_of="USD")
        self.facts, self.units = one.facts | {"eur_per_usd": price}, one.units | {"eur_per_usd": "EUR/USD"}

    def written(self) -> Offer:
        # a limit that is a part of a fee is in the fee's currency
        known = re.findall(r"max\((\w+), 0\)", str([term for term in self.one.contract.values() if term["term"] in KNOWN]))
        contract = {
            name: term if term["term"] in KNOWN or name in known else self.of_term(term)
            for name, term in self.one.contract.items()
        }
        changes: dict[str, Any] = {}
        for part in ("costs", "customer"):
            if hasattr(self.one, part):
                changes[part] = self.of_ledger(getattr(self.one, part))
        return replace(
            self.one, contract=contract, facts=self.facts, units=self.units, rates={"USD": "eur_per_usd"}, **changes
        )

    def of_term(self, said: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, written in said.items():
            if key in OTHERS and key != "share":
                found[key] = written
            elif key == "share" and isinstance(written, dict):
                found[key] = {self.edge(label): share for label, share in written.items()}
            elif isinstance(written, dict):
                found[key] = self.of_term(written)
            elif key == "steps":
                found[key] = [self.of_term(step) for step in written]
            else:
                money = key in AMOUNTS and not isinstance(written, list)
                in_window = said.get("term") != "fee" and key != "premium"
                found[key] = self.amount(written, in_window=in_window) if money else written
        return found

    def of_ledger(self, said: dict[str, Any]) -> dict[str, Any]:
        """Costs, but for those whose amount is written down, or the customer's side."""
        return {name: each if "straight_line" in each else self.of_entries(each) for name, each in said.items()}

    def of_entries(self, said: dict[str, Any]) -> dict[str, Any]:
        return {key: written if key in WORDS else self.amount(written, in_window=False) for key, written in said.items()}

    def edge(self, label: str) -> str:
        """An edge of a band."""
        found = re.fullmatch(r"(below|up to) (.+)", label)
        return f"{found[1]} {self.amount(found[2])}" if found and found[2] != "0" else label

    def amount(self, written: Any, *, in_window: bool = True) -> Any:
        text = str(written)
        if self.random.random() < 0.5 or " if " in text or ("%" in text.split(" ")[0][-1:] and "of" not in text):
            return written
        if re.fullmatch(r"-?\d+(\.\d+)?( EUR)?", text):
            return f"{text.removesuffix(' EUR')} USD"
        if re.search(r"\bvalue_", text) or any(name in self.one.contract for name in re.findall(r"\w+", text)):
            return written
        names = [name for name in re.findall(r"[A-Za-z_]\w*", text) if self.units.get(name, "").startswith("EUR")]
        if not names and "EUR" not in text:
            return written
        if text in names and self.facts[text].flow and self.random.random() < 0.2:
            product = f"{self.twin(text)} * eur_per_usd"  # "to convert as the money arises"
            return f"total({product})" if in_window else product
        for name in set(names):
            text = re.sub(rf"\b{name}\b", self.twin(name), text)
        return text.replace("EUR", "USD")

    def twin(self, name: str) -> str:
        """A fact of the same size in the other currency."""
        self.facts[f"{name}_usd"] = replace(self.facts[name], currency="USD")
        self.units[f"{name}_usd"] = self.units[name].replace("EUR", "USD")
        return f"{name}_usd"
