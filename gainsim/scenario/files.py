"""Why a scenario file cannot be read, and which one was probably meant."""

from __future__ import annotations

import difflib
import os
from pathlib import Path


def why_unreadable(path: Path, error: OSError | ValueError) -> str:
    """What stands in the way of reading a file, as the message on it ends."""
    if isinstance(error, FileNotFoundError):
        return f"no such file{_neighbour(path)}"
    if os.path.isdir(path):  # unlike Path.is_dir, it has no failures of its own
        return "this is a folder. Name the scenario file in it."
    if isinstance(error, PermissionError):
        return "no permission to read this file."
    return f"cannot be read: {getattr(error, 'strerror', None) or error}."


def _neighbour(path: Path) -> str:
    """How the message on a missing file ends: the scenario of that folder which was probably meant."""
    if not os.path.isdir(path.parent):
        return f": the folder '{path.parent}' does not exist."
    try:
        names = {file.stem: file.name for file in path.parent.iterdir() if file.suffix in (".yaml", ".yml")}
    except OSError:
        names = {}
    close = difflib.get_close_matches(path.stem, sorted(names), n=1)  # the endings are alike in any case
    return f". Did you mean '{names[close[0]]}'?" if close else "."
