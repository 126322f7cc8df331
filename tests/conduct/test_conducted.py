"""What `gainsim conduct` tells: held against what is reckoned another way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import norm

from gainsim import cli
from gainsim.conducted import Conducted, conducted
from gainsim.conducted_text import page, to_json
from gainsim.errors import UsageError
from gainsim.measures import difference, estimate, mean
from gainsim.outcome import Outcome
from gainsim.scenario.load import load_text
from tests.conduct.test_effort import CERTAIN, HALF, MONTHS, lines_of, loaded, per_hour, responsive, written


@pytest.fixture(scope="module")
def found() -> Conducted:
    return conducted(responsive().model, 1_000, 1)


def test_without_effort_a_month_is_worth_what_its_closed_form_says(found: Conducted) -> None:
    """0.94 in the first month, and in every other: nobody has seen anything yet."""
    sd = 8.0 * np.sqrt(12.0)
    slope = 0.5 * norm.cdf(20.0 / sd) + 50.0 * norm.pdf(20.0 / sd) / sd
    (effort,) = found.efforts
    for moment in effort.moments:
        alone = moment.alone["gain"]
        assert abs(alone.value - slope) <= 4.0 * alone.standard_error + 0.005
        assert alone.standard_error < 0.02


def test_what_is_put_in_is_what_each_path_puts_in(found: Conducted) -> None:
    told = [lines_of(responsive(), path)["hours.put in"] for path in range(1_000)]
    by_month, (effort,) = np.array(told), found.efforts
    assert len(effort.moments) == MONTHS
    for month, moment in enumerate(effort.moments):
        assert moment.put_in.value == pytest.approx(by_month[:, month].mean())
        assert moment.idle.value == pytest.approx((by_month[:, month] == 0.0).mean())
        assert moment.full.value == pytest.approx((by_month[:, month] == 10.0).mean())
    assert effort.years["2027"][0].value == pytest.approx(by_month.mean())


def test_another_effort_is_another_offer_on_the_same_futures(found: Conducted) -> None:
    least = next(each for each in found.others if each.what == "hours at its least")
    threshold = responsive().scenario.contract["share"]
    assert threshold is not None
    idle = responsive().document
    written_so = {**idle.data, "effort": {"hours": {**idle.data["effort"]["hours"], "plan": 0}}}
    for key in ("watches", "over"):
        del written_so["effort"]["hours"][key]
    without = load_text(yaml.safe_dump(written_so), "idle.yaml")[""]
    a, b = (mean(Outcome(offer.simulate(1_000, 1)).margin()) for offer in (without, responsive()))
    assert least.supplier == difference(a, b)
    assert found.supplier == estimate(b)


def test_more_share_brings_no_less_effort() -> None:
    """The best constant effort at share b and cost c e² / 2 is b / c: 0.5 × times, up to a share of 1."""
    offer = loaded(written({"plan": "best constant", "cost": "0.05 EUR/hours/hours/month * hours * hours"}, HALF, CERTAIN))
    tried = conducted(offer.model, 100, 1)
    for times, other in zip((0.0, 0.5, 0.75, 1.25, 1.5), tried.shares, strict=True):
        assert other.what == f"shares × {times:g}"
        assert other.found["hours"] == pytest.approx(0.5 * times / 0.1, abs=0.01)


def test_the_page_and_its_json_tell_the_same(found: Conducted, tmp_path: Path) -> None:
    text, told = page(found), to_json(found)
    assert f"{told['efforts']['hours']['years']['2027']['mean']['value']:.3g}" in text
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    file = tmp_path / "effort.yaml"
    file.write_text(yaml.safe_dump(written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN), sort_keys=False))
    result = CliRunner().invoke(cli.cli, ["conduct", str(file), "--paths", "100", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["efforts"]["hours"]["years"]["2027"]["mean"]["value"] == 2.0


def test_without_efforts_it_says_so() -> None:
    document = written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN)
    del document["effort"], document["drivers"]["gain"]["effort"]
    with pytest.raises(UsageError, match="no efforts"):
        conducted(loaded(document).model, 100, 1)
