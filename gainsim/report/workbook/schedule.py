"""The sheets of one future: its facts, and the schedule of payments that the contract makes of them, as formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gainsim.grid import Settlement
from gainsim.ops.tree import BOOL
from gainsim.report.words import name_words
from gainsim.report.workbook.case import Case
from gainsim.report.workbook.cells import FACTS, Block, Cells, Column
from gainsim.report.workbook.formulas import letters
from gainsim.report.workbook.sheet import Book, Sheet, decimals
from gainsim.words import unit_words
from gainsim.years import year_labels

#: columns that say which settlement a row is: the period, its window, when it falls due, when it is paid, the year
_LEFT = ("period", "window", "due", "paid on", "year")
#: the row of the table by year that numbers the years, counted from 1
_YEARS = 5
#: two figures agree that are not further apart
CENT = 0.005


class Check(NamedTuple):
    """Something that must hold. formula: TRUE where it does, without the sign"""

    says: str
    formula: str


@dataclass
class Schedule:
    """One future on its two sheets.

    facts, sheet: what they are called
    checks:       what the workbook checks of it
    """

    book: Book
    case: Case
    facts: str
    sheet: str
    checks: list[Check] = field(default_factory=list)

    def write(self) -> None:
        """Write both sheets."""
        out = self.book.sheet(self.sheet)
        self._facts()
        names = {name: f"{quoted(self.facts)}!{letters(column + 1)}" for column, name in enumerate(self.case.facts)}
        self.cells = Cells(self.case, names, len(_LEFT))
        self.years = year_labels(self._calendar)
        groups = dict.fromkeys(line.group for line in self.case.lines if line.agreed)
        first = _YEARS + len(groups) + 24  # below the table by year and its chart
        behind = self.cells.place(first)
        widest = max((len(block.columns) + 3 * bool(block.paid) for block in self.cells.blocks), default=0)
        columns = max(widest, len(self.years) + 1)
        out.widths(14, 12, 11, 11, 6, *([15] * columns))
        out.text(0, 0, f"{self.case.title}: what is paid, settlement by settlement", "title")
        out.texts(1, _ABOUT[:1], "note")
        out.texts(2, _ABOUT[1:], "note")
        self._by_year(out, list(groups))
        for block in self.cells.blocks:
            self._block(out, block)
        self._rules(out, behind)
        out.freeze(0, 1)
        out.prints(len(_LEFT) + columns, left=len(_LEFT))

    @property
    def _calendar(self) -> Any:
        return self.case.live.model.calendar

    def _facts(self) -> None:
        """Every fact that the contract reads, period by period."""
        out, facts = self.book.sheet(self.facts), self.case.facts
        out.widths(12, *([18] * max(1, len(facts))))
        said = f"{self.case.title}: what the contract reads of the world; change a figure and the payments follow"
        out.text(0, 0, said, "title")
        out.text(1, 0, "period", "head")
        model = self.case.live.model
        for column, (name, values) in enumerate(facts.items(), start=1):
            out.text(1, column, name_words(name), "figures")
            out.text(2, column, unit_words(model.facts[name].unit) if name in model.facts else "", "units")
            digits = decimals(values)
            for t, value in enumerate(values.tolist()):
                out.number(FACTS - 1 + t, column, value, "input", digits)
        for t in range(self._calendar.periods):
            out.text(FACTS - 1 + t, 0, self._calendar.period(t).label)
        out.freeze(FACTS - 1, 1)
        out.prints(1 + len(facts), head=(0, 2), left=1)

    # --- one block ------------------------------------------------------------------------------------------------------

    def _block(self, out: Sheet, block: Block) -> None:
        top = self.cells.tops[block.section.order]
        end = top + len(block.periods) - 1
        out.text(top - 3, 0, _title(block), "block")
        out.texts(top - 2, _LEFT, "head")
        for n, step in enumerate(block.columns):
            said = name_words(step.title) + ("" if step.live else " (values)")
            out.text(top - 2, len(_LEFT) + n, said, "small" if step.kind in _BETWEEN else "figures")
        settlements = self._settlements(block)
        looks = [self._look(block, step) for step in block.columns]
        for row, t in enumerate(block.periods, start=top - 1):
            self._dates(out, row, t, settlements.get(t))
            for n, (step, look) in enumerate(zip(block.columns, looks, strict=True)):
                out.cell(row, len(_LEFT) + n, self.cells.formula(block, n, t), self.cells.value(step.node, t), *look)
        if block.paid:
            self._paid(out, block, top, end)

    def _look(self, block: Block, step: Column) -> tuple[str, int | None]:
        """What the cells of a column look like: money to the cent, answers as such, all else with the decimals that it takes."""
        if step.kind not in (*_BETWEEN, "figure", "decision"):
            return "money", None
        form = "memory" if step.kind in _BETWEEN else ""
        if step.node.kind == BOOL:
            return form, None
        return form, decimals(float(self.cells.value(step.node, t)) for t in block.periods)

    def _paid(self, out: Sheet, block: Block, top: int, end: int) -> None:
        """What the block pays in each settlement, what the engine pays, and that the two agree."""
        place = len(_LEFT) + len(block.columns)
        out.texts(top - 2, ("paid", "the engine pays", "difference"), "figures", column=place)
        for row, t in enumerate(block.periods, start=top - 1):
            terms = [self.cells.address(block, n, t) for n in block.paid]
            value = sum(float(self.cells.value(block.columns[n].node, t)) for n in block.paid)
            engine = sum(self.case.engine[name, t] for name in self._names(block))
            out.cell(row, place, f"={'+'.join(terms)}", value, "total")
            out.number(row, place + 1, engine, "engine")
            mine, its = (f"{letters(place + n)}{row + 1}" for n in range(2))
            out.cell(row, place + 2, f"={mine}-{its}", value - engine, "engine")
        apart = f"{quoted(self.sheet)}!{letters(place + 2)}{top}:{letters(place + 2)}{end}"
        said = f"{self.case.title}, {name_words(block.section.name)}: each settlement as the engine pays it"
        self.checks.append(Check(said, f"AND(MAX({apart})<{CENT},MIN({apart})>-{CENT})"))

    def _names(self, block: Block) -> Iterator[str]:
        """The lines of a block that are paid."""
        for number, _ in block.section.lines:
            line = self.case.live.model.lines[number]
            if line.agreed:
                yield line.name

    def _settlements(self, block: Block) -> dict[int, Settlement]:
        lines = [self.case.live.model.lines[number] for number, _ in block.section.lines]
        return {s.at: s for line in lines for s in line.settlements}

    def _dates(self, out: Sheet, row: int, t: int, settlement: Settlement | None) -> None:
        out.text(row, 0, self._calendar.period(t).label)
        last = t
        if settlement is not None:
            out.text(row, 1, settlement.window.label)
            out.date(row, 2, settlement.due)
            out.date(row, 3, settlement.paid)
            last = settlement.window.last
        out.number(row, 4, float(self._calendar.year_of(last) + 1), "count")

    # --- all of them ----------------------------------------------------------------------------------------------------

    def _by_year(self, out: Sheet, groups: list[str]) -> None:
        """What each term pays by year, from the blocks below; what no formula gives, as values."""
        left, years = len(_LEFT), len(self.years)
        out.texts(_YEARS - 2, (f"by year, {self.case.live.loaded.scenario.currency}", *[""] * (left - 1)), "head")
        out.texts(_YEARS - 2, (*self.years, "whole life"), "figures", column=left)
        for n in range(years):
            out.number(_YEARS - 1, left + n, float(n + 1), "count")
        rows: dict[str, list[int]] = {"payment": [], "party": []}
        below = False
        for row, group in enumerate(groups, start=_YEARS):
            blocks = [block for block in self.cells.blocks if block.paid and self._group(block) == group]
            lines = [line for line in self.case.lines if line.group == group and line.agreed]
            rows[lines[0].role].append(row)
            out.text(row, 0, name_words(group) + ("" if blocks else " (values)"))
            amounts = self._engine_by_year({line.name for line in lines})
            below = below or min(amounts) < 0.0
            for n in range(years):
                self._year_of_term(out, row, n, blocks, amounts[n])
            self._whole_life(out, row, sum(amounts))
        row = _YEARS + len(groups)
        for role, said in (("payment", "revenue"), ("party", "from further parties")):
            if rows[role]:
                out.text(row, 0, said, "total")
                names = {line.name for line in self.case.lines if line.role == role}
                amounts = self._engine_by_year(names)
                for n in range(years + 1):
                    letter = letters(left + n)
                    value = sum(amounts) if n == years else amounts[n]
                    out.cell(row, left + n, f"={'+'.join(f'{letter}{r + 1}' for r in rows[role])}", value, "total")
                whole = f"{quoted(self.sheet)}!{letters(left + years)}{row + 1}"
                self.checks.append(
                    Check(
                        f"{self.case.title}: {said}, whole life, as the engine has it",
                        f"ABS({whole}-{sum(amounts)!r})<{CENT}",
                    )
                )
                row += 1
        self._chart(out, groups, row + 1, below)

    def _chart(self, out: Sheet, terms: list[str], row: int, below: bool) -> None:
        """Columns by year, one on another, of the terms of the table by year; placed at a row. below: whether one is negative"""
        chart = self.book.made.add_chart({"type": "column", "subtype": "stacked"})
        left, last = len(_LEFT), len(_LEFT) + len(self.years) - 1
        for place in range(_YEARS, _YEARS + len(terms)):
            chart.add_series({
                "name": [self.sheet, place, 0],
                "categories": [self.sheet, _YEARS - 2, left, _YEARS - 2, last],
                "values": [self.sheet, place, left, place, last],
                "gap": 60,
            })  # fmt: skip
        currency, title = self.case.live.loaded.scenario.currency, f"{self.case.title}: what is paid by year"
        out.place(chart, title, row, left, y=currency, from_zero=not below)

    def _year_of_term(self, out: Sheet, row: int, year: int, blocks: list[Block], amount: float) -> None:
        column = len(_LEFT) + year
        parts = []
        for block in blocks:
            top = self.cells.tops[block.section.order]
            end, paid = top + len(block.periods) - 1, letters(len(_LEFT) + len(block.columns))
            parts.append(f"SUMIF($E${top}:$E${end},{letters(column)}${_YEARS},{paid}${top}:{paid}${end})")
        out.cell(row, column, f"={'+'.join(parts)}" if parts else amount, amount, "money")

    def _whole_life(self, out: Sheet, row: int, amount: float) -> None:
        left, years = len(_LEFT), len(self.years)
        out.cell(
            row, left + years, f"=SUM({letters(left)}{row + 1}:{letters(left + years - 1)}{row + 1})", amount, "total"
        )

    def _group(self, block: Block) -> str:
        return next(self.case.live.model.lines[number].group for number, _ in block.section.lines)

    def _engine_by_year(self, names: set[str]) -> list[float]:
        found = [0.0] * len(self.years)
        last = {
            line.name: {s.at: s.window.last for s in line.settlements} for line in self.case.lines if line.name in names
        }
        for (name, t), amount in self.case.engine.items():
            if name in names:
                found[self._calendar.year_of(last[name][t])] += amount
        return found

    def _rules(self, out: Sheet, row: int) -> None:
        """What the contract's numbers must be, from a row on."""
        out.text(row, 0, "Where one of these is FALSE an amount is no number", "block")
        for said, conditions in self.cells.refusals.items():
            for some in _few(list(conditions)):
                row += 1
                formula = some[0] if len(some) == 1 else f"AND({','.join(some)})"
                out.cell(row, 0, f"={formula}", True, "")
                out.text(row, 1, f"it does not happen that {said}")
                says = f"{self.case.title}: it does not happen that {said}"
                self.checks.append(Check(says, f"{quoted(self.sheet)}!A{row + 1}"))


def _few(conditions: list[str]) -> Iterator[list[str]]:
    """Conditions in groups that fit a formula."""
    some: list[str] = []
    for each in conditions:
        if some and (len(some) == 100 or sum(len(one) + 1 for one in some) > 6_000):
            yield some
            some = []
        some.append(each)
    yield some


_ABOUT = (
    "Black figures are formulas of the facts and of the contract's numbers (sheet of assumptions), grey ones steps between.",
    "What is marked (values) no formula gives.",
)
#: the kinds of steps that stand between lines of the ledger
_BETWEEN = ("memory", "step")


def _title(block: Block) -> str:
    said = block.section.name
    return "What facts come to in windows, so far" if said == "values" else name_words(said)


def quoted(sheet: str) -> str:
    """A sheet as a formula names it.

    >>> quoted("Facts"), quoted("Path 3 facts")
    ('Facts', "'Path 3 facts'")
    """
    return sheet if sheet.isidentifier() else f"'{sheet}'"
