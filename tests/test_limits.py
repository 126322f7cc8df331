"""House limits: every measure has a rule, and its bounds are read in its own unit."""

from __future__ import annotations

import pytest

import gainsim
from gainsim.measuring import _MEASURES
from gainsim.offer.limits import LIMITED_NAMES, HouseLimit, limited


def test_every_measure_may_be_limited_and_nothing_else():
    assert set(LIMITED_NAMES) == {*_MEASURES, "var_95", "cvar_95"}
    assert [limited(name) is not None for name in ("cvar_50", "var_99", "var_49", "cvar_100", "luck")] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "said", "bound"),
    [
        ("payback", {"at_most": "4 years"}, 4.0),
        ("payback", {"at_most": "18 months"}, 1.5),
        ("payback", {"at_most": 4}, 4.0),
        ("irr", {"at_least": "9% pa"}, 0.09),
        ("irr", {"at_least": "9%"}, 0.09),
        ("cvar_95", {"at_least": "-80_000 EUR"}, -80_000.0),
        ("acv", {"at_least": "€80k per year"}, 80_000.0),
        ("chance_of_loss", {"at_most": "10%", "basis": "margin"}, 0.1),
        ("expected_margin", {"at_least": "12%", "layer": "overhead"}, 0.12),
    ],
)
def test_a_bound_is_read_in_the_unit_of_its_measure(measure, said, bound):
    limit = HouseLimit.model_validate(said)
    assert (limit.at_most if limit.at_least is None else limit.at_least) == bound
    assert list(limited(measure).complaints(measure, limit, "EUR")) == []


def test_a_bound_written_with_its_unit_moves_no_verdict():
    plain = gainsim.load_text(gainsim.TEMPLATE + "  payback: { at_most: 1.5 }\n")
    told = gainsim.load_text(gainsim.TEMPLATE + "  payback: { at_most: 18 months }\n")
    verdicts = [gainsim.simulate(offer, paths=100).summary.limits for offer in (plain, told)]
    assert [(each.kept, each.margin) for each in verdicts[0]] == [(each.kept, each.margin) for each in verdicts[1]]
