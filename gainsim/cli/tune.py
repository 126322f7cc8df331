"""The command `gainsim tune`: the best offer among those that the levers of a file make."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gainsim.cli.judged import LIMIT_NOT_KEPT
from gainsim.cli.options import pictures_of, place_of_pictures, print_study, study
from gainsim.errors import UsageError
from gainsim.progress import clear_line, progress_of

if TYPE_CHECKING:
    from gainsim.analyses.tuning import Tuned
    from gainsim.scenario.load import Loaded

#: every candidate is run on as many
FUTURES = (100, 1_000_000)
DEFAULT = 4_096
NEED_NOT = ("limits", "accepts")
LEVER = "contract.base_fee.amount between 30_000 and 40_000 in steps of 250"
LEVER_HELP = f'A number that may be moved, as "{LEVER}"; of the edge of a band, "edge of KEY between A and B".'
LIMIT = "cvar_95 at least -300_000"
_LEVER = re.compile(r"(?P<edge>edge of )?(?P<key>.+?) between (?P<low>\S.*?) and (?P<high>\S.*?)(?: in steps of (?P<step>\S.*))?")
_LIMIT = re.compile(r"(?P<measure>\w+) (?P<side>at least|at most) (?P<bound>\S.*)")


@click.command()
@study(FUTURES, "4,096, unless said; at most 1,000,000")
@click.option("--lever", "levers", multiple=True, metavar="SENTENCE", help=LEVER_HELP)
@click.option("--maximise", metavar="MEASURE", help="The measure that is to be as high as can be (the file's, or npv).")
@click.option("--minimise", metavar="MEASURE", help="Or the one that is to be as low as can be.")
@click.option("--subject-to", "limits", multiple=True, metavar="SENTENCE", help=f'What must hold, as "{LIMIT}".')
@click.option("--without", multiple=True, type=click.Choice(NEED_NOT), help="What need not hold: the house's, the customer's.")
@pictures_of("tuning")
@click.option("--write", type=click.Path(path_type=Path), help="Write the tuned offer as a scenario to this file.")
def tune(
    scenario: Path,
    changes: tuple[str, ...],
    offer: str | None,
    seed: int | None,
    as_json: bool,
    paths: int | None,
    levers: tuple[str, ...],
    maximise: str | None,
    minimise: str | None,
    limits: tuple[str, ...],
    without: tuple[str, ...],
    out: Path | None,
    no_report: bool,
    write: Path | None,
) -> None:
    """Find the best offer among those that the levers of SCENARIO make: numbers with a range, under `tune` or said with --lever.

    All candidates meet the same futures; the best is told on others too.
    """
    from gainsim.analyses.candidates import Candidates
    from gainsim.analyses.tuned_data import to_json
    from gainsim.analyses.tuning import best_so_far, expected_tries, tuned
    from gainsim.scenario.load import chosen, load_offers
    from gainsim.text.tuning import page, so_far

    if write is not None and write.exists():
        raise UsageError(f"--write {write}: it exists already. Name another file.")
    if write is not None and not write.parent.is_dir():
        raise UsageError(f"--write {write}: there is no folder {write.parent}. Make it, or name another file.")
    target = place_of_pictures(scenario, "tuning", out, no_report)
    loaded = chosen(load_offers(scenario, changes, seed=seed), offer)
    loaded = _as_asked(loaded, levers, maximise, minimise, limits, without)
    if loaded.scenario.tune is None:
        raise UsageError(f'{scenario} says nothing of what may be tuned. Write it under tune:, or say --lever "{LEVER}".')
    progress, done = None if as_json else progress_of("candidates"), 0

    def told() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, max(expected_tries(len(loaded.scenario.tune.levers)), done))  # type: ignore[union-attr]

    candidates = Candidates(loaded, paths or DEFAULT, loaded.scenario.run.seed, told)
    try:
        found = tuned(candidates)
    except KeyboardInterrupt:
        clear_line(progress)
        click.echo(so_far(candidates, best_so_far(candidates)), err=True)
        raise
    clear_line(progress)
    if write is not None:  # before anything is printed, whose reader may have gone away
        _write(found, write)
    if target is not None:
        from gainsim.report.study import write_study
        from gainsim.report.tuning import study as page_of

        write_study(page_of(found), target, to_json(found), loaded.document)
    print_study(lambda: to_json(found), lambda: page(found), as_json, target)
    if write is not None:
        click.echo(f"Wrote {write}. Next: gainsim run {write}, then gainsim memo {write}", err=True)
    if not found.best.allowed:
        raise click.exceptions.Exit(LIMIT_NOT_KEPT)


def _as_asked(
    loaded: Loaded,
    levers: tuple[str, ...],
    maximise: str | None,
    minimise: str | None,
    limits: tuple[str, ...],
    without: tuple[str, ...],
) -> Loaded:
    """The offer with what the command line says of its tuning; levers that are said take the place of all the file's."""
    from gainsim.scenario.changes import value_of, with_value
    from gainsim.scenario.load import from_document

    document = loaded.document
    of_the_file = loaded.scenario.tune.levers if levers and loaded.scenario.tune is not None else ()
    for name in of_the_file:
        document = with_value(document, "--lever", ("tune", "levers", name), None)
    names: list[str] = []
    for said in levers:
        found = _LEVER.fullmatch(said.strip())
        if found is None:
            raise UsageError(f'--lever "{said}": write it as "{LEVER}".')
        key, low, high, step = (found[part] for part in ("key", "low", "high", "step"))
        numbers = {"between": [value_of(end, f'--lever "{said}"') for end in (low, high)]}
        steps = {"step": value_of(step, f'--lever "{said}"')} if step else {}
        written: dict[str, Any] = {"edge" if found["edge"] else "at": key, **numbers, **steps}
        names.append(_name(key, names))
        document = with_value(document, f'--lever "{said}"', ("tune", "levers", names[-1]), written)
    if maximise is not None and minimise is not None:
        raise UsageError("--maximise and --minimise: an offer is tuned for one measure. Limit the other one with --subject-to.")
    for option, measure, other in (("maximise", maximise, "minimise"), ("minimise", minimise, "maximise")):
        if measure is not None:
            document = with_value(document, f"--{option} {measure}", ("tune", other), None)
            document = with_value(document, f"--{option} {measure}", ("tune", option), measure)
    for said in limits:
        found = _LIMIT.fullmatch(said.strip())
        if found is None:
            raise UsageError(f'--subject-to "{said}": write it as "{LIMIT}".')
        bound = {found["side"].replace(" ", "_"): value_of(found["bound"], f'--subject-to "{said}"')}
        document = with_value(document, f'--subject-to "{said}"', ("tune", "subject_to", found["measure"]), bound)
    if without:
        document = with_value(document, f"--without {without[0]}", ("tune", "without"), list(without))
    return loaded if document is loaded.document else from_document(document)


def _name(key: str, taken: Collection[str]) -> str:
    """A name for a lever that has none: whose number it is, and which; one that is taken gets a number.

    >>> _name("contract.gain_share.steps[2].limit_payment.cap", []), _name("money.discount_rate", [])
    ('gain_share_cap', 'discount_rate')
    """
    _, *whose = (re.sub(r"\[\d+\]", "", part) for part in key.split("."))
    name = re.sub(r"\W+", "_", "_".join(dict.fromkeys([*whose[:1], *whose[-1:]]))).strip("_").lower() or "lever"
    return next(free for free in chain([name], (f"{name}_{n}" for n in count(2))) if free not in taken)


def _write(found: Tuned, file: Path) -> None:
    from gainsim.scenario.levers import rewritten_with

    candidates = found.candidates
    try:
        file.write_text(rewritten_with(candidates.loaded.document, candidates.levers, found.best.numbers), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None
