"""The command line: new, check, run, explain, settle, schema. Results go to stdout, messages and progress to stderr."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gainsim import __version__
from gainsim.asked import PATH_NUMBERS, PATHS
from gainsim.cli_options import Whole, clear_progress, json_form, progress_of, scenario_file, seed_of_draws, set_values
from gainsim.cli_settle import settle
from gainsim.errors import GainsimError, Problem, ScenarioError, UsageError

if TYPE_CHECKING:
    from gainsim.measuring import Judgement
    from gainsim.scenario.load import Loaded

LIMIT_NOT_KEPT, INTERRUPTED = 5, 130


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
@scenario_file
@set_values
@json_form
def check(scenario: Path, changes: tuple[str, ...], as_json: bool) -> None:
    """Say everything that is wrong with SCENARIO, or that nothing is."""
    try:
        loaded = _load(scenario, changes)
    except ScenarioError as error:
        if as_json:
            click.echo(json.dumps(_check_json(None, error.problems, ())))
            raise click.exceptions.Exit(error.exit_code) from None
        raise
    model = loaded.dated
    if as_json:
        click.echo(json.dumps(_check_json(loaded.scenario.title, (), loaded.notes)))
        return
    from gainsim.words import counted

    terms, drivers = len(loaded.scenario.contract), len(loaded.scenario.drivers)
    click.echo(
        f"{scenario} is in order: {counted(drivers, 'driver')}, {counted(terms, 'term')}, "
        f"{counted(model.calendar.periods, 'period')}, {counted(len(model.lines), 'line')}."
    )
    for note in loaded.notes:
        click.echo(f"- {note}")


def _check_json(title: str | None, problems: Iterable[Problem], notes: Iterable[str]) -> dict[str, Any]:
    said = [
        {"file": p.file, "line": p.line or None, "column": p.column or None, "key": p.path, "message": p.message}
        for p in problems
    ]
    return {"schema": "gainsim/check/1", "scenario": title, "problems": said, "notes": list(notes)}


@cli.command()
@scenario_file
@set_values
@seed_of_draws
@json_form
@click.option("--paths", type=Whole(*PATHS), help="Number of futures (the file's, unless said).")
@click.option("--threads", type=Whole(1), help="Threads (all cores, unless said). Results do not depend on it.")
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

    The report is written to reports/NAME, with --set to reports/NAME-RUN, so that every variant has its own. Exit code
    5 says that the offer does not keep a limit of the house: it breaks it, or the limit cannot be judged.
    """
    began = time.perf_counter()
    if base_case:
        _without_meaning({"--paths": paths, "--seed": seed, "--threads": threads, "--out": out})
        _base_case(_load(scenario, changes), as_json, quiet)
        return
    if no_report:
        _without_meaning({"--out": out}, "--no-report writes nothing")
    loaded = _load(scenario, changes, paths, seed)
    from gainsim.summary import summarise, to_json

    asked = loaded.scenario.run
    target = None if no_report else _place(loaded, scenario, changes, out)
    progress = None if quiet or as_json else progress_of("futures")
    run = loaded.simulate(asked.paths, asked.seed, threads, progress)
    summary = summarise(run, loaded.document)
    clear_progress(progress)
    where = None
    if target is not None:
        from gainsim import report

        where = report.write(summary, target, time.perf_counter() - began)
    if as_json:
        click.echo(json.dumps(to_json(summary), allow_nan=False))
    elif not quiet:
        from gainsim.text import memo

        click.echo(memo(summary))
    if where is not None and not quiet:
        click.echo(f"Report: {where / 'report.html'}", err=True)
    _judge(summary.limits)


def _without_meaning(options: Mapping[str, object], because: str = "--base-case leaves nothing to chance") -> None:
    """Refuse options that another makes meaningless, where they would be passed over in silence."""
    said = [name for name, value in options.items() if value is not None]
    if said:
        raise UsageError(
            f"{because}: {' and '.join(said)} would do nothing. Leave {'it' if len(said) == 1 else 'them'} out."
        )


def _place(loaded: Loaded, scenario: Path, changes: tuple[str, ...], out: Path | None) -> Path:
    """Where the report goes: a place that cannot be written is told before the work, not after."""
    from gainsim import report
    from gainsim.summary import run_id

    run = loaded.model.scenario.run  # what cannot be simulated is told before a place is made for it
    own = f"{scenario.stem}-{run_id(loaded.scenario, run.paths, run.seed)}" if changes else scenario.stem
    target = out or Path("reports") / own
    report.check_place(target, None if out else loaded.document.name)
    threading.Thread(target=report.prepare, daemon=True).start()  # imports, while the paths are simulated
    return target


def _judge(limits: Iterable[Judgement]) -> None:
    """End with an exit code of its own where a limit is not kept."""
    for verdict, said in (("broken", "House limit broken"), ("open", "House limit that cannot be judged")):
        if names := [limit.name for limit in limits if limit.verdict == verdict]:
            click.echo(f"{said}: {', '.join(names)}.", err=True)
    if not all(limit.kept for limit in limits):
        raise click.exceptions.Exit(LIMIT_NOT_KEPT)


def _base_case(loaded: Loaded, as_json: bool, quiet: bool) -> None:
    from gainsim.base import settle_base
    from gainsim.summary import base_json

    base = settle_base(loaded.model)
    if as_json:
        click.echo(json.dumps(base_json(base, loaded.document.changes), allow_nan=False))
    elif not quiet:
        from gainsim.base_text import base_page

        changes = "".join(f"with {change}\n" for change in loaded.document.changes)
        click.echo(f"{loaded.scenario.title}: base case, every driver at its central value\n{changes}")
        click.echo(base_page(base))
    _judge(base.limits)


@cli.command()
@scenario_file
@set_values
@seed_of_draws
@json_form
@click.option("--path", type=Whole(*PATH_NUMBERS), help="The statement of this path (counted from 0).")
@click.option("--period", type=Whole(1), help="Only what settles in this period (counted from 1).")
@click.option("--paths", type=Whole(*PATHS), help="Number of futures behind the waterfall of the mean.")
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
    if path is not None:
        _without_meaning({"--paths": paths}, "--path settles one future")
    loaded = _load(scenario, changes, paths, seed)
    seed = loaded.scenario.run.seed
    if period is not None and path is None:
        raise UsageError("--period goes with --path: the waterfall is over the whole life. Add --path 0.")
    if path is None:
        _explain_mean(loaded, as_json)
        return
    if period is not None and period > loaded.model.calendar.periods:
        raise UsageError(f"--period {period}: the contract has {loaded.model.calendar.periods} of them.")
    amounts = loaded.statement(path, seed)
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


def _explain_mean(loaded: Loaded, as_json: bool) -> None:
    from gainsim.summary import summarise, to_json

    asked = loaded.scenario.run
    progress = None if as_json else progress_of("futures")
    run = loaded.simulate(asked.paths, asked.seed, progress=progress)
    summary = summarise(run, loaded.document)
    clear_progress(progress)
    if as_json:
        click.echo(json.dumps({**to_json(summary), "schema": "gainsim/waterfall/1"}, allow_nan=False))
        return
    from gainsim.text import waterfall
    from gainsim.words import counted

    click.echo(f"{loaded.scenario.title}: {counted(asked.paths, 'future')}, seed {asked.seed}\n")
    click.echo(waterfall(summary))


cli.add_command(settle)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from gainsim.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _load(scenario: Path, changes: tuple[str, ...], paths: int | None = None, seed: int | None = None) -> Loaded:
    from gainsim.scenario.load import load_file

    return load_file(scenario, changes, paths, seed)


# --- endings --------------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; every kind of ending has its exit code."""
    gc.disable()  # what a command leaves in circles does not grow with its paths; to look for it is a tenth of its time
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them reads every package installed
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us: nobody listens
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (until the end)
    sys.exit(_ended())


def _ended() -> int:
    """Do what is asked and give the exit code."""
    try:
        try:
            with cli.make_context("gainsim", sys.argv[1:]) as context:  # cli.main would end a broken pipe with 1
                cli.invoke(context)
        except click.exceptions.Exit as stop:
            return _flushed(stop.exit_code)
        return _flushed(0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except GainsimError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted; nothing was written.", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        click.echo("this machine has too little memory for the run. Use fewer --paths.", err=True)
        return 6
    except OSError as error:
        click.echo(f"{error.filename or 'the output'}: {error.strerror or error}.", err=True)
        return 6


def _flushed(code: int) -> int:
    sys.stdout.flush()
    return code
