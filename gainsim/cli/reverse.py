"""The command `gainsim reverse-stress`: what it takes for an offer to come past a limit, and how likely that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gainsim.cli.options import pictures_of, place_of_pictures, print_study, refuse_without_meaning, study
from gainsim.errors import UsageError
from gainsim.numbers import QuantityError
from gainsim.progress import clear_line, progress_of

if TYPE_CHECKING:
    from gainsim.analyses.crossing import Crossing
    from gainsim.offer.scenario import Scenario

FUTURES = (100, 1_000_000)
DEFAULT = 10_000


@click.command("reverse-stress")
@study(FUTURES, "10,000, unless said; as many again around the limit, and some 50,000 to search")
@click.option("--measure", metavar="NAME", help="What each future comes to: npv (unless said), margin_money, ...")
@click.option("--below", metavar="AMOUNT", help="The limit is passed below this amount, as 0 or -80_000.")
@click.option("--above", metavar="AMOUNT", help="The limit is passed above this amount; with --below: outside the range between.")
@click.option("--limit", metavar="NAME", help="A house limit of the file, asked of single futures, as chance_of_loss.")
@pictures_of("reverse-stress")
def reverse_stress(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    measure: str | None,
    below: str | None,
    above: str | None,
    limit: str | None,
    out: Path | None,
    no_report: bool,
) -> None:
    """Show what it takes for SCENARIO to come past a limit: the least unlikely states of its drivers, and how likely that is.

    Unless said, the limit is a net present value of 0; where that is passed commonly or never, the level that one future in a
    thousand falls below, and ten of the ordinary futures at least.
    """
    from gainsim.analyses.reverse import reverse_stress as reversed_stress
    from gainsim.analyses.reverse_data import to_json
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.reverse import page

    target = place_of_pictures(scenario, "reverse-stress", out, no_report)
    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    asked = _asked(measure, below, above, limit, loaded.scenario)
    progress = None if as_json else progress_of("futures")
    found = reversed_stress(loaded.model, asked, paths or DEFAULT, loaded.scenario.run.seed, progress)
    clear_line(progress)
    if target is not None:
        from gainsim.report.reverse import write_reverse

        write_reverse(found, target, loaded.document)
    print_study(lambda: to_json(found, loaded.document.changes), lambda: page(found), as_json, target)


def _asked(measure: str | None, below: str | None, above: str | None, limit: str | None, scenario: Scenario) -> Crossing | None:
    """What the options ask; None where they ask nothing."""
    from gainsim.analyses.crossing import crossing, crossing_of_limit

    if limit is not None:
        refuse_without_meaning({"--measure": measure, "--below": below, "--above": above}, "--limit says all of it")
        return crossing_of_limit(limit, scenario)
    if measure is None and below is None and above is None:
        return None
    low = _amount("--below", below, scenario.currency)
    high = _amount("--above", above, scenario.currency)
    return crossing(measure or "npv", 0.0 if low is None and high is None else low, high)


def _amount(option: str, written: str | None, currency: str) -> float | None:
    from gainsim.quantities import parse_quantity
    from gainsim.units import DIMENSIONLESS, Unit

    if written is None:
        return None
    try:
        quantity = parse_quantity(written)
    except QuantityError as error:
        raise UsageError(f"{option} {written}: {error}") from None
    if "%" in written or quantity.unit not in (DIMENSIONLESS, Unit.money(currency)):
        raise UsageError(f"{option} {written}: an amount of money in {currency} is wanted, as 80_000.")
    return quantity.value
