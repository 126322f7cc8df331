"""What holds of fees, payments and subscriptions, of volumes and of service levels, whatever the facts."""

from __future__ import annotations

import numpy as np

from tests.terms.clauses import GAIN, KNOWN, LEVEL, PRICE, SIZE, VOLUME, Clause, Edge, Fact, over

FEES = (
    *(
        Clause(
            "fee", f"it: {{ term: fee, amount: rate, {how} @ }}", {"rate": GAIN}, up=("rate",), smooth=("rate",),
            slope=1.25, keeps="settlement",
        )
        for how in ("", "escalated: { by: 25%, every: year, compounding: compound },")
    ),
    Clause(
        "fee",
        "it: { term: fee, amount: rate, @, indexed: { by: 'wage / wage[base]', base: 2027-01, every: year,"
        " cap: { at: 25%, per: reset, excess: lost }, floor: { at: 25%, per: reset, excess: lost } } }",
        {"rate": GAIN, "wage": Fact("index", 1, 3, 16)}, up=("rate",), smooth=("rate", "wage"), slope=100.0,
    ),
    Clause(
        "payment", "it: { term: payment, amount: gain, when: level > 75%, @ }", {"gain": GAIN, "level": LEVEL}, up=("gain",),
        smooth=("gain",), keeps="settlement", edges=(Edge("level", 0.75, "below", jump=lambda f: np.abs(f["gain"])),),
    ),
    Clause(
        "payment", "it: { term: payment, amount: gain, when: level >= 75%, once_per: year, @ }", {"gain": GAIN, "level": LEVEL},
        up=("gain",), smooth=("gain",), keeps="year", edges=(Edge("level", 0.75, "above", jump=lambda f: np.abs(f["gain"])),),
    ),
    Clause(
        "payment", "it: { term: payment, amount: size * scale(level), @ }", {"size": SIZE, "level": LEVEL}, up=("size", "level"),
        smooth=("size",), keeps="settlement", tables="{ scale: { whole: { below 25%: 0%, up to 50%: 50%, above: 75% } } }",
        edges=(
            Edge("level", 0.25, "above", jump=lambda f: 0.5 * f["size"]),
            Edge("level", 0.5, "below", jump=lambda f: 0.25 * f["size"]),
        ),
    ),
    Clause(
        "fee_at_risk", "it: { term: fee_at_risk, of: size, part: 50%, earned: 'clip(2 * level - 50%, 0, 1)', @ }",
        {"size": SIZE, "level": LEVEL}, up=("level",), down=("size",), smooth=("size", "level"), slope=40.0, keeps="settlement",
        edges=(Edge("level", 0.25), Edge("level", 0.75)),
    ),
    *(
        over(
            "minimum_revenue", f"{{ term: minimum_revenue, of: [a, b], at_least: least, per: {per}, @ }}", {"least": least},
            watch=("a", "b", "it"), up=("one", "other"), smooth=("one", "other"), keeps=per,
            edges=(Edge("one", lambda f, part=part: part * f["least"] - f["other"]),),
        )
        for per, least, part in (("settlement", SIZE, 1.0), ("year", KNOWN, 0.25), ("life", KNOWN, 0.125))
    ),
    over(
        "fee_credit", "{ term: fee_credit, of: [a], part: 50%, against: [b], @ }", {}, down=("one", "other"),
        smooth=("one", "other"), edges=(Edge("other", lambda f: np.maximum(0.5 * f["one"], 0.0)), Edge("other", 0.0)),
    ),
    Clause(
        "subscription",
        "it: { term: subscription, structure: staged, seats: 12 seat from year 2 else 8 seat, price: 2$/seat/month,"
        " adopted: wanted, @ }",
        {"wanted": Fact("seat", 0, 16)}, up=("wanted",), smooth=("wanted",), slope=6.0,
        edges=(Edge("wanted", 8.0), Edge("wanted", 12.0)),
    ),
)  # fmt: skip

SERVICE = (
    Clause(
        "service_credits",
        "it: { term: service_credits, level: level, of: size, credits: { below 75%: 25%, at or below 50%: 75% }, @ }",
        {"level": LEVEL, "size": SIZE}, up=("level",), down=("size",), smooth=("size",), keeps="settlement",
        edges=(
            Edge("level", 0.75, "above", jump=lambda f: 0.25 * f["size"]),
            Edge("level", 0.5, "below", jump=lambda f: 0.5 * f["size"]),
        ),
    ),
    Clause(
        "service_credits",
        "it: { term: service_credits, level: level, of: size, credits: { at or above 50%: 25%, above 75%: 75% }, @ }",
        {"level": LEVEL, "size": SIZE}, down=("level", "size"), smooth=("size",), keeps="settlement",
        edges=(
            Edge("level", 0.5, "above", jump=lambda f: 0.25 * f["size"]),
            Edge("level", 0.75, "below", jump=lambda f: 0.5 * f["size"]),
        ),
    ),
    *(
        Clause(
            "service_credits",
            "it: { term: service_credits, level: level, of: size, credits: { below 75%: 50% },"
            f" pool: {{ at_most: {most}, per: {per} }}, @ }}",
            {"level": LEVEL, "size": SIZE, "most": SIZE}, up=("level",), down=("size",), smooth=("size",), keeps=per,
            edges=(Edge("size", edge),),
        )
        for per, most, edge in (
            ("settlement", "10$", 20.0), ("year", "10% of most", lambda f: 0.8 * f["most"]),
            ("life", "10% of most", lambda f: 1.6 * f["most"]),
        )
    ),
    Clause(
        "service_levels",
        "it: { term: service_levels, of: size, at_risk: 50%, pool: { at_most: 25% of most, per: year }, @, levels: {"
        " x: { level: x, credits: { below 75%: 50%, at or below 50%: 100% },"
        " repeated: { counted: in the year, multiply: { from 2: 2 } } },"
        " y: { level: y, credits: { above 25%: 75% }, critical: { when: above 75%, credit: 4$, pool: inside } } } }",
        {"x": LEVEL, "y": LEVEL, "size": SIZE, "most": SIZE}, up=("x",), down=("y",), smooth=("size",), keeps="year",
        edges=(Edge("x", 0.75, "above"), Edge("x", 0.5, "below"), Edge("y", 0.25, "below"), Edge("y", 0.75, "below")),
    ),
    Clause(
        "service_levels",
        "it: { term: service_levels, of: size, at_risk: 50%, @, levels: { x: { level: x, credits: { below 75%: 100% },"
        " earn_back: { when: at or above 87.5%, over: 2 settlements, otherwise: kept, returns: 50% } } } }",
        {"x": LEVEL, "size": SIZE}, up=("x",), smooth=("size",), edges=(Edge("x", 0.75, "above", jump=lambda f: 0.5 * f["size"]),),
    ),
    Clause(
        "service_points",
        "it: { term: service_points, of: size, counted: in the year, table: part, @, levels: {"
        " x: { level: x, points: { below 75%: 2, below 50%: 4 } }, y: { level: y, points: { at or above 50%: 3 } } } }",
        {"x": LEVEL, "y": LEVEL, "size": SIZE}, up=("x",), down=("y", "size"), smooth=("size",), keeps="year",
        edges=(Edge("x", 0.75, "above"), Edge("x", 0.5, "above"), Edge("y", 0.5, "above")),
        tables="{ part: { whole: { below 2: 0%, below 3: 10%, up to 6: 25%, above: 100% } } }",
    ),
)  # fmt: skip

_MARKET = {"volume": VOLUME, "strike": Fact("EUR/MWh", -2, 8), "market": Fact("EUR/MWh", -8, 16)}
VOLUMES = (
    *(
        Clause(
            "difference_payment",
            f"it: {{ term: difference_payment, volume: volume, strike: strike, reference: market, direction: {direction},"
            f" negative_reference: {negative}, @ }}",
            _MARKET, up=("strike",), smooth=("volume", "strike", *smooth), slope=100.0, keeps="settlement",
            edges=(Edge("market", lambda f: np.where(f["strike"] > 0.0, f["strike"], 16.0)), Edge("market", 0.0, side)),
        )
        for direction in ("both ways", "to supplier", "to customer")
        for negative, side, smooth in (
            ("counts", "both", ("market",)), ("counts as zero", "both", ("market",)), ("nothing is paid", "above", ()),
        )
    ),
    *(
        Clause(
            "volume_charge",
            f"it: {{ term: volume_charge, volume: volume, baseline: 40, deadband: {{ below: low, above: high, then: {then} }},"
            " additional: { up to 60: price, above: 2 * price }, reduced: { down to 20: price, below: 2 * price }, @ }",
            {"volume": VOLUME, "low": Fact("MWh/quarter", 0, 20), "high": Fact("MWh/quarter", 0, 20), "price": PRICE},
            up=("volume",), smooth=smooth, slope=100.0, keeps="settlement",
            edges=(
                Edge("volume", lambda f: 40 + f["high"], above, jump=lambda f, jumps=jumps: jumps * f["high"] * f["price"]),
                Edge("volume", lambda f: 40 - f["low"], below, jump=lambda f, jumps=jumps: jumps * f["low"] * f["price"]),
                Edge("volume", 60.0, above), Edge("volume", 20.0, below),
            ),
        )
        for then, smooth, above, below, jumps in (
            ("excess", ("volume", "price"), "both", "both", 0.0),
            ("from_baseline", ("price",), "below", "above", 1.0),
        )
    ),
    *(
        Clause(
            "take_or_pay",
            "it: { term: take_or_pay, volume: volume, at_least: least, price: price,"
            f" make_up: {{ credit: price, expires: {expires}, at_most: most }}, @ }}",
            {"volume": VOLUME, "least": VOLUME, "price": PRICE, "most": VOLUME}, down=("volume",),
            smooth=("volume", "least", "price", "most"), slope=100.0, edges=(Edge("volume", lambda f: f["least"]),),
        )
        for expires in ("never", "after 2 settlements")
    ),
)  # fmt: skip

CHARGES = (*FEES, *SERVICE, *VOLUMES)
