"""The answer of a run, as rows of text: the verdict, limits, who may approve it, and the key measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gainsim.approval import Approval
from gainsim.judging import Judgement
from gainsim.measuring import Measured, before_tax, of_nothing_there
from gainsim.report.words import limit_words, measure_words
from gainsim.summary import Summary
from gainsim.words import counted, gap


def verdict(summary: Summary) -> str:
    """The answer in words: limits, margin, NPV, chance of a loss."""
    said = [_limits_words(summary.limits)]
    taken = summary.measures
    margin, revenue = taken["expected_margin"], taken["expected_revenue"]
    earns = f"an expected NPV of {taken['npv'].shown[0]}"
    if margin.estimate is not None:
        earns = (
            f"an expected margin of {margin.shown[0]} before overhead and capital on a revenue of {revenue.shown[0]}, "
            f"and {earns}"
        )
    said.append(f"It brings {earns}.")
    said.append(
        f"Half of all futures lie above {taken['npv_p50'].shown[0]}, nine in ten between "
        f"{taken['npv_p5'].shown[0]} (P5) and {taken['npv_p95'].shown[0]} (P95)."
    )
    said.append(_loss_words(summary))
    return " ".join(said)


def _limits_words(limits: Sequence[Judgement]) -> str:
    if not limits:
        return "The file states no limits of the house to hold the offer against."
    broken, unknown, kept = ([x for x in limits if x.verdict == v] for v in ("broken", "open", "kept"))
    unsure = any(not limit.sure for limit in (*broken, *kept))
    close = " (not all of it for sure: see below)" if unsure else ""
    said = []
    if broken:
        which = "; ".join(
            f"{_inside(limit)} is {limit.measured.shown[0]}, allowed is {limit.allowed}" for limit in broken
        )
        said.append(f"The offer breaks {len(broken)} of {counted(len(limits), 'limit')} of the house{close}: {which}.")
    elif not unknown:
        kept_words = "the limit" if len(limits) == 1 else f"all {len(limits)} limits"
        said.append(f"The offer keeps {kept_words} of the house{close}.")
    elif kept:
        said.append(f"The offer keeps {len(kept)} of {len(limits)} limits of the house{close}.")
    if unknown:
        one = "One limit" if len(unknown) == 1 else f"{len(unknown)} limits"
        said.append(f"{one} cannot be judged, as there is no {', no '.join(map(_inside, unknown))} here: see below.")
    return " ".join(said)


def _inside(judged: Judgement) -> str:
    """A measure as it is called inside a sentence."""
    name = measure_words(judged.name)
    return name if name.startswith("NPV") else name[:1].lower() + name[1:]


def _loss_words(summary: Summary) -> str:
    found = summary.measures["chance_of_loss"]
    if found.estimate is not None and found.estimate.value == 0.0:
        return f"{'None' if summary.run.paths > 1 else 'Not one'} of {counted(summary.run.paths, 'future')} ends in a loss."
    return f"The chance of a loss (NPV below 0) is {found.in_short}."


@dataclass(frozen=True)
class LimitRow:
    """A limit of the house, held against the run. verdict: with the reason where it cannot be judged."""

    rule: str
    value: str
    error: str
    mark: str
    kept: bool
    verdict: str
    sure: str


def limit_rows(limits: Iterable[Judgement]) -> list[LimitRow]:
    """Every limit, of the house or the customer's: the rule, the value with its doubt, kept or broken by how much, sure or not."""
    return [_limit_row(judged) for judged in limits]


def _limit_row(judged: Judgement) -> LimitRow:
    rule, (value, error) = limit_words(judged), judged.measured.shown
    if judged.verdict == "open":
        return LimitRow(rule, value, error, "?", False, f"cannot be judged: {judged.measured.reason}", "–")
    sure = "yes" if judged.sure else "no: within what chance may do; more paths tell"
    by = f"{judged.verdict} by {gap(abs(judged.margin), judged.measured.unit)}"
    return LimitRow(rule, value, error, "✓" if judged.kept else "✗", judged.kept, by, sure)


# --- who may approve it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ApprovalRow:
    """A rule of a level of approval, held against the run."""

    level: str
    rule: str
    measured: Measured
    holds: str


def approval_rows(found: Approval) -> list[ApprovalRow]:
    """Every rule that was asked, level by level; those of the level that may approve stand last."""
    said = {"kept": "holds", "broken": "does not hold", "open": "cannot be judged"}
    return [
        ApprovalRow(level, limit_words(judged), judged.measured, said[judged.verdict])
        for level, rules in found.asked
        for judged in rules
    ]


# --- the key measures ------------------------------------------------------------------------------------------------

_GROUPS = (
    ("What we earn", ("npv", "npv_p50", "npv_p95", "irr", "payback", "expected_revenue", "committed_revenue",
                      "expected_variable_revenue", "after_first_deal", "expected_from_parties", "direct_cost", "contribution",
                      "contribution_after_first_deal", "overhead_cost", "margin_after_overhead", "capital_cost",
                      "margin_after_capital",
                      "measurement_in_margin", "expected_tax", "margin_after_tax", "npv_after_tax", "working_capital_cost",
                      "certainty_equivalent", "expected_margin",
                      "expected_margin_after_overhead", "expected_margin_after_capital", "acv")),
    ("What we can lose", ("chance_of_loss", "npv_p5", "cvar_95", "cash_trough", "cash_trough_p5", "chance_of_loss_margin",
                          "var_90", "cvar_90", "var_99", "cvar_99")),
    ("What the customer gains", ("customer_net_benefit", "customer_npv", "measurement_in_benefit", "customer_chance_of_regret",
                                 "customer_chance_over_budget", "value_created", "customer_share_of_value")),
)  # fmt: skip
#: the key measures in the order of the page
MEASURES = tuple(name for _, names in _GROUPS for name in names)
#: told already, under another name or in its parts
_TWICE = frozenset({"tcv", "var_95", "expected_cost"})


@dataclass(frozen=True)
class MeasureRow:
    """A measure: its name, value and standard error in words; in place of a value, why there is none."""

    name: str
    measured: Measured

    @property
    def value(self) -> str:
        """What it comes to."""
        return self.measured.shown[0]

    @property
    def error(self) -> str:
        """How far chance may have moved it."""
        return self.measured.shown[1]

    @property
    def reason(self) -> str:
        """Why it has no value."""
        return self.measured.reason


def measure_groups(summary: Summary) -> list[tuple[str, list[MeasureRow]]]:
    """The key measures under three questions, and under a fourth what is none of theirs."""
    known = {name for _, names in _GROUPS for name in names}
    silent, untaxed = _TWICE | of_nothing_there(summary.measures), before_tax(summary.measures)
    others = tuple(name for name in summary.measures if name not in known)
    found = []
    for title, names in (*_GROUPS, ("Further measures", others)):
        rows = [
            MeasureRow(f"{measure_words(name)}{', before tax' if name in untaxed else ''}", summary.measures[name])
            for name in names
            if name in summary.measures and name not in silent
        ]
        if rows:
            found.append((title, rows))
    return found
