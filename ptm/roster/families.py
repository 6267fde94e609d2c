"""Which rows of a list are one family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ptm.roster.records import RosterRow


@dataclass
class Family:
    """Children who share a number, and their numbers in the order in which they are tried."""

    rows: list[RosterRow]
    numbers: list[str] = field(repr=False)

    @property
    def language(self) -> str:
        """Return the language that the list gives first, or nothing."""
        return next((row.language for row in self.rows if row.language), "")


def group_families(rows: Iterable[RosterRow]) -> list[Family]:
    """Put children together whose first number is the same, or who each name the other's first number as alternate.

    An alternate number alone joins nobody: it may be a neighbour's, and a neighbour must not hear about the child.
    """
    by_main: dict[str, Family] = {}
    for row in rows:
        if row.msisdn is not None:
            by_main.setdefault(row.msisdn, Family([], [row.msisdn])).rows.append(row)
    families = _join_mutual(by_main)
    _share_out_alternates(families)
    return families


def _join_mutual(by_main: dict[str, Family]) -> list[Family]:
    named = {
        main: {other for row in family.rows for other in row.alternate_msisdns} for main, family in by_main.items()
    }
    joined: dict[str, Family] = {}
    for main, family in by_main.items():
        if main in joined:
            continue
        joined[main] = family
        for other in sorted(named[main]):
            if other not in joined and main in named.get(other, ()):
                family.rows += by_main[other].rows
                family.numbers.append(other)
                joined[other] = family
    return list({id(family): family for family in joined.values()}.values())


def _share_out_alternates(families: list[Family]) -> None:
    """Give each alternate number to the first family that names it, never one that is another family's first."""
    taken = {number for family in families for number in family.numbers}
    for family in families:
        for row in family.rows:
            for number in row.alternate_msisdns:
                if number not in taken:
                    taken.add(number)
                    family.numbers.append(number)
