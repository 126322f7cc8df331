"""The Python interface: load an offer, simulate it, read the result as measures and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Progress, Run, realise, simulate_model
from gainsim.bridge import statement as _statement
from gainsim.errors import UsageError
from gainsim.measures import EQUAL, Estimate, Sample
from gainsim.measuring import Measures, compare
from gainsim.model import build_world
from gainsim.scenario.load import Loaded, changed, from_document
from gainsim.scenario.reading import read, read_text
from gainsim.streams.source import Philox
from gainsim.summary import BaseCase, Summary, summarise, summarise_base, to_json
from gainsim.text import TITLES, memo, profit_and_loss

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Offer:
    """An offer read from a scenario, in order and ready to run."""

    loaded: Loaded

    @property
    def title(self) -> str:
        """What the offer is called."""
        return self.loaded.scenario.title

    def change(self, **changes: Any) -> Offer:
        """The same offer with single values changed; dots in a key are written as two underscores.

        >>> import gainsim
        >>> offer = gainsim.load_text(gainsim.TEMPLATE)
        >>> offer.change(money__discount_rate="6% pa").loaded.scenario.money.discount_rate.value
        0.06
        """
        said = [f"{key.replace('__', '.')}={value}" for key, value in changes.items()]
        return Offer(from_document(changed(self.loaded.document, said)))


    def futures(self, paths: int = 100, seed: int | None = None) -> dict[str, Floats]:
        """Drivers and values before any contract is applied, (periods, paths) by name."""
        scenario = self.loaded.scenario
        world = build_world(scenario)
        source = Philox(world.plan(paths, scenario.run.seed if seed is None else seed))
        numbers = np.arange(paths, dtype=np.uint64)
        return realise(world, source, numbers, range(world.calendar.periods))[0]


def load(path: Path | str, changes: Sequence[str] = ()) -> Offer:
    """Load a scenario file. changes: "key.of.the.file=value". Raises `ScenarioError` with all problems at once."""
    return Offer(from_document(changed(read(Path(path)), changes)))


def load_text(text: str, name: str = "scenario") -> Offer:
    """Load a scenario from YAML text; `name` stands for the file in problems."""
    return Offer(from_document(read_text(text, name)))


def simulate(
    offer: Offer,
    paths: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate an offer. Paths and seed are those of the file unless said; threads change nothing but the time.

    Two offers simulated with the same seed meet the same futures, path by path, wherever their drivers agree in name.
    """
    written = offer.loaded.scenario.run
    run = simulate_model(
        offer.loaded.model, paths or written.paths, written.seed if seed is None else seed, threads, progress
    )
    return Result(run)


def base_case(offer: Offer) -> BaseCase:
    """The offer without chance: every driver at its declared central value."""
    from gainsim.bridge import base_case as settle

    return summarise_base(*settle(offer.loaded.scenario))


@dataclass(frozen=True)
class Result:
    """What a simulation found: measures with their standard errors, and everything kept, as frames."""

    run: Run

    @cached_property
    def summary(self) -> Summary:
        """Everything a report says of the run."""
        return summarise(self.run)

    @property
    def measures(self) -> Mapping[str, Estimate]:
        """The measures that exist, by name."""
        return {name: m.estimate for name, m in self.summary.measures.items() if m.estimate is not None}

    def measure(self, name: str, basis: str = "npv", layer: Any = None, sample: Sample = EQUAL) -> Estimate | None:
        """One measure, as house limits name it, under path weights or replicate groups; None where there is none."""
        return Measures(self.summary.outcome, sample).of(name, basis, layer).estimate

    def against(self, other: Result, name: str, basis: str = "npv", layer: Any = None) -> Estimate | None:
        """This offer's measure less the other's on the same futures, path by path.

        Both must have the same seed and number of paths. None where one of them has no such measure.
        """
        if (self.run.seed, self.run.paths) != (other.run.seed, other.run.paths):
            raise UsageError("two offers are compared on the same futures: simulate both with the same seed and paths.")
        one, two = (Measures(result.summary.outcome).of(name, basis, layer) for result in (self, other))
        return compare(one, two).estimate

    def paths(self) -> pd.DataFrame:
        """One row a path: revenue, margins, NPV, the customer's benefit."""
        import pandas as pd

        o = self.summary.outcome
        margins = {f"margin_{layer}": o.margin(layer) for layer in ("contribution", "overhead", "capital")}
        found = {"revenue": o.revenue, "committed": o.committed, "variable": o.variable, "cost": o.cost, **margins}
        return pd.DataFrame({**found, "npv": o.npv, "customer_net_benefit": o.customer_benefit})

    def lines(self) -> pd.DataFrame:
        """One row a line of the ledger: who pays whom, base case, mean, standard error, how often it is not zero."""
        import pandas as pd

        rows = [
            (c.line.name, c.line.role, c.line.payee, c.line.payer, c.line.currency, c.base, c.mean.value,
             c.mean.standard_error, c.npv, c.tail, c.binds.value)
            for c in self.summary.clauses
        ]  # fmt: skip
        names = (
            "line",
            "role",
            "payee",
            "payer",
            "currency",
            "base_case",
            "mean",
            "standard_error",
            "npv",
            "tail_npv",
            "binds",
        )
        return pd.DataFrame(rows, columns=list(names)).set_index("line")

    def settlements(self) -> pd.DataFrame:
        """One row a settlement and line: dates, mean amount and its standard error."""
        import pandas as pd

        rows = self.run.rows
        data = [
            (rows.lines[n].name, t + 1, s.window.label, s.due, s.paid, mean, error, share)
            for (t, n), s, mean, error, share in zip(
                rows.keys, rows.settlements, self.run.row_mean, self.run.row_error, self.run.row_bound, strict=True
            )
        ]
        names = ("line", "period", "window", "due", "paid", "mean", "standard_error", "binds")
        return pd.DataFrame(data, columns=list(names))

    def statement(self, path: int) -> pd.DataFrame:
        """One path, settlement by settlement, line by line."""
        import pandas as pd

        amounts = _statement(self.run.model, path, self.run.seed)
        rows = self.run.rows
        data = [
            (rows.lines[n].name, t + 1, s.window.label, s.paid, amount)
            for (t, n), s, amount in zip(rows.keys, rows.settlements, amounts, strict=True)
        ]
        return pd.DataFrame(data, columns=["line", "period", "window", "paid", "amount"])

    def to_json(self) -> dict[str, Any]:
        """The run as plain data, as `gainsim run --json` prints it."""
        return to_json(self.summary)

    def __str__(self) -> str:
        return memo(self.summary)

    def _repr_html_(self) -> str:
        """A table of the measures, for notebooks."""
        from gainsim.text import doubt, figure

        rows = []
        for name, title in TITLES.items():
            found = self.summary.measures[name]
            value = found.reason if found.estimate is None else figure(found.estimate.value, found.unit)
            error = "" if found.estimate is None else doubt(found.estimate.standard_error, found.unit)
            cells = "".join(f"<td style='text-align:right'>{escape(text)}</td>" for text in (value, error))
            rows.append(f"<tr><td>{escape(title.strip())}</td>{cells}</tr>")
        head = escape(self.run.model.scenario.title)
        note = f"{self.run.paths:,} futures, seed {self.run.seed}, run {self.summary.run_id}"
        return f"<table><caption><b>{head}</b><br>{note}</caption>{''.join(rows)}</table>"


__all__ = ["Offer", "Result", "base_case", "load", "load_text", "profit_and_loss", "simulate"]
