"""From "call my class" or "call everybody" to planned calls: one call per household and round, in a few statements.

The same ones plan a class of forty and a state of two million. A household that has its call already keeps it:
the unique key decides, so that two teachers who press at once plan one call for the family of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, exists, func, literal, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from callqueue import ledger
from callqueue.among import among
from callqueue.cases import UNDER_WAY
from callqueue.claiming import BULK, TEACHER
from callqueue.fanning_out import children_of, fan_out, insert_into
from callqueue.rounds import window_of
from callqueue.windows import next_open
from ptm.database import Database
from ptm.errors import SunvaiError
from ptm.models import (
    Area,
    Batch,
    Call,
    CallChild,
    Child,
    Instant,
    Round,
    School,
    SchoolClass,
)

SCHOOLS_AT_ONCE, PLANNERS, DEADLOCKS = 2_500, 2, 3


class BatchRefused(SunvaiError):
    """A batch cannot start; the message tells the teacher why."""


def start_batch(
    session: Session, *, round_id: int, class_id: int, user_id: int | None, form_key: str, now: datetime
) -> Batch:
    """Plan a call for every household of a class and return the batch, which waits for its audio to be prepared.

    Doing it twice, by a doubled press or from two phones, gives the same batch; children who came to the class
    meanwhile are called then. Raises BatchRefused when the round is over or the class has nobody to call.
    """
    this = (Batch.round_id == round_id, Batch.class_id == class_id)
    its_class = SchoolClass.id == class_id
    tx = session.connection()
    existing = session.scalar(select(Batch).where(*this))
    if existing is not None:
        _press_again(tx, existing, its_class, now)
        session.refresh(existing)
        return existing
    due_at = _first_hour(tx, round_id, now)
    if tx.scalar(select(func.count()).select_from(children_of(its_class).subquery())) == 0:
        raise BatchRefused("No child of this class has a family that may be called. Import the class list first.")
    batch = {"round_id": round_id, "class_id": class_id, "started_by_id": user_id, "form_key": form_key}
    opened = insert_into(tx, Batch).values(**batch, state="preparing", created_at=now).on_conflict_do_nothing()
    if tx.execute(opened).rowcount:
        _plan(tx, round_id, its_class, TEACHER, due_at)
    started = session.scalar(select(Batch).where(*this))
    if started is None:
        raise BatchRefused("This form was used for another class already. Load the page again.")
    return started


def _press_again(tx: Connection, batch: Batch, its_class: Any, now: datetime) -> None:
    """Put a class ahead that a state-wide round had planned, and call the children that came to it since.

    A canceled batch stays so: it would dial nobody. Nor is anything planned in a round that is over.
    """
    due_at = _next_hour(tx, batch.round_id, now)
    if batch.state == "canceled" or due_at is None:
        _put_ahead(tx, batch.round_id, its_class)
        return
    children = select(func.count()).where(CallChild.batch_id == batch.id)
    before = tx.scalar(children)
    _plan(tx, batch.round_id, its_class, TEACHER, due_at)
    if tx.scalar(children) != before:
        # What is said of them has to be prepared first.
        tx.execute(update(Batch).where(Batch.id == batch.id, Batch.state == "calling").values(state="preparing"))


def plan_round(
    database: Database, round_id: int, *, user_id: int | None, now: datetime,
    on_progress: Callable[[int, int, int], None] = lambda done, chunks, planned: None,
) -> int:  # fmt: skip
    """Plan a call for every household of a round's area, behind the teachers' own; return how many are new.

    Every class gets its batch, which waits for its audio. Calls of one school follow each other, those of all schools
    stand side by side, so that no school waits until the others are done. Some thousand schools make a transaction, so
    that no webhook waits for a whole state; stopped in between and begun again it adds what is missing. `on_progress`
    is told after each of them: transactions done, of how many, calls planned so far.
    """
    planned = 0
    with database.reading() as tx:
        schools = tx.scalars(
            select(School.id).where(School.area_id.in_(_areas_below(round_id))).order_by(School.id)
        ).all()
    chunks = [schools[first : first + SCHOOLS_AT_ONCE] for first in range(0, len(schools), SCHOOLS_AT_ONCE)]
    with ThreadPoolExecutor(PLANNERS if database.dialect == "postgresql" else 1) as planners:
        counts = planners.map(lambda chunk: _plan_schools(database, round_id, chunk, user_id, now), chunks)
        for done, new in enumerate(counts, 1):
            planned += new
            on_progress(done, len(chunks), planned)
    return planned


def _plan_schools(database: Database, round_id: int, schools: Sequence[int], user_id: int | None, now: datetime) -> int:
    """Plan the calls of these schools in one transaction.

    Families with children in two chunks may make two planners wait for each other: the database ends one, which then
    begins again.
    """
    for _ in range(DEADLOCKS):
        try:
            with database.writing() as tx:
                return _plan_all(tx, round_id, among(tx, SchoolClass.school_id, schools), user_id, now)
        except OperationalError:
            continue
    with database.writing() as tx:
        return _plan_all(tx, round_id, among(tx, SchoolClass.school_id, schools), user_id, now)


def _plan_all(tx: Connection, round_id: int, inside: Any, user_id: int | None, now: datetime) -> int:
    due_at = _first_hour(tx, round_id, now)
    _trust_keys(tx)
    key = literal(f"round-{round_id}-class-") + cast(SchoolClass.id, Text)
    values = {
        "round_id": literal(round_id), "class_id": SchoolClass.id, "started_by_id": literal(user_id, Batch.id.type),
        "form_key": key, "state": literal("preparing"), "created_at": literal(now, Instant),
    }  # fmt: skip
    classes = select(*values.values()).where(inside, exists().where(Child.class_id == SchoolClass.id))
    tx.execute(insert_into(tx, Batch).from_select(list(values), classes).on_conflict_do_nothing())
    return _plan(tx, round_id, inside, BULK, due_at)


def pause_batch(session: Session, batch_id: int, now: datetime) -> bool:
    """Stop dialling for a batch; phones that ring go on. Return whether anything changed."""
    return _move(session, batch_id, ("preparing", "calling"), "paused", now)


def resume_batch(session: Session, batch_id: int, now: datetime) -> bool:
    """Let a paused batch go on: through preparation once more, which is quick when everything is there."""
    return _move(session, batch_id, ("paused",), "preparing", now)


def cancel_batch(session: Session, batch_id: int, now: datetime) -> bool:
    """End a batch for good: its planned calls end as canceled, unless another class's batch still wants them."""
    # Calls before their batch, as the end of a call takes them: two that go different ways wait for each other.
    of_batch = select(CallChild.call_id).where(CallChild.batch_id == batch_id)
    waiting = select(Call.id).where(Call.id.in_(of_batch), Call.state == "planned").order_by(Call.id)
    session.execute(waiting.with_for_update())
    if not _move(session, batch_id, UNDER_WAY, "canceled", now):
        return False
    other = CallChild.__table__.alias()
    wanted_elsewhere = (
        select(other.c.call_id)
        .join(Batch, Batch.id == other.c.batch_id)
        .where(other.c.call_id == CallChild.call_id, Batch.state.in_(UNDER_WAY))
    )
    alone = select(CallChild.call_id).where(CallChild.batch_id == batch_id, ~wanted_elsewhere.exists()).distinct()
    ledger.end_planned(session.connection(), session.scalars(alone).all(), disposition="canceled", now=now)
    return True


def prepared(session: Session, batch_id: int) -> bool:
    """Let a batch's calls be claimed: everything its families will hear is there."""
    if not _move(session, batch_id, ("preparing",), "calling", None):
        return False
    _hurry(session.connection(), batch_id)
    return True


def pause_round(tx: Connection, round_id: int, now: datetime) -> bool:
    """Stop dialling for a whole round; phones that ring go on."""
    paused = update(Round).where(Round.id == round_id, Round.paused_at.is_(None)).values(paused_at=now)
    return bool(tx.execute(paused).rowcount)


def resume_round(tx: Connection, round_id: int) -> bool:
    resumed = update(Round).where(Round.id == round_id, Round.paused_at.is_not(None)).values(paused_at=None)
    return bool(tx.execute(resumed).rowcount)


def _trust_keys(tx: Connection) -> None:
    """Spare PostgreSQL six look-ups of foreign keys for each call, if this role may ask for that.

    Every key that is written was read from its own table by the same statement; looking each up again takes longer
    than all the rest. Needs a superuser or GRANT SET ON PARAMETER session_replication_role; without it planning is
    slower and nothing else.
    """
    if tx.dialect.name != "postgresql":
        return
    tx.execute(text("SET LOCAL work_mem = '256MB'"))  # some hundred thousand families are joined and sorted at once
    allowed = "SELECT has_parameter_privilege('session_replication_role', 'SET')"
    if tx.scalar(text(allowed)):
        tx.execute(text("SET LOCAL session_replication_role = replica"))


def _first_hour(tx: Connection, round_id: int, now: datetime) -> datetime:
    due_at = _next_hour(tx, round_id, now)
    if due_at is None:
        name = tx.scalar(select(Round.name).where(Round.id == round_id))
        raise BatchRefused(f"The round “{name}” has ended: no parent can be called in it any more.")
    return due_at


def _next_hour(tx: Connection, round_id: int, now: datetime) -> datetime | None:
    the_round = tx.execute(select(Round.__table__).where(Round.__table__.c.id == round_id)).mappings().one()
    return next_open(window_of(the_round), now)


def _plan(tx: Connection, round_id: int, classes: Any, priority: int, due_at: datetime) -> int:
    """Plan calls for the households of these classes; return how many are new."""
    planned = fan_out(tx, round_id, classes, priority, due_at)
    _reopen(tx, round_id, classes)
    if priority == TEACHER:
        _put_ahead(tx, round_id, classes)
    return planned


def _reopen(tx: Connection, round_id: int, classes: Any) -> None:
    """A batch that was done and got a new call is not: its calls would wait for it until the round is over."""
    waiting = (
        select(CallChild.batch_id)
        .join(Call, Call.id == CallChild.call_id)
        .where(CallChild.batch_id == Batch.id, Call.state != "ended")
    )
    done = update(Batch).where(
        Batch.round_id == round_id, Batch.state == "done", waiting.exists(),
        Batch.class_id.in_(select(SchoolClass.id).where(classes)),
    )  # fmt: skip
    tx.execute(done.values(state="preparing", ended_at=None))


def _put_ahead(tx: Connection, round_id: int, classes: Any) -> None:
    """A family that a state-wide round had planned already goes ahead with its teacher's batch."""
    of_class = (
        select(CallChild.call_id)
        .join(Child, Child.id == CallChild.child_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .where(classes)
    )
    ahead = update(Call).where(
        Call.round_id == round_id, Call.state == "planned", Call.priority > TEACHER, Call.id.in_(of_class)
    )
    tx.execute(ahead.values(priority=TEACHER))


def _hurry(tx: Connection, batch_id: int) -> None:
    """Let calls that were passed over while the batch could not call be due from its start on, one after the other.

    Only calls that were never dialled: whoever waits for a ladder's rung goes on waiting.
    """
    began_at = tx.scalars(select(Batch.created_at).where(Batch.id == batch_id)).one()
    fresh = select(Call.id).where(
        Call.id.in_(select(CallChild.call_id).where(CallChild.batch_id == batch_id)),
        Call.state == "planned", Call.tries == 0, Call.unplaced == 0,
    )  # fmt: skip
    ledger.make_due(tx, tx.scalars(fresh.order_by(Call.due_at, Call.id)).all(), began_at)


def _areas_below(round_id: int) -> Any:
    below = select(Round.area_id.label("id")).where(Round.id == round_id).cte("below", recursive=True)
    below = below.union_all(select(Area.id).join(below, Area.parent_id == below.c.id))
    return select(below.c.id)


def _move(session: Session, batch_id: int, states: tuple[str, ...], to: str, ended_at: datetime | None) -> bool:
    moved = session.execute(
        update(Batch)
        .where(Batch.id == batch_id, Batch.state.in_(states))
        .values(state=to, ended_at=ended_at if to == "canceled" else None)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]
