"""The oracle's difference payment, volume charge and take or pay, from their sections in docs/reference/terms.md."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import Window
from tests.oracle.formulas import World, over_window
from tests.oracle.indexation import factors
from tests.oracle.standing import stands

Clause = dict[str, Any]


def difference_payment(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """ "`volume` … is multiplied by `strike` - `reference`, and the products of the window's periods are added up" """
    found = []
    by_index = factors(term, world)
    for first, last in windows:
        together = 0.0
        for period in range(first, last + 1):
            volume, strike, reference = (
                over_window(term[key], world, (period, period)) for key in ("volume", "strike", "reference")
            )
            strike = strike * by_index[period]  # "multiplied by the factor of that period, as a fee's rate is"
            if reference < 0:  # "what a reference strictly below 0 does"
                if term["negative_reference"] == "nothing is paid":
                    continue
                if term["negative_reference"] == "counts as zero":
                    reference = 0.0
            difference = volume * (strike - reference)
            if term["direction"] == "to supplier":
                difference = max(difference, 0.0)
            if term["direction"] == "to customer":
                difference = min(difference, 0.0)
            together = together + difference
        found.append(together)
    return found


def volume_charge(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """Charges for volume around a baseline."""
    return [_charge(term, world, window) for window in windows]


def _charge(term: Clause, world: World, window: Window) -> float:
    def value(written: object) -> float:
        return over_window(written, world, window)

    volume, baseline = value(term["volume"]), value(term["baseline"])
    upper = lower = baseline
    if "deadband" in term:
        said = term["deadband"]
        low, high = baseline - value(said["below"]), baseline + value(said["above"])
        if low <= volume <= high:  # "both edges included, nothing is charged or credited"
            return 0.0
        if said["then"] == "excess":
            lower, upper = low, high
    paid = 0.0
    for label, rate in term.get("additional", {}).items():  # "marginal bands upwards from where counting begins"
        end = volume if label == "above" else min(volume, value(label.removeprefix("up to")))
        paid = paid + max(end - upper, 0.0) * value(rate)
        upper = upper if label == "above" else value(label.removeprefix("up to"))
    for label, rate in term.get("reduced", {}).items():  # "the same downwards"
        end = volume if label == "below" else max(volume, value(label.removeprefix("down to")))
        paid = paid - max(lower - end, 0.0) * value(rate)
        lower = lower if label == "below" else value(label.removeprefix("down to"))
    return paid


def take_or_pay(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """ "The customer takes `at_least` a volume in each window, or pays for it" """
    found: list[float] = []
    rights: list[list[float]] = []  # the oldest first: in which settlement it arose, how much is left
    for number, window in enumerate(windows):
        volume, least, price = (over_window(term[key], world, window) for key in ("volume", "at_least", "price"))
        make_up = term.get("make_up")
        if make_up is not None and make_up["expires"] != "never":
            # "a right can be used in the N settlements after the one it arose in"
            lasts = int(make_up["expires"].split()[1])
            rights = [right for right in rights if number <= right[0] + lasts]
        if not stands(term, world, window[1]):  # "nothing is paid for and nothing is made up, and rights grow older"
            found.append(0.0)
            continue
        shortfall = max(least - volume, 0.0)
        paid = shortfall * price
        if make_up is not None:
            taken = max(volume - least, 0.0)
            if "at_most" in make_up:
                taken = min(taken, over_window(make_up["at_most"], world, window))
            used = 0.0
            for right in rights:
                part = min(right[1], taken - used)
                right[1] = right[1] - part
                used = used + part
            paid = paid - used * over_window(make_up["credit"], world, window)
            rights.append([number, shortfall])
        found.append(paid)
    return found


AMOUNTS = {"difference_payment": difference_payment, "volume_charge": volume_charge, "take_or_pay": take_or_pay}
