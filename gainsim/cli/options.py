"""What commands share: their arguments and options, and the simulation that is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gainsim.asked import SAMPLINGS, SEEDS, whole_number
from gainsim.errors import UsageError
from gainsim.progress import clear_line, progress_of

if TYPE_CHECKING:
    from gainsim.grid import Calendar
    from gainsim.scenario.load import Loaded
    from gainsim.summary import Summary


Command = Callable[..., Any]


class Whole(click.ParamType):  # type: ignore[type-arg]  # generic in some versions only
    """A whole number in a range, refused in words that say what is wanted."""

    name = "integer"

    def __init__(self, low: int, high: int | None = None) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, from text."""
        return whole_number(param.opts[0] if param is not None else "it", value, self.low, self.high)


scenario_file = click.argument("scenario", type=click.Path(path_type=Path))
set_values = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one value of the file, as drivers.wage.constant=5.",
)
seed_of_draws = click.option("--seed", type=Whole(*SEEDS), help="Seed of the draws (the file's, unless said).")
way_to_sample = click.option(
    "--sampling",
    metavar="WAY",
    help=f"How the futures are drawn (the file's, unless said): {', '.join(SAMPLINGS)}.",
)
exact_means = click.option(
    "--control-variates",
    is_flag=True,
    flag_value="drivers",
    default=None,
    help="Adjust means of money by how far the drivers came out from their exact means.",
)
one_offer = click.option("--offer", metavar="NAME", help="One offer of a file that has several.")
json_form = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def study(futures: tuple[int, int], words: str, default: int | None = None) -> Callable[[Command], Command]:
    """What every command takes that studies one scenario: its file, changes, offer, seed, form, and how many futures.

    futures: at least, at most; words: what the help says of how many there are
    """
    paths = click.option("--paths", type=Whole(*futures), default=default, help=f"Number of futures ({words}).")
    return _all_of(scenario_file, set_values, one_offer, seed_of_draws, json_form, paths)


def pictures_of(kind: str) -> Callable[[Command], Command]:
    """Where a command draws its pictures, or that it draws none."""
    said = f"Folder of the pictures (reports/NAME-{kind}, unless said)."
    out = click.option("--out", type=click.Path(path_type=Path), help=said)
    return _all_of(out, click.option("--no-report", is_flag=True, help="Draw no pictures."))


def place_of_pictures(scenario: Path, kind: str, out: Path | None, no_report: bool) -> Path | None:
    """The folder of a command's pictures, looked at before a minute is spent; None where it draws none."""
    if no_report:
        refuse_without_meaning({"--out": out}, "--no-report draws nothing")
        return None
    from gainsim.report.folder import check_place

    target = out or Path("reports") / f"{scenario.stem}-{kind}"
    check_place(target)
    return target


def print_study(
    told: Callable[[], Mapping[str, Any]], page: Callable[[], str], as_json: bool, target: Path | None, what: str = "Pictures"
) -> None:
    """Print what a study found, for machines or for people, and where its page lies."""
    click.echo(json.dumps(told(), allow_nan=False) if as_json else page())
    if target is not None:
        click.echo(f"{what}: {target / 'report.html'}", err=True)


def _all_of(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several decorators as one, the first of them first in the help."""

    def decorated(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


def refuse_without_meaning(options: Mapping[str, object], because: str = "--base-case leaves nothing to chance") -> None:
    """Refuse options that another makes meaningless, where they would be passed over in silence."""
    said = [name for name, value in options.items() if value is not None]
    if said:
        raise UsageError(
            f"{because}: {' and '.join(said)} would do nothing. Leave {'it' if len(said) == 1 else 'them'} out."
        )


def loaded_offer(
    scenario: Path, changes: tuple[str, ...], offer: str | None = None, **run: int | str | None
) -> Loaded:
    """One offer of a file, with what a command line says of its `run`."""
    from gainsim.scenario.load import chosen, load_offers

    return chosen(load_offers(scenario, changes, "--set ", **run), offer)


def simulated(offers: dict[str, Loaded], paths: int | None, threads: int | None, quiet: bool) -> dict[str, Summary]:
    """Simulate offers as their file says, on the number of futures that a precision takes where only that is said."""
    from gainsim.precision import sized
    from gainsim.summary import summarise

    asked = next(iter(offers.values())).scenario.run
    progress = None if quiet else progress_of("futures")
    found, number, adjusted = None, asked.paths, asked.control_variates is not None
    if paths is None and asked.precision is not None:
        models = [loaded.model for loaded in offers.values()]
        found = sized(models, asked.precision, asked.seed, asked.sampling, asked.at_most, threads, adjusted)
        number = found.paths
    summaries = {
        name: summarise(loaded.simulate(number, asked.seed, threads, progress, asked.sampling, adjusted), loaded.document, found)
        for name, loaded in offers.items()
    }
    clear_line(progress)
    return summaries


def number_of_period(name: str, said: str, calendar: Calendar) -> int:
    """The number of a period, counted from 1, by itself or by what the period is called, as 2028-03 or 2028-Q1.

    Raises `UsageError` for a period that the calendar does not have.

    >>> from gainsim.grid import Calendar, parse_month
    >>> calendar = Calendar(parse_month("2027-04"), 24, "month", "contract")
    >>> number_of_period("--period", "12", calendar), number_of_period("--period", "2028-03", calendar)
    (12, 12)
    """
    for number in range(1, calendar.periods + 1):
        if said in (str(number), calendar.period(number - 1).label):
            return number
    first, last = calendar.period(0).label, calendar.period(calendar.periods - 1).label
    told = f"the contract has {calendar.periods} of them, {first} to {last}"
    raise UsageError(f"{name} {said}: {told}. Name one so, or by its number.")
