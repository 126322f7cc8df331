"""A report's folder: written aside under a hidden name, then renamed into place; whole or absent."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gainsim.errors import ResourceError, UsageError

#: what a report's folder holds
FILES = (
    "report.html",
    "result.json",
    "measures.csv",
    "years.csv",
    "settlements.csv",
    "paths.npz",
    "scenario.yaml",
)
#: what the report of a calibration holds beside page and result.json
FRAGMENT = "drivers.yaml"
#: what desktops leave in any folder that somebody looks into
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
_WRONG_PLACE = {
    errno.ENOTDIR: "lies below a file",
    errno.EEXIST: "lies below a file",
    errno.ENAMETOOLONG: "is too long a name",
}
_REMEDY = {
    errno.ENOSPC: "Free some space, or choose another --out.",
    errno.EDQUOT: "Free some space, or choose another --out.",
}


def check_place(out: Path, file: str | None = None) -> Path:
    """The place of a report, links followed; raises `UsageError` where none can be written or replaced.

    file: the scenario or history that the report is of, where nobody chose the place: then only a report of that file is replaced
    """
    try:
        place = out.resolve()
        there = _exists(place)
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{str(out)!r} is no place for a report: {_reason(error)}; choose another --out.") from None
    if there:
        _check_former(place, out)
    former = _former(place).get("file")
    if file is not None and isinstance(former, str) and Path(former).absolute() != Path(file).absolute():
        raise UsageError(f"{out} holds the report of {former}; choose a place for that of {file} with --out.")
    return place


def _exists(place: Path) -> bool:
    """Whether something is there; unlike `lexists` it fails where nothing ever can be."""
    try:
        os.lstat(place)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def whole_or_absent(place: Path) -> Iterator[Path]:
    """Give a hidden folder to fill; on success it becomes `place`, on any failure or interrupt it is removed.

    A former report there is moved aside, and removed only when the new one is in place.
    """
    made = [parent for parent in place.parents if not os.path.lexists(parent)]
    new = _beside(place, "part")
    done = False
    try:
        with _told(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            new.mkdir()
            yield new
            _swap(new, place)
        done = True
    finally:
        _remove(new)
        if not done and not os.path.lexists(place):
            for parent in made:
                with contextlib.suppress(OSError):
                    parent.rmdir()


def write_page(out: Path, page: str, told: Mapping[str, Any], text: str | None) -> Path:
    """Write a report that is one page into the folder `out`, with its figures and the scenario it is of; gives its place.

    text: of the scenario; None where whoever reads the report is not to have it
    """
    place = check_place(out)
    with whole_or_absent(place) as folder:
        (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
        (folder / "result.json").write_text(f"{json.dumps(told, indent=1, allow_nan=False)}\n", encoding="utf-8")
        if text is not None:
            (folder / "scenario.yaml").write_text(text, encoding="utf-8", newline="")
    return place


def _check_former(place: Path, shown: Path) -> None:
    """Refuse to replace anything but an empty folder, and a report that holds nothing of the user's."""
    if not place.is_dir():
        raise UsageError(f"{shown} is a file, and a report is a folder; choose another --out.")
    found = {entry.name for entry in os.scandir(place)} - set(_LITTER)
    if not found:
        return
    if not str(_former(place).get("schema")).startswith("gainsim/"):
        raise UsageError(f"{shown} exists and is no report; choose another --out.")
    own = sorted(found - {*FILES, FRAGMENT})
    if own:
        raise UsageError(f"{shown} is a report, but also holds {own[0]}; move that away, or choose another --out.")


def _former(place: Path) -> dict[str, Any]:
    """What the report there says of itself; nothing where there is none."""
    try:
        found = json.loads((place / "result.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _beside(place: Path, what: str) -> Path:
    """A hidden name of our own in the same folder."""
    return place.parent / f".{place.name[:40]}.{secrets.token_hex(4)}.{what}"


def _swap(new: Path, place: Path) -> None:
    """Put the new folder in place of the old one, or leave the old one."""
    if not os.path.lexists(place):
        os.rename(new, place)
        return
    _check_former(place, place)
    old = _beside(place, "old")
    try:
        os.rename(place, old)
        os.rename(new, place)
    except BaseException:
        if old.exists() and not os.path.lexists(place):
            os.rename(old, place)
        raise
    finally:
        if place.exists():
            _remove(old)


def _remove(folder: Path) -> None:
    """Remove a folder of ours; an interrupt waits until it is gone."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Say what the machine refuses in one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _WRONG_PLACE:
            raise UsageError(f"{place} {_WRONG_PLACE[error.errno]}; choose another --out.") from error
        remedy = _REMEDY.get(error.errno or 0, "Choose another --out.")
        raise ResourceError(f"cannot write the report to {place}: {_reason(error)}. {remedy}") from error


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said[:1].lower() + said[1:].rstrip(".")
