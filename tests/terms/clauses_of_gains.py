"""What holds of each step of a sharing term, and of a target cost, whatever the gains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.terms.clauses import GAIN, LEVEL, SIZE, Clause, Edge, Fact

HALF = "share: { below 0: 25%, above: 50% }"
WHOLE = "share: { below 0: 100%, above: 100% }"
SPANS = ("settlement", "year", "life")


def sharing(kind: str, steps: str, more: Mapping[str, Fact] | None = None, **holds: Any) -> Clause:
    """A sharing term of these steps; its gain is a fact, and unless said more gain pays more and nothing jumps."""
    text = f"it: {{ term: sharing, of: gain, @, steps: [ {steps} ] }}"
    said = {"up": ("gain",), "smooth": ("gain",), "keeps": "settlement", **holds}
    return Clause(kind, text, {"gain": GAIN, **(more or {})}, **said)


_SIZED = {"size": SIZE}
_BOTH_SIZES = (Edge("gain", lambda f: f["size"]), Edge("gain", lambda f: -f["size"]))
_COLLAR = {"low": SIZE, "high": SIZE}
_BOTH_ENDS = (Edge("gain", lambda f: f["high"]), Edge("gain", lambda f: -f["low"]))

GAINS = (
    sharing(
        "against", f"against: base, {HALF}", {"base": GAIN}, down=("base",), smooth=("gain", "base"),
        edges=(Edge("gain", lambda f: f["base"]),),
    ),
    sharing("threshold", f"threshold: {{ at: size, sides: both, then: excess }}, {HALF}", _SIZED, edges=_BOTH_SIZES),
    sharing(
        "threshold", f"threshold: {{ at: size, sides: both, then: from_first }}, {HALF}", _SIZED, smooth=(),
        edges=(
            Edge("gain", lambda f: f["size"], "above", jump=lambda f: 0.5 * f["size"]),
            Edge("gain", lambda f: -f["size"], "below", jump=lambda f: 0.25 * f["size"]),
        ),
    ),
    sharing(
        "threshold", f"threshold: {{ at: size, sides: gain, then: catch_up, catch_up_share: 75% }}, {HALF}", _SIZED,
        edges=(Edge("gain", lambda f: f["size"]), Edge("gain", lambda f: 3 * f["size"])),
    ),
    sharing("deadband", f"deadband: {{ below: low, above: high }}, {HALF}", _COLLAR, edges=_BOTH_ENDS),
    *(
        sharing(
            "deductible", f"deductible: {{ at: size, per: {per}, sides: both }}, {HALF}", _SIZED, keeps=per, edges=_BOTH_SIZES
        )
        for per in SPANS
    ),
    *(
        sharing(
            "high_water_mark", f"high_water_mark: {{ of: {of}, start: mark }}, {HALF}", {"mark": GAIN}, keeps="life",
            edges=(Edge("gain", lambda f: f["mark"]),),
        )
        for of in ("level", "cumulative gain")
    ),
    *(
        sharing(
            "limit_gain", f"limit_gain: {{ floor: -low, cap: high, per: {per} }}, against: 8$, {HALF}", _COLLAR, keeps=per,
            edges=_BOTH_ENDS,
        )
        for per in SPANS
    ),
    *(
        sharing(
            "limit_payment", f"{WHOLE}, limit_payment: {{ floor: -low, cap: high, per: {per} }}", _COLLAR, keeps=per,
            edges=_BOTH_ENDS,
        )
        for per in SPANS
    ),
    *(
        sharing(
            "quality_gate", steps, {"level": LEVEL},
            edges=(Edge("level", 0.75, "above", jump=lambda f: 0.5 * np.maximum(f["gain"], 0.0)),),
        )
        for gate in ("quality_gate: { when: level >= 75%, sides: gain }",)
        for steps in (f"{gate}, {HALF}", f"{HALF}, {gate}")
    ),
    *(
        sharing(
            "quality_multiplier", steps, {"level": LEVEL}, smooth=("gain", "level"), slope=40.0, edges=(Edge("gain", 0.0),)
        )
        for many in ("quality_multiplier: { by: level, sides: gain }",)
        for steps in (f"{many}, {HALF}", f"{HALF}, {many}")
    ),
    sharing(
        "share", "share: { below 0: 25%, below -low: 75%, up to mid: 50%, up to mid + high: 12.5%, above: 100% }",
        {"low": SIZE, "mid": SIZE, "high": SIZE},
        edges=(
            Edge("gain", 0.0), Edge("gain", lambda f: -f["low"]), Edge("gain", lambda f: f["mid"]),
            Edge("gain", lambda f: f["mid"] + f["high"]),
        ),
    ),
    sharing(
        "share_of_whole", "share_of_whole: { below 0: 50%, up to mid: 25%, below mid + high: 50%, above: 75% }",
        {"mid": SIZE, "high": Fact("EUR/quarter", 1, 40)}, smooth=(),
        edges=(
            Edge("gain", 0.0),
            Edge("gain", lambda f: f["mid"], "below", jump=lambda f: 0.25 * f["mid"]),
            Edge("gain", lambda f: f["mid"] + f["high"], "above", jump=lambda f: 0.25 * (f["mid"] + f["high"])),
        ),
    ),
    *(
        sharing(
            "carry", steps.replace("carry", f"carry: {{ what: {what}, expires: {expires}, at_end: lost, at_most: most }}"),
            {**_COLLAR, "most": SIZE}, keeps="life",
        )
        for what, steps in (
            ("pain beyond the floor", f"{WHOLE}, carry, limit_payment: {{ floor: -low, cap: high, per: settlement }}"),
            ("pain beyond the floor", f"{WHOLE}, limit_payment: {{ floor: -low, cap: high, per: settlement }}, carry"),
            ("gain beyond the cap", f"carry, limit_gain: {{ cap: high, per: settlement }}, {WHOLE}"),
            ("all pain", f"carry, {HALF}"),
            ("all pain", f"{WHOLE}, limit_payment: {{ cap: high, per: settlement }}, carry"),
        )
        for expires in ("never", "after 2 settlements")
    ),
    Clause(
        "target_cost",
        "it: { term: target_cost, actual_cost: cost, target_cost: target, target_profit: profit, supplier_share_under: 25%,"
        " supplier_share_over: 50%, lowest_profit: -8$, highest_profit: 16$, ceiling_price: ceiling, @ }",
        {
            "cost": Fact("EUR/quarter", 0, 80), "target": SIZE, "profit": Fact("EUR/quarter", 0, 8),
            "ceiling": Fact("EUR/quarter", 20, 80),
        },
        up=("cost", "target", "profit", "ceiling"), smooth=("cost", "target", "profit", "ceiling"), keeps="settlement",
        edges=(
            Edge("cost", lambda f: f["target"]),
            Edge("cost", lambda f: f["target"] + 2 * (f["profit"] + 8)),  # from here on the lowest profit
            Edge("cost", lambda f: f["target"] - 4 * (16 - f["profit"])),  # up to here the highest
        ),
    ),
)  # fmt: skip
