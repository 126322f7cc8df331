"""A scenario as written: one offer, the world it meets, the house's limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gainsim.offer.approval import ApprovalLevel, read_levels
from gainsim.offer.credit import Credit, LatePayment
from gainsim.offer.dependence import Link
from gainsim.offer.drivers import Driver
from gainsim.offer.effort import Effort
from gainsim.offer.fields import (
    AT_KEY,
    Clauses,
    Day,
    DurationText,
    FormulaText,
    Month,
    SizeText,
    UnitText,
    WholeNumber,
    problems_below,
)
from gainsim.offer.lifecycle import Decision
from gainsim.offer.limits import HouseLimit, Layer
from gainsim.offer.measured import Measured
from gainsim.offer.money import Currency, Money, within_a_century
from gainsim.offer.names import Name
from gainsim.offer.operations import NamedOperations
from gainsim.offer.precision import PrecisionText
from gainsim.offer.ratchet import Ratchet
from gainsim.offer.stress import Case
from gainsim.offer.tables import Table
from gainsim.offer.terms import Term
from gainsim.offer.tuning import Tune
from gainsim.ops.formula import Formula

FORMAT = 1


def _format(written: Any) -> Any:
    if isinstance(written, (int, float)) and written != FORMAT:
        raise ValueError(f"the file is in format {written}; this version of gainsim reads format {FORMAT}.")
    return written


def _parties(written: list[str]) -> list[str]:
    found = [
        ((number,), f"'{name}' stands in every offer already. Name further parties only.")
        for number, name in enumerate(written)
        if name in _ALWAYS_THERE
    ]
    found += [
        ((number,), f"'{name}' is named twice. Leave one of them out.")
        for number, name in enumerate(written)
        if name in written[:number]
    ]
    if found:
        raise problems_below(found)
    return written


_ALWAYS_THERE = ("supplier", "customer", "others")


class CalendarText(Clauses):
    """Start, length and step of the contract, and which year it counts in."""

    start: Month
    """The month whose first day the contract starts on."""
    years: Annotated[WholeNumber, Field(ge=1, le=100)] | None = None
    """Its length; or `months`."""
    months: Annotated[WholeNumber, Field(ge=1, le=1200)] | None = None
    """Its length; or `years`."""
    step: Literal["month", "quarter", "year"]
    """The length of a period, in which everything is reckoned."""
    year: Literal["contract", "calendar", "fiscal"]
    """Which year yearly clauses count in: from the start, from January, or from `fiscal_start`."""
    fiscal_start: Annotated[WholeNumber, Field(ge=1, le=12)] | None = None
    """The month, 1 to 12, in which a fiscal year begins."""
    stub_years: Literal["prorated", "full"] | None = None
    """Whether yearly amounts count in part or in full in a year shorter than twelve months."""

    @model_validator(mode="after")
    def _length(self) -> Self:
        if (self.years is None) == (self.months is None):
            raise ValueError("say the length once: years: 7, or months: 84.")
        return self


class RunText(Clauses):
    """How many futures are simulated, from which seed and drawn how, unless the command line says otherwise."""

    paths: Annotated[WholeNumber, Field(ge=1, le=100_000_000)] = 10_000
    """How many futures."""
    seed: Annotated[WholeNumber, Field(ge=0, lt=2**63)] = 1
    """Where the draws begin: the same seed gives the same futures."""
    sampling: Literal["pseudo_random", "latin_hypercube", "sobol", "antithetic"] = "pseudo_random"
    """How the futures are drawn; what each way promises is in [measures](measures.md#how-futures-are-drawn)."""
    control_variates: Literal["drivers"] | None = None
    """`drivers`: means of money are adjusted by how far the drivers' averages came out from their exact means."""
    precision: PrecisionText | None = None
    """As `npv 1%, cvar_95 20_000 EUR`: the largest standard errors. `paths` are then found, not read."""
    at_most: Annotated[WholeNumber, Field(ge=1024, le=100_000_000)] = 1_000_000
    """The most paths that a precision may take."""


def _spent(amount: Formula) -> Formula:
    if amount.constant is not None and amount.constant < 0:
        rule = "a cost is written without a sign. Write what comes in as a fee, or a cost that is lower"
        raise ValueError(f"'{amount.text}' is negative; {rule}.")
    return amount


class Cost(Clauses):
    """A cost of the supplier: over time, or at a date; perhaps following an index; perhaps written down."""

    about: str | None = None
    """For the reader; moves nothing."""
    amount: Annotated[FormulaText, AfterValidator(_spent)]
    """What it costs, without a sign: over time, or with `at` in all. A flow is paid at its period's end, the first
    day after it."""
    at: Literal["start", "end"] | Day | None = None
    """The date it is bought."""
    indexed: str | None = None
    """The value it follows: the amount times value / start value."""
    paid: Annotated[DurationText, AfterValidator(within_a_century)] | None = None
    """How long after its date, or its period's end, the money moves."""
    layer: Layer = "contribution"
    """The margin from which on it counts."""
    straight_line: DurationText | None = None
    """Over how long it is written down, in equal parts from its date on; goes with `layer: capital`."""
    after_exit: Literal["stops", "runs on"] = "stops"
    """Whether it is borne on after an early end of the contract, to the end of the calendar."""
    scales_with: Literal["scope"] | None = None
    """`scope`: it shrinks with the scope while a contract is ramped down."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.straight_line is not None and self.at is None:
            raise ValueError("what is written down is bought at a date. Add at: start.")
        if self.at is not None and self.scales_with is not None:
            raise ValueError("scales_with: scope is for costs over time. Leave it out.")
        if self.straight_line is not None and self.straight_line.months < 1:
            raise ValueError("a straight line runs over whole months, as straight_line: 7 years.")
        if (self.straight_line is not None) != (self.layer == "capital"):
            raise ValueError("layer: capital goes with straight_line, and straight_line with layer: capital.")
        return self


class Customer(Clauses):
    """What the customer gains, no longer spends, and newly spends; what it pays the supplier follows from the contract."""

    gains: dict[Name, FormulaText] = {}
    """What it is better off by."""
    avoids: dict[Name, FormulaText] = {}
    """What it no longer spends."""
    spends: dict[Name, SizeText] = {}
    """What it newly spends, without a sign."""
    credit: Credit | None = None
    """Whether it may fail to pay; without it, it always pays."""
    late: LatePayment | None = None
    """How late it pays; without it, on the agreed dates."""
    budget: SizeText | None = None
    """What it has for the supplier over time, as `250_000 EUR per year`. A year's payments above it are told, no more."""
    accepts: Annotated[dict[str, HouseLimit], Field(min_length=1)] = {}
    """What it asks for to sign: limits of `net_benefit`, `npv`, `chance_of_regret`, `chance_over_budget`, `share_of_value`."""


class Amendment(Clauses):
    """Numbers that the parties change from a date on."""

    effective: Month
    """From when: each window, or period of a fee or value, that begins in this month or later."""
    about: str | None = None
    """For the reader; moves nothing."""
    set: Annotated[dict[str, FormulaText], Field(min_length=1)]
    """The new numbers, by key of a term or value with dots between: `contract.base_fee.amount`."""


def _kind_of_value(written: Any) -> str:
    """Which form of value is written, told by the key that only it has."""
    if isinstance(written, Mapping):
        return "ratchet" if "ratchet" in written and "measure" not in written else "measure"
    if isinstance(written, Measured):
        return "measure"
    return "ratchet" if isinstance(written, Ratchet) else "formula"


ValueText = Annotated[
    Annotated[FormulaText, Tag("formula")] | Annotated[Measured, Tag("measure")] | Annotated[Ratchet, Tag("ratchet")],
    Discriminator(_kind_of_value),
]


class OfferText(Clauses):
    """One of several offers on the same futures: what it says beside what the file says for all of them."""

    title: str | None = None
    """What this offer is called; its name, unless said."""
    about: str | None = None
    """For the reader; moves nothing."""
    operations: NamedOperations = {}
    """Operations of its own, with other crews or spares; those that have the name of operations of the file stand in their
    place. Lives and repairs of the same fleets are the same."""
    effort: dict[Name, Effort] = {}
    """Efforts, likewise: another plan, or another cost."""
    value: dict[Name, ValueText] = {}
    """Values of its own; one that has the name of a value of the file stands in its place."""
    tables: dict[Name, Table] = {}
    """Tables, likewise."""
    lifecycle: dict[Name, Decision] = {}
    """Decisions, likewise."""
    contract: dict[Name, Term] = {}
    """Terms, likewise."""
    costs: dict[Name, Cost] = {}
    """Costs, likewise."""
    customer: Customer = Customer.model_construct()
    """What the customer gains, avoids and spends, likewise, name by name."""
    limits: dict[str, HouseLimit] = {}
    """Rules of the house, likewise."""
    tune: Tune | None = None
    """Which of its numbers may be tuned, and for what."""

    @model_validator(mode="before")
    @classmethod
    def _same_futures(cls, written: Any) -> Any:
        world = [key for key in written if key in _WORLD] if isinstance(written, dict) else []
        if world:
            rule = "all offers of a file meet the same futures. Write it once, outside the offers"
            raise problems_below([((key, AT_KEY), f"an offer has no {key} of its own: {rule}.") for key in world])
        return written


#: what offers on the same futures have in common
_WORLD = ("currency", "calendar", "money", "run", "drivers", "dependence", "repair_correlations", "parties")


class Scenario(Clauses):
    """One deal and its world."""

    gainsim: Annotated[Literal[1], BeforeValidator(_format)]
    """The format of the file."""
    title: str
    """What the offer is called, in reports too."""
    about: str | None = None
    """For the reader; moves nothing."""
    currency: Currency
    """The one currency of all money, as an ISO code."""
    calendar: CalendarText
    """When the contract runs."""
    money: Money
    """How money at different times is compared, financed and taxed."""
    run: RunText = RunText.model_construct()
    """How many futures, from which seed."""
    drivers: dict[Name, Driver] = {}
    """What moves, by name."""
    operations: NamedOperations = {}
    """What delivers the service, by name; what it comes to is read by drivers of the kind `operations`."""
    effort: dict[Name, Effort] = {}
    """What the parties put in, by name: how much, at what cost, and how they decide it; drivers say how they answer it."""
    facts: dict[Name, UnitText] = {}
    """What only actuals give, by name, each with its unit: such a contract can be settled, not simulated."""
    dependence: list[Link] = []
    """Which drivers move together."""
    repair_correlations: Literal["nearest"] | None = None
    """`nearest`: correlations that cannot hold together give way to the nearest that can; what changes is told."""
    value: dict[Name, ValueText] = {}
    """What formulas make of the drivers, by name."""
    tables: dict[Name, Table] = {}
    """What formulas look up, by name: a minimum rate by size, a sliding scale."""
    lifecycle: dict[Name, Decision] = {}
    """What the parties decide in answer to results, by name: renewal, expansion, a new price."""
    parties: Annotated[list[Name], AfterValidator(_parties)] = []
    """Further parties that terms may be agreed with: a subcontractor, an insurer. Each term names its own at `party`."""
    offers: dict[Name, OfferText] = {}
    """Several offers on the same futures, by name: each is this file with what stands under its name. The first is the
    one that the others are compared with."""
    contract: Annotated[dict[Name, Term], Field(validate_default=True)] = {}
    """What was agreed, term by term: must be written, here or in each of the `offers`."""
    amendments: list[Amendment] = []
    """What the parties change of it later; each new number holds from its date on."""
    costs: dict[Name, Cost] = {}
    """What it costs the supplier, by name."""
    customer: Customer = Customer.model_construct()
    """What the customer gains and spends beside what it pays."""
    limits: dict[str, HouseLimit] = {}
    """Rules of the house, by measure; a run that breaks one ends with exit code 5."""
    approval: Annotated[list[ApprovalLevel], AfterValidator(read_levels)] = []
    """Who may approve an offer, from the lowest level on: the first whose rules all hold."""
    stress: dict[Name, Case] = {}
    """What may go wrong, case by case, for `gainsim stress`; no run of the offer has any of it."""
    tune: Tune | None = None
    """Which numbers of the offer may be moved, how far, and for what; `gainsim tune` reads it, and nothing else."""

    @field_validator("contract")
    @classmethod
    def _some_contract(cls, contract: dict[str, Any], other: ValidationInfo) -> dict[str, Any]:
        if not contract and not other.data.get("offers", "unknown"):
            raise PydanticCustomError("missing", "a contract is missing")
        return contract
