"""Strips of stored cells in a process of its own: the first threads to ask find the code there."""

from __future__ import annotations

import subprocess
import sys

ALONE = """
import numpy as np
import gainsim
from gainsim.analyses.repricing import Repricing
offer = gainsim.load_text(gainsim.TEMPLATE)
dearer = offer.change(contract__service_fee__amount="6_000 EUR per month")
moved = Repricing(offer.loaded, 40_000, 1, threads=8).run(dearer.loaded)
assert (moved.total == dearer.loaded.simulate(40_000, 1).total).all()
"""


def test_many_threads_may_be_the_first_to_run_a_strip() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
