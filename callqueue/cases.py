"""What the ledger must know to judge a call: the call, locked; one ended attempt; the household; the round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from callqueue.ladder import HEARD, Ending, Standing, cost_of, reach_rank
from callqueue.pick_ups import rang_at
from ptm.models import Attempt, Batch, Call, CallChild, Household, PhoneNumber, Round

UNDER_WAY = ("preparing", "calling", "paused")


@dataclass(frozen=True)
class Case:
    """A call as it stands, one ended attempt of it (with household), its round, and where that leaves the call."""

    call: Any
    attempt: Any
    round: Mapping[str, Any]
    ending: Ending
    standing: Standing

    @property
    def ladder(self) -> Mapping[str, float]:
        ladder: Mapping[str, float] = self.round["ladder"]
        return ladder

    @property
    def is_news(self) -> bool:
        """Whether late news of this attempt can matter: of the newest always, of an older one if it was heard."""
        return self.standing.heard or self.ending.opted_out or bool(self.attempt.number == self.attempt.newest)


def locked_call(tx: Connection, call_id: Any) -> Any:
    """Return a call, locked: a claim and a judgement of the same call must not both go by what they read before."""
    return tx.execute(select(Call.__table__).where(Call.id == call_id).with_for_update()).one()


def load_case(tx: Connection, attempt_id: int, *, first: bool) -> Case | None:
    """Return what there is to judge, None while the attempt is open. `first`: this is the moment of its end.

    The lock comes first, in a statement of its own: only a later statement sees what its holder committed.
    """
    call = locked_call(tx, select(Attempt.call_id).where(Attempt.id == attempt_id).scalar_subquery())
    row = _attempt(tx, attempt_id, call)
    if row is None:
        return None
    return case_of(call, row, row._mapping, first=first)


def case_of(call: Any, attempt: Any, the_round: Mapping[str, Any], *, first: bool) -> Case:
    """Return what there is to judge, of rows that were read; `the_round` is a mapping of its columns."""
    ending = Ending(attempt.outcome, attempt.reach, attempt.opted_out or attempt.opted_out_at is not None)
    cost = cost_of(ending) if first else "nothing"
    return Case(call, attempt, the_round, ending, _standing(call, attempt, int(the_round["tries"]), cost))


def is_wanted(call_id: Any) -> ColumnElement[bool]:
    """Ask whether any batch that is not over wants a call."""
    return (
        select(CallChild.call_id)
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(CallChild.call_id == call_id, Batch.state.in_(UNDER_WAY))
        .exists()
    )


def is_called_off(call_id: Any) -> ColumnElement[bool]:
    """Ask whether every batch that wanted a call was canceled."""
    return ~(
        select(CallChild.call_id)
        .join(Batch, Batch.id == CallChild.batch_id)
        .where(CallChild.call_id == call_id, Batch.state != "canceled")
        .exists()
    )


def _attempt(tx: Connection, attempt_id: int, call: Any) -> Any:
    other, number, of_household = (table.__table__.alias() for table in (Attempt, PhoneNumber, PhoneNumber))
    newest = select(func.max(other.c.number)).where(other.c.call_id == call.id)
    not_there = select(func.count()).where(other.c.call_id == call.id, other.c.outcome == "not_there")
    numbers = select(func.count()).where(
        of_household.c.household_id == call.household_id,
        # The number that is being retired counts: else late news would find one number fewer than the end did.
        or_(of_household.c.retired_at.is_(None), of_household.c.id == Attempt.phone_id),
    )
    return tx.execute(
        select(
            Attempt.number, Attempt.phone_id, Attempt.outcome, Attempt.reach, Attempt.opted_out, Attempt.ended_at,
            Attempt.talk_s, rang_at().label("rang_at"), number.c.position, Household.slot, Household.opted_out_at,
            Round.__table__,
            numbers.correlate(Attempt).scalar_subquery().label("numbers"),
            newest.scalar_subquery().label("newest"), not_there.scalar_subquery().label("not_there"),
            is_wanted(call.id).label("is_wanted"),
        )
        .join(number, number.c.id == Attempt.phone_id)
        .join(Household, Household.id == call.household_id)
        .join(Round, Round.id == call.round_id)
        .where(Attempt.id == attempt_id, Attempt.state == "ended")
    ).first()  # fmt: skip


def _standing(call: Any, row: Any, most_tries: int, cost: str) -> Standing:
    # A family that asked is dialled once, whatever was spent; a dial that never rang was not that once.
    asked = call.asked_at is not None
    return Standing(
        tries=call.tries + (cost == "try"),
        most_tries=max(most_tries, call.tries + 1) if asked else most_tries,
        unplaced=call.unplaced + (cost == "place"),
        not_there=row.not_there,
        numbers=row.numbers,
        heard=reach_rank(call.reach) >= HEARD and not (asked and cost != "try"),
        # Spreads waits evenly over calls without a source of chance: multiples of the golden ratio.
        chance=call.id * 0.6180339887498949 % 1,
    )
