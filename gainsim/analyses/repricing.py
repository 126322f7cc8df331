"""An offer run again and again with numbers of its file moved, on the same futures."""

from __future__ import annotations

from gainsim.bridge import Run
from gainsim.scenario.load import Loaded


class Repricing:
    """Runs of one offer in versions of its own, all on the futures of one seed.

    first:   the offer as it is
    threads: as many as the machine has cores unless said; results do not depend on it
    """

    def __init__(self, first: Loaded, paths: int, seed: int, threads: int | None = None) -> None:
        self.first, self.paths, self.seed, self.threads = first, paths, seed, threads

    def run(self, loaded: Loaded) -> Run:
        """What `loaded.simulate` gives on these futures, to the last bit."""
        return loaded.simulate(self.paths, self.seed, self.threads, sampling=loaded.scenario.run.sampling)
