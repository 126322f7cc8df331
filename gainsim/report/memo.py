"""The page of a memo: for the house, or for the customer, whose page has nothing of the supplier's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gainsim.analyses import assumptions
from gainsim.analyses.driver_words import driver_words
from gainsim.analyses.memo import ForCustomer, Memo
from gainsim.analyses.memo_words import by_day, by_year, costs_by_name, customer_verdict, what_words_mean, whose_risk_of
from gainsim.analyses.told import Told
from gainsim.clause_words.words import label_of
from gainsim.report import answer, charts
from gainsim.report.stress import sections as stress_sections
from gainsim.report.study import Picture, Section, Study, Table, section_of, write_study
from gainsim.report.words import name_words
from gainsim.two_sides import two_sides_head, two_sides_rows
from gainsim.words import doubt, figure, share


def write_memo(memo: Memo, told: Mapping[str, Any], out: Path) -> Path:
    """Write the memo for the house into the folder `out`; gives its place."""
    return write_study(memo_study(memo), out, told, memo.loaded.document)


def write_for_customer(found: ForCustomer, told: Mapping[str, Any], out: Path) -> Path:
    """Write the memo for the customer into the folder `out`, without the file; gives its place."""
    return write_study(customer_study(found), out, told, None)


def memo_study(memo: Memo) -> Study:
    """The page for the house."""
    summary = memo.summary
    risks = [section_of(whose_risk_of(memo)), *stress_sections(memo.stresses)]
    offered = [_term("Term and money", memo.basics), _offer(memo.clauses)]
    sections = [*offered, *_results(memo), *risks, *_rules(memo), *_assumptions(memo)]
    said = f"{memo.recommendation[1]} {answer.verdict(summary)}"
    return Study(memo.loaded.scenario.title, "memo", "Memo on an offer", said, sections, memo.record)


def _term(title: str, rows: Sequence[tuple[str, str]]) -> Section:
    return Section("term", title, tables=[Table(("", ""), rows, words=(0, 1))])


def _offer(clauses: Mapping[str, str]) -> Section:
    rows = [(name_words(name), said) for name, said in clauses.items()]
    return Section("offer", "The offer in plain words", tables=[Table(("clause", "what it says"), rows, words=(0, 1))])


def _results(memo: Memo) -> list[Section]:
    """What each party has of it."""
    summary = memo.summary
    found, pictures = (
        [],
        [Picture("s_curve", charts.s_curve(summary), "NPV of all paths: a steep curve is a narrow range.")],
    )
    if summary.sides is not None:
        caption = "What the customer gains and avoids, less what it spends and pays us, not discounted."
        pictures.append(Picture("customer_benefit", charts.customer_benefit(summary), caption))
        rows = two_sides_rows(summary.sides)
        both = Table(two_sides_head(summary.sides, memo.loaded.scenario.currency), rows)
        found.append(
            Section("parties", "Both parties, side by side", tables=[both], notes=["± is one standard error."])
        )
    found.append(section_of(costs_by_name(memo)))
    groups = answer.measure_groups(summary)
    figures = [Table((title, "", ""), [(row.name, row.value, row.error) for row in rows]) for title, rows in groups]
    return [*found, Section("measures", "The figures", tables=figures, pictures=pictures, notes=_without_value(groups))]


def _without_value(groups: Sequence[tuple[str, Sequence[answer.MeasureRow]]]) -> list[str]:
    """Why some measures have no value, a reason said once for all that share it."""
    names: dict[str, list[str]] = {}
    for row in (row for _, rows in groups for row in rows if row.reason):
        names.setdefault(row.reason.rstrip("."), []).append(row.name)
    return [f"{', '.join(those)}: none, as {why}." for why, those in names.items()]


def _rules(memo: Memo) -> list[Section]:
    """The limits of the house, what the customer asks for, and who may approve it."""
    summary, found = memo.summary, []
    accepts = () if summary.sides is None else summary.sides.accepts
    for name, title, judged in (
        ("limits", "Limits of the house", summary.limits),
        ("asked", "What the customer asks for", accepts),
    ):
        if judged:
            rows = [(row.rule, row.value, row.error, f"{row.mark} {row.verdict}") for row in answer.limit_rows(judged)]
            found.append(Section(name, title, tables=[Table(("rule", "found", "", ""), rows, words=(0, 3))]))
    if summary.approval is not None:
        asked = [(row.level, row.rule, *row.measured.shown, row.holds) for row in answer.approval_rows(summary.approval)]
        table = Table(("level", "rule", "found", "", ""), asked, words=(0, 1, 4))
        said = f"It may be approved by: {summary.approval.level}."
        found.append(Section("approval", "Approval", said=[said], tables=[table]))
    return found


def _assumptions(memo: Memo) -> list[Section]:
    """What must be true for the figures to hold, and what makes one doubt them."""
    summary = memo.summary
    drivers = [
        (name_words(row.name), row.control, row.unit, row.moves, row.central) for row in assumptions.driver_rows(summary)
    ]
    head = ("driver", "who controls it", "unit", "how it moves", "central")
    links = [("", link) for link in assumptions.dependence_rows(memo.loaded.scenario)]
    values = [(name_words(name), label_of(said)) for name, said in assumptions.value_rows(memo.loaded.scenario)]
    words = [Table(head, drivers, words=tuple(range(5))), Table(("value", ""), values, words=(0, 1))]
    decided = [(name_words(name), by, rule) for name, by, rule in assumptions.decided_rows(memo.loaded.scenario)]
    words += [Table(("decided", "by", "how"), decided, words=(0, 1, 2))] if decided else []
    words += [Table(("moves together", ""), links, words=(0, 1))] if links else []
    suspect = memo.suspect or ["Nothing in the file or the run is suspect."]
    return [
        Section("assumptions", "What must be true", said=memo.opinions, tables=words),
        Section("suspect", "What makes the run suspect", said=suspect),
    ]


# --- for the customer ------------------------------------------------------------------------------------------------


def customer_study(found: ForCustomer) -> Study:
    """The page for the customer."""
    words = [section_of(what_words_mean(found))] if found.definitions else []
    sections = [_term("Term", found.basics), _offer(found.clauses), *words]
    sections += [_amounts(by_year(found), total=True), _amounts(by_day(found))]
    if found.result:
        sections.append(_benefit(found))
    if found.over_budget:
        chances = [(year, share(part)) for year, part in found.over_budget.items()]
        table = Table(("year", "chance that the payments exceed the budget"), chances)
        sections.append(Section("budget", "Your budget", tables=[table]))
    if found.asks:
        rows = [
            (
                name_words(ask.name),
                "" if ask.part == 1.0 else f"{100.0 * ask.part:g}%",
                ask.about,
                driver_words(ask.driver) if ask.told else "",
            )
            for ask in found.asks
        ]
        said = (
            "These move what you gain and pay, and you control them. The figures rest on what is assumed of them here."
        )
        asks = Table(("", "your part", "what it is", "what is assumed"), rows, words=(0, 1, 2, 3))
        sections.append(Section("asks", "What lies in your hands", said=[said], tables=[asks]))
    title, verdict = found.loaded.scenario.title, customer_verdict(found)
    return Study(title, "for the customer", "What the offer means for you", verdict, sections, found.record)


def _amounts(told: Told, total: bool = False) -> Section:
    """A table of amounts by year."""
    return Section(told.name, told.title, tables=[Table(told.head, told.rows, total=total)], notes=told.notes)


def _benefit(found: ForCustomer) -> Section:
    currency = found.loaded.scenario.currency
    told = {name: (figure(of.value, of.unit), doubt(of)) for name, of in found.result.items()}
    rows = [(_RESULT[name], *said) for name, said in {**told, "worse off": found.worse_off.shown}.items()]
    caption = "What you gain and no longer spend, less what you newly spend and pay, over the contract."
    picture = Picture("customer_benefit", charts.customer_benefit(found.summary, for_customer=True), caption)
    return Section(
        "benefit", "What you have of it", tables=[Table((f"{currency}, whole life", "", ""), rows)], pictures=[picture]
    )


_RESULT = {
    "net benefit": "net benefit, mean", "P5": "one future in twenty is below", "P50": "half of all futures are below",
    "P95": "one future in twenty is above", "worse off": "chance that you are worse off than without it",
}  # fmt: skip
