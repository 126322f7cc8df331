"""What a command writes: each file aside under a hidden name, then renamed into its place; whole or absent."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from gainsim.accounts import Settled
from gainsim.errors import UsageError
from gainsim.statements import Form


def check_places(places: Iterable[Path | None], read: Iterable[Path | None]) -> None:
    """Raise `UsageError` where something would be written over what is read, into a folder, or nowhere; told before work.

    None: stdout, which takes one thing
    """
    taken = [place.resolve() for place in read if place is not None]
    for place in places:
        if place is None:
            continue
        if place.resolve() in taken:
            raise UsageError(f"{place} is read, or written already. Name another file to write to.")
        if place.is_dir():
            raise UsageError(f"{place} is a folder. Name a file in it.")
        if not place.parent.is_dir():
            raise UsageError(f"{place} cannot be written: there is no folder '{place.parent}'.")
        taken.append(place.resolve())


def write(forms: Sequence[tuple[Form, Path | None]], batches: Iterable[list[Settled]]) -> None:
    """Write every form to its place, None being stdout, when all are whole; on any failure nothing is written."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(_Aside(place)) for _, place in forms]
        for (form, _), file in zip(forms, files, strict=True):
            file.text.write(form.begin())
        for batch in batches:
            for (form, _), file in zip(forms, files, strict=True):
                file.text.write(form.add(batch))
        for (form, _), file in zip(forms, files, strict=True):
            file.text.write(form.end())
        for file in sorted(files, key=lambda file: file.place is None):  # stdout last: its reader may have gone away
            file.finish()


class _Aside:
    """A file beside its place, or one without a name for stdout."""

    text: TextIO

    def __init__(self, place: Path | None) -> None:
        self.place = place

    def __enter__(self) -> _Aside:
        if self.place is None:
            self.text = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")
            return self
        self.hidden = self.place.with_name(f".{self.place.name}.{secrets.token_hex(4)}.part")
        try:
            self.text = self.hidden.open("x", encoding="utf-8", newline="")
        except OSError as error:
            raise UsageError(f"{self.place} cannot be written: {error.strerror}. Name another file.") from None
        return self

    def finish(self) -> None:
        """Put what was written in its place."""
        if self.place is None:
            self.text.seek(0)
            shutil.copyfileobj(self.text, sys.stdout)
            return
        self.text.close()
        os.replace(self.hidden, self.place)

    def __exit__(self, *_: object) -> None:
        self.text.close()
        if self.place is not None:
            self.hidden.unlink(missing_ok=True)
