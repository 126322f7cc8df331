"""What a number must be for a measure to come out as wanted, against algebra."""

from __future__ import annotations

import copy
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import norm

from gainsim.analyses.pricing import Priced, priced, with_number
from gainsim.cli.main import cli
from gainsim.errors import UsageError
from gainsim.text.pricing import page, to_json

PATHS = 20_000


@pytest.fixture
def offer(tmp_path: Path) -> Path:
    """A year: a fee of 34 EUR a year and a share of 50% of a gain N(10, 20²), for a cost of 30."""
    gain = {"control": "nobody", "unit": "EUR/year", "drawn": "each period", "central": "mean", "normal": {"mean": 10, "sd": 20}}
    document = {
        "gainsim": 1,
        "title": "priced",
        "currency": "EUR",
        "calendar": {"start": "2027-01", "years": 1, "step": "year", "year": "contract"},
        "money": {"discount_rate": "0% pa"},
        "run": {"paths": PATHS},
        "drivers": {"gain": gain},
        "contract": {
            "fee": {"term": "fee", "amount": "34 EUR per year"},
            "share": {"term": "payment", "amount": "50% * total(gain)", "clock": {"measured": "year"}},
        },
        "costs": {"work": {"amount": "30 EUR per year"}},
    }
    file = tmp_path / "priced.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    return file


def fee(offer: Path, measure: str, target: float, **more: Any) -> Priced:
    return priced(offer, "contract.fee.amount", (0.0, 100.0), measure, target, PATHS, **more)


def test_a_fee_for_a_mean_is_what_is_missing_to_it(offer: Path) -> None:
    """E = fee + 5 - 30: for 20 the fee is 45, as well known as the mean of half the gain."""
    found = fee(offer, "npv", 20.0)
    assert abs(found.number - 45.0) <= 4.0 * found.error
    assert found.error == pytest.approx(10.0 / math.sqrt(PATHS), rel=0.05)
    assert found.measure[1].estimate is not None
    assert found.measure[1].estimate.value == pytest.approx(20.0, abs=1e-4)
    assert (found.before, found.after) == ("34 EUR per year", f"{found.number:.12g} EUR per year")


def test_a_fee_for_a_margin(offer: Path) -> None:
    """(fee + 5 - 30) / (fee + 5) = 25% where fee + 5 = 40."""
    found = fee(offer, "expected_margin", 0.25)
    assert abs(found.number - 35.0) <= 4.0 * found.error


def test_a_fee_for_a_chance_of_loss(offer: Path) -> None:
    """P(fee + half a gain < 30) = 10% where fee + 5 - 30 = 1.2816 × 10."""
    found = fee(offer, "chance_of_loss", 0.10)
    assert abs(found.number - (25.0 - 10.0 * norm.ppf(0.1))) <= 4.0 * found.error
    assert 0.0 < found.error < 0.3


def test_a_chance_that_stands_still_nearby_is_asked_farther_away(offer: Path) -> None:
    """Of 200 futures none may cross within a tenth of an EUR; the error is √(0.1 × 0.9 / 200) over φ(-1.28) / 10 per EUR."""
    found = priced(offer, "contract.fee.amount", (0.0, 100.0), "chance_of_loss", 0.10, 200)
    assert found.error == pytest.approx(math.sqrt(0.09 / 200) / (norm.pdf(norm.ppf(0.1)) / 10.0), rel=0.5)


def test_what_stands_in_an_offer_of_several_is_priced(offer: Path) -> None:
    """The dearer of two offers, work for 40 in place of 30: E = fee + 5 - 40."""
    document = yaml.safe_load(offer.read_text())
    own = {"contract": {"fee": document["contract"].pop("fee")}}
    work = {name: {"work": {"amount": f"{cost} EUR per year"}} for name, cost in (("a", 30), ("b", 40))}
    document["offers"] = {name: copy.deepcopy({**own, "costs": costs}) for name, costs in work.items()}
    offer.write_text(yaml.safe_dump(document, sort_keys=False))
    found = priced(offer, "contract.fee.amount", (0.0, 100.0), "npv", 20.0, PATHS, offer="b")
    assert abs(found.number - 55.0) <= 4.0 * found.error


def test_a_share_is_searched_in_its_own_writing(offer: Path) -> None:
    """34 + share × 10 - 30 = 6 where the share is 20%."""
    found = priced(offer, "contract.share.amount", (10.0, 90.0), "npv", 6.0, PATHS)
    assert abs(found.number - 20.0) <= 4.0 * found.error
    assert found.after.endswith("% * total(gain)")


def test_limits_that_the_answer_breaks_are_told(offer: Path) -> None:
    """A mean of 6 is less than the 8 that the house asks for; one of 9 is not."""
    offer.write_text(f"{offer.read_text()}limits: {{ npv: {{ at_least: 8 }} }}\n")
    assert fee(offer, "npv", 6.0).broken == ("npv",) and fee(offer, "npv", 9.0).broken == ()
    assert "breaks what the house asks for: npv" in page(fee(offer, "npv", 6.0))


def test_an_answer_at_the_end_of_the_range_is_asked_for_within_it_alone(offer: Path) -> None:
    """A share of nothing leaves 34 - 30 = 4, and below nothing there is none."""
    found = priced(offer, "contract.share.amount", (0.0, 60.0), "npv", 4.0, PATHS)
    assert abs(found.number) < 1e-4


def test_what_else_the_offer_comes_to_is_told(offer: Path) -> None:
    found = fee(offer, "npv", 20.0)
    text, told = page(found), to_json(found)
    assert "contract.fee.amount: 45" in text or "contract.fee.amount: 44.9" in text
    assert told["measures"]["npv"]["after"]["value"] == pytest.approx(20.0, abs=1e-4)
    assert {"npv", "expected_margin", "chance_of_loss", "cvar_95"} <= told["measures"].keys()


def test_what_cannot_be_searched_is_told(offer: Path) -> None:
    for message, key, measure, target in (
        ("Widen the range", "contract.fee.amount", "npv", 1_000.0),
        ("no measure 'profit'", "contract.fee.amount", "profit", 1.0),
        ("the file has no", "contract.feee.amount", "npv", 1.0),
        ("there is no number", "currency", "npv", 1.0),
        ("has no value at", "contract.fee.amount", "customer_net_benefit", 1.0),
    ):
        with pytest.raises(UsageError, match=message):
            priced(offer, key, (0.0, 100.0), measure, target, 200)


def test_the_answer_is_told_as_it_is_written(offer: Path) -> None:
    """In percent where the file says percent, with its sign and unit: it may be written back as it stands."""
    share = page(priced(offer, "contract.share.amount", (10.0, 90.0), "npv", 6.0, PATHS))
    assert re.match(r"contract\.share\.amount: \d\d\.\d+% \* total\(gain\) ± [\d.]+ pp \(one standard error\), in place of ", share)
    assert re.match(r"contract\.fee\.amount: 4\d(\.\d+)? EUR per year ± [\d.]+ \(one", page(fee(offer, "npv", 20.0)))


def test_ends_that_miss_the_target_are_told_in_its_unit(offer: Path) -> None:
    with pytest.raises(UsageError, match=r"expected_margin lies from -?[\d.]+% to [\d.]+%, at 9 numbers: 99\.0% is not among them"):
        priced(offer, "contract.fee.amount", (10.0, 90.0), "expected_margin", 0.99, 200)
    with pytest.raises(UsageError, match=r"^--between, at calendar\.years=0"):
        priced(offer, "calendar.years", (0, 2), "npv", 6.0, 200)


def test_the_first_number_is_replaced() -> None:
    assert with_number("34_000 EUR per month", 12.5) == "12.5 EUR per month"
    assert with_number("-40_000", -3.0) == "-3"


def test_the_command(offer: Path) -> None:
    asked = ["--between", "0", "100", "--measure", "npv", "--target", "20", "--json", "--no-report"]
    words = ["price", str(offer), "contract.fee.amount", *asked]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["number"] == pytest.approx(45.0, abs=0.4)
    assert isinstance(CliRunner().invoke(cli, [*words[:-1], "--target", "much"]).exception, UsageError)


@pytest.mark.parametrize(
    ("between", "target", "said"),
    [
        (("9_000", "3_000"), "20", r"^--between 9_000 3_000: .*the lower one first"),
        (("5", "5"), "20", "the lower one first"),
        (("10", "40 USD per year"), "20", "in another unit than what is written there, '34 EUR per year'"),
        (("0", "100"), "20%", r"^--target 20%, of npv: a percentage is written here; this measure is an amount"),
        (("0", "100"), "20 USD", "this measure is an amount, as 80_000 EUR"),
        (("0", "100"), "much", r"^--target much, of npv: "),
    ],
)
def test_a_range_or_target_that_is_none_is_told(offer: Path, between: tuple[str, str], target: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        priced(offer, "contract.fee.amount", between, "npv", target, 200)


def test_a_chance_is_wanted_in_percent(offer: Path) -> None:
    with pytest.raises(UsageError, match=r"^--target 10, of chance_of_loss: .* a probability from 0% to 100%, .* 10%\?$"):
        priced(offer, "contract.fee.amount", ("0", "100"), "chance_of_loss", "10", 200)
    with pytest.raises(UsageError, match=r"Write 30%\?"):
        priced(offer, "contract.fee.amount", ("0", "100"), "expected_margin", "30", 200)


def test_ends_in_the_unit_of_the_file_are_read_in_it(offer: Path) -> None:
    """60% of a share that is written in percent is 60 there; 100 EUR per year of a fee is 100."""
    share = priced(offer, "contract.share.amount", ("10%", "90%"), "npv", "6 EUR", 200)
    assert (share.searched[0][0], share.searched[-1][0]) == (10.0, 90.0)
    fee_of = priced(offer, "contract.fee.amount", ("0", "100 EUR per year"), "npv", "20", 200)
    assert fee_of.searched[-1][0] == 100.0


def test_the_limit_that_is_the_target_is_kept_at_the_answer(offer: Path) -> None:
    """Whatever the last digits of the search are; a mean of 6.3 is told as 6.30, and one of 0 as 0."""
    for bound in ("6.3", "0"):
        offer.write_text(f"{offer.read_text().partition('limits:')[0]}limits: {{ npv: {{ at_least: {bound} }} }}\n")
        found = fee(offer, "npv", float(bound))
        assert found.broken == ()
        assert f"With it: net present value {'6.30' if bound == '6.3' else '0'} EUR ± " in page(found)


def test_a_measure_that_jumps_is_told_as_it_is_there(offer: Path) -> None:
    """35 + 5 - 30 is a mean of 10, and from a tilt of 50 on one of 110: none is 50."""
    text = offer.read_text().replace("34 EUR per year", "35 EUR per year")
    level = "  level: { term: payment, amount: '100 EUR if tilt >= 50 else 0 EUR', clock: { measured: year } }\n"
    text = text.replace("contract:\n", f"contract:\n{level}")
    offer.write_text(text.replace("drivers:\n", "drivers:\n  tilt: { control: supplier, unit: '1', constant: 34 }\n"))
    found = priced(offer, "drivers.tilt.constant", (0, 100), "npv", 50.0, 200)
    assert (found.number, found.met) == (pytest.approx(50.0, abs=1e-4), False)
    assert re.search(r"With it: net present value \d[\d.]* EUR ± .*; it steps over 50 EUR there\.", page(found))


def test_a_measure_that_rises_and_falls_is_searched_within_the_range(offer: Path) -> None:
    """40 + 5 - 30, less a hundredth of the square of how far the tilt lies from 50: 11 at a distance of 20, on either side."""
    text = offer.read_text().replace("34 EUR per year", "40 EUR per year")
    bent = "0.01 EUR * (tilt - 50) * (50 - tilt)"
    more = f"  bent: {{ term: payment, amount: '{bent}', clock: {{ measured: year }} }}\n"
    text = text.replace("contract:\n", f"contract:\n{more}").replace(
        "drivers:\n", "drivers:\n  tilt: { control: supplier, unit: '1', constant: 34 }\n"
    )
    offer.write_text(text)
    found = priced(offer, "drivers.tilt.constant", (0, 100), "npv", 11.0, PATHS)
    assert abs((found.number - 50.0) ** 2 / 100.0 - 4.0) <= 4.0 * 10.0 / math.sqrt(PATHS)
    with pytest.raises(UsageError, match=r"lies from -[\d.]+ EUR to [\d.]+ EUR, at 9 numbers: 30 EUR is not among them"):
        priced(offer, "drivers.tilt.constant", (0, 100), "npv", 30.0, 200)
