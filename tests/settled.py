"""Published settlements as accounts: written as actuals, settled by `gainsim settle`, held against what was published.

Each contract is a scenario file of validation/contracts as it stands. No rule is reckoned here: a test turns each
published row into a line of actuals, and says which figure of the settled account the row prints.
docs/reference/settled-rows.md shows how many rows of each contract pass.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from gainsim.cli.main import cli

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "validation" / "contracts"
PAGE = ROOT / "docs" / "reference" / "settled-rows.md"
#: where a published contract has no such limit, a number that nothing reaches
NO_LIMIT = 1e12

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
Account = Mapping[str, Any]


class Case(NamedTuple):
    """A published row as an account: its facts, what was published, and how far the source's rounding may be off.

    facts: by column; a list has one for each settlement
    """

    account: str
    facts: Mapping[str, Any]
    expected: float
    allowed: float
    found: Callable[[Account], float]

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """The account's rows of actuals."""
        settlements = {len(fact) for fact in self.facts.values() if isinstance(fact, list)} or {1}
        (several,) = settlements
        for number in range(several):
            facts = {name: fact[number] if isinstance(fact, list) else fact for name, fact in self.facts.items()}
            yield {"account": self.account, "settlement": number + 1, **facts}


def of_row(row: Row, facts: Mapping[str, Any], found: Callable[[Account], float], scale: float = 1.0) -> Case:
    """A row of the table, whose figure is a part of some scale, as a rate is one of the premium."""
    return Case(row["id"], facts, scale * float(row["expected"]), scale * float(row["tol_abs"]), found)


def settled(contract: str, cases: Iterable[Case], folder: Path) -> dict[str, Account]:
    """Every account of the actuals, settled by the command line."""
    rows = [row for case in cases for row in case.rows]
    actuals = folder / f"{contract}.csv"
    with actuals.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = CliRunner().invoke(
        cli,
        ["settle", str(CONTRACTS / f"{contract}.yaml"), "--actuals", str(actuals), "--json"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return {each["account"]: each for each in json.loads(done.stdout)["accounts"]}


def hold(contract: str, cases: list[Case], folder: Path) -> dict[str, Account]:
    """Hold every case against its account."""
    assert cases, f"no row of {contract}"
    assert len({case.account for case in cases}) == len(cases)
    accounts = settled(contract, cases, folder)
    wrong = []
    for case in cases:
        got = case.found(accounts[case.account])
        if not abs(got - case.expected) <= case.allowed + 1e-9 * max(1.0, abs(case.expected)):
            wrong.append(f"{case.account}: {got!r}, published {case.expected!r} ± {case.allowed:.3g}")
    assert not wrong, f"{len(wrong)} of {len(cases)} rows of {contract}\n" + "\n".join(wrong[:20])
    return accounts


def compare(contract: str, cases: list[Case], folder: Path, *, moving: int) -> dict[str, Account]:
    """Hold published rows against their accounts, and the page against what is found. moving: where money moves."""
    accounts = hold(contract, cases, folder)
    assert sum(account["paid"] != 0.0 for account in accounts.values()) == moving
    _on_the_page(contract, len(cases), moving)
    return accounts


def _on_the_page(contract: str, rows: int, moving: int) -> None:
    """The page claims no more than was found here; where more rows were published since, it may claim less."""
    line = next((line for line in PAGE.read_text(encoding="utf-8").splitlines() if f"`{contract}`" in line), "")
    claimed = [int(cell.strip().replace(",", "")) for cell in line.split("|")[2:4]]
    assert claimed == [rows, moving] or (claimed[0] < rows and claimed[1] <= moving), f"{contract}: {line}"


def moved(cases: Iterable[Case]) -> int:
    """In how many rows something was published but 0."""
    return sum(case.expected != 0.0 for case in cases)


def paid(account: Account) -> float:
    return float(account["paid"])


def received(account: Account) -> float:
    return -float(account["paid"])


def line(name: str, settlement: int = 0) -> Callable[[Account], float]:
    """One line of one settlement of an account."""
    return lambda account: float(account["settlements"][settlement]["lines"][name])


def binding(accounts: Mapping[str, Account], line: str) -> int:
    """In how many settlements a line is not 0."""
    return sum(line in settlement["binds"] for account in accounts.values() for settlement in account["settlements"])
