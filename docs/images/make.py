"""Draw the S-curve that the README shows: python docs/images/make.py."""

from __future__ import annotations

from pathlib import Path

from gainsim.bridge import simulate_model
from gainsim.report.charts import s_curve
from gainsim.report.style import svg
from gainsim.scenario.load import load_file
from gainsim.summary import summarise

HERE = Path(__file__).resolve().parent
SCENARIO = HERE.parent.parent / "scenarios" / "compressed_air.yaml"


def main() -> None:
    """Simulate the compressed-air offer as its file says and write s_curve.svg."""
    loaded = load_file(SCENARIO)
    run = loaded.scenario.run
    summary = summarise(simulate_model(loaded.model, run.paths, run.seed))
    words = "Cumulative distribution of the supplier's net present value, compressed air as a service"
    (HERE / "s_curve.svg").write_text(svg(s_curve(summary), words) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
