"""How a command ends where a limit of the house is not kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gainsim.judging import Judgement

LIMIT_NOT_KEPT = 5


def judged(limits: Iterable[Judgement]) -> None:
    """End with an exit code of its own where a limit is not kept."""
    limits = list(limits)
    for verdict, said in (("broken", "House limit broken"), ("open", "House limit that cannot be judged")):
        if names := dict.fromkeys(limit.name for limit in limits if limit.verdict == verdict):
            click.echo(f"{said}: {', '.join(names)}.", err=True)
    if not all(limit.kept for limit in limits):
        raise click.exceptions.Exit(LIMIT_NOT_KEPT)
