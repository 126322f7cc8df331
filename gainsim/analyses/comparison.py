"""Several offers on the same futures: side by side, and path by path against the first of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsim.analyses.changed import Difference, differences
from gainsim.bridge import Run
from gainsim.errors import UsageError
from gainsim.measures import Estimate, estimate, probability
from gainsim.measuring import Measured, compare, of_nothing_there
from gainsim.sample import Sample
from gainsim.scenario.reading import path_text
from gainsim.streams.sampling import SOURCES
from gainsim.summary import Summary, change_json, measure_json, to_json

if TYPE_CHECKING:
    from gainsim.scenario.reading import Document

SCHEMA = "gainsim/offers/1"


@dataclass(frozen=True)
class Comparison:
    """What several offers come to on the same futures.

    offers:   the summary of each, by its name; the first is the one that the others are compared with
    document: the file that holds them all, where there is one
    """

    title: str
    offers: Mapping[str, Summary]
    document: Document | None = None

    def __post_init__(self) -> None:
        runs = [summary.run for summary in self.offers.values()]
        if not runs:
            raise UsageError("there is no offer to compare. Name one or more.")
        check_same_futures(runs)
        if len({run.model.scenario.currency for run in runs}) > 1:
            raise UsageError("offers are compared in one currency: write all in the same.")

    @property
    def first(self) -> Summary:
        """The offer that the others are compared with."""
        return next(iter(self.offers.values()))

    @property
    def reference(self) -> str:
        """Its name."""
        return next(iter(self.offers))

    @property
    def others(self) -> dict[str, Summary]:
        """The offers that are compared with it."""
        return {name: summary for name, summary in self.offers.items() if name != self.reference}

    @property
    def currency(self) -> str:
        """The unit of money."""
        return self.first.run.model.scenario.currency

    @property
    def _sample(self) -> Sample:
        return self.first.outcome.sample

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that say something of at least one offer."""
        return tuple(
            name
            for name in self.first.measures
            if any(
                summary.measures[name].estimate is not None and name not in of_nothing_there(summary.measures)
                for summary in self.offers.values()
            )
        )

    def difference(self, name: str, measure: str) -> Measured:
        """An offer's measure less the first one's, on the same futures: what is common cancels, in the doubt too."""
        return compare(self.offers[name].measures[measure], self.first.measures[measure], self._sample)

    def different(self, name: str) -> tuple[Difference, ...]:
        """What an offer says otherwise than the first, as both are written; nothing where they were not read."""
        one, other = self.first.document, self.offers[name].document
        return () if one is None or other is None else differences(one.data, other.data)

    def ahead(self, name: str, side: str) -> Estimate | None:
        """The share of futures on which an offer is better than the first, for the supplier (NPV) or the customer.

        As good as the first is not better. None where a file says nothing of what the customer gains.
        """
        one, other = self.offers[name].outcome, self.first.outcome
        if side == "customer":
            if not (one.says_customer and other.says_customer):
                return None
            ahead = _above(one.customer_npv, other.customer_npv)
        else:
            ahead = _above(one.npv, other.npv)
        return estimate(probability(ahead), self._sample, "fraction")

    def to_json(self) -> dict[str, Any]:
        """All of it as one object of plain data."""
        return {
            "schema": SCHEMA,
            "scenario": self.title,
            "file": self.document.name if self.document is not None else None,
            "changes": [change_json(change) for change in self.document.changes] if self.document is not None else [],
            "currency": self.currency,
            "seed": self.first.run.seed,
            "paths": self.first.run.paths,
            "offers": {name: to_json(summary) for name, summary in self.offers.items()},
            "reference": self.reference,
            "differences": {
                name: {measure: _difference_json(self.difference(name, measure)) for measure in self.measures}
                for name in self.others
            },
            "different": {name: [_different_json(each) for each in self.different(name)] for name in self.others},
            "ahead": {
                name: {
                    side: None if (found := self.ahead(name, side)) is None else found.value
                    for side in ("supplier", "customer")
                }
                for name in self.others
            },
        }


def _difference_json(measured: Measured) -> dict[str, Any]:
    """A difference, the range that covers the true one in 95 cases of 100, and how likely its sign is right."""
    found, told = measured.estimate, measure_json(measured)
    if found is None or math.isinf(found.standard_error):
        return told
    return {**told, "interval_95": list(found.interval()), "sign_is_right": found.sign_is_right}


def _different_json(found: Difference) -> dict[str, Any]:
    return {"kind": found.kind, "key": path_text(found.path), "was": found.was, "now": found.now}


def check_same_futures(runs: Sequence[Run]) -> None:
    """Raise `UsageError` where runs were not drawn alike, or draw alike but meet other futures."""
    if len({(run.seed, run.paths, run.sampling, run.controls is None) for run in runs}) > 1:
        raise UsageError("offers are compared on the same futures: simulate all with the same seed and paths, drawn alike.")
    first = runs[0]
    if "another driver" in SOURCES[first.sampling].promises:
        return
    if len({run.model.plan(run.paths, run.seed).streams for run in runs}) > 1:
        raise UsageError(
            f"offers with other drivers meet other futures under sampling {first.sampling}. "
            "Compare them under pseudo_random, antithetic or latin_hypercube."
        )


def comparison(summaries: Mapping[str, Summary]) -> Comparison:
    """The comparison of the offers of one file, called by the file's own title."""
    first = next(iter(summaries.values())).document
    whole = first.whole if first is not None else None
    return Comparison(str(whole.data["title"]) if whole is not None else "", dict(summaries), whole)


def _above(one: np.ndarray[Any, np.dtype[np.float64]], other: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    """Where one lies above the other by more than what rounding may leave between equal sums."""
    return one - other > 1e-9 * (1.0 + np.abs(other))
