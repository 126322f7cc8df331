"""Who may approve an offer as written: levels from the lowest, each with the rules that it may approve by."""

from __future__ import annotations

from collections.abc import Mapping

from gainsim.offer.fields import Clauses, problems_below
from gainsim.offer.limits import HouseLimit


class ApprovalLevel(Clauses):
    """Somebody who may approve offers that keep some rules."""

    level: str
    """Who it is, as `head of sales`."""
    when: dict[str, HouseLimit] = {}
    """The rules that an offer keeps, measure by measure, as under `limits`; the last level has none: it decides on all the rest."""


def read_levels(written: list[ApprovalLevel]) -> list[ApprovalLevel]:
    """Levels in their order. Raises where one of them could never be asked, or none would be left to ask."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    if not written:
        raise ValueError("no level is written here. Write one, as [{ level: head of sales }], or leave approval out.")
    for number, each in enumerate(written):
        last = number == len(written) - 1
        if last and each.when:
            found.append(
                (
                    (number, "when"),
                    "the last level decides on all that no other may. Leave `when` out, or write a level behind it.",
                )
            )
        if not last and not each.when:
            found.append(
                (
                    (number,),
                    f"'{each.level}' may approve everything, and no level behind it is asked. Write `when`, or write it last.",
                )
            )
        easier = next(
            (other.level for other in written[:number] if not last and other.when and _follows(each.when, other.when)),
            "",
        )
        if easier:
            found.append(
                (
                    (number,),
                    f"'{each.level}' is never reached: whatever keeps its rules keeps those of '{easier}', which is asked "
                    "first. Write it first, or ease a rule.",
                )
            )
        if each.level in (other.level for other in written[:number]):
            found.append(((number, "level"), f"'{each.level}' is a level already. Write each once."))
    if found:
        raise problems_below(found)
    return written


def _follows(rules: Mapping[str, HouseLimit], others: Mapping[str, HouseLimit]) -> bool:
    """Whether an offer that keeps some rules keeps all of the others too: they ask for no more, of the same measures."""
    return all(name in rules and _no_easier(rules[name], other) for name, other in others.items())


def _no_easier(rule: HouseLimit, other: HouseLimit) -> bool:
    if (rule.basis, rule.layer) != (other.basis, other.layer):
        return False
    if rule.at_most is not None and other.at_most is not None:
        return rule.at_most <= other.at_most
    return rule.at_least is not None and other.at_least is not None and rule.at_least >= other.at_least
