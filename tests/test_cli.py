"""The command line as its users meet it: exit codes, what goes to stdout and what to stderr, and what is imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "compressed_air.yaml"
#: an offer without operations
PLAIN = ROOT / "scenarios" / "wind_service.yaml"
RUN = ("run", str(SCENARIO), "--paths", "50")

Done = subprocess.CompletedProcess[str]


def gainsim(*arguments: str, folder: Path, environment: dict[str, str] | None = None) -> Done:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gainsim", *arguments],
        cwd=folder, env=_environment(environment), capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _environment(more: dict[str, str] | None = None) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8", **(more or {})}


def ends(done: Done, code: int) -> Done:
    """The exit code, and never a traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, f"ends with {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    return done


# --- what each command does ------------------------------------------------------------------------------------------


def test_new_writes_an_offer_that_checks_and_runs(tmp_path: Path) -> None:
    done = ends(gainsim("new", folder=tmp_path), 0)
    assert done.stdout == ""
    assert "Wrote offer.yaml" in done.stderr
    checked = ends(gainsim("check", "offer.yaml", folder=tmp_path), 0)
    assert checked.stdout.startswith("offer.yaml is in order: ")
    ran = ends(gainsim("run", "offer.yaml", "--paths", "200", folder=tmp_path), 0)
    assert ran.stdout.startswith("My offer\n200 futures, seed 1, run ")
    assert (tmp_path / "reports" / "offer" / "report.html").is_file()
    assert "report.html" in ran.stderr


def test_new_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "offer.yaml").write_text("mine")
    done = ends(gainsim("new", folder=tmp_path), 2)
    assert "exists already" in done.stderr
    assert (tmp_path / "offer.yaml").read_text() == "mine"


def test_check_tells_every_problem_at_once(tmp_path: Path) -> None:
    text = SCENARIO.read_text(encoding="utf-8").replace("currency: EUR", "currency: EURO").replace("8% pa", "8", 1)
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    done = ends(gainsim("check", "wrong.yaml", folder=tmp_path), 3)
    assert done.stdout == ""
    assert "wrong.yaml has 2 problems" in done.stderr
    assert "currency" in done.stderr
    assert "money.discount_rate" in done.stderr


def test_check_as_json(tmp_path: Path) -> None:
    found = json.loads(ends(gainsim("check", str(SCENARIO), "--json", folder=tmp_path), 0).stdout)
    assert set(found) == {"schema", "scenario", "problems", "notes"}
    assert found["schema"] == "gainsim/check/1"
    assert found["problems"] == []


def test_check_as_json_tells_the_problems(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(
        SCENARIO.read_text(encoding="utf-8").replace("currency: EUR", "currency: EURO")
    )
    done = ends(gainsim("check", "wrong.yaml", "--json", folder=tmp_path), 3)
    found = json.loads(done.stdout)
    assert done.stderr == ""
    assert (found["schema"], found["scenario"]) == ("gainsim/check/1", None)
    (problem,) = found["problems"]
    assert (problem["file"], problem["line"], problem["column"], problem["key"]) == ("wrong.yaml", 16, 11, "currency")
    assert "EURO" in problem["message"]


def test_run_prints_the_memo_on_stdout_and_says_where_the_report_is_on_stderr(tmp_path: Path) -> None:
    done = ends(gainsim(*RUN, "--out", "here", folder=tmp_path), 0)
    assert done.stdout.startswith("Compressed air as a service, one plant\n50 futures, seed 2027, run ")
    assert "Expected NPV" in done.stdout
    assert "Report" not in done.stdout
    (said,) = done.stderr.splitlines()
    assert said.startswith("Report: ")
    assert said.endswith(str(Path("here") / "report.html"))
    written = {path.name for path in (tmp_path / "here").iterdir()}
    assert {"report.html", "result.json", "scenario.yaml"} <= written
    assert not [path for path in tmp_path.iterdir() if path.name != "here"], "nothing else is left behind"


def test_run_as_json_prints_one_object_and_nothing_else(tmp_path: Path) -> None:
    done = ends(gainsim(*RUN, "--json", "--no-report", folder=tmp_path), 0)
    found = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert {"schema", "scenario", "seed", "paths", "run_id", "measures", "base_case", "limits", "checks"} <= set(found)
    assert (found["schema"], found["seed"], found["paths"]) == ("gainsim/run/1", 2027, 50)
    for name, measure in found["measures"].items():
        assert {"value", "standard_error", "unit"} <= set(measure), name
    assert set(found["limits"]) == {"chance_of_loss", "cvar_95", "expected_margin"}
    assert not (tmp_path / "reports").exists()


def test_the_json_of_a_run_is_that_of_its_report(tmp_path: Path) -> None:
    done = ends(gainsim(*RUN, "--json", "--out", "here", folder=tmp_path), 0)
    assert json.loads(done.stdout) == json.loads((tmp_path / "here" / "result.json").read_text(encoding="utf-8"))


def test_threads_change_nothing(tmp_path: Path) -> None:
    one, two = (
        ends(
            gainsim("run", str(SCENARIO), "--paths", "3000", "--json", "--no-report", "--threads", n, folder=tmp_path),
            0,
        ).stdout
        for n in ("1", "2")
    )
    assert one == two


def test_seed_and_set_change_the_run(tmp_path: Path) -> None:
    def npv(*more: str) -> float:
        done = ends(gainsim(*RUN, "--json", "--no-report", *more, folder=tmp_path), 0)
        return float(json.loads(done.stdout)["measures"]["npv"]["value"])

    written = npv()
    assert npv("--seed", "2027") == written
    assert npv("--seed", "1") != written
    assert npv("--set", "money.discount_rate=20% pa") < written
    assert npv("--set", "costs.bid.amount=0 EUR", "--set", "contract.base_fee.amount=40_000 EUR per month") > written


def test_quiet_says_nothing(tmp_path: Path) -> None:
    done = ends(gainsim(*RUN, "--quiet", "--out", "here", folder=tmp_path), 0)
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "here" / "report.html").is_file()


def test_the_base_case_prints_the_yearly_profit_and_loss(tmp_path: Path) -> None:
    done = ends(gainsim("run", str(SCENARIO), "--base-case", folder=tmp_path), 0)
    assert "whole life" in done.stdout
    assert not (tmp_path / "reports").exists()
    found = json.loads(ends(gainsim("run", str(SCENARIO), "--base-case", "--json", folder=tmp_path), 0).stdout)
    assert found["schema"] == "gainsim/base-case/1"
    assert len(found["years"]) == 7
    assert sum(found["lines"]["upkeep"]) == pytest.approx(-84 * 3_300.0)


def test_explain_settles_one_path_and_one_period(tmp_path: Path) -> None:
    whole = ends(gainsim("explain", str(SCENARIO), "--path", "7", folder=tmp_path), 0).stdout
    one = ends(gainsim("explain", str(SCENARIO), "--path", "7", "--period", "24", folder=tmp_path), 0).stdout
    assert "2028-12 (period 24)" in one
    assert one.count("(period ") == 1
    assert gainsim("explain", str(SCENARIO), "--path", "7", "--period", "2028-12", folder=tmp_path).stdout == one
    assert whole.count("(period ") == 84
    # columns are as wide as the page needs: compare the words
    assert " ".join(one.split("(period 24)")[1].replace("-", "").split()) in " ".join(whole.replace("-", "").split())


def test_explain_as_json_adds_up(tmp_path: Path) -> None:
    done = ends(gainsim("explain", str(SCENARIO), "--path", "7", "--json", folder=tmp_path), 0)
    found = json.loads(done.stdout)
    assert (found["schema"], found["path"], found["seed"]) == ("gainsim/statement/1", 7, 2027)
    assert {"period", "line", "role", "amount", "window", "due", "paid", "payee", "payer", "currency"} == set(
        found["lines"][0]
    )
    fees = [line["amount"] for line in found["lines"] if line["line"] == "base_fee.amount"]
    assert fees == [34_000.0] * 84


def test_explain_the_mean_clause_by_clause(tmp_path: Path) -> None:
    done = ends(gainsim("explain", str(SCENARIO), "--paths", "100", folder=tmp_path), 0)
    assert "worst 5%" in done.stdout
    assert "= net present value" in done.stdout
    found = json.loads(ends(gainsim("explain", str(SCENARIO), "--paths", "100", "--json", folder=tmp_path), 0).stdout)
    assert found["schema"] == "gainsim/explain/1"
    parts = [c["npv"] for c in found["clauses"].values() if c["role"] in ("payment", "cost", "cash")]
    assert sum(parts) == pytest.approx(found["measures"]["npv"]["value"])


def test_schema_prints_a_json_schema(tmp_path: Path) -> None:
    found = json.loads(ends(gainsim("schema", folder=tmp_path), 0).stdout)
    assert found["$schema"].startswith("https://json-schema.org/")
    assert {"required": ["contract"]} in found["anyOf"] and "calendar" in found["required"]


# --- endings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run",), 2, "Missing argument"),
        (("nothing",), 2, "No such command"),
        (("run", str(SCENARIO), "--paths", "0"), 2, "--paths"),
        (("run", str(SCENARIO), "--paths", "many"), 2, "--paths"),
        (("run", str(SCENARIO), "--paths", "1e4"), 2, "--paths is a whole number from 1 to 100,000,000; 1e4 is not."),
        (("run", str(SCENARIO), "--paths", "99999999999999999999"), 2, "--paths is a whole number from 1 to 100,000,000"),
        (("explain", str(SCENARIO), "--path", "99999999999999999999999"), 2, "--path is a whole number from 0 to "),
        (("explain", str(SCENARIO), "--path", "1", "--paths", "5"), 2, "--paths would do nothing"),
        (("run", str(SCENARIO), "--base-case", "--out", "x", "--seed", "3"), 2, "--seed and --out would do nothing"),
        (("run", str(SCENARIO), "--no-report", "--out", "x"), 2, "--out would do nothing"),
        (("run", str(SCENARIO), "--set", "contract.base_fee.amuont=3"), 2, "no such key"),
        (("run", str(SCENARIO), "--seed", "-1"), 2, "--seed"),
        (("run", str(SCENARIO), "--set", "no.such.key=1"), 2, "the file has no 'no'"),
        (("run", str(SCENARIO), "--set", "money.discount_rate"), 2, "key=value"),
        (("explain", str(SCENARIO), "--period", "3"), 2, "--path"),
        (("explain", str(SCENARIO), "--path", "0", "--period", "85"), 2, "has 84 of them, 2027-01 to 2033-12"),
        (("new", "no/such/folder/offer.yaml"), 2, "cannot be written"),
        (("run", "missing.yaml"), 3, "no such file"),
        (("check", "."), 3, "folder"),
        (("run", str(SCENARIO), "--set", "money.discount_rate=8"), 2, "--set money.discount_rate=8: '8' is not a rate"),
        (("run", str(SCENARIO), "--set", "value.energy_saved=1 / 0 * baseline_cost"), 2, "--set value.energy_saved=1 / 0"),
        (("run", str(SCENARIO), "--set", "value.energy_saved=sqrt(0.24 - energy_saving) * baseline_cost"), 4, "path"),
        ((*RUN, "--no-report", "--set", "limits.expected_margin.at_least=99%"), 5, "expected_margin"),
    ],
    ids=lambda value: " ".join(value).replace(str(SCENARIO), "SCENARIO") if isinstance(value, tuple) else None,
)  # fmt: skip
def test_every_kind_of_ending_has_its_exit_code(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = ends(gainsim(*arguments, folder=tmp_path), code)
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_offer_that_breaks_a_limit_is_reported_in_full(tmp_path: Path) -> None:
    done = ends(gainsim(*RUN, "--set", "limits.expected_margin.at_least=99%", "--out", "here", folder=tmp_path), 5)
    assert "BROKEN" in done.stdout
    assert "House limit broken: expected_margin." in done.stderr
    assert (tmp_path / "here" / "report.html").is_file()


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="the permissions of POSIX")
def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = gainsim(*RUN, "--out", "file/report", folder=tmp_path)
    assert done.returncode in (2, 6)
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    done = gainsim(*RUN, "--out", "mine", folder=tmp_path)
    assert done.returncode in (2, 6)
    assert "Traceback" not in done.stderr
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupted_run_ends_with_130_and_writes_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gainsim", "run", str(SCENARIO), "--paths", "2000000", "--out", "here"],
        cwd=tmp_path, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        _wait_until_it_simulates(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in err
    assert out == ""
    assert not list(tmp_path.iterdir())


def _wait_until_it_simulates(process: subprocess.Popen[str]) -> None:
    """Until it has used more processor time than loading and compiling take; two seconds where that is not known."""
    deadline = time.monotonic() + 20.0
    stat = Path(f"/proc/{process.pid}/stat")
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
        if not stat.exists():
            time.sleep(2.0)
            return
        fields = stat.read_text().rsplit(")", 1)[1].split()
        if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 3.0:
            return


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m gainsim explain "{SCENARIO}" --path 1 | head -1'
    command = f"({command.replace(' | ', '; echo $? >code) | ')}"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=_environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert (tmp_path / "code").read_text() == "0\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
def test_closed_output_is_no_error(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m gainsim check "{SCENARIO}" >&-'
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=_environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="the home of POSIX")
def test_a_home_that_cannot_be_written_is_not_spoken_of(tmp_path: Path) -> None:
    environment = {"HOME": "/dev/null", "XDG_CONFIG_HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null"}
    done = ends(gainsim(*RUN, "--out", "here", folder=tmp_path, environment=environment), 0)
    assert done.stderr.splitlines() == [f"Report: {tmp_path.resolve() / 'here' / 'report.html'}"]


# --- where reports go, and what was changed --------------------------------------------------------------------------


def test_a_saved_scenario_gives_the_saved_result_by_itself(tmp_path: Path) -> None:
    changed = ("--set", "costs.bid.amount=90_000 EUR", "--seed", "5")
    first = ends(gainsim(*RUN, *changed, "--out", "first", folder=tmp_path), 0)
    ends(gainsim("run", "first/scenario.yaml", "--out", "again", folder=tmp_path), 0)
    one, two = (json.loads((tmp_path / name / "result.json").read_text()) for name in ("first", "again"))
    assert [(c["asked"], c["key"]) for c in one["changes"]] == [
        ("--set costs.bid.amount=90_000 EUR", "costs.bid.amount"), ("--paths 50", "run.paths"), ("--seed 5", "run.seed")
    ]  # fmt: skip
    assert two["changes"] == []
    assert {**one, "changes": 0, "file": 0} == {**two, "changes": 0, "file": 0}
    assert "with costs.bid.amount: 90_000 EUR (in the file: 35_000 EUR)\n" in first.stdout
    page = (tmp_path / "first" / "report.html").read_text(encoding="utf-8")
    assert "costs.bid.amount: 90_000 EUR (in the file: 35_000 EUR)" in page


def test_the_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is edited while the paths are simulated is not recorded as if it had been simulated."""
    from gainsim import bridge
    from gainsim.cli.main import cli

    offer = tmp_path / "offer.yaml"
    text = SCENARIO.read_text(encoding="utf-8")
    offer.write_text(text, encoding="utf-8")
    simulate = bridge.simulate_model

    def edited_meanwhile(*arguments: Any, **options: Any) -> bridge.Run:
        offer.write_text("edited", encoding="utf-8")
        return simulate(*arguments, **options)

    monkeypatch.setattr(bridge, "simulate_model", edited_meanwhile)
    monkeypatch.chdir(tmp_path)
    cli.main(["run", "offer.yaml", "--set", "run.paths=50", "--out", "here", "--quiet"], standalone_mode=False)
    saved = (tmp_path / "here" / "scenario.yaml").read_text(encoding="utf-8")
    assert saved.splitlines()[1:3] == text.splitlines()[:2]


def test_no_report_takes_the_place_of_another_files(tmp_path: Path) -> None:
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "offer.yaml").write_text(SCENARIO.read_text(encoding="utf-8"), encoding="utf-8")
    few = ("--paths", "50", "--quiet")
    for _ in range(2):
        ends(gainsim("run", "A/offer.yaml", *few, folder=tmp_path), 0)
    done = ends(gainsim("run", "B/offer.yaml", *few, folder=tmp_path), 2)
    assert "holds the report of A/offer.yaml" in done.stderr
    ends(gainsim("run", "B/offer.yaml", *few, "--out", "reports/offer", folder=tmp_path), 0)
    ends(gainsim("run", "B/offer.yaml", *few, "--set", "money.discount_rate=9% pa", folder=tmp_path), 0)
    own = {path.name for path in (tmp_path / "reports").iterdir()}
    assert len(own) == 2
    assert "offer" in own


def test_the_base_case_judges_the_limits_it_can_answer(tmp_path: Path) -> None:
    done = ends(
        gainsim("run", str(SCENARIO), "--base-case", "--set", "limits.expected_margin.at_least=99%", folder=tmp_path), 5
    )
    assert "House limit broken: expected_margin." in done.stderr
    assert "Only a simulation can judge chance_of_loss, cvar_95" in done.stdout
    quiet = ends(gainsim("run", str(SCENARIO), "--base-case", "--quiet", folder=tmp_path), 0)
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_a_limit_that_cannot_be_judged_is_not_called_broken(tmp_path: Path) -> None:
    done = ends(
        gainsim(
            *RUN, "--no-report", "--set", "costs={}", "--set", "limits={ irr: { at_least: 9% } }", "--set", "approval=",
            folder=tmp_path,
        ),
        5,
    )  # fmt: skip
    assert "The house limit cannot be judged." in done.stdout
    assert "House limit that cannot be judged: irr." in done.stderr
    assert "broken" not in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize("paths", ["1", "2", "19"])
def test_few_paths_make_nothing_sure(paths: str, tmp_path: Path) -> None:
    done = gainsim("run", str(SCENARIO), "--paths", paths, "--no-report", "--json", folder=tmp_path)
    found = json.loads(done.stdout)
    assert not any(limit["sure"] for limit in found["limits"].values())
    assert found["measures"]["cvar_95"]["standard_error"] is None
    assert found["measures"]["npv_p95"]["standard_error"] is None


# --- what each command imports ---------------------------------------------------------------------------------------

_LOOK = """
import sys
from gainsim.cli.main import main
sys.argv = ["gainsim", *{arguments!r}]
try:
    main()
except SystemExit as stop:
    assert stop.code in (0, None), stop.code
print(*(name for name in {watched!r} if name in sys.modules), sep="\\n", file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (("--version",), ("numpy", "pydantic", "yaml", "scipy", "pandas", "matplotlib", "llvmlite", "jinja2")),
        (("--help",), ("numpy", "pydantic", "yaml", "scipy", "pandas", "matplotlib", "llvmlite", "jinja2")),
        (("run", "--help"), ("numpy", "pydantic", "yaml", "scipy", "pandas", "matplotlib", "llvmlite", "jinja2")),
        (("settle", "--help"), ("numpy", "pydantic", "yaml", "scipy", "pandas", "matplotlib", "llvmlite", "jinja2")),
        (("calibrate", "--help"), ("numpy", "pydantic", "yaml", "scipy", "pandas", "matplotlib", "llvmlite", "jinja2")),
        (("check", str(SCENARIO)), ("concurrent.futures", "llvmlite", "scipy", "pandas", "matplotlib", "jinja2")),
        (("explain", str(PLAIN), "--path", "1"), ("llvmlite", "scipy", "pandas", "matplotlib", "jinja2")),
        (("run", str(SCENARIO), "--base-case"), ("llvmlite", "scipy", "pandas", "matplotlib", "jinja2")),
        (("run", str(PLAIN), "--no-report", "--paths", "2000"), ("scipy", "pandas", "matplotlib", "jinja2")),
        (("run", str(SCENARIO), "--paths", "100", "--out", "here"), ("pandas", "matplotlib.pyplot")),
    ],
    ids=lambda value: " ".join(Path(word).name for word in value) if "numpy" not in value else None,
)
def test_a_command_imports_only_what_it_needs(
    arguments: tuple[str, ...], absent: tuple[str, ...], tmp_path: Path
) -> None:
    code = _LOOK.format(arguments=list(arguments), watched=list(absent))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=_environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    imported = [line for line in done.stderr.splitlines() if line in absent]
    assert not imported, f"gainsim {' '.join(arguments)} imports {', '.join(imported)}"


def test_what_a_run_leaves_in_circles_does_not_grow_with_its_paths(tmp_path: Path) -> None:
    """The command line never looks for circles of objects that nothing else holds: it relies on this."""
    code = """
import gc
from gainsim.bridge import simulate_model
from gainsim.scenario.load import load_file
from gainsim.summary import summarise
model = load_file({scenario!r}).model
gc.disable()
for paths in (2_000, 20_000, 40_000):
    summarise(simulate_model(model, paths, 1, threads=1))
    print(gc.collect())
"""
    done = subprocess.run(
        [sys.executable, "-c", code.format(scenario=str(SCENARIO))],
        cwd=tmp_path, env=_environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _, few, many = map(int, done.stdout.split())
    assert many <= few + 100


def test_version_says_the_version(tmp_path: Path) -> None:
    from gainsim import __version__

    assert ends(gainsim("--version", folder=tmp_path), 0).stdout == f"gainsim, version {__version__}\n"
    assert "Simulate gain-share contracts" in ends(gainsim("--help", folder=tmp_path), 0).stdout


def test_output_is_text_whatever_the_terminal_claims(tmp_path: Path) -> None:
    plain = ends(gainsim(*RUN, "--no-report", folder=tmp_path), 0).stdout
    for environment in ({"NO_COLOR": "1"}, {"FORCE_COLOR": "1", "TERM": "xterm-256color"}):
        assert ends(gainsim(*RUN, "--no-report", folder=tmp_path, environment=environment), 0).stdout == plain
    assert "\x1b" not in plain
