"""The ledger: every line of a deal, who pays it to whom, when it falls due and when the money moves.

Amounts are positive towards the payee: a contract's lines name the supplier as payee, a cost names who the supplier
pays, as a negative amount. What one party receives another pays, so transfers sum to zero over all parties, exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from gainsim import ops
from gainsim.gates import FAILS, HOLDS, NOT_ASKED, Word
from gainsim.grid import Calendar, Settlement
from gainsim.ops import Value
from gainsim.ops.program import Program, Section
from gainsim.ops.tree import needed

#: "payment": moves money between customer and supplier under the contract; "party": between a further party and the
#: supplier; "cost": the supplier's; "customer": the customer's own gains and spendings; "gain": a step in reckoning what
#: is shared, before any money; "figure": shown, never paid; "accrual": a cost that counts in the margin but moves no
#: cash; "cash": moves cash but counts in no margin; "tax": on the margin, beside the cash and the margin before tax;
#: "decision": what a party has decided, and what is earned after the first deal: told, never paid;
#: "gate": the answer to what a clause asks before it pays, in a ledger that is read settlement by settlement; "control": a
#: driver's average over the contract, in the ledger of a run whose means are adjusted by control variates
Role = Literal[
    "payment", "party", "cost", "customer", "gain", "figure", "accrual", "cash", "tax", "decision", "gate", "control"
]
Layer = Literal["contribution", "overhead", "capital"]

SUPPLIER, CUSTOMER, OUTSIDE = "supplier", "customer", "others"


@dataclass(frozen=True)
class Line:
    """One line of the ledger.

    name:        "gain_share.cap": the term or cost, and the step
    currency:    of an amount of money; "" of what is none
    committed:   a plain amount of the contract that nothing random moves: no driver, no decision
    layer:       the margin from which on a cost counts
    settlements: one for every row of the line, in order of time
    unit:        of a decision what it is in, "%" where the file writes it in percent; "" of a plain number
    firm:        of a plain amount that nothing but decisions moves: how many of its first settlements come before any may hold
    """

    name: str
    group: str
    step: str
    role: Role
    payee: str
    payer: str
    currency: str
    committed: bool
    layer: Layer
    settlements: tuple[Settlement, ...]
    unit: str = ""
    firm: int = 0

    @property
    def moves_cash(self) -> bool:
        """Whether money changes hands."""
        return self.suppliers_cash or self.role in ("customer", "tax")

    @property
    def suppliers_cash(self) -> bool:
        """Whether the line moves the supplier's cash before tax."""
        return self.role in ("payment", "party", "cost", "cash")

    @property
    def agreed(self) -> bool:
        """Whether money moves under a term, whoever it is agreed with."""
        return self.role in ("payment", "party")

    @property
    def in_margin(self) -> bool:
        """Whether the line is earned or spent by the supplier."""
        return self.role in ("payment", "party", "cost", "accrual")

    @property
    def parties(self) -> tuple[str, str]:
        """Payee and payer: a positive amount is received by the first and paid by the second."""
        return self.payee, self.payer


@dataclass
class Ledger:
    """The lines of one deal, numbered as the program's lines.

    gates: whether gates are entered too; they are of use where single settlements are read, not their mean over paths
    promised: plain amounts of the contract, by their lines; whether they are committed is known when all is written
    """

    program: Program
    calendar: Calendar
    currency: str
    gates: bool = False
    lines: list[Line] = field(default_factory=list)
    promised: dict[int, Value] = field(default_factory=dict)

    def add(
        self,
        group: str,
        step: str,
        role: Role,
        section: Section,
        value: Value,
        settlements: Sequence[Settlement],
        *,
        committed: bool = False,
        layer: Layer = "contribution",
        party: str = CUSTOMER,
        money: bool = True,
        unit: str = "",
    ) -> None:
        """Enter a line; several steps of one name in a group are numbered.

        money:     whether it is an amount of money; a count, or the answer to a question, has no currency
        party:     who the term is agreed with, that pays what is positive; no further party pays revenue
        committed: whether the contract promises the amount as such; it is committed only if nothing random moves it
        unit:      of what is decided
        """
        same = sum(1 for line in self.lines if line.group == group and line.step.split(" #")[0] == step)
        step = step if not same else f"{step} #{same + 1}"
        payee, payer = _PARTIES[role]
        if party != CUSTOMER and role in ("payment", "gain"):
            payer, payee = party, SUPPLIER if role == "payment" else party
            role = "party" if role == "payment" else role
        name = f"{group}.{step}" if step else group
        number = self.program.line(name, section, value)
        if committed:
            self.promised[number] = value
        currency = self.currency if money else ""
        self.lines.append(Line(name, group, step, role, payee, payer, currency, False, layer, tuple(settlements), unit))

    def finished(self, undecided: Collection[str], until: int) -> tuple[Line, ...]:
        """All lines, now that every memory has been written: a condition that ends a contract may be asked last.

        undecided: the memories of decisions, as they begin until this period
        """
        chance = {n for n, value in self.promised.items() if _left_to_chance(self.program, value)}
        firm = {n for n in chance if undecided and not _left_to_chance(self.program, self.promised[n], undecided)}
        return tuple(
            replace(
                line, committed=number in self.promised.keys() - chance,
                firm=sum(each.at < until for each in line.settlements) if number in firm else 0,
            )
            for number, line in enumerate(self.lines)
        )  # fmt: skip

    def gate(
        self,
        group: str,
        what: str,
        word: Word,
        section: Section,
        holds: Value,
        settlements: Sequence[Settlement],
        asked: Value,
    ) -> None:
        """Enter whether something holds in each settlement; asked: the condition that it is asked there.

        Where it cannot be told it has no answer: what hangs on it is no number, and ends the run if anything is due.
        """
        if self.gates:
            decided = ops.told(holds)
            answered = asked if decided is True else ops.both(asked, decided)
            answer = ops.choose(answered, ops.choose(holds, HOLDS, FAILS), NOT_ASKED)
            self.add(group, f"{what} {word}".lstrip(), "gate", section, answer, settlements, money=False)


def _left_to_chance(program: Program, value: Value, certain: Collection[str] = ()) -> bool:
    """Whether a value is made of a draw or a decision, in this period or, by way of a memory, in an earlier one.

    certain: memories that are as they begin
    """
    roots = [program.node(value)]
    memories: set[int] = set()
    while roots:
        reached = list(needed(roots))
        if any(node.op in ("draw", "draw_once", "input") for node in reached):
            return True
        read = {int(node.args[0]) for node in reached if node.op == "state"} - memories
        read = {slot for slot in read if program.states[slot].name not in certain}
        memories |= read
        writers = [section for state in read if (section := program.states[state].written_by) is not None]
        roots = [node for section in writers for state, node in section.writes if state.slot in read]
    return False


#: payee and payer of a role; a term with a further party names it instead of the customer
_PARTIES: dict[Role, tuple[str, str]] = {
    "payment": (SUPPLIER, CUSTOMER),
    "gain": (CUSTOMER, CUSTOMER),
    "figure": (SUPPLIER, SUPPLIER),
    "decision": (SUPPLIER, SUPPLIER),
    "gate": (SUPPLIER, SUPPLIER),
    "control": (SUPPLIER, SUPPLIER),
    "cost": (SUPPLIER, OUTSIDE),
    "accrual": (SUPPLIER, SUPPLIER),
    "cash": (SUPPLIER, OUTSIDE),
    "customer": (CUSTOMER, OUTSIDE),
    "tax": (SUPPLIER, "tax authority"),
}
