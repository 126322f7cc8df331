"""What commands share: their arguments and options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gainsim.asked import SAMPLINGS, SEEDS, whole_number


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
one_offer = click.option("--offer", metavar="NAME", help="One offer of a file that has several.")
json_form = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
