"""Draws the recorded runs of the speed benchmark: `python -m benchmarks.history` → history/speed.svg and .png."""

from __future__ import annotations

from pathlib import Path

from benchmarks.record import HISTORY, TARGETS, Record, past

DRAWN = {
    "ratio_one_thread": "whole-array script / gainsim, one thread",
    "ratio_blocked_script": "blocked script / gainsim, one thread",
    "ratio_hand_written": "gainsim / hand-written loop, one thread",
    "scaling": "gainsim's speed-up / the hand-written loop's",
}


def draw(records: list[Record], folder: Path) -> list[Path]:
    """One panel a ratio over the runs, its target as a line; gives the files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(2, 2, figsize=(9, 6), layout="constrained")
    labels = [f"{record['date'][:10]}\n{record['commit'].split()[0]}" for record in records]
    for panel, (key, title) in zip(panels.flat, DRAWN.items(), strict=True):
        sign, target = TARGETS[key]
        found = [record[key] for record in records]  # none where a run did not take it
        panel.plot(range(len(records)), found, marker="o", color="#1f4e79")
        panel.axhline(target, color="#b5541c", linestyle="--", linewidth=1, label=f"target {sign} {target:g}")
        panel.set_title(title, fontsize=9)
        panel.set_xticks(range(len(records)), labels, fontsize=7)
        panel.set_ylim(0, 1.15 * max(target, *(value for value in found if value is not None)))
        panel.legend(fontsize=8)
    figure.suptitle("Speed on the reference deal, run by run")
    files = [folder / "speed.svg", folder / "speed.png"]
    for file in files:
        figure.savefig(file, dpi=120)
    plt.close(figure)
    return files


def main() -> None:
    records = past("speed")
    if not records:
        raise SystemExit("no run is recorded yet: python -m benchmarks.speed")
    for file in draw(records, HISTORY):
        print(file)


if __name__ == "__main__":
    main()
