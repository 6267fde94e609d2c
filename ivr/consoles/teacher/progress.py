"""How a batch stands: one line a child, in the state that a teacher would ask about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ptm.models import Attempt, Batch, Call, CallChild, Child, Guardianship, Household, PhoneNumber

HEARD = ("heard", "responded", "recorded")
# Calls of a class are due some seconds after each other; only a longer wait is worth a time of day.
SOON = timedelta(minutes=2)
# Why a family is called again, by the outcome of the newest dial, where a teacher may know of it.
RETRIED = {
    "busy": "busy", "no_answer": "no_answer", "switched_off": "switched_off", "ended_after_answer": "hung_up",
}  # fmt: skip
# What a state asks of a teacher: nothing yet, look now, be glad, do something.
WAITING, NOW, GOOD, NEEDED = "waiting", "now", "good", "needed"


@dataclass(frozen=True)
class Status:
    """A state by name, its tone, and the instant it speaks of, if any. The words stand in the template."""

    key: str
    tone: str
    at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One child in a batch."""

    child_id: int
    name: str
    guardian: str | None
    last4: str | None
    call_id: int | None
    status: Status


@dataclass(frozen=True)
class Progress:
    """All children of a batch and what they add up to, counted in families."""

    lines: Sequence[Line]
    families: int
    finished: int
    heard: int
    suggestions: int
    needed: int

    @property
    def states(self) -> list[tuple[str, int]]:
        """Return how many children are in each tone, in the order of the page."""
        tally = Counter(line.status.tone for line in self.lines)
        return [(tone, tally[tone]) for tone in (NOW, WAITING, GOOD, NEEDED) if tally[tone]]


def load_progress(session: Session, batch: Batch, now: datetime) -> Progress:
    """Return how a batch stands. Two queries, whatever the size of the class."""
    rows = session.execute(_children_of(batch)).all()
    attempts = _latest_attempts(session, {row.call_id for row in rows if row.call_id is not None})
    lines = [_line(row, batch, attempts.get(row.call_id), now) for row in rows]
    calls = {row.call_id: row for row in rows if row.call_id is not None}.values()
    return Progress(
        lines=lines,
        families=len(calls),
        finished=sum(row.state == "ended" for row in calls),
        heard=sum(row.reach in HEARD for row in calls),
        suggestions=sum(row.reach == "recorded" for row in calls),
        needed=sum(line.status.tone == NEEDED for line in lines),
    )


def needing_a_person(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the children whose family has not heard and will not be called again, siblings of one call together."""
    families: dict[object, list[Line]] = {}
    for line in lines:
        if line.status.tone == NEEDED:
            families.setdefault(line.call_id or f"child {line.child_id}", []).append(line)
    return list(families.values())


def status_of(row: Any, batch_state: str, attempt: Any | None, now: datetime) -> Status:
    """Say how a child's call stands, from its columns, its newest attempt and its batch."""
    if row.call_id is None:
        return _without_a_call(row)
    if row.state == "ended":
        return _ended(row)
    if row.state == "open" and attempt is not None:
        return _under_way(attempt, row)
    return _planned(row, batch_state, attempt, now)


def _without_a_call(row: Any) -> Status:
    if row.household_id is None:
        return Status("no_number", NEEDED)
    return Status("opted_out" if row.opted_out_at is not None else "not_in_batch", NEEDED)


def _ended(row: Any) -> Status:
    if row.reach in HEARD:
        if not row.covered:
            return Status("not_covered", NEEDED)
        return Status(row.reach, GOOD)
    return Status(row.disposition or "provider_failed", NEEDED)


def _under_way(attempt: Any, row: Any) -> Status:
    if attempt.state == "ended":  # for a moment, until the call is judged
        return Status("checking", NOW)
    if attempt.state != "answered":
        return Status({"claimed": "next", "unknown": "checking"}.get(attempt.state, attempt.state), NOW)
    after = {"heard": "after_heard", "responded": "after_heard", "recorded": "after_recorded"}
    return Status(after.get(attempt.reach, "listening"), NOW)


def _planned(row: Any, batch_state: str, attempt: Any | None, now: datetime) -> Status:
    if batch_state == "paused":
        return Status("paused", WAITING)
    if batch_state == "canceled":
        return Status("other_class", WAITING)
    if attempt is None:
        later = row.due_at - now > SOON
        return Status("waiting_until" if later else "waiting", WAITING, row.due_at if later else None)
    why = RETRIED.get(attempt.outcome, "again")
    return Status(f"{why}_again", WAITING, max(row.due_at, now))


def _line(row: Any, batch: Batch, attempt: Any | None, now: datetime) -> Line:
    status = status_of(row, batch.state, attempt, now)
    return Line(row.child_id, row.name, row.guardian_name, row.last4, row.call_id, status)


def _children_of(batch: Batch) -> Any:
    last4 = (
        select(PhoneNumber.last4)
        .where(PhoneNumber.household_id == Household.id)
        .order_by(PhoneNumber.retired_at.is_not(None), PhoneNumber.position)
        .limit(1)
        .correlate(Household)
        .scalar_subquery()
    )
    return (
        select(Child.id.label("child_id"), Child.name, Child.guardian_name, Household.id.label("household_id"),
               Household.opted_out_at, last4.label("last4"), CallChild.covered, Call.id.label("call_id"), Call.state,
               Call.reach, Call.disposition, Call.due_at)
        .outerjoin(CallChild, (CallChild.child_id == Child.id) & (CallChild.batch_id == batch.id))
        .outerjoin(Call, Call.id == CallChild.call_id)
        .outerjoin(Guardianship, Guardianship.child_id == Child.id)
        .outerjoin(Household, Household.id == Guardianship.household_id)
        .where(Child.class_id == batch.class_id)
        .order_by(Child.name, Child.id)
    )  # fmt: skip


def _latest_attempts(session: Session, call_ids: set[int]) -> dict[int, Any]:
    newest = (
        select(Attempt.call_id, func.max(Attempt.number).label("number"))
        .where(Attempt.call_id.in_(call_ids))
        .group_by(Attempt.call_id)
        .subquery()
    )
    rows = session.execute(
        select(Attempt.call_id, Attempt.state, Attempt.reach, Attempt.outcome).join(
            newest, (newest.c.call_id == Attempt.call_id) & (newest.c.number == Attempt.number)
        )
    )
    return {row.call_id: row for row in rows}
