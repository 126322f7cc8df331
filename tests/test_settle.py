"""Settling measured facts: amounts by hand, the same bits as a simulated future, memory handed on, what is refused."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsim
from gainsim.accounts import contract_of
from gainsim.bridge import statement
from gainsim.cli.main import cli
from gainsim.numbers import QuantityError
from gainsim.offer.measured import Measured
from gainsim.scenario.table import read_measured
from gainsim.units import Unit
from tests.scenarios.test_shipped import SHIPPED, load

ROOT = Path(__file__).resolve().parent.parent

#: a monthly fee; of the year's saving beyond 1,000 a half, at most 4,000; at the year's end
CONTRACT = """
gainsim: 1
title: Cooling
currency: EUR
calendar: { start: 2027-01, years: 2, step: month, year: contract }
money: { discount_rate: 0% pa }
drivers:
  tariff:
    control: nobody
    unit: EUR/MWh
    schedule: { 2027-01: 100, 2028-01: 110 }
  weather:
    control: nobody
    unit: fraction
    central: mean
    drawn: each period
    normal: { mean: 1, sd: 0.1 }
facts:
  use: MWh/month
  baseline: MWh/month
value:
  saved: (baseline * weather - use) * tariff
contract:
  fee:
    term: fee
    amount: 200 EUR per month
  share:
    term: sharing
    of: saved
    clock: { measured: year, settled: 1 month, paid: 30 days }
    steps:
      - threshold: { at: 1_000, sides: gain, then: excess }
      - share: { below 0: 0%, above: 50% }
      - limit_payment: { cap: 4_000, per: year }
costs:
  people: { amount: heat * 1 EUR/MWh }
"""
FACTS = CONTRACT.replace("facts:\n", "facts:\n  heat: MWh/month\n")

Rows = Sequence[Mapping[str, Any]]


@pytest.fixture
def settle(tmp_path: Path) -> Callable[..., Result]:
    """Run `gainsim settle` on a scenario's text and on rows of actuals, in a folder of its own."""

    def run(rows: Rows | str, *options: str, scenario: str = FACTS) -> Result:
        (tmp_path / "deal.yaml").write_text(scenario, encoding="utf-8")
        write(rows, tmp_path / "actuals.csv")
        arguments = ["settle", str(tmp_path / "deal.yaml"), "--actuals", str(tmp_path / "actuals.csv"), *options]
        return CliRunner().invoke(cli, arguments)

    return run


def write(rows: Rows | str, file: Path) -> Path:
    """Rows as a CSV file."""
    if isinstance(rows, str):
        file.write_text(rows, encoding="utf-8")
        return file
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def months(first: int, last: int, account: str = "", **facts: float) -> list[dict[str, Any]]:
    """The same facts in each month from `first` to `last`, counted from 1."""
    named = {"account": account} if account else {}
    return [{**named, "settlement": str(month), **facts} for month in range(first, last + 1)]


def told(done: Result, code: int = 4) -> str:
    """What was refused, with the exit code of its kind."""
    assert done.exception is not None, done.output
    assert getattr(done.exception, "exit_code", None) == code, done.exception
    return str(done.exception)


def lines_of(account: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """(settlement, line) → amount."""
    return {(each["settlement"], name): x for each in account["settlements"] for name, x in each["lines"].items()}


# --- amounts -----------------------------------------------------------------------------------------------------------


def test_a_year_by_hand(settle: Callable[..., Result]) -> None:
    """Saved 2 MWh × 100 in eleven months, and 14 MWh × 100 in December: 3,600; beyond 1,000 a half is 1,300."""
    rows = [*months(1, 11, baseline=10, use=8, weather=1), *months(12, 12, baseline=10, use=8, weather=2.2)]
    found = json.loads(settle(rows, "--json").stdout)
    (account,) = found["accounts"]
    assert (account["account"], account["next"]) == (None, "2028-01")
    *before, december = account["settlements"]
    assert [each["lines"] for each in before] == [{"fee.amount": 200.0}] * 11
    assert december["lines"] == {
        "fee.amount": 200.0,
        "share.gain": 3_600.0,
        "share.threshold": -1_000.0,
        "share.share below 0": 0.0,
        "share.share above": 1_300.0,
        "share.cap": 0.0,
    }
    assert december["terms"] == {"fee": 200.0, "share": 1_300.0}
    assert december["paid"] == 1_500.0
    assert december["binds"] == ["fee.amount", "share.gain", "share.threshold", "share.share above"]
    assert account["paid"] == 12 * 200.0 + 1_300.0
    dates = {(each["settlement"], each["line"]): each for each in found["ledger"]}
    assert (
        dates["2027-12", "share.cap"]
        | {"payee": "supplier", "payer": "customer", "window": "2027"}
        | {
            "due": "2028-02-01",  # a month after the year's end
            "paid": "2028-03-02",  # and thirty days after that
        }
        == dates["2027-12", "share.cap"]
    )


def test_what_is_agreed_needs_no_column_and_what_is_measured_replaces_its_formula(
    settle: Callable[..., Result],
) -> None:
    """Ten thousand saved: 9,000 beyond the threshold, half of it 4,500, capped at 4,000. Neither use nor tariff is read."""
    (account,) = json.loads(settle(months(1, 12, saved=10_000 / 12), "--json").stdout)["accounts"]
    lines = account["settlements"][-1]["lines"]
    assert lines["share.gain"] == pytest.approx(10_000, abs=1e-9)
    assert lines["share.share above"] == pytest.approx(4_500, abs=1e-9)
    assert account["settlements"][-1]["terms"]["share"] == 4_000.0


def test_agreed_values_may_be_measured_too(settle: Callable[..., Result]) -> None:
    """A tariff of 50 in its column, not the 100 of the schedule: 12 × 2 MWh × 50 is 1,200, 100 of it half of 200."""
    rows = months(1, 12, baseline=10, use=8, weather=1, tariff=50)
    (account,) = json.loads(settle(rows, "--json").stdout)["accounts"]
    assert account["settlements"][-1]["terms"]["share"] == 100.0


def test_each_account_is_settled_by_itself(settle: Callable[..., Result]) -> None:
    rows = [*months(1, 12, "b", saved=500), *months(1, 12, "a, the first", saved=1_000), *months(1, 3, "c", saved=9e9)]
    accounts = json.loads(settle(rows, "--json").stdout)["accounts"]
    assert [each["account"] for each in accounts] == ["b", "a, the first", "c"]
    assert [each["settlements"][-1]["terms"].get("share") for each in accounts] == [2_500.0, 4_000.0, None]


def test_scattered_rows_settle_as_ordered_ones(settle: Callable[..., Result]) -> None:
    rows = [row for n in range(5) for row in months(1, 24, f"a{n}", saved=300.0 * n)]
    ordered = json.loads(settle(rows, "--json").stdout)
    shuffled = [rows[n] for n in np.random.default_rng(1).permutation(len(rows))]
    scattered = json.loads(settle(shuffled, "--json").stdout)
    by_name = {each["account"]: each for each in scattered["accounts"]}
    assert by_name == {each["account"]: each for each in ordered["accounts"]}
    assert [each["account"] for each in scattered["accounts"]] == list(
        dict.fromkeys(row["account"] for row in shuffled)
    )


@pytest.mark.parametrize("name", [name for name in SHIPPED if not load(name).scenario.lifecycle])
def test_a_simulated_future_settles_to_the_same_bits(name: str, tmp_path: Path) -> None:
    """The contract cannot tell a simulated year from a measured one: facts of three futures, written and read again.

    What a party decides by chance is a fact that only the contract's own course has; it is settled in tests/test_lifecycle.py.
    """
    stem, _, one = name.partition(":")
    file = ROOT / "scenarios" / f"{stem}.yaml"
    offer = gainsim.load(file, offer=one or None)
    model, seed, paths = offer.loaded.model, offer.loaded.scenario.run.seed, 3
    futures = offer.futures(paths=paths)
    measured = [name for name, value in offer.loaded.scenario.value.items() if isinstance(value, Measured)]
    names = contract_of(offer.loaded.scenario, measured).model.given
    labels = [model.calendar.period(t).label for t in range(model.calendar.periods)]
    facts = {each: np.broadcast_to(futures[each].T, (paths, len(labels))).tolist() for each in names}
    rows = [
        {"account": str(path), "settlement": label, **{each: repr(facts[each][path][t]) for each in names}}
        for path in range(paths)
        for t, label in enumerate(labels)
    ]
    actuals = write(rows, tmp_path / "actuals.csv")
    asked = ["settle", str(file), "--actuals", str(actuals), "--json", *(["--offer", one] if one else [])]
    done = CliRunner().invoke(cli, asked, catch_exceptions=False)
    for path, account in enumerate(json.loads(done.stdout)["accounts"]):
        amounts = zip(model.program.rows, statement(model, path, seed).tolist(), strict=True)
        simulated = {(labels[t], model.lines[line].name): amount for (t, line), amount in amounts}
        own = lines_of(account)
        assert own
        assert own == {key: simulated[key] for key in own}
        lines = [model.lines[line] for _, line in model.program.rows]
        assert len(own) == sum(line.group in offer.loaded.scenario.contract for line in lines)


# --- memory ------------------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, 83), max_size=3, unique=True).map(sorted), seed=st.integers(0, 5))
def test_in_pieces_or_in_one_the_bits_are_the_same(
    cuts: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Seven years with carries, pools, yearly limits and a lagged index, cut anywhere, within windows too."""
    folder = tmp_path_factory.mktemp("pieces")
    scenario = str(ROOT / "scenarios" / "compressed_air.yaml")
    rng = np.random.default_rng(seed)
    rows = [
        {
            "account": account, "settlement": month + 1, "electricity_price": 90 + 30 * rng.random(),
            "air_demand": 2.2e6 * (0.8 + 0.4 * rng.random()), "wage_index": 100 + month * rng.random(),
            "measured_saving": 60_000 * (rng.random() - 0.3), "availability": 0.975 + 0.025 * rng.random(),
        }
        for account in ("north", "south")
        for month in range(84)
    ]  # fmt: skip

    def settled(own: Rows, *options: str) -> Any:
        actuals = write(own, folder / "actuals.csv")
        arguments = ["settle", scenario, "--actuals", str(actuals), "--json", *options]
        return json.loads(CliRunner().invoke(cli, arguments, catch_exceptions=False).stdout)

    whole = settled(rows)["accounts"]
    found: dict[str, list[Any]] = {"north": [], "south": []}
    memory = folder / "memory.json"
    for first, last in zip([0, *cuts], [*cuts, 84], strict=True):
        piece = [row for row in rows if first < row["settlement"] <= last]
        done = settled(piece, *(["--opening", str(memory)] if first else []), "--closing", str(folder / "next.json"))
        memory = (folder / "next.json").rename(folder / f"memory-{last}.json")
        for account in done["accounts"]:
            found[account["account"]] += account["settlements"]
    for account in whole:
        assert found[account["account"]] == account["settlements"]
        assert account["next"] is None


def test_files_are_written_though_nobody_reads_the_page(
    settle: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("gainsim.writing.shutil.copyfileobj", gone)
    closing = tmp_path / "closing.json"
    done = settle(months(1, 12, heat=1_000, saved=2_000), "--closing", str(closing))
    assert isinstance(done.exception, BrokenPipeError), done.output
    assert json.loads(closing.read_text())["schema"].startswith("gainsim/")


def test_the_json_of_a_settlement_opens_the_next_one(settle: Callable[..., Result], tmp_path: Path) -> None:
    """Half of the year's 2,400 saved by June is kept, not paid; December pays half of what lies beyond 1,000."""
    june = settle(months(1, 6, saved=200), "--json").stdout
    (account,) = json.loads(june)["accounts"]
    assert account["next"] == "2027-07"
    assert account["memory"] == {
        "total of '(baseline * weather - use) * tariff'": 1_200.0,
        "share: paid in the year": 0.0,
    }
    (tmp_path / "june.json").write_text(june)
    done = settle(months(7, 12, saved=200), "--json", "--opening", str(tmp_path / "june.json"))
    assert json.loads(done.stdout)["accounts"][0]["settlements"][-1]["terms"]["share"] == 700.0


def _say_next(memory: Any, following: str | None) -> None:
    memory["accounts"][0]["next"] = following
    memory["contracts"] = dict.fromkeys([following or ""], memory["contracts"]["2027-07"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda m: m["contracts"].update({"2027-07": "0"}),
            "is the memory of another contract than this file's before 2027-07",
        ),
        (lambda m: m["contracts"].clear(), "does not say which contract account 'a' was settled by"),
        (lambda m: m["accounts"][0].update(account="b"), "it is not in the opening memory and starts with 2027-01"),
        (lambda m: m["accounts"][0]["memory"].pop("share: paid in the year"), "lacks share: paid in the year"),
        (lambda m: m["accounts"][0]["memory"].update(more=1.0), "has more, which is none"),
        (lambda m: m["accounts"][0]["memory"].update({"share: paid in the year": None}), "is None, which is no number"),
        (
            lambda m: _say_next(m, "2027-08"),
            "begins with 2027-07; the opening memory goes on with 2027-08",
        ),
        (lambda m: _say_next(m, None), "is settled to its end"),
        (lambda m: m["accounts"].append(m["accounts"][0]), "account 'a' stands there twice"),
        (lambda m: m.pop("accounts"), "is not what gainsim settle --closing writes"),
    ],
)
def test_memory_that_does_not_fit(
    settle: Callable[..., Result], tmp_path: Path, change: Callable[[Any], None], words: str
) -> None:
    file = tmp_path / "memory.json"
    assert settle(months(1, 6, "a", saved=200), "--closing", str(file)).exit_code == 0
    memory = json.loads(file.read_text())
    change(memory)
    file.write_text(json.dumps(memory))
    assert words in told(settle(months(7, 12, "a", saved=200), "--opening", str(file)))


AMENDED = (
    FACTS
    + """
amendments:
  - effective: 2027-09
    set:
      contract.fee.amount: 300 EUR per month
      contract.share.steps[1].share.above: 60%
"""
)


@pytest.mark.parametrize("month", [7, 9])
def test_an_amendment_agreed_later_goes_on_from_the_memory(
    settle: Callable[..., Result], tmp_path: Path, month: int
) -> None:
    """The fee rises in a month that is not settled yet; the share of its year is as it was, for its window began before."""
    file = tmp_path / "memory.json"
    assert settle(months(1, 6, saved=200), "--closing", str(file)).exit_code == 0
    amended = AMENDED.replace("2027-09", f"2027-{month:02}")
    done = settle(months(7, 12, saved=200), "--opening", str(file), "--json", scenario=amended)
    (account,) = json.loads(done.stdout)["accounts"]
    assert [each["terms"]["fee"] for each in account["settlements"]] == [200.0] * (month - 7) + [300.0] * (13 - month)
    assert account["settlements"][-1]["terms"]["share"] == 700.0
    whole = json.loads(settle(months(1, 12, saved=200), "--json", scenario=amended).stdout)["accounts"][0]
    assert whole["settlements"][6:] == account["settlements"]


def test_an_amendment_of_what_is_settled_is_another_contract(settle: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    assert settle(months(1, 6, saved=200), "--closing", str(file)).exit_code == 0
    back = AMENDED.replace("2027-09", "2027-03")
    assert "another contract than this file's before 2027-07" in told(
        settle(months(7, 12, saved=200), "--opening", str(file), scenario=back)
    )
    words = FACTS.replace("title: Cooling", "title: Cooling, again").replace(
        "term: fee", "term: fee\n    about: the fee"
    )
    assert settle(months(7, 12, saved=200), "--opening", str(file), scenario=words).exit_code == 0


def test_memory_of_other_columns_is_that_of_another_contract(settle: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    assert settle(months(1, 6, saved=200), "--closing", str(file)).exit_code == 0
    message = told(settle(months(7, 12, baseline=3, use=1, weather=1), "--opening", str(file)))
    assert "is the memory of another contract" in message


def test_accounts_of_different_length_stay_in_their_order(settle: Callable[..., Result]) -> None:
    """Half a year pays six fees, the whole year twelve and a share of 700."""
    rows = [*months(1, 6, "b", saved=200), *months(1, 12, "a", saved=200), *months(1, 6, "c", saved=200)]
    found = json.loads(settle(rows, "--json").stdout)
    paid = [(each["account"], each["paid"]) for each in found["accounts"]]
    assert paid == [("b", 1_200.0), ("a", 3_100.0), ("c", 1_200.0)]
    assert [each["settlement"] for each in found["ledger"] if each["line"] == "fee.amount"] == [
        f"2027-{month:02}" for month in range(1, 13)
    ]


# --- restatement -------------------------------------------------------------------------------------------------------


def test_a_restatement_shows_before_now_and_the_difference(settle: Callable[..., Result], tmp_path: Path) -> None:
    """2,400 saved paid 700. March restated from 200 to 500 makes 2,700: 850, 150 more. January 2028 is new: the fee."""
    before = write(months(1, 12, saved=200), tmp_path / "before.csv")
    rows = [*months(1, 2, saved=200), *months(3, 3, saved=500), *months(4, 13, saved=200)]
    options = ("--restates", str(before))
    found = json.loads(settle(rows, "--json", *options).stdout)
    assert found["restates"] == str(before)
    (account,) = found["accounts"]
    *months_before, december, january = account["settlements"]
    assert all(each["difference"]["paid"] == 0.0 for each in months_before)
    assert december["earlier"]["terms"] == {"fee": 200.0, "share": 700.0}
    assert december["difference"]["lines"]["share.gain"] == 300.0
    assert december["difference"]["terms"] == {"fee": 0.0, "share": 150.0}
    assert january["earlier"] is None
    assert account["to_settle"] == 350.0
    page = settle(rows, *options).stdout
    assert [line.split() for line in page.splitlines() if line.startswith("= customer")] == [
        ["=", "customer", "pays", "900.00", "1,050.00", "150.00"]
    ]
    assert "To be settled now: The customer pays the supplier 350.00 EUR." in page
    table = list(csv.DictReader(settle(rows, "--csv", "-", *options).stdout.splitlines()))
    assert [
        (row["line"], row["earlier"], row["amount"], row["difference"]) for row in table if row["line"] == "share.gain"
    ] == [("share.gain", "2400.0", "2700.0", "300.0")]


def test_nothing_is_told_as_0_without_a_sign(settle: Callable[..., Result], tmp_path: Path) -> None:
    back = FACTS.replace("contract:\n", "contract:\n  back: { term: payment, amount: -saved, clock: { measured: month } }\n")
    before = write(months(1, 2, saved=0), tmp_path / "before.csv")
    for form in (["--json"], ["--csv", "-"]):
        done = settle(months(1, 2, saved=0), "--restates", str(before), *form, scenario=back)
        assert done.exit_code == 0
        assert "-0.0" not in done.stdout


def test_a_restatement_settles_all_that_was_settled(settle: Callable[..., Result], tmp_path: Path) -> None:
    before = write(months(1, 12, "a", saved=200), tmp_path / "before.csv")
    message = told(settle(months(1, 11, "a", saved=200), "--restates", str(before)))
    assert "2027-01 to 2027-12 of account 'a' was settled before, 2027-01 to 2027-11 is settled now" in message
    others = settle(months(1, 12, "b", saved=300), "--restates", str(before), "--json")
    assert json.loads(others.stdout)["accounts"][0]["to_settle"] == 12 * 200.0 + 1_300.0  # nothing of it was settled


def test_each_account_is_restated_beside_what_it_had_settled(settle: Callable[..., Result], tmp_path: Path) -> None:
    """12 months at 300 pay 2,400 and 1,300. Before, at 200: a paid 2,400 and 700, b the fee of half a year, c nothing."""
    rows = [*months(1, 12, "a", saved=200), *months(1, 6, "b", saved=200)]
    before = write(rows, tmp_path / "before.csv")
    now = [row for account in "abc" for row in months(1, 12, account, saved=300)]
    found = json.loads(settle(now, "--restates", str(before), "--json").stdout)["accounts"]
    assert [(each["account"], each["to_settle"]) for each in found] == [("a", 600.0), ("b", 2_500.0), ("c", 3_700.0)]


# --- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("1234.567", "MWh", 1234.567), ("0.994", "fraction", 0.994), ("-5.0e-3", "EUR", -0.005), ("1.234", "EUR", 1.234),
        (" 7 ", "EUR", 7.0), ("1_000", "EUR", 1000.0), (".5", "", 0.5), ("12%", "fraction", 0.12), ("99.95 %", "", 0.9995),
        ("-3%", "fraction of x", -0.03), ("5.", "EUR", 5.0), ("+2", "EUR", 2.0),
    ],
)  # fmt: skip
def test_numbers_as_machines_write_them(written: str, unit: str, value: float) -> None:
    assert read_measured(written, Unit.parse(unit)) == value


@pytest.mark.parametrize(
    "written",
    ["", " ", "1,234", "1,5", "1 234", "1'234", "€5", "5 EUR", "nan", "NaN", "inf", "-Infinity", "1e999", "0x10", "N/A", "#REF!",
     "12%%", "(5)", "5-", "١٢", "1__0", "true", "--1", "=1+1"],
)  # fmt: skip
def test_numbers_that_are_none(written: str) -> None:
    with pytest.raises(QuantityError, match="Write"):
        read_measured(written)


def test_a_percentage_has_no_unit() -> None:
    with pytest.raises(QuantityError, match="'12%' is a percentage; this column is in EUR/MWh"):
        read_measured("12%", Unit.parse("EUR/MWh"))


def test_a_percentage_without_its_sign_is_refused_and_a_ratio_above_one_is_not() -> None:
    """Of a fraction 97 is no value that there is; 9.7 may be 970% of what it is a fraction of."""
    part = Unit.parse("fraction of the plan")
    assert [read_measured(text, part) for text in ("0.97", "97%", "9.7", "9700%")] == [0.97, 0.97, 9.7, 97.0]
    said = "97 is no fraction. Write 97% or 0.97; a ratio that may lie above 10 has the unit 1."
    with pytest.raises(QuantityError, match=f"^{re.escape(said)}$"):
        read_measured("97", part)
    assert read_measured("97", Unit.parse("1")) == 97.0


def test_of_the_time_there_is_no_more_than_all_and_no_less_than_none() -> None:
    """Whether it is written in percent or not; what is a fraction of something else may be more, or negative."""
    times = [Unit.parse(f"fraction of {what}") for what in ("the time", "time", "the month", "hours")]
    for unit in times:
        assert [read_measured(text, unit) for text in ("0", "0%", "99.95%", "1", "100%")] == [0.0, 0.0, 0.9995, 1.0, 1.0]
        for written in ("-0.02", "-2%", "1.02", "186%"):
            with pytest.raises(QuantityError, match="is no fraction of the time: that lies between 0% and 100%"):
                read_measured(written, unit)
    for other in ("fraction", "fraction of plan", "fraction of planned hours", "fraction of the time saved"):
        assert [read_measured(text, Unit.parse(other)) for text in ("-2%", "186%")] == [-0.02, 1.86]


@pytest.mark.parametrize("as_frame", [True, False])
def test_an_index_and_a_rate_of_exchange_are_above_0(settle: Callable[..., Result], as_frame: bool) -> None:
    """That they are follows from their use: a price is divided by the one, amounts are multiplied by the other."""
    deal = """
gainsim: 1
title: Prices
currency: EUR
calendar: { start: 2027-01, years: 1, step: month, year: contract }
money: { discount_rate: 0% pa, rates: { USD: dollar } }
drivers:
  wages: { control: nobody, unit: "1", central: mean, geometric_walk: { start: 100, drift: 2% pa, volatility: 1% pa } }
facts: { dollar: EUR/USD, price: EUR/MWh }
contract:
  fee: { term: fee, amount: 10 USD per month, indexed: { by: "0.4 + 0.6 * wages / wages[base]", base: 2027-01, every: year } }
  energy: { term: payment, amount: price * 1 MWh, clock: { measured: month } }
"""
    rows = [
        {"settlement": "1", "wages": -101, "dollar": 0.9, "price": -3},
        {"settlement": "2", "wages": 102, "dollar": 0, "price": 0},
    ]
    if as_frame:
        with pytest.raises(gainsim.DataError) as caught:
            gainsim.settle(gainsim.load_text(deal), pd.DataFrame(rows))
        message = str(caught.value)
    else:
        message = told(settle(rows, scenario=deal))
    assert "has 2 problems; nothing was settled" in message
    assert re.search(r"row 2, column wages: '-101(.0)?' is no index: that is above 0. Write what was published.", message)
    assert re.search(r"row 3, column dollar: '0(.0)?' is no rate of exchange: that is above 0. Write what was published.", message)


@pytest.mark.parametrize("as_frame", [True, False])
def test_a_column_of_percentages_is_told_by_row(settle: Callable[..., Result], as_frame: bool) -> None:
    """The weather is a fraction; the rows may be read at once or one by one."""
    rows = [{"settlement": str(n), "weather": 1.0 if n != 2 else 104.5, "use": 1, "baseline": 2} for n in (1, 2, 3)]
    words = "row 3, column weather: 104.5 is no fraction. Write 104.5% or 1.045"
    if as_frame:
        with pytest.raises(gainsim.DataError, match=words):
            gainsim.settle(gainsim.load_text(CONTRACT.split("costs:")[0]), pd.DataFrame(rows))
    else:
        assert words in told(settle(rows))


HEAD = "account,settlement,saved\n"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "is empty. Write the names of the columns in its first row"),
        (HEAD, "row 2: there are no rows"),
        ("account;settlement;saved\na;1;2\n", "its columns are separated by semicolons"),
        ("settlement,saved,saved\n1,2,3\n", "row 1: the column 'saved' stands there twice"),
        ("settlement,saved,\n1,2,3\n", "row 1: a column has no name"),
        ("settlement,sved\n1,2\n", "row 1: 'sved' is no fact, driver, value or decision of the scenario. Did you mean 'saved'?"),
        ("settlement,fee,saved\n1,2,3\n", "row 1: 'fee' is no fact"),
        ("saved\n1\n", "row 1: no column 'settlement': the contract has 24 periods"),
        (HEAD + "a,1,2,3\n", "row 2: 4 cells for 3 columns. Is a comma inside a number or a name?"),
        (HEAD + "a,1\n", "row 2: 2 cells for 3 columns"),
        (HEAD + 'a,1,"1,5"\n', "row 2, column saved: '1,5' is two numbers"),
        (HEAD + "a,1,\n", "row 2, column saved: nothing is written here"),
        (HEAD + "a,1,nan\n", "row 2, column saved: 'nan' is not a number"),
        (HEAD + "a,1,٣\n", "row 2, column saved: '٣' is not a number"),
        (HEAD + ",1,5\n", "row 2, column account: no account is named"),
        (
            HEAD + "a,2029-01,5\n",
            "row 2, column settlement: '2029-01' is no settlement of this contract (2027-01 to 2028-12)",
        ),
        (HEAD + "a,2027-01-32,5\n", "row 2, column settlement: '2027-01-32' is no settlement"),
        (HEAD + "a,0,5\n", "row 2, column settlement: '0' is no settlement"),
        (HEAD + "a,1,5\na,2027-01,6\n", "row 3: 2027-01 of account 'a' stands in row 2 already"),
        (HEAD + "a,1,5\na,3,5\n", "row 3: 2027-03 of account 'a' follows on 2027-01"),
        (HEAD + "a,2,5\n", "row 2: of account 'a' begins with 2027-02; it starts with 2027-01"),
        (HEAD + 'a,1,"5\n', "cannot be read as CSV"),
    ],
)
def test_actuals_that_cannot_be_settled(settle: Callable[..., Result], rows: str, words: str) -> None:
    assert words in told(settle(rows))


def test_what_follows_from_an_unknown_settlement_is_not_told(settle: Callable[..., Result]) -> None:
    """The order of an account cannot be known where one of its rows belongs to no period; that of others can."""
    message = told(settle(HEAD + "a,1,5\na,2030-01,5\na,4,5\nb,1,5\nb,3,5\n,7,5\n"))
    assert "has 3 problems; nothing was settled" in message
    assert "row 3, column settlement: '2030-01' is no settlement" in message
    assert "row 6: 2027-03 of account 'b' follows on 2027-01" in message
    assert "row 7, column account: no account is named" in message


def test_missing_columns_are_told_with_their_units_and_readers(settle: Callable[..., Result]) -> None:
    message = told(settle("settlement,use\n1,2\n"))
    assert "has 2 problems; nothing was settled" in message
    assert "no column 'weather' (a fraction, as 98.2%); value.saved read it" in message
    assert "no column 'baseline' (in MWh/month); value.saved read it" in message
    assert "heat" not in message  # a cost alone reads it
    direct = FACTS.replace("at: 1_000, sides", "at: 1_000 EUR * last(weather), sides")
    message = told(settle("settlement,saved\n1,2\n", scenario=direct))
    assert "no column 'weather' (a fraction, as 98.2%); contract.share read it" in message


def test_one_slip_is_told_once(settle: Callable[..., Result]) -> None:
    """A misspelt column is not missing as well; a row that cannot be read leaves no gap."""
    misspelt = "settlement,sved,use,baseline,weather\n1,2,2,2,1\n"
    for rows in (misspelt, HEAD + "a,1,5\na,2,5,5\na,3,5\n", HEAD + "a,1,5\n,2,5\na,3,5\n"):
        assert "has 1 problem;" in told(settle(rows)), rows
    assert "has 2 problems;" in told(settle(HEAD + "a,1,5\na,2,5,5\nb,1,5\nb,3,5\n"))


def test_all_problems_are_told_at_once_and_nothing_is_written(settle: Callable[..., Result], tmp_path: Path) -> None:
    rows = HEAD + "a,1,x\nb,1,y\nb,1,2\n,1,3\n"
    message = told(settle(rows, "--csv", str(tmp_path / "out.csv"), "--closing", str(tmp_path / "out.json")))
    assert [line.split(":")[0].strip() for line in message.splitlines()[1:]] == [
        "row 2, column saved", "row 3, column saved", "row 4", "row 5, column account",
    ]  # fmt: skip
    assert not [file.name for file in tmp_path.iterdir() if "out" in file.name]


def test_a_table_of_mistakes_is_not_told_to_the_end(settle: Callable[..., Result]) -> None:
    message = told(settle(HEAD + "".join(f"a{n},1,x\n" for n in range(50_000))))
    assert "has more than 20 problems" in message
    assert len(message.splitlines()) == 21


def test_one_value_for_life_is_the_same_in_every_row(settle: Callable[..., Result]) -> None:
    once = FACTS.replace("drawn: each period", "drawn: once")
    rows = [*months(1, 2, "a", use=1, baseline=2, weather=1), *months(3, 3, "a", use=1, baseline=2, weather=1.5)]
    message = told(settle(rows, scenario=once))
    assert "row 4, column weather: 1.5 here, 1.0 in row 2: the file has one value for life" in message


def test_a_line_that_is_no_number_names_account_settlement_and_formula(
    settle: Callable[..., Result], tmp_path: Path
) -> None:
    """And nothing is written, not even of the accounts before it."""
    ratio = FACTS.replace("(baseline * weather - use) * tariff", "use * tariff * use / baseline")
    rows = [*months(1, 2, "a", use=1, baseline=1), *months(1, 2, "b", use=1, baseline=0)]
    message = told(settle(rows, "--csv", str(tmp_path / "out.csv"), scenario=ratio))
    assert "of account 'b'" in message
    monthly = ratio.replace("measured: year", "measured: month").replace(", per: year", ", per: settlement")
    message = told(settle(rows, "--csv", str(tmp_path / "out.csv"), scenario=monthly))
    told_of = "'use * tariff * use / baseline' is not a finite number for account 'b' in the settlement 2027-01"
    assert f"actuals.csv: {told_of}" in message
    assert "the quotient of 100, 0" in message
    assert sorted(file.name for file in tmp_path.iterdir()) == ["actuals.csv", "deal.yaml"]


@pytest.mark.parametrize("written", ["2027-02", "2", "2027-02-28", " 2027-02 "])
def test_settlements_may_be_named_in_any_of_three_ways(settle: Callable[..., Result], written: str) -> None:
    (account,) = json.loads(settle(f"settlement,saved\n2027-01,1\n{written},2\n", "--json").stdout)["accounts"]
    assert [each["settlement"] for each in account["settlements"]] == ["2027-01", "2027-02"]


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["account", '"account"'])
def test_the_same_table_in_other_spellings(
    settle: Callable[..., Result], tmp_path: Path, mark: str, first: str
) -> None:
    """Ends of lines, a byte order mark, quotation marks, blank rows and blanks around cells mean nothing."""
    lines = [f"{first},settlement,saved", "a, 1 ,5", "", ",,", "a,2,6.5 ", '"a",3,"7"', "", "b,1,8"]
    (tmp_path / "deal.yaml").write_text(FACTS, encoding="utf-8")
    (tmp_path / "other.csv").write_bytes(b"\xef\xbb\xbf" + mark.join(lines).encode())
    plain = json.loads(settle("account,settlement,saved\na,1,5\na,2,6.5\na,3,7\nb,1,8\n", "--json").stdout)
    arguments = ["settle", str(tmp_path / "deal.yaml"), "--actuals", str(tmp_path / "other.csv"), "--json"]
    assert (
        json.loads(CliRunner().invoke(cli, arguments, catch_exceptions=False).stdout)["accounts"] == plain["accounts"]
    )


# --- what it prints and writes -----------------------------------------------------------------------------------------


def test_the_statement_of_one_account(settle: Callable[..., Result]) -> None:
    page = settle(months(1, 12, saved=10_000 / 12)).stdout
    last = page[page.index("2027-12 (period 12)") :].splitlines()
    squeezed = [" ".join(line.split()) for line in last]
    assert "share.share above 4,500.00 customer to supplier 2027 2028-02-01 2028-03-02" in squeezed
    assert "share.cap -500.00 supplier to customer 2027 2028-02-01 2028-03-02" in squeezed
    assert "share paid 4,000.00" in squeezed
    assert squeezed[-1] == "The customer pays the supplier 4,200.00 EUR."


def test_before_anything_falls_due(settle: Callable[..., Result]) -> None:
    yearly = FACTS.replace("amount: 200 EUR per month", "amount: 200 EUR per month\n    clock: { measured: year }")
    assert (
        "Nothing falls due yet; what was measured is kept in the closing memory."
        in settle(months(1, 2, saved=1), scenario=yearly).stdout
    )


def test_many_accounts_are_summed_up(settle: Callable[..., Result]) -> None:
    """Thirty accounts save 500 a month: each pays 2,400 of fee and 2,500 of the share; one more saves nothing."""
    rows = [row for n in range(30) for row in months(1, 12, f"a{n}", saved=500)] + months(1, 12, "none", saved=0)
    page = [" ".join(line.split()) for line in settle(rows).stdout.splitlines()]
    assert page[1] == "31 accounts, 372 settlements, 2027-01 to 2027-12"
    assert "share.gain 180,000.00 gain 96.8%" in page
    assert "share paid 75,000.00" in page
    assert "= customer pays 149,400.00" in page
    assert "a0 4,900.00" in page
    assert page[-1] == "For every line of every account add --csv FILE, or --json."


def test_of_many_restated_accounts_the_changed_ones_come_first(settle: Callable[..., Result], tmp_path: Path) -> None:
    """Of 30 accounts two are corrected: half of 500 a month more is 3,000, a saving below 1,000 moves no payment."""
    facts = {f"a{n}": 500.0 for n in range(30)}
    rows = [row for name, saved in facts.items() for row in months(1, 12, name, saved=saved)]
    write(rows, tmp_path / "before.csv")
    facts |= {"a7": 100.0, "a9": 400.0}
    corrected = [row for name, saved in facts.items() for row in months(1, 12, name, saved=saved)]
    page = settle(corrected, "--restates", str(tmp_path / "before.csv")).stdout
    assert "2 of 30 accounts changed" in page
    lines = [line.split() for line in page.splitlines()]
    # 12 × 200 of fees, and of 6,000 beyond 1,000 a half; of 1,200 100, of 4,800 1,900
    assert ["a7", "4,900.00", "2,500.00", "-2,400.00"] in lines
    assert ["a9", "4,900.00", "4,300.00", "-600.00"] in lines
    assert page.index("accounts changed") < page.index("Largest payments")
    assert page.index("a7 ") < page.index("a9 ") < page.index("Largest payments")
    same = settle(rows, "--restates", str(tmp_path / "before.csv")).stdout
    assert "0 of 30 accounts changed" in same


def test_the_csv_has_a_row_a_line(settle: Callable[..., Result], tmp_path: Path) -> None:
    rows = [*months(1, 12, 'says "so"', saved=500), *months(1, 12, "a, b", saved=0.1)]
    done = settle(rows, "--csv", str(tmp_path / "out.csv"))
    assert done.stdout == ""
    with (tmp_path / "out.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 2 * (12 + 5 + 1)
    assert table[11 + 1] == {
        "account": 'says "so"', "settlement": "2027-12", "term": "share", "line": "share.gain", "role": "gain", "amount": "6000.0",
        "currency": "EUR", "payee": "customer", "payer": "customer", "window": "2027", "due": "2028-02-01", "paid": "2028-03-02",
    }  # fmt: skip
    paid = {}
    for row in table:
        if row["role"] == "payment":
            paid[row["account"]] = paid.get(row["account"], 0.0) + float(row["amount"])
    assert paid == {'says "so"': 4_900.0, "a, b": 2_400.0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--json", "--csv", "-"), "--json and --csv - both go to stdout"),
        (("--csv", "{}/actuals.csv"), "is read, or written already"),
        (("--csv", "{}/x", "--closing", "{}/x"), "is read, or written already"),
        (("--csv", "{}"), "is a folder"),
        (("--closing", "{}/no/x.json"), "there is no folder"),
    ],
)
def test_places_that_cannot_be_written(
    settle: Callable[..., Result], tmp_path: Path, options: Sequence[str], words: str
) -> None:
    assert words in told(settle(months(1, 1, saved=1), *(each.format(tmp_path) for each in options)), 2)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    scenario = str(ROOT / "scenarios" / "compressed_air.yaml")
    done = CliRunner().invoke(cli, ["settle", scenario, "--actuals", str(tmp_path / "no.csv")])
    assert "no.csv: no such file." in told(done)
    done = CliRunner().invoke(cli, ["settle", scenario, "--actuals", str(tmp_path)])
    assert "this is a folder" in told(done)


def test_a_contract_on_facts_is_checked_and_not_simulated(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(FACTS, encoding="utf-8")
    file = str(tmp_path / "deal.yaml")
    assert CliRunner().invoke(cli, ["check", file]).exit_code == 0
    for command in (
        ["run", file, "--no-report"],
        ["run", file, "--base-case"],
        ["explain", file],
        ["explain", file, "--path", "0"],
    ):
        message = told(CliRunner().invoke(cli, command), 3)
        assert "facts: heat, use and baseline come from actuals only" in message
    with pytest.raises(gainsim.ScenarioError, match="come from actuals only"):
        gainsim.load(file).futures(3)


# --- in Python ---------------------------------------------------------------------------------------------------------


def test_a_frame_settles_as_its_file_does(settle: Callable[..., Result], tmp_path: Path) -> None:
    """Months as days of a calendar, numbers as numbers."""
    rows = [*months(1, 12, "a", saved=200), *months(1, 12, "b", saved=500)]
    offer = gainsim.load_text(FACTS)
    frame = pd.DataFrame(rows)
    frame["settlement"] = list(pd.date_range("2027-01-31", periods=12, freq="ME")) * 2
    found = gainsim.settle(offer, frame)
    printed = json.loads(settle(rows, "--json").stdout)
    assert found.to_json()["accounts"] == printed["accounts"]
    paid = found.paid.set_index(["account", "term"]).query("settlement == '2027-12'")["amount"]
    assert paid.to_dict() == {("a", "fee"): 200.0, ("a", "share"): 700.0, ("b", "fee"): 200.0, ("b", "share"): 2_500.0}
    assert str(found) + "\n" == settle(rows).stdout
    assert repr(found) == "<settlements of 'Cooling': 2 accounts>"
    header, *_ = settle(rows, "--csv", "-").stdout.splitlines()
    assert ",".join(found.lines) == header
    from_file = gainsim.settle(offer, write(rows, tmp_path / "rows.csv"))
    pd.testing.assert_frame_equal(from_file.lines, found.lines)


def test_memory_and_restatements_in_python() -> None:
    offer = gainsim.load_text(FACTS)
    june = gainsim.settle(offer, pd.DataFrame(months(1, 6, saved=200)))
    december = gainsim.settle(offer, pd.DataFrame(months(7, 12, saved=200)), opening=june.closing)
    assert december.paid.query("term == 'share'")["amount"].tolist() == [700.0]
    again = gainsim.settle(
        offer,
        pd.DataFrame(months(7, 12, saved=250)),
        opening=june.to_json(),
        restates=pd.DataFrame(months(7, 12, saved=200)),
    )
    assert again.paid.query("term == 'share'")[["earlier", "amount", "difference"]].to_numpy().tolist() == [
        [700.0, 850.0, 150.0]
    ]


def test_of_the_accounts_that_go_on_some_had_settled_no_further() -> None:
    """a had settled to December and is restated, b only to June: of b all is new, the fees of half a year and its share."""
    offer = gainsim.load_text(FACTS)
    june = gainsim.settle(offer, pd.DataFrame([*months(1, 6, "a", saved=200), *months(1, 6, "b", saved=200)]))
    again = gainsim.settle(
        offer,
        pd.DataFrame([*months(7, 12, "a", saved=250), *months(7, 12, "b", saved=250)]),
        opening=june.closing,
        restates=pd.DataFrame(months(7, 12, "a", saved=200)),
    )
    assert [each["to_settle"] for each in again.to_json()["accounts"]] == [150.0, 6 * 200.0 + 850.0]


def test_an_account_without_rows_goes_on_as_it_was(settle: Callable[..., Result], tmp_path: Path) -> None:
    """Both kept 1,200 by June; only a has rows to December, and b goes on from June a call later: 2,400 saved pay 700."""
    memories = [tmp_path / name for name in ("june.json", "december.json", "later.json")]
    assert settle([*months(1, 6, "a", saved=200), *months(1, 6, "b", saved=200)], "--closing", str(memories[0])).exit_code == 0
    options = ("--opening", str(memories[0]), "--closing", str(memories[1]))
    page = settle(months(7, 12, "a", saved=200), *options).stdout
    assert page.endswith("Without rows, and unchanged in the closing memory: b.\n")
    june, december = (json.loads(file.read_text())["accounts"] for file in memories[:2])
    assert [each["next"] for each in december] == ["2028-01", "2027-07"]
    assert december[1] == june[1]
    done = settle(months(7, 12, "b", saved=200), "--opening", str(memories[1]), "--json")
    assert "Without rows, and unchanged in the closing memory: a." in done.stderr
    b, a = json.loads(done.stdout)["accounts"]
    assert b["settlements"][-1]["terms"] == {"fee": 200.0, "share": 700.0}
    assert (a["account"], a["settlements"], a["paid"], a["memory"]) == ("a", [], 0.0, december[0]["memory"])
    memories[2].write_text(done.stdout)
    assert settle(months(13, 13, "a", saved=200), "--opening", str(memories[2])).exit_code == 0


def test_an_account_that_is_settled_to_its_end_holds_no_other_up(settle: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    rows = [*months(1, 24, "over", saved=200), *months(1, 6, "a", saved=200)]
    assert settle(rows, "--closing", str(file)).exit_code == 0
    for last in (12, 24):
        first = last - 5 if last == 12 else 13
        done = settle(months(first, last, "a", saved=200), "--opening", str(file), "--closing", str(tmp_path / "next.json"))
        assert done.exit_code == 0, done.output
        file = (tmp_path / "next.json").rename(tmp_path / f"{last}.json")
    assert [(each["account"], each["next"]) for each in json.loads(file.read_text())["accounts"]] == [("a", None), ("over", None)]


def test_a_restatement_leaves_out_no_account_that_was_settled(settle: Callable[..., Result], tmp_path: Path) -> None:
    june = tmp_path / "june.json"
    accounts = [row for account in "abc" for row in months(1, 6, account, saved=200)]
    assert settle(accounts, "--closing", str(june)).exit_code == 0
    before = write([*months(7, 12, "a", saved=200), *months(7, 12, "b", saved=200)], tmp_path / "before.csv")
    options = ("--opening", str(june), "--restates", str(before), "--json")
    message = told(settle(months(7, 12, "a", saved=250), *options))
    assert "account 'b' was settled before and has no rows now" in message
    now = [*months(7, 12, "a", saved=250), *months(7, 12, "b", saved=200)]
    found = json.loads(settle(now, *options).stdout)["accounts"]
    assert [(each["account"], each["to_settle"]) for each in found] == [("a", 150.0), ("b", 0.0), ("c", 0.0)]


def test_what_is_lost_at_the_end_is_remembered_no_further() -> None:
    """A pain of 1,200 a year, shared by half: 600 wait after the first year; with the second the contract ends."""
    carry = "      - carry: { what: all pain, expires: after 2 settlements, at_end: lost }\n"
    offer = gainsim.load_text(
        FACTS.replace("below 0: 0%", "below 0: 50%").replace("      - limit_payment", f"{carry}      - limit_payment")
    )
    for last, waiting in ((12, -600.0), (24, 0.0)):
        (account,) = gainsim.settle(offer, pd.DataFrame(months(1, last, saved=-100))).closing["accounts"]
        assert sorted(kept for name, kept in account["memory"].items() if "carried" in name) == [waiting, 0.0]


def test_a_frame_with_gaps_is_refused() -> None:
    offer = gainsim.load_text(FACTS)
    frame = pd.DataFrame(months(1, 2, saved=200))
    with pytest.raises(gainsim.DataError, match="row 3, column saved: nothing is written here"):
        gainsim.settle(offer, frame.assign(saved=[1.0, np.nan]))
    with pytest.raises(gainsim.DataError, match="row 2, column saved: 'inf' is not a number"):
        gainsim.settle(offer, frame.assign(saved=[np.inf, 1.0]))
    with pytest.raises(gainsim.DataError, match="row 3, column saved: 'True' is not a number"):
        gainsim.settle(offer, frame.assign(saved=["12", True]))
    with pytest.raises(gainsim.DataError, match="there are no rows"):
        gainsim.settle(offer, frame.iloc[:0])
