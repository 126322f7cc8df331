"""The command line: new, check, run, explain, schema. Results go to stdout, messages and progress to stderr."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gainsim import __version__
from gainsim.errors import GainsimError, UsageError

if TYPE_CHECKING:
    from gainsim.scenario.load import Loaded

LIMIT_BROKEN, INTERRUPTED = 5, 130

_file = click.argument("scenario", type=click.Path(path_type=Path))
_set = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one value of the file, as drivers.wage.constant=5.",
)
_seed = click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Seed of the draws (the file's, unless said).")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="gainsim")
def cli() -> None:
    """Simulate gain-share contracts: expected margin, risk, and whose risk it is."""


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("offer.yaml"))
def new(path: Path) -> None:
    """Write a commented template of a scenario to PATH (offer.yaml)."""
    from gainsim.scenario.template import TEMPLATE

    if path.exists():
        raise UsageError(f"{path} exists already. Name another file.")
    try:
        path.write_text(TEMPLATE, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(f"Wrote {path}. Next: gainsim check {path}, then gainsim run {path}", err=True)


@cli.command()
@_file
@_set
@_json
def check(scenario: Path, changes: tuple[str, ...], as_json: bool) -> None:
    """Say everything that is wrong with SCENARIO, or that nothing is."""
    loaded = _load(scenario, changes)
    model = loaded.model
    if as_json:
        found = {
            "schema": "gainsim/check/1",
            "scenario": loaded.scenario.title,
            "problems": [],
            "unread": list(model.unread),
        }
        click.echo(json.dumps(found))
        return
    terms, drivers = len(loaded.scenario.contract), len(loaded.scenario.drivers)
    click.echo(
        f"{scenario} is in order: {drivers} drivers, {terms} terms, {model.calendar.periods} periods, "
        f"{len(model.lines)} lines."
    )
    for name in model.unread:
        click.echo(f"- nothing reads '{name}': it moves no money.")


@cli.command()
@_file
@_set
@_seed
@_json
@click.option("--paths", type=click.IntRange(1), help="Number of futures (the file's, unless said).")
@click.option(
    "--threads", type=click.IntRange(1), help="Threads (all cores, unless said). Results do not depend on it."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the report (reports/NAME, unless said).")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option(
    "--base-case", is_flag=True, help="No chance: every driver at its central value; print the yearly profit and loss."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def run(
    scenario: Path,
    changes: tuple[str, ...],
    seed: int | None,
    as_json: bool,
    paths: int | None,
    threads: int | None,
    out: Path | None,
    no_report: bool,
    base_case: bool,
    quiet: bool,
) -> None:
    """Simulate SCENARIO, print its summary and write a report folder.

    Exit code 5 says that the offer breaks a limit of the house.
    """
    began = time.perf_counter()
    loaded = _load(scenario, changes)
    if base_case:
        _print_base_case(loaded, as_json)
        return
    from gainsim.bridge import simulate_model
    from gainsim.summary import summarise, to_json

    paths, seed = paths or loaded.scenario.run.paths, loaded.scenario.run.seed if seed is None else seed
    target = out or Path("reports") / scenario.stem
    if not no_report:
        from gainsim import report

        report.check_place(target)  # a place that cannot be written is told before the work, not after
        threading.Thread(target=report.prepare, daemon=True).start()  # imports, while the paths are simulated
    progress = None if quiet or as_json else _progress()
    summary = summarise(simulate_model(loaded.model, paths, seed, threads, progress))
    _clear_progress(progress)
    where = None
    if not no_report:
        text = scenario.read_text(encoding="utf-8-sig")
        where = report.write(summary, text, target, time.perf_counter() - began)
    if as_json:
        click.echo(json.dumps(to_json(summary), allow_nan=False))
    elif not quiet:
        from gainsim.text import memo

        click.echo(memo(summary))
    if where is not None and not quiet:
        click.echo(f"Report: {where / 'report.html'}", err=True)
    if summary.broken:
        names = ", ".join(limit.name for limit in summary.broken)
        click.echo(f"House limit broken: {names}.", err=True)
        raise click.exceptions.Exit(LIMIT_BROKEN)


def _print_base_case(loaded: Loaded, as_json: bool) -> None:
    from gainsim.bridge import base_case
    from gainsim.summary import summarise_base

    base = summarise_base(*base_case(loaded.scenario))
    if as_json:
        by_year = {
            line.name: list(map(float, values)) for line, values in zip(base.model.lines, base.by_year, strict=True)
        }
        found: dict[str, Any] = {"schema": "gainsim/base-case/1", "scenario": loaded.scenario.title}
        found |= {"years": list(base.years), "lines": by_year, "npv": base.npv, "revenue": base.revenue}
        click.echo(json.dumps(found | {"cost": base.cost, "margins": base.margins}, allow_nan=False))
        return
    from gainsim.text import profit_and_loss

    click.echo(f"{loaded.scenario.title}: base case, every driver at its central value\n")
    click.echo(profit_and_loss(base))


@cli.command()
@_file
@_set
@_seed
@_json
@click.option("--path", type=click.IntRange(0), help="The statement of this path (counted from 0).")
@click.option("--period", type=click.IntRange(1), help="Only what settles in this period (counted from 1).")
@click.option("--paths", type=click.IntRange(1), help="Number of futures behind the waterfall of the mean.")
def explain(
    scenario: Path,
    changes: tuple[str, ...],
    seed: int | None,
    as_json: bool,
    path: int | None,
    period: int | None,
    paths: int | None,
) -> None:
    """Explain SCENARIO's money: one path settlement by settlement, or the mean and the tail clause by clause."""
    loaded = _load(scenario, changes)
    seed = loaded.scenario.run.seed if seed is None else seed
    if period is not None and path is None:
        raise UsageError("--period goes with --path: the waterfall is over the whole life. Add --path 0.")
    if path is None:
        _explain_mean(loaded, seed, paths or loaded.scenario.run.paths, as_json)
        return
    if period is not None and period > loaded.model.calendar.periods:
        raise UsageError(f"--period {period}: the contract has {loaded.model.calendar.periods} periods.")
    from gainsim.bridge import statement as settle_path

    amounts = settle_path(loaded.model, path, seed)
    if as_json:
        click.echo(json.dumps(_statement_json(loaded, amounts, path, seed, period), allow_nan=False))
        return
    from gainsim.text import statement

    click.echo(f"{loaded.scenario.title}: path {path}, seed {seed}\n")
    click.echo(statement(loaded.model, amounts, period))


def _statement_json(loaded: Loaded, amounts: Any, path: int, seed: int, period: int | None) -> dict[str, Any]:
    lines = []
    for (t, number), value in zip(loaded.model.program.rows, amounts, strict=True):
        if period is None or t == period - 1:
            line = loaded.model.lines[number]
            when = next(s for s in line.settlements if s.at == t)
            entry: dict[str, Any] = {"period": t + 1, "line": line.name, "role": line.role, "amount": float(value)}
            entry |= {"window": when.window.label, "due": str(when.due), "paid": str(when.paid)}
            lines.append(entry | {"payee": line.payee, "payer": line.payer, "currency": line.currency})
    return {
        "schema": "gainsim/statement/1",
        "scenario": loaded.scenario.title,
        "path": path,
        "seed": seed,
        "lines": lines,
    }


def _explain_mean(loaded: Loaded, seed: int, paths: int, as_json: bool) -> None:
    from gainsim.bridge import simulate_model
    from gainsim.summary import summarise, to_json

    progress = None if as_json else _progress()
    summary = summarise(simulate_model(loaded.model, paths, seed, progress=progress))
    _clear_progress(progress)
    if as_json:
        click.echo(json.dumps({**to_json(summary), "schema": "gainsim/waterfall/1"}, allow_nan=False))
        return
    from gainsim.text import waterfall

    click.echo(f"{loaded.scenario.title}: {paths:,} futures, seed {seed}\n")
    click.echo(waterfall(summary))


@cli.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from gainsim.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _load(scenario: Path, changes: tuple[str, ...]) -> Loaded:
    from gainsim.scenario.load import load_file

    return load_file(scenario, changes)


# --- progress and endings --------------------------------------------------------------------------------------------


def _progress() -> Callable[[int, int], None] | None:
    """A line on stderr that says how far the run is; none where nobody looks."""
    if not sys.stderr.isatty():
        return None
    began = time.perf_counter()

    def show(done: int, paths: int) -> None:
        spent = time.perf_counter() - began
        left = spent * (paths - done) / done if done else 0.0
        sys.stderr.write(f"\r{done:,} of {paths:,} futures, {spent:.0f} s, about {left:.0f} s left ")
        sys.stderr.flush()

    return show


def _clear_progress(progress: object) -> None:
    if progress is not None:
        sys.stderr.write("\r" + " " * 70 + "\r")
        sys.stderr.flush()


def main() -> None:
    """Run the command line; every kind of ending has its exit code."""
    gc.disable()  # what a command leaves in circles does not grow with its paths; to look for it is a tenth of its time
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them reads every package installed
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except GainsimError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted; nothing was written.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader of our output went away, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except MemoryError:
        click.echo("this machine has too little memory for the run. Use fewer --paths.", err=True)
        sys.exit(6)
    except OSError as error:
        click.echo(f"{error.filename or 'the output'}: {error.strerror or error}.", err=True)
        sys.exit(6)
