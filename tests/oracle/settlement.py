"""The oracle: a slow settlement of one path, written from docs/reference/terms.md and from nothing else.

A contract comes as it is written (the `contract` part of a scenario, as plain data), its world as a table of facts.
Every term becomes a list of settlements: its window, what it pays, and the lines of its steps where the English says
what they are. Quoted sentences are those of terms.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.oracle import delays, gain_steps, service, upon_fees, volumes
from tests.oracle.calendar import MONTHS_IN, Life, Window
from tests.oracle.formulas import Fact, World, at_period, converted, currency_of, flow_of, over_window
from tests.oracle.indexation import factors
from tests.oracle.lookups import Table
from tests.oracle.payment import amounts
from tests.oracle.settled import Settled, in_advance, reckoned_at, windows_of
from tests.oracle.standing import rounding, stands

Clause = dict[str, Any]


def settle(
    contract: dict[str, Clause],
    life: Life,
    facts: dict[str, Fact],
    tables: dict[str, Table] | None = None,
    start: str = "",
) -> dict[str, list[Settled]]:
    """Every term's settlements, in the order of time.

    A liability limit has one list for each of the terms it limits, under "limit.term".
    """
    world = World(life, dict(facts), tables or {}, start)
    written: dict[str, list[Settled]] = {}

    def of(name: str) -> list[Settled]:
        """A term, settled when it is first spoken of."""
        if name not in written:
            written[name] = finished(contract[name], SETTLED_BY[contract[name]["term"]](contract[name], world), world)
        return written[name]

    def paid(name: str, window: Window) -> float:
        """ "the sum of what that term pays in the settlements that are reckoned within the window" """
        together = 0.0
        for settlement in of(name):
            if window[0] <= reckoned_at(contract[name], settlement) <= window[1]:
                together = together + settlement.paid
        return together

    world.paid = paid
    for name, term in contract.items():
        if term["term"] == "fee":
            world.facts[name] = present_rate(term, world)
    settled = {name: of(name) for name, term in contract.items() if term["term"] != "liability_limit"}
    left = dict(settled)  # "Where two limits stand over one term, the second counts what the first has left."
    for name, term in contract.items():
        if term["term"] == "liability_limit":
            for limited, relief in liability_limit(term, contract, left, world).items():
                settled[f"{name}.{limited}"] = relief
                left[limited] = [
                    Settled(before.window, before.paid + relieved.paid)
                    for before, relieved in zip(left[limited], relief, strict=True)
                ]
    return settled


def finished(term: Clause, settlements: list[Settled], world: World) -> list[Settled]:
    """Rounded, and nothing where the term does not stand. A fee has asked already: "A fee asks it in each period"."""
    found = []
    for settlement in settlements:
        change = rounding(term, settlement.paid)
        lines = settlement.lines | ({"rounding": change} if "rounded" in term else {})
        stood = term["term"] == "fee" or stands(term, world, reckoned_at(term, settlement))
        # only what is paid is nothing; of the lines the English says no more
        found.append(Settled(settlement.window, settlement.paid + change if stood else 0.0, lines if stood else {}))
    return found


def payment(term: Clause, world: World) -> list[Settled]:
    """An amount of the window, on a condition."""
    windows = windows_of(term, world.life)
    return [Settled(window, amount) for window, amount in zip(windows, amounts(term, world, windows), strict=True)]


# --- fee ------------------------------------------------------------------------------------------------------------


def fee(term: Clause, world: World) -> list[Settled]:
    """An amount over time."""
    by_index = factors(term, world)
    part_of_unit = world.life.step / MONTHS_IN[flow_of(term["amount"], world) or ""]
    found = []
    for window in windows_of(term, world.life):
        first, last = window
        plain = 0.0
        indexed = 0.0
        for period in range(first, last + 1):
            # "In arrears, a settlement pays what the rate came to over the window. In advance, it pays the rate in
            # force in the window's first period, for every period of the window."
            in_force = first if in_advance(term) else period
            if not stands(term, world, in_force):  # "counts only those in which it holds"
                continue
            rate = at_period(term["amount"], world, in_force)
            plain = plain + rate * part_of_unit
            indexed = indexed + rate * by_index[in_force] * part_of_unit
        # "of a fee in advance …: the window's first"
        plain, indexed = (converted(x, term["amount"], world, first if in_advance(term) else last) for x in (plain, indexed))
        lines = {"amount": plain}
        if "indexed" in term:  # "The ledger shows the plain amount and, apart from it, what indexation adds."
            lines["indexation"] = indexed - plain
        found.append(Settled(window, indexed, lines))
    return found


def present_rate(term: Clause, world: World) -> Fact:
    """A fee as a value that other terms name: "in each period … the rate at which it is paid", 0 where it does not stand."""
    by_index = factors(term, world)
    rates = [
        at_period(term["amount"], world, period) * by_index[period] if stands(term, world, period) else 0.0
        for period in paid_in(term, world)
    ]
    return Fact(rates, flow=flow_of(term["amount"], world), currency=currency_of(term["amount"], world))


def paid_in(term: Clause, world: World) -> list[int]:
    """The period whose rate is paid in each: "of a fee in advance … in all periods of a window what it is in the first" """
    found = list(range(world.life.periods))
    for first, last in windows_of(term, world.life) if in_advance(term) else ():
        found[first : last + 1] = [first] * (last - first + 1)
    return found


# --- sharing --------------------------------------------------------------------------------------------------------


@dataclass
class Carried:
    """One amount that is carried.

    arose:  the number of the settlement in which it arose
    lapses: it does not outlast that settlement, unless nothing ever expires
    """

    size: float
    arose: int
    lapses: bool = False


def sharing(term: Clause, world: World) -> list[Settled]:
    """A gain, step by step."""
    balance: list[Carried] = []  # the oldest first
    found: list[Settled] = []
    memory: list[gain_steps.Memory] = [[] for _ in term["steps"]]
    for number, window in enumerate(windows_of(term, world.life)):
        one = OneSharing(term, world, window, number, found, balance)
        one.memory = memory
        balance = one.run()
        stood = stands(term, world, window[1])
        found.append(Settled(window, one.payment if stood else 0.0, one.lines))
    return found


class OneSharing:
    """One settlement of a sharing term: "The `steps` are executed in the order written." """

    def __init__(
        self, term: Clause, world: World, window: Window, number: int, before: list[Settled], balance: list[Carried]
    ) -> None:
        self.steps: list[Clause] = term["steps"]
        self.world, self.window, self.number, self.before, self.balance = world, window, number, before, balance
        self.gain = self.value(term["of"])
        self.payment = 0.0
        self.catch_up: float | None = None  # the most that may be paid for a positive gain
        self.cut_by_floors = 0.0  # so far
        self.own_pain = 0.0  # of this settlement: the supplier's share of a negative gain; a cap that binds is no pain
        self.lines: dict[str, float] = {"gain": self.gain}
        self.memory: list[gain_steps.Memory] = []

    def value(self, written: object) -> float:
        return over_window(written, self.world, self.window)

    def line(self, step: str, amount: float) -> None:
        """Enter what a step changed; the second step of one kind is `kind #2`."""
        name, count = step, 1
        while name in self.lines:
            count += 1
            name = f"{step} #{count}"
        self.lines[name] = amount

    def run(self) -> list[Carried]:
        """Execute the steps; the balance carried to the next settlement."""
        what_limits_left: list[Carried] | None = None
        for place, step in enumerate(self.steps):
            ((kind, said),) = step.items()
            shared = any("share" in earlier or "share_of_whole" in earlier for earlier in self.steps[:place])
            if kind in ("quality_gate", "quality_multiplier"):
                self.quality(kind, said, shared)
            elif kind in ("against", "threshold", "deadband", "limit_gain", "deductible", "high_water_mark"):
                gain = self.changed_gain(kind, said, self.memory[place])
                self.line(kind, gain - self.gain)
                self.gain = gain
            elif kind == "share":
                self.share(said)
            elif kind == "share_of_whole":
                self.payment = gain_steps.share_of_whole(self.gain, said, self.value)
                self.own_pain = max(-self.payment, 0.0)
            elif kind == "limit_payment":
                self.limit_payment(said)
            elif self.meets_first(place, said):
                what_limits_left = self.carry_first(said)
            else:
                self.carry_after(said)
        carry = next((step["carry"] for step in self.steps if "carry" in step), None)
        if carry is None:
            return []
        if what_limits_left is not None:
            self.balance = what_limits_left
            if carry["what"] == "pain beyond the floor":
                self.keep_unpaid()
        self.lapse(carry)
        return self.balance

    # before share

    def quality(self, kind: str, said: Clause, shared: bool) -> None:
        """ "before the share or after it" """
        before = self.payment if shared else self.gain
        after = gain_steps.quality(before, kind, said, self.value)
        self.line(kind, after - before)
        if shared:
            self.payment = after
        else:
            self.gain = after

    def changed_gain(self, kind: str, said: Any, memory: gain_steps.Memory) -> float:
        g, year = self.gain, self.world.life.year_of(self.window[1])
        part = self.world.life.part_of_year(year)
        if kind == "deductible":
            return gain_steps.deductible(g, said, self.value, memory, year, part)
        if kind == "high_water_mark":
            return gain_steps.high_water_mark(g, said, self.value, memory, year)
        if kind == "against":  # "the gain becomes gain - R"
            return g - self.value(said)
        if kind == "threshold":
            return self.threshold(g, said)
        if kind == "deadband":
            below, above = self.value(said["below"]), self.value(said["above"])
            # "a gain between -B and A becomes 0; a gain above A becomes g - A, one below -B g + B"
            if g > above:
                return g - above
            if g < -below:
                return g + below
            return 0.0
        return gain_steps.limit_gain(g, said, self.value, memory, year, part)

    def threshold(self, g: float, said: Clause) -> float:
        h = self.value(said["at"])
        side = "gain" if g > 0 else "pain"
        if said["then"] == "catch_up":
            # "the payment for a positive gain is at most `catch_up_share` × (g - H)"; "g is the gain as it meets that
            # threshold"; "below H nothing; from H on the whole gain is shared"
            self.catch_up = over_window(said["catch_up_share"], self.world, self.window) * max(g - h, 0.0)
            return 0.0 if 0 < g < h else g
        if g == 0 or said["sides"] not in (side, "both"):  # "the other side passes unchanged"
            return g
        if said["then"] == "excess":
            # "a gain g becomes max(g - H, 0); a pain -p becomes -max(p - H, 0)"
            return max(g - h, 0.0) if g > 0 else -max(-g - h, 0.0)
        # "a gain (or pain) smaller in size than H becomes 0; one that reaches H, exactly or more, passes whole"
        return 0.0 if abs(g) < h else g

    # the share step

    def share(self, bands: Clause) -> None:
        """Marginal bands: "The payment is the sum over the slices of share × slice"."""
        g = self.gain
        downwards: list[tuple[str, float, float]] = []  # label, edge, share
        upwards: list[tuple[str, float, float]] = []
        for label, written in bands.items():
            share = self.value(written)
            if label.startswith("below"):
                downwards.append((label, self.value(label.removeprefix("below")), share))
            elif label.startswith("up to"):
                upwards.append((label, self.value(label.removeprefix("up to")), share))
        above = self.value(bands["above"])
        for place, (label, edge, share) in enumerate(downwards):
            # "`below 0: s` applies to pain from 0 downwards, until the next `below E` … takes over beyond E"
            end = downwards[place + 1][1] if place + 1 < len(downwards) else -float("inf")
            self.band(label, share * (max(g, end) - edge) if g < edge else 0.0)
        last_edge = 0.0
        for label, edge, share in upwards:
            # "`up to E: s` applies to the slice of the gain from the last edge (at first 0) to E"
            self.band(label, share * (min(g, edge) - last_edge) if g > last_edge else 0.0)
            last_edge = edge
        self.band("above", above * (g - last_edge) if g > last_edge else 0.0)
        self.own_pain = max(-self.payment, 0.0)
        if self.catch_up is not None:  # "It acts directly after the share step."
            allowed = min(self.payment, self.catch_up) if self.gain > 0 else self.payment
            self.line("catch_up", allowed - self.payment)
            self.payment = allowed

    def band(self, label: str, paid: float) -> None:
        self.line(f"share {label}", paid)
        self.payment = self.payment + paid

    # after share

    def limit_payment(self, said: Clause) -> None:
        """ "the payment is raised to the floor, then lowered to the cap" """
        already = 0.0
        part = 1.0
        year = self.world.life.year_of(self.window[1])
        # "floor and cap bind the sum of this payment and of what the term has already paid (after all its steps) in
        # this year, or since the contract began"
        if said["per"] == "year":
            part = self.world.life.part_of_year(year)
            for settlement in self.before:
                # "a settlement counts in the year in which its window ends"
                if self.world.life.year_of(settlement.window[1]) == year:
                    already = already + settlement.paid
        elif said["per"] == "life":
            for settlement in self.before:
                already = already + settlement.paid
        if "floor" in said:
            raised = max(self.payment, self.value(said["floor"]) * part - already)
            self.cut_by_floors = self.cut_by_floors + raised - self.payment
            self.line("floor", raised - self.payment)
            self.payment = raised
        if "cap" in said:
            lowered = min(self.payment, self.value(said["cap"]) * part - already)
            self.line("cap", lowered - self.payment)
            self.payment = lowered

    def meets_first(self, place: int, said: Clause) -> bool:
        """Whether the carry stands before: "standing **before** every limit_payment with a floor", "standing before any
        limit_payment"; otherwise it stands "**after** a limit_payment (for `pain beyond the floor`: one with a floor)".
        """
        limits = [step["limit_payment"] for step in self.steps[:place] if "limit_payment" in step]
        if said["what"] == "all pain":
            return not limits
        return not any("floor" in limit for limit in limits)

    def carried(self) -> float:
        together = 0.0
        for amount in self.balance:
            together = together + amount.size
        return together

    def carry_first(self, said: Clause) -> list[Carried]:
        """The balance meets the payment before the limits; what is carried on, as far as it is known here."""
        before = self.payment
        together = self.payment - self.carried()
        self.cut_by_floors = 0.0
        if said["what"] == "pain beyond the floor":  # "the balance is added to the payment"
            self.payment = together
            self.line("carry", self.payment - before)
            return self.balance
        # "payment and balance are added; a sum below 0 is not paid but becomes the new balance; a sum above 0 is paid
        # and the balance is 0"
        self.payment = max(together, 0.0)
        self.line("carry", self.payment - before)
        return self.unpaid(max(-together, 0.0))

    def keep_unpaid(self) -> None:
        """ "what the floors then cut off becomes the new balance" """
        self.balance = self.unpaid(self.cut_by_floors)

    def unpaid(self, size: float) -> list[Carried]:
        """ "What remains unpaid is taken to be this settlement's own pain first, as far as that goes, then the youngest
        carried; what a floor that moves cuts off beyond all pain there is lapses with the oldest."
        """
        own = min(size, self.own_pain)
        left = size - own
        kept: list[Carried] = []
        for amount in reversed(self.balance):
            of_this = min(left, amount.size)
            left = left - of_this
            kept.insert(0, Carried(of_this, amount.arose))
        # the oldest there can be: what was carried as long as it may be, and lapses where this settlement ends
        return [Carried(left, self.number, lapses=True), *kept, Carried(own, self.number)]

    def carry_after(self, said: Clause) -> None:
        """ "the balance is set only against a payment that is positive there" """
        before = self.payment
        contribution = self.cut_by_floors
        for amount in self.balance:  # "the oldest is set off first"
            # "the payment falls by as much of the balance as it can bear without becoming negative"
            set_off = min(amount.size, max(self.payment, 0.0))
            amount.size = amount.size - set_off
            self.payment = self.payment - set_off
        if said["what"] == "all pain":  # "the payment itself where it is negative, which is then not paid"
            contribution = max(-self.payment, 0.0)
            self.payment = max(self.payment, 0.0)
        self.line("carry", self.payment - before)
        self.balance.append(Carried(contribution, self.number))

    def lapse(self, said: Clause) -> None:
        """What remains at the contract's end, and what is too old."""
        last_settlement = self.window[1] == self.world.life.periods - 1
        if said["at_end"] == "paid":
            # "in the settlement that ends in the contract's last period, the balance that remains is paid by the
            # supplier, after all limits, also what would lapse there"
            paid = -self.carried() if last_settlement else 0.0
            self.line("carry at end", paid)
            self.payment = self.payment + paid
        if said["expires"] != "never":
            # "an amount can be set off in the N settlements after the one it arose in … and lapses when its time is over"
            settlements = int(said["expires"].split()[1])
            self.balance = [
                amount for amount in self.balance if self.number < amount.arose + settlements and not amount.lapses
            ]


# --- target cost ----------------------------------------------------------------------------------------------------


def target_cost(term: Clause, world: World) -> list[Settled]:
    """A price that follows cost."""
    found = []
    for window in windows_of(term, world.life):

        def value(written: object, window: Window = window) -> float:
            return over_window(written, world, window)

        cost, target, profit = value(term["actual_cost"]), value(term["target_cost"]), value(term["target_profit"])
        over = value(term["supplier_share_over"])
        # "C + P + supplier_share_under × (T - C) if C is below T, and C + P - supplier_share_over × (C - T) if above"
        earned = profit
        if cost < target:
            earned = profit + value(term["supplier_share_under"]) * (target - cost)
        if cost > target:
            earned = profit - over * (cost - target)
        # "The profit part (all but C) is first raised to `lowest_profit` and lowered to `highest_profit`"
        if "lowest_profit" in term:
            earned = max(earned, value(term["lowest_profit"]))
        if "highest_profit" in term:
            earned = min(earned, value(term["highest_profit"]))
        price = cost + earned
        lines = {"cost": cost, "target_profit": profit}
        if "ceiling_price" in term:
            ceiling = value(term["ceiling_price"])
            lines["ceiling"] = min(price, ceiling) - price
            price = min(price, ceiling)  # "Then the price is lowered to `ceiling_price`."
            # "s being `supplier_share_over`, or `supplier_share_under` where the ceiling lies below T + P"
            share = value(term["supplier_share_under"]) if ceiling < target + profit else over
            if share < 1:  # "it is T + (ceiling - (T + P)) / (1 - s)"
                point = target + (ceiling - (target + profit)) / (1 - share)
            else:  # "At an s of 100% it is T, and 0 where the ceiling lies below T + P."
                point = 0.0 if ceiling < target + profit else target
            if "lowest_profit" in term:  # "down to ceiling - `lowest_profit` at most (and to just that …)"
                least = ceiling - value(term["lowest_profit"])
                point = least if share >= 1 and ceiling >= target + profit else min(point, least)
            if "highest_profit" in term:  # "then up to ceiling - `highest_profit` at least"
                point = max(point, ceiling - value(term["highest_profit"]))
            lines["point_of_total_assumption"] = max(point, 0.0)  # "It is never below 0."
        found.append(Settled(window, price, lines))
    return found


def milestone(term: Clause, world: World) -> list[Settled]:
    """ "Settles every period." """
    windows = [(period, period) for period in range(world.life.periods)]
    return [Settled(w, amount) for w, amount in zip(windows, delays.milestone(term, world, world.start), strict=True)]


def delay_damages(term: Clause, world: World) -> list[Settled]:
    """The damages so far, less those before."""
    windows = windows_of(term, world.life)
    paid = delays.delay_damages(term, world, windows, world.start)
    return [Settled(window, amount) for window, amount in zip(windows, paid, strict=True)]


def of_family(term: Clause, world: World) -> list[Settled]:
    """A term of another file of the oracle."""
    windows = windows_of(term, world.life)
    paid = FAMILIES[term["term"]](term, world, windows)
    return [Settled(window, amount) for window, amount in zip(windows, paid, strict=True)]


FAMILIES = {**volumes.AMOUNTS, **upon_fees.AMOUNTS}
SETTLED_BY = {
    **dict.fromkeys(FAMILIES, of_family),
    "milestone": milestone, "delay_damages": delay_damages,
    "fee": fee, "sharing": sharing, "target_cost": target_cost, "payment": payment,
    "service_credits": service.service_credits, "service_levels": service.service_levels, "service_points": service.service_points,
}  # fmt: skip


# --- liability limit ------------------------------------------------------------------------------------------------


def liability_limit(
    term: Clause, contract: dict[str, Clause], settled: dict[str, list[Settled]], world: World
) -> dict[str, list[Settled]]:
    """What the supplier need not pay, for each of the terms limited."""
    life = world.life
    counted: list[tuple[int, float]] = []  # year, amount
    relief: dict[str, list[Settled]] = {name: [] for name in term["limits"]}
    for period in range(life.periods):
        for name in term["limits"]:  # "in the order written when they settle in the same period"
            for settlement in settled[name]:
                if period != reckoned_at(contract[name], settlement):
                    continue
                year = life.year_of(period)  # "a settlement counts in the year in which it is reckoned"
                at_most = over_window(term["at_most"], world, (period, period))
                if term["per"] == "year":
                    at_most = at_most * life.part_of_year(year)
                # "The room is `at_most` less what has counted in this year, or in the life."
                room = at_most
                for counted_year, amount in counted:
                    if term["per"] == "life" or counted_year == year:
                        room = room - amount
                # "if the term makes the supplier pay …, the payment counts against the limit, as far as there is
                # room; what goes beyond is relieved"; "Payments to the supplier never make room."
                owed = max(-settlement.paid, 0.0)
                # "While the limit does not stand …, nothing is relieved, but all that the supplier pays counts."
                counts = min(owed, max(room, 0.0)) if stands(term, world, period) else owed
                counted.append((year, counts))
                relief[name].append(Settled(settlement.window, owed - counts))
    return relief
