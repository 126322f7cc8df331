"""The outsourcing scenario: settled again by hand where its clauses bind, and what its story says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from gainsim.bridge import simulate_model
from gainsim.futures import futures
from tests.scenarios.test_shipped import amounts, line, load, simulated, verdicts

NAME = "outsourcing"
LEVELS = "contract.service_levels.levels"
#: a month in which every level is met, and the calls are answered
GOOD = {
    "users": ("user", 6_000), "contact_rate": ("contact/user/month", 1.1), "servers": ("server", 900),
    "wage_index": ("index", 100), "staffing": ("fraction of need", 1.02), "answer_noise": ("fraction of calls", 0),
    "abandon_noise": ("fraction of calls", 0), "first_contact": ("fraction of contacts", 0.72),
    "mail_response": ("hour", 3), "critical_incidents": ("fraction of incidents", 0.95),
    "major_incidents": ("fraction of incidents", 0.94), "server_outage": ("hour/month", 0.3),
    "maintenance": ("hour/month", 4), "network": ("fraction of the time", 0.9995), "changes": ("fraction of changes", 0.97),
    "requests": ("fraction of requests", 0.94), "patches": ("fraction of servers", 0.96), "satisfaction": ("mark", 4.2),
}  # fmt: skip


@cache
def certain(**values: float) -> dict[str, list[float]]:
    """The lines when every driver is known: as in a good month, but for those named; two years."""
    known = {name: (unit, values.get(name, value)) for name, (unit, value) in GOOD.items()}
    drivers = [f"drivers.{n}={{control: nobody, unit: {u}, constant: {v!r}}}" for n, (u, v) in known.items()]
    return amounts(load(NAME, "calendar.years=2", "dependence=[]", *drivers))


def due(found: dict[str, list[float]], month: int, *steps: str) -> list[float]:
    """The lines of the service levels in a month, counted from 1."""
    return [found[f"service_levels.{step}"][month - 1] for step in steps]


def test_a_good_month_credits_nothing_and_charges_no_volume() -> None:
    found = certain()
    for name, rows in found.items():
        if name.startswith(("service_levels.", "contact_volume.", "server_volume.", "liability.")):
            assert rows == [0.0] * 24, name


def test_nothing_is_credited_before_the_fourth_month() -> None:
    rows = certain(requests=0.90)["service_levels.requests below 91%"]
    assert rows == pytest.approx([0.0] * 3 + [-4_404.0] * 21)  # 10% of 12% of 367,000


def test_calls_that_wait() -> None:
    """84% + 2 × (95% - 100%) = 74%: 35% of 44,040 is 15,414, from the second month on half as much more, then twice."""
    found = certain(staffing=0.95)
    steps = ("answer below 80%", "answer below 75%", "answer repeated")
    assert due(found, 4, *steps) == pytest.approx([-6_606, -8_808, 0])
    assert due(found, 5, *steps) == pytest.approx([-6_606, -8_808, -7_707])
    assert due(found, 6, *steps) == pytest.approx([-6_606, -8_808, -15_414])
    # 3.8% + 0.4 × 5% = 5.8%: 10% of 44,040
    assert due(found, 4, "abandonment above 5%", "abandonment above 6%") == pytest.approx([-4_404, 0])


def test_all_levels_deep_in_the_red() -> None:
    """Parts of 250%, and the answer's counted twice from the sixth month: 285%. At risk are 44,040 a month."""
    deep = certain(
        staffing=0.95, abandon_noise=0.01, first_contact=0.5, mail_response=9, critical_incidents=0.5, major_incidents=0.5,
        server_outage=8, network=0.9, changes=0.5, requests=0.5, patches=0.5, satisfaction=3,
    )  # fmt: skip
    at_risk = 0.12 * 367_000
    # The first failed change of a year is forgiven: 15% less in month 4. Month 4: 235%; 5: 250% + 17.5%; 6: 285%.
    for month, parts in ((4, 2.35), (5, 2.675), (6, 2.85)):
        assert due(deep, month, "at risk") == pytest.approx([(parts - 1) * at_risk])
    # The pool of the year is 4% of 12 × 367,000: 176,160, just four months of 44,040.
    assert [due(deep, month, "pool")[0] for month in (4, 7, 8, 12)] == pytest.approx([0, 0, at_risk, at_risk], abs=1e-6)
    # 8 hours of 726: 98.9%, critical, beside the pool.
    assert [due(deep, month, "server_availability critical")[0] for month in (4, 12, 13)] == [-40_000] * 3
    # The liability counts 84,040 a month, from the eighth month 40,000: 336,160, and 200,000 by the end of the year;
    # then, at charges that do not grow with wages, 84,040 and 79,800 of the next: 700,000 in all.
    relief = deep["liability.service_levels"]
    assert relief[:13] == pytest.approx([0.0] * 13, abs=1e-6)
    assert relief[13] == pytest.approx(84_040 - (700_000 - 336_160 - 200_000 - 84_040), abs=1e-6)
    assert all(each > 0 for each in relief[13:])


def test_the_desk_is_taken_over_for_three_months_and_paid_for() -> None:
    """84% + 2 × (93% - 100%) = 70%: asked from the fourth month on, stepped in from the fifth, asked again in the eighth."""
    found = certain(staffing=0.93)
    stepped = [1.0 if month in (5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23) else 0.0 for month in range(1, 25)]
    assert found["desk_taken_over.stepped in"] == stepped
    assert found["desk_taken_over.charge"] == pytest.approx([-6_600 * 2.5 * each for each in stepped])
    # The levels of the desk are just met meanwhile; the failure of month 8 is the first in its row.
    assert due(found, 4, "answer below 80%", "answer below 75%", "answer repeated") == pytest.approx([-6_606, -8_808, 0])
    assert [due(found, month, "answer below 80%") for month in (5, 6, 7)] == [[0.0]] * 3
    assert due(found, 8, "answer below 80%", "answer below 75%", "answer repeated") == pytest.approx([-6_606, -8_808, 0])
    assert [due(found, month, "abandonment above 5%") for month in (5, 6, 7)] == [[0.0]] * 3
    assert certain(staffing=0.9401)["desk_taken_over.charge"] == [0.0] * 24  # 72.02%


def test_the_right_to_terminate_stands_from_the_fourth_failure() -> None:
    rows = certain(critical_incidents=0.91)["service_levels.critical_incidents termination right"]
    assert rows == [0.0] * 6 + [1.0] * 18


@pytest.mark.parametrize(
    ("contacts", "charge"),
    [
        (6_600, 0), (6_930, 0), (6_270, 0),  # within 330 of 6,600
        (7_030, 100 * 11), (7_690, 660 * 11 + 100 * 10), (6_170, -100 * 8), (5_510, -(660 * 8 + 100 * 6.5)),
    ],
)  # fmt: skip
def test_contacts_around_their_baseline(contacts: int, charge: float) -> None:
    found = certain(users=contacts, contact_rate=1)
    volume = [rows for name, rows in found.items() if name.startswith("contact_volume.")]
    assert sum(rows[0] for rows in volume) == pytest.approx(charge)


def test_no_month_and_no_year_credits_more_than_agreed() -> None:
    """On the paths on which the amount at risk, the pool and the liability bind."""
    loaded, run = load(NAME), simulated(NAME)
    steps = ("service_levels.at risk", "service_levels.pool", "liability.service_levels")
    rows, checked = run.rows.lines, 0
    for step in steps:
        for path in np.flatnonzero(run.bound[line(run, step)] > 0)[:3]:
            found = {n: np.array(a) for n, a in amounts(loaded, int(path)).items()}
            base = found["base_charge.amount"] + found["base_charge.indexation"]
            credited = sum(
                found[each.name]
                for each in rows
                if each.group == "service_levels" and each.role == "payment"
                and not each.step.endswith(("earn-back", "critical"))
            )  # fmt: skip
            assert (credited >= -0.12 * base - 1e-6).all()
            for year in range(5):
                months = slice(12 * year, 12 * year + 12)
                assert credited[months].sum() >= -0.04 * 12 * base[months].max() - 1e-6
            checked += 1
    assert checked


def test_the_worst_months_come_together() -> None:
    """Of the 1% worst months of one measure, more are so of another than of gaussian pairs: there 19% at 0.6, 9% at 0.4."""
    fans = {fan.name: fan.values for fan in futures(load(NAME).scenario, 4_000, 2027).fans}
    answered, given_up, pleased = (fans[name].ravel() for name in ("answer_noise", "abandon_noise", "satisfaction"))
    waiting = answered <= np.quantile(answered, 0.01)
    assert waiting[given_up >= np.quantile(given_up, 0.99)].mean() > 0.25
    assert waiting[pleased <= np.quantile(pleased, 0.01)].mean() > 0.15


def test_the_base_case_pays_no_credit_and_the_mean_does() -> None:
    model, base = load(NAME).model.base
    names = [model.lines[number].name for _, number in model.program.rows]
    assert all(amount == 0 for name, amount in zip(names, base, strict=True) if name.startswith("service_levels."))
    run = simulated(NAME)
    paid = [n for n, each in enumerate(run.rows.lines) if each.role == "payment"]
    lost = -sum(run.total[n].mean() for n in paid if run.rows.lines[n].group in ("service_levels", "liability"))
    assert 340_000 < lost < 380_000
    assert lost < 0.02 * sum(run.total[n].mean() for n in paid)


def test_two_agents_in_a_hundred_more_than_needed_keep_the_limits_and_no_other_staffing_does() -> None:
    assert verdicts(NAME) == {"chance_of_loss": True, "cvar_95": True, "expected_margin": True}
    for mean in ("0.97", "1.06"):
        changes = (f"drivers.staffing.mean_reverting.{key}={mean}" for key in ("start", "mean"))
        assert not verdicts(NAME, *changes)["cvar_95"]


def test_the_parts_add_up_to_two_and_a_half_times_what_is_at_risk() -> None:
    term = load(NAME).scenario.contract["service_levels"]
    assert len(term.levels) == 12
    assert sum(level.credits[-1].due.constant or 0.0 for level in term.levels.values()) == pytest.approx(2.5)


def test_a_small_run_is_a_part_of_a_large_one() -> None:
    run = simulate_model(load(NAME).model, 40, 2027)
    assert (run.total == simulated(NAME).total[:, :40]).all()
