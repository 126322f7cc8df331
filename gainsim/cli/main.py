"""The command line, every command that gainsim has. Results go to stdout, messages and progress to stderr."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gainsim import __version__
from gainsim.asked import PATH_NUMBERS, PATHS
from gainsim.cli.calibrate import calibrate
from gainsim.cli.compare import compare
from gainsim.cli.conduct import conduct
from gainsim.cli.drivers import drivers
from gainsim.cli.judged import judged
from gainsim.cli.library import library
from gainsim.cli.memo import memo
from gainsim.cli.operations import operations
from gainsim.cli.options import (
    Whole,
    exact_means,
    json_form,
    loaded_offer,
    number_of_period,
    one_offer,
    refuse_without_meaning,
    scenario_file,
    seed_of_draws,
    set_values,
    simulated,
    way_to_sample,
)
from gainsim.cli.price import price
from gainsim.cli.reverse import reverse_stress
from gainsim.cli.risks import risks
from gainsim.cli.sensitivity import sensitivity
from gainsim.cli.settle import settle
from gainsim.cli.stress import stress
from gainsim.cli.tune import tune
from gainsim.cli.waterfall import waterfall
from gainsim.cli.workbook import workbook
from gainsim.errors import GainsimError, Problem, ScenarioError, UsageError

if TYPE_CHECKING:
    from gainsim.scenario.load import Loaded
    from gainsim.summary import Summary

INTERRUPTED = 130


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
    from gainsim.scenario.load import load_offers

    try:
        offers = load_offers(scenario, changes)
    except ScenarioError as error:
        if as_json:
            click.echo(json.dumps(_check_json(None, error.problems, ())))
            raise click.exceptions.Exit(error.exit_code) from None
        raise
    notes = [f"{name}: {note}" if name else note for name, loaded in offers.items() for note in loaded.notes]
    first = next(iter(offers.values()))
    if as_json:
        click.echo(json.dumps(_check_json(first.scenario.title, (), notes)))
        return
    if len(offers) > 1:
        click.echo(f"{scenario} is in order, each of its {len(offers)} offers.")
    for name, loaded in offers.items():
        click.echo(f"{name}: {_in_order(loaded)}" if name else f"{scenario} is in order: {_in_order(loaded)}")
    for note in notes:
        click.echo(f"- {note}")


def _in_order(loaded: Loaded) -> str:
    from gainsim.words import counted

    model, terms, drivers = loaded.dated, len(loaded.scenario.contract), len(loaded.scenario.drivers)
    return (
        f"{counted(drivers, 'driver')}, {counted(terms, 'term')}, "
        f"{counted(model.calendar.periods, 'period')}, {counted(len(model.lines), 'line')}."
    )


def _check_json(title: str | None, problems: Iterable[Problem], notes: Iterable[str]) -> dict[str, Any]:
    said = [
        {"file": p.file, "line": p.line or None, "column": p.column or None, "key": p.path, "message": p.message}
        for p in problems
    ]
    return {"schema": "gainsim/check/1", "scenario": title, "problems": said, "notes": list(notes)}


@cli.command()
@scenario_file
@set_values
@one_offer
@seed_of_draws
@way_to_sample
@exact_means
@json_form
@click.option("--paths", type=Whole(*PATHS), help="Number of futures (the file's, unless said).")
@click.option(
    "--precision",
    metavar="AIMS",
    help='Find the number of futures that knows measures so well, as "npv 1%, cvar_95 20_000 EUR".',
)
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
    offer: str | None,
    seed: int | None,
    sampling: str | None,
    control_variates: str | None,
    as_json: bool,
    paths: int | None,
    precision: str | None,
    threads: int | None,
    out: Path | None,
    no_report: bool,
    base_case: bool,
    quiet: bool,
) -> None:
    """Simulate SCENARIO, print its summary and write a report folder.

    A file of several offers simulates each on the same futures and shows them side by side; --offer takes one. The
    report is written to reports/NAME, with --set or --offer to reports/NAME-RUN: every variant has its own. Exit code
    5 says that the offer, or one of several, does not keep a limit of the house: it breaks it, or the limit cannot be
    judged.
    """
    began = time.perf_counter()
    if base_case:
        drawn = {"--paths": paths, "--precision": precision, "--seed": seed, "--sampling": sampling}
        drawn["--control-variates"] = control_variates
        refuse_without_meaning({**drawn, "--threads": threads, "--out": out})
        _base_case(loaded_offer(scenario, changes, offer=offer), as_json, quiet)
        return
    if no_report:
        refuse_without_meaning({"--out": out}, "--no-report writes nothing")
    if precision is not None:
        refuse_without_meaning({"--paths": paths}, "--precision finds the number of futures")
    from gainsim.scenario.load import chosen, load_offers

    offers = load_offers(
        scenario, changes, paths=paths, seed=seed, sampling=sampling, control_variates=control_variates, precision=precision
    )
    if offer is not None or "" in offers:
        offers = {"": chosen(offers, offer)}
    one = next(iter(offers.values()))
    target = None if no_report else _place(one, scenario, changes, out, one_of_several=offer is not None)
    summaries = simulated(offers, paths, threads, quiet=quiet or as_json)
    _show(summaries, target, time.perf_counter() - began, as_json, quiet)


def _show(summaries: dict[str, Summary], target: Path | None, elapsed: float, as_json: bool, quiet: bool) -> None:
    """Write and print what was found: of one offer its report, of several how they compare."""
    several = "" not in summaries
    where = None
    if several:
        from gainsim.analyses.comparison import comparison
        from gainsim.text.comparison import side_by_side

        found: Any = comparison(summaries)
        shown: Callable[[Any], str] = side_by_side
    else:
        from gainsim.text.offer import memo

        found, shown = summaries[""], memo
    if target is not None:
        from gainsim import report

        where = (report.write_offers if several else report.write)(found, target, elapsed)
    if as_json:
        from gainsim.summary import to_json

        click.echo(json.dumps(found.to_json() if several else to_json(found), allow_nan=False))
    elif not quiet:
        click.echo(shown(found))
    if where is not None and not quiet:
        click.echo(f"Report: {where / 'report.html'}", err=True)
    judged([limit for summary in summaries.values() for limit in summary.limits])


def _place(loaded: Loaded, scenario: Path, changes: tuple[str, ...], out: Path | None, one_of_several: bool) -> Path:
    """Where the report goes: a place that cannot be written is told before the work, not after."""
    from gainsim import report
    from gainsim.summary import run_id

    run = loaded.model.scenario.run  # what cannot be simulated is told before a place is made for it
    own = (
        f"{scenario.stem}-{run_id(loaded.scenario, run.paths, run.seed, run.sampling, run.control_variates is not None)}"
        if changes or one_of_several
        else scenario.stem
    )
    target = out or Path("reports") / own
    report.check_place(target, None if out else loaded.document.name)
    threading.Thread(target=report.prepare, daemon=True).start()  # imports, while the paths are simulated
    return target


def _base_case(loaded: Loaded, as_json: bool, quiet: bool) -> None:
    from gainsim.base import settle_base
    from gainsim.summary import base_json

    base = settle_base(loaded.model)
    if as_json:
        click.echo(json.dumps(base_json(base, loaded.document.changes), allow_nan=False))
    elif not quiet:
        from gainsim.text.base import base_page

        changes = "".join(f"with {change}\n" for change in loaded.document.changes)
        click.echo(f"{loaded.scenario.title}: base case, every driver at its central value\n{changes}")
        click.echo(base_page(base))
    judged(base.limits)


@cli.command()
@scenario_file
@set_values
@one_offer
@seed_of_draws
@way_to_sample
@exact_means
@json_form
@click.option("--path", type=Whole(*PATH_NUMBERS), help="The statement of this path (counted from 0).")
@click.option("--period", metavar="PERIOD", help="Only what settles in this period: its number, counted from 1, or 2028-03.")
@click.option("--paths", type=Whole(*PATHS), help="Number of futures behind the waterfall of the mean.")
def explain(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    sampling: str | None,
    control_variates: str | None,
    as_json: bool,
    path: int | None,
    period: str | None,
    paths: int | None,
) -> None:
    """Explain SCENARIO's money: one path settlement by settlement, or the mean and the tail clause by clause."""
    if path is not None:
        refuse_without_meaning({"--paths": paths, "--control-variates": control_variates}, "--path settles one future")
    loaded = loaded_offer(scenario, changes, offer, paths=paths, seed=seed, sampling=sampling, control_variates=control_variates)
    seed = loaded.scenario.run.seed
    if period is not None and path is None:
        raise UsageError("--period goes with --path: the waterfall is over the whole life. Add --path 0.")
    if path is None:
        _explain_mean(loaded, paths, as_json)
        return
    only = None if period is None else number_of_period("--period", period, loaded.model.calendar)
    amounts = loaded.statement(path)
    if as_json:
        from gainsim.summary import statement_json

        click.echo(json.dumps(statement_json(loaded.model.told, amounts, path, seed, only), allow_nan=False))
        return
    from gainsim.text.settlement import statement

    click.echo(f"{loaded.scenario.title}: path {path}, seed {seed}\n")
    click.echo(statement(loaded.model.told, amounts, only))


def _explain_mean(loaded: Loaded, paths: int | None, as_json: bool) -> None:
    summary = simulated({"": loaded}, paths, threads=None, quiet=as_json)[""]
    if as_json:
        from gainsim.summary import to_json

        click.echo(json.dumps({**to_json(summary), "schema": "gainsim/explain/1"}, allow_nan=False))
        return
    from gainsim.text.offer import by_line
    from gainsim.words import counted

    click.echo(f"{loaded.scenario.title}: {counted(summary.run.paths, 'future')}, seed {summary.run.seed}\n")
    click.echo(by_line(summary))


cli.add_command(drivers)
cli.add_command(operations)
cli.add_command(conduct)
cli.add_command(sensitivity)
cli.add_command(stress)
cli.add_command(reverse_stress)
cli.add_command(price)
cli.add_command(tune)
cli.add_command(waterfall)
cli.add_command(compare)
cli.add_command(settle)
cli.add_command(calibrate)
cli.add_command(risks)
cli.add_command(memo)
cli.add_command(workbook)
cli.add_command(library)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from gainsim.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


# --- endings --------------------------------------------------------------------------------------------------------


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
