"""What `gainsim conduct` tells: held against what is reckoned another way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from scipy.stats import norm

from gainsim.analyses.conducted import Conducted, conducted, conducted_offers
from gainsim.analyses.conducted_data import to_json
from gainsim.cli.main import cli
from gainsim.conduct.effort import nothing
from gainsim.errors import UsageError
from gainsim.measures import difference, estimate, mean
from gainsim.outcome import Outcome
from gainsim.report.conduct import pictures
from gainsim.scenario.load import load_text
from gainsim.text.conduct import page
from tests.conduct.test_effort import CERTAIN, HALF, MONTHS, NOISY, lines_of, loaded, per_hour, responsive, written


@pytest.fixture(scope="module")
def found() -> Conducted:
    return conducted(responsive().model, 1_000, 1)


def test_without_effort_a_month_is_worth_what_its_closed_form_says(found: Conducted) -> None:
    """0.94 in the first month, and in every other: nobody has seen anything yet."""
    sd = 8.0 * np.sqrt(12.0)
    slope = 0.5 * norm.cdf(20.0 / sd) + 50.0 * norm.pdf(20.0 / sd) / sd
    for moment in found.moments["hours"]:
        alone = moment.alone["gain"]
        assert abs(alone.value - slope) <= 4.0 * alone.standard_error + 0.005
        assert alone.standard_error < 0.02


def test_what_is_put_in_is_what_each_path_puts_in(found: Conducted) -> None:
    told = [lines_of(responsive(), path)["hours.put in"] for path in range(1_000)]
    by_month, (effort,), moments = np.array(told), found.efforts, found.moments["hours"]
    assert len(moments) == MONTHS
    for month, moment in enumerate(moments):
        assert moment.put_in.value == pytest.approx(by_month[:, month].mean())
        assert moment.idle.value == pytest.approx((by_month[:, month] == 0.0).mean())
        assert moment.full.value == pytest.approx((by_month[:, month] == 10.0).mean())
    assert effort.years["2027"][0].value == effort.mean.value == pytest.approx(by_month.mean())
    for row, wanted in zip(effort.periods, (by_month.mean(axis=0), *np.quantile(by_month, (0.1, 0.9), axis=0)), strict=True):
        assert row == pytest.approx(wanted)


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
    assert list(tried.shares) == [0.0, 0.5, 0.75, 1.25, 1.5]
    for times, other in tried.shares.items():
        assert other.what == f"shares × {times:g}"
        assert other.found["hours"] == pytest.approx(0.5 * times / 0.1, abs=0.01)


def test_a_fraction_is_told_by_the_percentage_point() -> None:
    """Half of a fraction of 1,000 EUR a month brings 5 EUR per point, whatever has been reached."""
    document = written({"plan": "responsive", "watches": "total(saved)", "over": "year", "cost": per_hour(0.2)}, HALF, NOISY)
    document["drivers"] = {
        "rate": {"control": "supplier", "unit": "fraction", "central": "mean", "drawn": "each period",
                 "normal": {"mean": 0.5, "sd": 0.01}, "effort": {"of": "hours", "adds": "1% * hours / 1 hours"}},
    }  # fmt: skip
    document["value"] = {"saved": "1_000 EUR/month * rate"}
    document["contract"]["share"]["of"] = "saved"
    tried = conducted(loaded(document).model, 100, 1)
    for moment in tried.moments["hours"]:
        assert moment.alone["rate"].value == pytest.approx(5.0)
        assert moment.worth["rate"] == pytest.approx((5.0, 5.0, 5.0))
    assert "EUR per percentage point" in page("one", {"": tried})


def test_a_line_of_worth_has_its_corners() -> None:
    """From 2 at 10 up to 5 at 20 and 30 straight on; where nothing is known one point says so."""
    worth = nothing(responsive().model.calendar)
    assert [x.tolist() for x in worth.points(0)] == [[0.0], [0.0]]
    starts, widths, slopes = (np.zeros(15) for _ in range(3))
    starts[:3], widths[:3], slopes[:3] = (10.0, 20.0, 20.0), (10.0, 0.0, 10.0), (0.3, 0.0, 0.0)
    worth.tell(3, 2.0, starts, widths, slopes)
    x, y = worth.points(3)
    assert x.tolist() == [10.0, 20.0, 30.0]
    assert y == pytest.approx([2.0, 5.0, 5.0])


def test_the_page_and_its_json_tell_the_same(found: Conducted) -> None:
    text, told = page("one", {"": found}), to_json("one", {"": found})
    effort = told["offers"]["one"]["efforts"]["hours"]
    assert f"{effort['years']['2027']['mean']['value']:.3g}" in text
    assert effort["watches"] == "total(gain)"
    assert len(effort["worth"]["gain"]) == MONTHS
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_several_offers_are_told_side_by_side_and_drawn(tmp_path: Path) -> None:
    document = written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN)
    more = {"hours": {**document["effort"]["hours"], "plan": 5}}
    file = tmp_path / "two.yaml"
    file.write_text(yaml.safe_dump({**document, "offers": {"few": {}, "many": {"effort": more}}}, sort_keys=False))
    result = CliRunner().invoke(cli, ["conduct", str(file), "--paths", "100", "--out", str(tmp_path / "page")])
    assert result.exit_code == 0, result.output
    assert "Offer few" in result.output and "Offer many" in result.output
    (few,) = (row.split() for row in result.output.splitlines() if row.startswith("few "))
    assert few[1:] == ["2", "7"]  # 24 hours bring 12 and cost 4.8
    assert 'id="many_hours_put_in"' in (tmp_path / "page" / "report.html").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "page" / "result.json").read_text(encoding="utf-8"))
    assert {name: of["efforts"]["hours"]["put_in"] for name, of in told["offers"].items()} == {
        "few": [2.0] * MONTHS,
        "many": [5.0] * MONTHS,
    }
    again = CliRunner().invoke(cli, ["conduct", str(file), "--paths", "100", "--offer", "many", "--no-report", "--json"])
    assert list(json.loads(again.output)["offers"]) == ["many"]


def test_pictures_of_a_responsive_effort(found: Conducted) -> None:
    made = {name: picture for name, picture, _ in pictures(found)}
    assert list(made) == ["hours_put_in", "hours_worth_of_gain", "shares"]
    (over_time,) = made["hours_put_in"].axes
    (mean,) = over_time.lines
    assert mean.get_ydata()[:MONTHS] == pytest.approx(found.efforts[0].periods[0])
    assert [text.get_text() for text in made["hours_worth_of_gain"].axes[0].get_legend().get_texts()][-1] == "2027-12"
    effort, money = made["shares"].axes
    assert effort.lines[0].get_xdata() == pytest.approx([0.0, 0.5, 0.75, 1.0, 1.25, 1.5])
    assert money.get_legend() is not None


def test_without_efforts_it_says_so() -> None:
    document = written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN)
    del document["effort"], document["drivers"]["gain"]["effort"]
    with pytest.raises(UsageError, match="no efforts"):
        conducted_offers({"": loaded(document).model}, 100, 1)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "letter.txt").write_text("mine", encoding="utf-8")
    file = tmp_path / "effort.yaml"
    file.write_text(yaml.safe_dump(written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN), sort_keys=False))
    result = CliRunner().invoke(cli, ["conduct", str(file), "--out", str(tmp_path / "page")])
    assert isinstance(result.exception, UsageError)
    assert "is no report" in str(result.exception)


def test_a_folder_of_pictures_where_none_are_drawn_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "effort.yaml"
    file.write_text(yaml.safe_dump(written({"plan": 2, "cost": per_hour(0.2)}, HALF, CERTAIN), sort_keys=False))
    result = CliRunner().invoke(cli, ["conduct", str(file), "--no-report", "--out", str(tmp_path / "page")])
    assert isinstance(result.exception, UsageError)
    assert "--out would do nothing" in str(result.exception)
