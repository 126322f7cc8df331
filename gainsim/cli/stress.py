"""The command `gainsim stress`: what cases of what may go wrong change, each against the same futures."""

from __future__ import annotations

from pathlib import Path

import click

from gainsim.cli.options import pictures_of, place_of_pictures, print_study, study
from gainsim.errors import UsageError
from gainsim.progress import clear_line, progress_of

#: the offer is run once as it is, and once for every case that is another world
FUTURES = (100, 1_000_000)


@click.command()
@study(FUTURES, "those of the file, unless said; at most 1,000,000")
@click.option("--case", "cases", multiple=True, metavar="NAME", help="One case of the file (all of them); may be repeated.")
@click.option("--heat", metavar="DRIVER,DRIVER", help="A map of the mean NPV by the fifths of two drivers.")
@pictures_of("stress")
def stress(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    cases: tuple[str, ...],
    heat: str | None,
    out: Path | None,
    no_report: bool,
) -> None:
    """Put SCENARIO under stress: the cases of its file (stress:), each against the offer as it is, the worst first.

    A file without cases is taken with each driver in its lowest and highest tenth. All cases meet the futures that a run with the
    same seed meets, so that every difference is that of the case.
    """
    from gainsim.analyses.stress import stresses
    from gainsim.analyses.stress_data import to_json
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.stress import page

    target = place_of_pictures(scenario, "stress", out, no_report)
    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    run = loaded.scenario.run
    progress = None if as_json else progress_of("futures")
    found = stresses(loaded, paths or min(run.paths, FUTURES[1]), run.seed, cases, _two(heat), progress)
    clear_line(progress)
    if target is not None:
        from gainsim.report.stress import write_stress

        write_stress(found, target, loaded.document)
    print_study(lambda: to_json(found), lambda: page(found), as_json, target)


def _two(heat: str | None) -> tuple[str, str] | None:
    if heat is None:
        return None
    names = [name.strip() for name in heat.split(",")]
    if len(names) != 2:
        raise UsageError(f"--heat {heat}: a map has two drivers. Write them with a comma, as --heat power_price,demand.")
    return names[0], names[1]
