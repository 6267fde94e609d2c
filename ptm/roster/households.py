"""Decide which household each family of a list is, and what becomes of its numbers and language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ptm.roster.families import Family
from ptm.roster.known import Known, KnownChild


@dataclass
class Settled:
    """A family with the household that it is, or None for a new one.

    `speaks` tells that the list has all children of the household: then it has the last word on numbers and language.
    A list with some of them only adds, because the other children's class list may say more.
    """

    family: Family
    household_id: int | None
    speaks: bool
    indexes: list[str] = field(repr=False)
    opted_out_at: datetime | None = None


def settle_families(
    families: Iterable[Family], matched: Mapping[int, KnownChild], known: Known, indexes: Mapping[str, str]
) -> list[Settled]:
    """Return each family settled. `matched` gives the known child by the `id()` of its row, `indexes` by number."""
    taken: set[int] = set()
    settled: list[Settled] = []
    by_number_first = sorted(families, key=lambda family: indexes[family.numbers[0]] not in known.numbers)
    for family in by_number_first:
        children = [child for row in family.rows if (child := matched.get(id(row))) is not None]
        own = [indexes[number] for number in family.numbers]
        household_id = _household(own, children, known)
        if household_id in taken:
            household_id = None
        if household_id is not None:
            taken.add(household_id)
        settled.append(
            Settled(
                family, household_id, household_id is None or _has_all(children, household_id, known), own,
                _opt_out(own, children, known) if household_id is None else None,
            )
        )  # fmt: skip
    _keep_what_is_others(settled, known)
    return settled


def _household(own: list[str], children: list[KnownChild], known: Known) -> int | None:
    """Return the household of a family whose first number is `own[0]`."""
    number = known.numbers.get(own[0])
    if number is None:
        # Nobody has the number yet. If the list gives it to all children of one household, they have a new number.
        before = {child.household_id for child in children}
        only = before.pop() if len(before) == 1 else None
        return only if only is not None and _has_all(children, only, known) else None
    if number.position == 0 or _has_all(children, number.household_id, known):
        return number.household_id
    if number.is_listed and known.main_index(number.household_id) in own:
        return number.household_id
    return None


def _has_all(children: list[KnownChild], household_id: int, known: Known) -> bool:
    return known.children_of[household_id] <= {child.id for child in children}


def _opt_out(own: list[str], children: list[KnownChild], known: Known) -> datetime | None:
    """A wish not to be called goes with the number that it was made on, and with the children it was made about."""
    first = known.numbers.get(own[0])
    before = [child.household_id for child in children] + ([first.household_id] if first else [])
    wishes = [known.households[id].opted_out_at for id in before if id is not None]
    return min((wish for wish in wishes if wish is not None), default=None)


def _keep_what_is_others(settled: list[Settled], known: Known) -> None:
    """Leave an alternate number where it is when another household is called on it, or asked not to be."""
    for one in settled:
        one.indexes = [one.indexes[0], *(index for index in one.indexes[1:] if _is_free(index, one, known))]


def _is_free(index: str, one: Settled, known: Known) -> bool:
    number = known.numbers.get(index)
    if number is None or number.household_id == one.household_id:
        return True
    return not number.is_listed and known.households[number.household_id].opted_out_at is None
