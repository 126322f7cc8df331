"""What can go wrong, said once: the problem, its place, the rule, and the exit code of its kind.

A user's mistake never ends in a traceback. Whatever reads a user's text raises a `ValueError` whose message states
the rule and the likely fix; the scenario loader adds the place and gathers all of them into one `ScenarioError`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file.

    line, column: counted from 1; 0 where the file as a whole is meant
    path:         the keys down to the value, as in `contract.gain_share.steps[1].threshold.at`
    message:      what was written, the rule, and the likely fix

    >>> print(Problem("offer.yaml", 3, 5, "money.discount_rate", "'abc' is not a rate. Write 8% pa."))
    offer.yaml:3:5: money.discount_rate: 'abc' is not a rate. Write 8% pa.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class GainsimError(Exception):
    """An error with a message for the user and an exit code of its own (1: our fault)."""

    exit_code = 1


class UsageError(GainsimError):
    """The command line asks for something that cannot be done (exit code 2)."""

    exit_code = 2


class ScenarioError(GainsimError):
    """The scenario file cannot be used (exit code 3); carries every problem found, in file order.

    >>> print(ScenarioError([Problem("a.yaml", 2, 1, "b", "no such key.")]))
    a.yaml has 1 problem
      a.yaml:2:1: b: no such key.
    """

    exit_code = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        head = f"{self.problems[0].file} has {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class DataError(GainsimError):
    """Facts or histories that cannot be used, or a result that is not a number (exit code 4)."""

    exit_code = 4


class NotFiniteError(DataError):
    """A result that is not a number (exit code 4).

    said:         what broke and, if it is known, how: begins with the formula in quotes, or is what a step refused
    path, period: where, the path counted from 0, the period from 1
    line:         the line of the ledger in which it was met

    >>> print(NotFiniteError("'saving / volume' is not a finite number", 3, 12, "gain", "the quotient of 2, 0"))
    'saving / volume' is not a finite number on path 3 in period 12: the quotient of 2, 0; met while reckoning gain.
    """

    def __init__(self, said: str, path: int, period: int, line: str, how: str = "", fix: str = "") -> None:
        self.said, self.path, self.period, self.line, self.how, self.fix = said, path, period, line, how, fix
        super().__init__(self.told(f"on path {path}"))

    def told(self, where: str) -> str:
        """The message, `where` being the path or the case."""
        how = f": {self.how}" if self.how else ""
        return f"{self.said} {where} in period {self.period}{how}; met while reckoning {self.line}. {self.fix}".rstrip()


class ResourceError(GainsimError):
    """The machine lacks memory, disk or permission (exit code 6)."""

    exit_code = 6
