"""Who may approve an offer, and what the house's rules recommend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from gainsim.judging import Judgement, judge
from gainsim.measures import Estimate
from gainsim.measuring import Measured, Measures
from gainsim.offer.approval import ApprovalLevel
from gainsim.spelling import listed
from gainsim.titles import title
from gainsim.words import figure


@dataclass(frozen=True)
class Approval:
    """The first level all of whose rules hold; else the last, which has none.

    asked: each level that was asked, with its rules held against the run; the last of them is the one that may approve
    """

    asked: tuple[tuple[str, tuple[Judgement, ...]], ...]

    @property
    def level(self) -> str:
        """Who may approve it."""
        return self.asked[-1][0]

    @property
    def in_the_way(self) -> tuple[Judgement, ...]:
        """The rules of lower levels that do not hold, or cannot be judged."""
        return tuple(judged for _, rules in self.asked[:-1] for judged in rules if not judged.kept)

    @property
    def sure(self) -> bool:
        """Whether chance may not have moved the level: its rules hold for sure, and each lower level has one broken for sure."""
        held = all(judged.sure for judged in self.asked[-1][1])
        return held and all(any(not judged.kept and judged.sure for judged in rules) for _, rules in self.asked[:-1])


def approval(levels: Sequence[ApprovalLevel], measures: Measures) -> Approval | None:
    """Ask the levels one after the other; None where the file names none."""
    asked: list[tuple[str, tuple[Judgement, ...]]] = []
    for each in levels:
        rules = tuple(judge(name, rule, measures) for name, rule in each.when.items())
        asked.append((each.level, rules))
        if all(judged.kept for judged in rules):
            break
    return Approval(tuple(asked)) if asked else None


Recommended = Literal["approve", "do not approve", "not known", "no rules"]


@dataclass(frozen=True)
class Refusal:
    """Why the customer does not sign.

    asked:     what it asks for and does not get
    worse_off: by how much, on average; None where it is not
    """

    asked: tuple[Judgement, ...]
    worse_off: Estimate | None

    def __str__(self) -> str:
        why = [
            f"it asks for {each.name.removeprefix('customer_').replace('_', ' ')} {each.rule} and has {each.measured.in_short}"
            for each in self.asked
        ]
        if self.worse_off is not None:
            why.append(f"on average it is worse off by {figure(self.worse_off.value, self.worse_off.unit)}")
        return "; ".join(why)


def refusal(accepts: Sequence[Judgement], benefit: Measured) -> Refusal | None:
    """Why the customer does not sign; None where nothing keeps it from that.

    benefit: its mean net benefit
    """
    asked = tuple(each for each in accepts if each.verdict == "broken")
    found = benefit.estimate
    worse_off = replace(found, value=-found.value) if found is not None and found.value < 0.0 else None
    return Refusal(asked, worse_off) if asked or worse_off is not None else None


def refusal_json(found: Refusal | None) -> dict[str, Any] | None:
    """Why the customer does not sign, as plain data."""
    if found is None:
        return None
    asked = [
        {"measure": each.name, "rule": each.rule, "value": each.measured.estimate and each.measured.estimate.value}
        for each in found.asked
    ]
    return {"asked": asked, "worse_off": found.worse_off and found.worse_off.value}


def recommended(
    limits: Sequence[Judgement], found: Approval | None, refused: Refusal | None = None
) -> tuple[Recommended, str]:
    """What the rules of the house recommend, and the same in a sentence.

    A broken limit speaks against the offer whoever might approve it; one that cannot be judged leaves it open. Why the customer
    does not sign (`refused`) is told with it, and changes nothing of who may approve.
    """
    verdict, said, doubt = _recommended(limits, found)
    but = f"{', but the' if verdict == 'approve' else '. The'} customer does not sign: {refused}."
    return verdict, f"{said}{'.' if refused is None else but}{doubt}"


def _recommended(limits: Sequence[Judgement], found: Approval | None) -> tuple[Recommended, str, str]:
    """What is recommended, the same in a sentence without its end, and a sentence on the doubt that stands behind it."""
    broken = [title(limit.name) for limit in limits if limit.verdict == "broken"]
    unknown = [title(limit.name) for limit in limits if limit.verdict == "open"]
    if broken:
        return "do not approve", f"Do not approve as it stands: it breaks the house's {_limits_of(broken)}", ""
    if unknown:
        return "not known", f"No recommendation: the house's {_limits_of(unknown)} cannot be judged", ""
    if not limits and found is None:
        return "no rules", "No recommendation: the file states neither limits of the house nor levels of approval", ""
    kept = "it keeps the house's limits" if limits else "the house states no limits"
    unsure = any(not limit.sure for limit in limits) or (found is not None and not found.sure)
    doubt = " Chance may yet tip this over: more paths tell." if unsure else ""
    level = "" if found is None else f", as {found.level} may"
    return "approve", f"Approve{level}: {kept}", doubt


def _limits_of(names: Sequence[str]) -> str:
    return f"limit of {names[0]}" if len(names) == 1 else f"limits of {listed(names)}"


def approval_json(found: Approval | None) -> dict[str, Any] | None:
    """Who may approve it, and which rules of lower levels are in the way, as plain data."""
    if found is None:
        return None
    return {
        "level": found.level,
        "sure": found.sure,
        "in_the_way": [{"level": level, "measure": judged.name, "rule": judged.rule} for level, rules in found.asked[:-1]
                       for judged in rules if not judged.kept],
    }  # fmt: skip
