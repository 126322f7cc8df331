"""The oracle's calendar: windows as plain tuples of a first and a last period, counted on fingers.

Written from "Windows" in docs/reference/terms.md; nothing of the engine is used.
"""

from __future__ import annotations

from dataclasses import dataclass

MONTHS_IN = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}

Window = tuple[int, int]  # its first and its last period, both inside


@dataclass(frozen=True)
class Life:
    """A contract's calendar.

    start_month:  1 to 12
    months:       of the whole contract
    step:         months in one period
    year:         the kind of year the contract counts in: contract, calendar, fiscal
    fiscal_start: the month in which a fiscal year begins
    stub_years:   prorated, full
    """

    start_month: int
    months: int
    step: int
    year: str
    fiscal_start: int
    stub_years: str

    @property
    def periods(self) -> int:
        """How many periods there are."""
        return self.months // self.step

    def months_of_year_passed(self, period: int, kind: str | None = None) -> int:
        """Months from the beginning of the first year of this kind, which may lie before the contract, to the period."""
        first_month = {"contract": self.start_month, "calendar": 1, "fiscal": self.fiscal_start}[kind or self.year]
        passed = 0
        while (first_month + passed - self.start_month) % 12 != 0:
            passed += 1
        return passed + period * self.step

    def year_of(self, period: int, kind: str | None = None) -> int:
        """The year, counted from 0, in which a period lies."""
        return self.months_of_year_passed(period, kind) // 12

    def windows(self, measured: str, kind: str | None = None) -> list[Window]:
        """The windows of a clock, in order."""
        if measured == "life":
            return [(0, self.periods - 1)]
        length = self.step if measured == "period" else MONTHS_IN[measured]
        found: list[Window] = []
        last_number = None
        for period in range(self.periods):
            number = self.months_of_year_passed(period, kind) // length
            if number == last_number:
                found[-1] = (found[-1][0], period)
            else:
                found.append((period, period))
            last_number = number
        return found

    def part_of_year(self, year: int) -> float:
        """What part of a yearly amount a year carries.

        "In a stub year a yearly amount is scaled by months / 12 where the calendar says `stub_years: prorated`, and
        stands in full where it says `full`."
        """
        if self.stub_years == "full":
            return 1.0
        inside = [period for period in range(self.periods) if self.year_of(period) == year]
        return len(inside) * self.step / 12
