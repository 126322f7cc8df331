"""What holds of terms over others, with further parties, and of moments and early ends, whatever the facts."""

from __future__ import annotations

import numpy as np

from tests.terms.clauses import GAIN, KNOWN, LEVEL, SIZE, Clause, Edge, Fact, over

_TOGETHER = ("a", "b", "it")
_BOTH = ("one", "other")

LIMITS = (
    *(
        over(
            "liability_limit", f"{{ term: liability_limit, limits: [a, b], at_most: most, per: {per} }}", {"most": KNOWN},
            watch=_TOGETHER, up=_BOTH, smooth=_BOTH, keeps=per,
            edges=(
                Edge("one", lambda f: -f["most"]),
                Edge("other", lambda f: -np.maximum(f["most"] + np.minimum(f["one"], 0.0), 0.0)),
            ),
        )
        for per in ("year", "life")
    ),
    *(
        over(
            "common_limit", f"{{ term: common_limit, over: [a, b], floor: -low, cap: high, per: {per}, spread: {spread} }}",
            {"low": KNOWN, "high": KNOWN}, watch=_TOGETHER, up=_BOTH, smooth=_BOTH, keeps=per,
            edges=(Edge("one", lambda f: f["high"] - f["other"]), Edge("one", lambda f: -f["low"] - f["other"])),
        )
        for per in ("settlement", "year", "life")
        for spread in ("in order", "in proportion")
    ),
    over(
        "retention",
        "{ term: retention, of: [a, b], share: 25%, at_most: most, at_end: released,"
        " released: [ { part: 50%, when: elapsed >= 12 months } ] }",
        {"most": KNOWN}, watch=_TOGETHER, up=_BOTH, smooth=_BOTH,
        edges=(Edge("one", lambda f: 4 * f["most"] - np.maximum(f["other"], 0.0)), Edge("one", 0.0)),
    ),
    over(
        "clawback", "{ term: clawback, of: a, when: level < 75%, claim: size, within: 2 settlements, @ }",
        {"size": SIZE, "level": LEVEL}, up=("level",), down=("size",), smooth=("one", "size"),
        edges=(Edge("level", 0.75, "above", period=3),),
    ),
)  # fmt: skip

DISPUTES = (
    over(
        "dispute",
        "{ term: dispute, over: a, reading: one, customer_reads: other, tolerance: 10$, raised_by: customer, settled_by: midpoint,"
        " clock: { paid: 90 days } }",
        {}, watch=("a", "it"), up=("other",), keeps="settlement",
        edges=(Edge("one", lambda f: f["other"] + 10.0, "below", jump=5.0),),
    ),
    over(
        "dispute",
        "{ term: dispute, over: a, reading: one, customer_reads: other, expert_reads: found, tolerance: size, raised_by: either,"
        " settled_by: final offer, clock: {} }",
        {"found": GAIN, "size": SIZE}, watch=("a", "it"), up=("found",), keeps="settlement",
    ),
)  # fmt: skip

TIMES = (
    Clause(
        "milestone",
        "it: { term: milestone, amount: gain, reached: level >= 75%, due: 9 months,"
        " early: { amount: 2$, per: month, begun: in part },"
        " late: { amount: 3$, per: month, begun: in part, at_most: 20$ } }",
        {"gain": GAIN, "level": LEVEL}, up=("gain",), smooth=("gain",),
        edges=(Edge("level", 0.75, "above", jump=lambda f: np.abs(f["gain"] + 12.0)),),  # reached at 3 months, 6 early
    ),
    *(
        Clause(
            "delay_damages",
            f"it: {{ term: delay_damages, due: 4.5 months, reached: took, grace: {{ time: 3 months, then: {then} }}, @,"
            " rate: { amount: 2$, per: month, begun: in part, at_most: 20$ } }",
            {"took": Fact("month", 0, 30, once=True)}, smooth=smooth, slope=2.0,
            edges=(Edge("took", 4.5), Edge("took", 7.5, side, jump), Edge("took", 17.5)),
        )
        for then, smooth, side, jump in (("excess", ("took",), "both", 0.0), ("from_first", (), "below", 6.0))
    ),
    Clause(
        "termination",
        "fee: { term: fee, amount: rate, @ }\nit: { term: termination, when: level < 25%, notice: 3 months, payment: gain }",
        {"rate": GAIN, "gain": GAIN, "level": LEVEL}, watch=("fee", "it"), up=("rate", "gain"), smooth=("rate", "gain"),
        edges=(Edge("level", 0.25, "above"),),
    ),
    Clause(
        "step_in", "it: { term: step_in, when: level < 25%, lasts: 6 months, charge: size }", {"level": LEVEL, "size": SIZE},
        down=("size",), smooth=("size",), edges=(Edge("level", 0.25, "above"),),
    ),
)  # fmt: skip

PARTIES = (
    over(
        "subcontract",
        "{ term: subcontract, party: crew, of: [a, b], share: 50%, share_of_pain: 25%, @, gets: { at_most: gets, per: year },"
        " pays: { at_most: pays, per: year } }",
        {"gets": SIZE, "pays": SIZE}, down=_BOTH, smooth=_BOTH, keeps="year",
        edges=(Edge("one", lambda f: 2 * f["gets"] - f["other"]), Edge("one", lambda f: -4 * f["pays"] - f["other"])),
    ),
    *(
        over(
            "insurance",
            f"{{ term: insurance, party: insurer, covers: [a, b], premium: 4$ per year, per: {per}, @,"
            " deductible: bear, share: 50%, limit: most }",
            {"bear": SIZE, "most": SIZE}, down=_BOTH, smooth=_BOTH, keeps=per,
            edges=(Edge("one", lambda f: -f["bear"]), Edge("one", lambda f: -f["bear"] - 2 * f["most"])),
        )
        for per in ("settlement", "year", "life")
    ),
    over(
        "alliance_split", "{ term: alliance_split, of: [a, b], parts: { crew: 25%, insurer: 50% }, @ }", {},
        down=_BOTH, smooth=_BOTH, keeps="settlement",
    ),
)  # fmt: skip

OVER_OTHERS = (*LIMITS, *DISPUTES, *TIMES, *PARTIES)
