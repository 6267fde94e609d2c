"""Write the numbers of households: in the order in which they are tried, each with one household only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from ptm.models import PhoneNumber
from ptm.roster.households import Settled
from ptm.roster.known import LEFT_FROM, Known, KnownNumber
from ptm.sealing import Vault


@dataclass(frozen=True, slots=True)
class Move:
    """A number that is known goes to another position or household."""

    number: KnownNumber
    household_id: int
    position: int

    @property
    def is_left(self) -> bool:
        """Say whether the newest list no longer has it."""
        return self.position >= LEFT_FROM

    @property
    def is_back(self) -> bool:
        """Say whether it may be dialled again: it returns to a list, or another family has it now.

        A number that only changes its position stays retired if the carrier retired it.
        """
        is_new_here = not self.number.is_listed or self.number.household_id != self.household_id
        return is_new_here and not self.is_left


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """What is to be written: known numbers that move, and new ones as (household, position, index)."""

    moves: list[Move]
    new: list[tuple[int, int, str]]


def plan_numbers(settled: Iterable[Settled], known: Known) -> NumberPlan:
    """Return how the numbers of every settled household change. Each must have its `household_id` by now."""
    settled = list(settled)
    owner = {index: one.household_id for one in settled for index in one.indexes}
    plan = NumberPlan([], [])
    for one in settled:
        if one.household_id is not None:
            _plan_household(one, one.household_id, owner, known, plan)
    return plan


def _plan_household(
    one: Settled, household_id: int, owner: Mapping[str, int | None], known: Known, plan: NumberPlan
) -> None:
    listed = sorted((number for number in known.numbers_of[household_id] if number.is_listed), key=lambda n: n.position)
    own = [number.index for number in listed if owner.get(number.index, household_id) == household_id]
    order = one.indexes if one.speaks else list(dict.fromkeys([*own, *one.indexes]))
    for position, index in enumerate(order):
        number = known.numbers.get(index)
        if number is None:
            plan.new.append((household_id, position, index))
        elif (number.household_id, number.position) != (household_id, position):
            plan.moves.append(Move(number, household_id, position))
    left = [number for number in listed if number.index in own and number.index not in order]
    plan.moves.extend(Move(number, household_id, LEFT_FROM + number.id) for number in left)


def write_numbers(
    session: Session, plan: NumberPlan, *, vault: Vault, msisdn_of: Mapping[str, str], now: datetime
) -> None:
    """Write the plan. Moving numbers first go where nobody is, so that no two ever stand in one place."""
    aside = [
        {"id": move.number.id, "household_id": move.household_id, "position": -move.number.id} for move in plan.moves
    ]
    _update(session, aside)
    _update(session, [{"id": move.number.id, "position": move.position} for move in plan.moves])
    _update(session, [{"id": move.number.id, "retired_at": None} for move in plan.moves if move.is_back])
    _update(session, [{"id": move.number.id, "retired_at": now} for move in plan.moves if move.is_left])
    session.add_all(
        vault.phone_number(msisdn_of[index], household_id=household_id, position=position)
        for household_id, position, index in plan.new
    )
    session.flush()


def _update(session: Session, values: list[dict[str, Any]]) -> None:
    if values:
        session.execute(update(PhoneNumber), values)
