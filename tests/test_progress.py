"""The line that says how far the work is."""

from __future__ import annotations

import io
import sys

import pytest

from gainsim import progress


class Screen(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def test_no_time_is_foretold_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seconds of compiling, then a quarter of the futures by the fourth: twelve more to come."""
    screen, seconds = Screen(), iter([0.0, 3.0, 4.0])
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(seconds))
    show = progress.progress_of("futures")
    assert show is not None
    show(0, 1_000)
    show(250, 1_000)
    said = screen.getvalue().split("\r")[1:]
    assert [each.rstrip() for each in said] == ["0 of 1,000 futures, 3 s", "250 of 1,000 futures, 4 s, about 12 s left"]
    assert {len(each) for each in said} == {70}


def test_nothing_is_written_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress.progress_of("futures") is None
