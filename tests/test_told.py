"""Tables in the terminal: their heads are folded, and no line is wider than a page."""

from __future__ import annotations

from gainsim.text.told import WIDEST, table_within

LONG = "of all that the customer pays in its worst futures, EUR"


def test_a_head_that_has_room_stays_on_its_line() -> None:
    assert table_within(("", LONG, ""), [("fee", "1,200", "± 30")]).splitlines()[0].strip() == LONG


def test_heads_are_folded_no_more_than_it_takes() -> None:
    lines = table_within(("", LONG, "", "mean, EUR", ""), [("a fee that is paid " * 4, "1,200", "± 30", "7", "")]).splitlines()
    assert max(map(len, lines)) <= WIDEST
    assert [line.split("  ")[0] for line in map(str.strip, lines[:3])] == [
        "of all that the customer", "pays in its worst", "futures, EUR",
    ]  # fmt: skip


def test_what_has_no_room_goes_on_below_with_its_doubt_beside_it() -> None:
    head, row = ["driver"], ["demand"]
    for number in range(9):
        head += [f"target {number}", ""]
        row += [f"{number},000,000", f"± {number}0,000"]
    lines = table_within(head, [row]).splitlines()
    assert max(map(len, lines)) <= WIDEST
    assert [line.split()[0] for line in lines if line.startswith("demand")] == ["demand"] * 2
    told = " ".join(line for line in lines if line.startswith("demand"))
    assert all(f"{number},000,000  ± {number}0,000" in told for number in range(9))
