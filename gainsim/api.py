"""The Python interface: load an offer, simulate it, read the result as measures and frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.comparison import Comparison, check_same_futures
from gainsim.asked import PATH_NUMBERS, PATHS, SAMPLINGS, SEEDS, one_of, whole_number
from gainsim.base import BaseCase, settle_base
from gainsim.bridge import Run, delivery_of, realise
from gainsim.bridge import statement as _statement
from gainsim.cells import Progress
from gainsim.errors import UsageError
from gainsim.gates import answer
from gainsim.measures import Estimate
from gainsim.measuring import BASES, SUMMARY, Measured, Measures, rules_of
from gainsim.measuring import compare as _compare
from gainsim.model import build_world
from gainsim.offer.limits import LIMITED_NAMES
from gainsim.offer.precision import read_precision
from gainsim.outcome import LAYERS
from gainsim.precision import Sized, sized
from gainsim.sample import Sample
from gainsim.scenario.changes import changed, with_run
from gainsim.scenario.load import Loaded, chosen, from_document, load_file
from gainsim.scenario.load import load_offers as _load_offers
from gainsim.scenario.load import load_text as _load_text
from gainsim.scenario.reading import Document
from gainsim.scenario.rewriting import as_written
from gainsim.settlements import Settlements, settle_actuals
from gainsim.spelling import did_you_mean
from gainsim.streams.sampling import source_of
from gainsim.summary import Summary, summarise, to_json
from gainsim.text.offer import measure_rows, memo, verdict
from gainsim.words import counted

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Offer:
    """An offer read from a scenario, in order and ready to run."""

    loaded: Loaded

    def __repr__(self) -> str:
        scenario = self.loaded.scenario
        return f"<offer {self.title!r}: {len(scenario.drivers)} drivers, {len(scenario.contract)} terms>"

    @property
    def title(self) -> str:
        """What the offer is called."""
        return self.loaded.scenario.title

    def change(self, **changes: Any) -> Offer:
        """The same offer with single values changed; dots in a key are written as two underscores.

        An item of a list is named by its number, counted from 0: contract__gain_share__steps__2__share__above="40%".
        Text is read as in the file. None takes a key out: limits=None leaves the house without limits.
        Raises `UsageError` for a key that is not there, and for a value that breaks a rule.

        >>> import gainsim
        >>> offer = gainsim.load_text(gainsim.TEMPLATE)
        >>> offer.change(money__discount_rate="6% pa").loaded.scenario.money.discount_rate.value
        0.06
        """
        written = {k: v if isinstance(v, str) else "" if v is None else as_written(v) for k, v in changes.items()}
        said = [f"{key.replace('__', '.')}={value}" for key, value in written.items()]
        return Offer(from_document(changed(self.loaded.document, said, asked="")))

    def futures(self, paths: int = 100, seed: int | None = None) -> dict[str, Floats]:
        """Drivers and values before any contract is applied, (periods, paths) by name."""
        paths = whole_number("paths", paths, *PATHS)
        seed = self.loaded.scenario.run.seed if seed is None else whole_number("seed", seed, *SEEDS)
        world = build_world(self.loaded.scenario, plans=self.loaded.model.plans)
        numbers = np.arange(paths, dtype=np.uint64)
        source = source_of(self.loaded.scenario.run.sampling, self.loaded.model.plan(paths, seed))
        given = delivery_of(world, source, seed).on(numbers)
        return realise(world, source.drawn(numbers), numbers, range(world.calendar.periods), given=given)[0]


def load(path: Path | str, changes: Sequence[str] = (), offer: str | None = None) -> Offer:
    """Load a scenario file. changes: "key.of.the.file=value". offer: which one, where the file has several.

    Raises `ScenarioError` with all problems at once, `UsageError` where the choice of an offer is missing or none.
    """
    return Offer(load_file(path, changes, asked="", offer=offer))


def load_text(text: str, name: str = "scenario", offer: str | None = None) -> Offer:
    """Load a scenario from YAML text; `name` stands for the file in problems."""
    return Offer(chosen(_load_text(text, name), offer))


def load_offers(path: Path | str, changes: Sequence[str] = ()) -> dict[str, Offer]:
    """All offers of a scenario file by name, in its order; they meet the same futures."""
    return {name: Offer(loaded) for name, loaded in _load_offers(path, changes, asked="").items()}


def simulate(
    offer: Offer,
    paths: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    sampling: str | None = None,
    precision: str | None = None,
    control_variates: bool = False,
) -> Result:
    """Simulate an offer. Paths, seed and sampling are those of the file unless said; threads change nothing but the time.

    Two offers simulated with the same seed meet the same futures, path by path, wherever their drivers agree in name
    (under sampling "sobol", where they agree in all drivers).
    control_variates: whether means are adjusted by the drivers' exact means, also where the file does not say so
    precision: "npv 1%, cvar_95 2%", the largest standard errors, or "npv 5_000 EUR"; the paths are then found by a pilot.
    Raises `UsageError` where paths, seed or threads are no whole number in their range, and for a sampling that is none.
    """
    document = with_run(
        offer.loaded.document, paths=paths, seed=seed, sampling=sampling, precision=precision,
        control_variates="drivers" if control_variates else None,
    )  # fmt: skip
    written = offer.loaded.scenario.run
    adjusted = control_variates or written.control_variates is not None
    seed = written.seed if seed is None else whole_number("seed", seed, *SEEDS)
    drawn = written.sampling if sampling is None else one_of("sampling", sampling, SAMPLINGS)
    threads = threads if threads is None else whole_number("threads", threads, 1)
    aims = written.precision if precision is None else read_precision(precision)
    if paths is not None or aims is None:
        paths = written.paths if paths is None else whole_number("paths", paths, *PATHS)
        return Result(offer.loaded.simulate(paths, seed, threads, progress, drawn, adjusted), document)
    found = sized([offer.loaded.model], aims, seed, drawn, written.at_most, threads, adjusted)
    return Result(offer.loaded.simulate(found.paths, seed, threads, progress, drawn, adjusted), document, found)


def settle(
    offer: Offer,
    actuals: pd.DataFrame | Path | str,
    opening: Mapping[str, Any] | Path | str | None = None,
    restates: pd.DataFrame | Path | str | None = None,
) -> Settlements:
    """Settle the contract of an offer on measured facts.

    actuals:  a column each for the facts, values and drivers that the contract reads, in the units of the file; `settlement`
              and `account` where there is more than one
    opening:  the closing memory of an earlier settlement, or the file it was written to
    restates: the actuals that were settled before
    Raises `DataError` with everything that is wrong, by row and column; then nothing is settled.

    >>> import gainsim, pandas
    >>> offer = gainsim.load_text(gainsim.TEMPLATE)
    >>> year = pandas.DataFrame({"settlement": range(1, 13), "energy_use": 1_000, "energy_price": 90, "saving": 9_000})
    >>> gainsim.settle(offer, year).paid.query("term == 'gain_share'")["amount"].tolist()
    [24960.0]
    """
    return settle_actuals(offer.loaded, actuals, opening, restates)


def base_case(offer: Offer) -> BaseCase:
    """The offer without chance: every driver at its declared central value."""
    return settle_base(offer.loaded.model)


class MeasureError(UsageError, KeyError):
    """A measure that is none, or has no value in this run; says why."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes


@dataclass(frozen=True, repr=False)
class MeasureTable(Mapping[str, Estimate]):
    """The measures that have a value, by name; asking for another says why it has none."""

    taken: Mapping[str, Measured]

    def __getitem__(self, name: str) -> Estimate:
        if name not in self.taken:
            raise MeasureError(_no_measure(name, self.taken))
        found = self.taken[name]
        if found.estimate is None:
            raise MeasureError(f"{name} has no value in this run: {found.reason.rstrip('.')}.")
        return found.estimate

    def __iter__(self) -> Iterator[str]:
        return (name for name, found in self.taken.items() if found.estimate is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))


def _no_measure(name: str, known: Iterable[str]) -> str:
    return f"no measure is called '{name}'.{did_you_mean(name, known)}"


@dataclass(frozen=True)
class Result:
    """What a simulation found: measures with their standard errors, and everything kept, as frames."""

    run: Run
    document: Document | None = None
    sized: Sized | None = None

    def __repr__(self) -> str:
        return f"<result of {self.run.model.scenario.title!r}: {self.run.paths:,} paths, seed {self.run.seed}>"

    @cached_property
    def summary(self) -> Summary:
        """Everything a report says of the run."""
        return summarise(self.run, self.document, self.sized)

    @property
    def measures(self) -> Mapping[str, Estimate]:
        """The measures that have a value, by name; asking for one that has none says why."""
        return MeasureTable(self.summary.measures)

    def measure(
        self, name: str, basis: str = "npv", layer: Any = None, sample: Sample | None = None
    ) -> Estimate | None:
        """One measure, as house limits or the summary name it; sample: path weights or groups other than the run's.

        None where it has no value. Raises `UsageError` for a measure, basis or layer that is none.
        """
        return self._measured(name, basis, layer, sample).estimate

    def against(self, other: Result, name: str, basis: str = "npv", layer: Any = None) -> Estimate | None:
        """This offer's measure less the other's on the same futures, path by path.

        Both must have the same seed, number of paths and currency. None where one of them has no such measure.
        Raises `UsageError` where they differ in these, and for a measure, basis or layer that is none.
        """
        check_same_futures([self.run, other.run])
        our, their = (result.run.model.scenario.currency for result in (self, other))
        if our != their:
            raise UsageError(f"one offer is in {our}, the other in {their}: write both in one currency to compare them.")
        ours, theirs = (result._measured(name, basis, layer) for result in (self, other))
        return _compare(ours, theirs, self.summary.outcome.sample).estimate

    def _measured(self, name: str, basis: str, layer: Any, sample: Sample | None = None) -> Measured:
        if rules_of(name) is None:
            raise MeasureError(_no_measure(name, [*LIMITED_NAMES, *(row[0] for row in SUMMARY)]))
        for what, said, known in (("basis", basis, BASES), ("layer", layer, (None, *LAYERS))):
            if said not in known:
                raise UsageError(f"no {what} is called {said!r}. Write {' or '.join(filter(None, known))}.")
        return Measures(self.summary.outcome, sample).of(name, basis, layer)

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
        """One path, settlement by settlement, line by line; it need not be one of those simulated."""
        import pandas as pd

        path = whole_number("path", path, *PATH_NUMBERS)
        run = self.run
        amounts = _statement(run.model, path, run.seed, run.sampling, run.paths)
        rows = self.run.rows
        data = [
            (rows.lines[n].name, t + 1, s.window.label, s.paid, amount)
            for (t, n), s, amount in zip(rows.keys, rows.settlements, amounts, strict=True)
        ]
        return pd.DataFrame(data, columns=["line", "period", "window", "paid", "amount"])

    def gates(self, path: int) -> pd.DataFrame:
        """What the clauses ask on one path: whether each gate held in a settlement, None where it was not asked."""
        import pandas as pd

        path = whole_number("path", path, *PATH_NUMBERS)
        run, told = self.run, self.run.model.told
        amounts = _statement(told, path, run.seed, run.sampling, run.paths).tolist()
        rows = zip(told.program.rows, amounts, strict=True)
        data = [(told.lines[n].name, t + 1, answer(x)) for (t, n), x in rows if told.lines[n].role == "gate"]
        return pd.DataFrame(data, columns=["gate", "period", "holds"])

    def to_json(self) -> dict[str, Any]:
        """The run as plain data, as `gainsim run --json` prints it."""
        return to_json(self.summary)

    def __str__(self) -> str:
        return memo(self.summary)

    def _repr_html_(self) -> str:
        """The verdict, the limits and the measures, for notebooks."""
        scenario = self.run.model.scenario
        note = f"{counted(self.run.paths, 'future')}, seed {self.run.seed}, run {self.summary.run_id}"
        limits = "".join(
            f"<li>{escape(f'{limit.name} {limit.rule}: {limit.verdict}')}</li>" for limit in self.summary.limits
        )
        rows = []
        for title, value, error in measure_rows(self.summary.measures):
            indent = "padding-left:1.5em;" if title.startswith(" ") else ""
            cells = "".join(f"<td style='text-align:right'>{escape(text)}</td>" for text in (value, error))
            rows.append(f"<tr><td style='{indent}text-align:left'>{escape(title.strip())}</td>{cells}</tr>")
        table = f"<table><caption><b>{escape(scenario.title)}</b><br>{note}</caption>{''.join(rows)}</table>"
        return f"<p>{escape(verdict(self.summary))}</p>{f'<ul>{limits}</ul>' if limits else ''}{table}"


def compare(results: Mapping[str, Result], title: str = "") -> Comparison:
    """Several results side by side, and each against the first, path by path.

    Raises `UsageError` where seed, number of paths or currency differ.
    """
    first = next(iter(results.values()), None)
    said = title or (first.run.model.scenario.title if first is not None else "")
    return Comparison(said, {name: result.summary for name, result in results.items()})


__all__ = ["Offer", "Result", "base_case", "compare", "load", "load_offers", "load_text", "settle", "simulate"]
