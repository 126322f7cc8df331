"""The command `gainsim compare`: several files, offers of a file, or versions of it, side by side and as differences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gainsim.cli.options import (
    Whole,
    json_form,
    pictures_of,
    place_of_pictures,
    print_study,
    seed_of_draws,
    set_values,
    simulated,
)
from gainsim.errors import UsageError
from gainsim.spelling import did_you_mean

if TYPE_CHECKING:
    from gainsim.scenario.load import Loaded

FUTURES = (100, 10_000_000)
#: where a second KEY=VALUE begins behind a first one
_ANOTHER_VALUE = re.compile(r"[,;]\s*(?=[a-z_]\w*[.\[][^=,;]*(?<![<>!=])=(?!=))")


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...", type=click.Path(path_type=Path))
@click.option(
    "--with",
    "versions",
    multiple=True,
    metavar='"NAME: KEY=VALUE"',
    help='A version of the first offer with one value changed, as "lower: contract.base_fee.amount=30_000 EUR per month".',
)
@set_values
@click.option("--offer", "offers", multiple=True, metavar="NAME", help="Which offers of a file of several (all, unless said).")
@seed_of_draws
@json_form
@click.option("--paths", type=Whole(*FUTURES), help="Number of futures (those of the first file, unless said).")
@pictures_of("compare")
def compare(
    scenarios: tuple[Path, ...],
    versions: tuple[str, ...],
    changes: tuple[str, ...],
    offers: tuple[str, ...],
    seed: int | None,
    as_json: bool,
    paths: int | None,
    out: Path | None,
    no_report: bool,
) -> None:
    """Compare offers on the same futures: files, the offers of one, or versions with other values. The first is the reference.

    Several --with of one name make one version. What is drawn is that of the first file; --set changes a value of every file.
    """
    from gainsim.analyses.comparison import Comparison
    from gainsim.text.comparison import side_by_side

    target = place_of_pictures(scenarios[0], "compare", out, no_report)
    compared = _compared(scenarios, versions, changes, offers, seed, paths)
    first = next(iter(compared.values())).document
    whole = (first.whole or first) if len(scenarios) == 1 else None
    titles = list(dict.fromkeys(str((each.document.whole or each.document).data["title"]) for each in compared.values()))
    title = titles[0] if len(titles) == 1 else f"{titles[0]}, and {len(titles) - 1} more"
    found = Comparison(title, simulated(compared, paths, None, quiet=as_json), whole)
    if target is not None:
        from gainsim.report import write_offers

        write_offers(found, target)
    print_study(lambda: found.to_json(), lambda: side_by_side(found), as_json, target, "Report")


def _compared(
    scenarios: tuple[Path, ...],
    versions: tuple[str, ...],
    changes: tuple[str, ...],
    wanted: tuple[str, ...],
    seed: int | None,
    paths: int | None,
) -> dict[str, Loaded]:
    """The offers by the names they are told by: that of an offer, of a file that is one offer, of a version."""
    from gainsim.scenario.load import load_offers

    files = {path: load_offers(path, changes, seed=seed, paths=paths) for path in scenarios}
    if len(files) < len(scenarios):
        raise UsageError("a file is named twice. Name each once; a version of it is written --with \"NAME: KEY=VALUE\".")
    _check_wanted(wanted, [name for offers in files.values() for name in offers if name])
    found: dict[str, Loaded] = {}
    stems = [path.stem for path in files]
    for path, offers in files.items():
        file = path.stem if stems.count(path.stem) == 1 else str(path.with_suffix(""))
        for name, loaded in offers.items():
            if name in wanted or not name or not wanted:
                own = name or file
                found[own if own not in found else f"{file}: {own}"] = loaded
    reference = next(name for name in files[scenarios[0]] if name in wanted or not name or not wanted)
    for name, values in _written(versions).items():
        if name in found:
            raise UsageError(f"--with {name}: there is an offer of this name already. Give the version a name of its own.")
        found[name] = load_offers(scenarios[0], (*changes, *values), f"--with {name}: ", seed=seed, paths=paths)[reference]
    if len(found) == 1:
        raise UsageError(
            "there is one offer, and nothing to compare it with. Name a second file, or a version of this one: "
            '--with "lower: contract.base_fee.amount=30_000 EUR per month".'
        )
    return found


def _check_wanted(wanted: tuple[str, ...], known: list[str]) -> None:
    for name in wanted:
        if name not in known:
            told = f"There are {', '.join(known)}." if known else "Each file is one offer: leave --offer out."
            raise UsageError(f"--offer {name}: no file has an offer of this name.{did_you_mean(name, known)} {told}")


def _written(versions: tuple[str, ...]) -> dict[str, list[str]]:
    """The changes of each version, by its name."""
    found: dict[str, list[str]] = {}
    for text in versions:
        name, colon, change = (part.strip() for part in text.partition(":"))
        if not colon or not name or "=" in name or "=" not in change:
            raise UsageError(f'--with {text}: write "NAME: KEY=VALUE", as "lower: contract.base_fee.amount=30_000 EUR per month".')
        if more := _ANOTHER_VALUE.search(change):
            both = f'--with "{name}: {change[: more.start()]}" --with "{name}: {change[more.end() :]}"'
            raise UsageError(f"--with {text}: one value each. Repeat --with with the same name: {both}.")
        if change.startswith("run."):
            raise UsageError(f"--with {text}: all versions meet the same futures. Say --seed or --paths, or --set for every file.")
        found.setdefault(name, []).append(change)
    return found
