"""Libraries that have the same thing: optional, installed by `pip install -e ".[peers]"`, agreed with in the same run."""

from __future__ import annotations

from typing import Any

import pytest


def peer(name: str) -> Any:
    """The library; the tests of a module that asks for it are skipped, with the reason, where it is not installed."""
    return pytest.importorskip(name, reason=f'{name} is not installed: pip install -e ".[peers]"')
