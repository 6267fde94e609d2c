"""What a teacher's pages read. Every select starts from the classes that the person may do this to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, joinedload

from ivr.consoles.rounds import current_rounds
from ptm.clock import IST
from ptm.models import (
    Batch,
    Call,
    CallChild,
    Child,
    Guardianship,
    Household,
    Message,
    PhoneNumber,
    Round,
    SchoolClass,
    Suggestion,
)
from ptm.permissions import Actor, Permission, classes


@dataclass(frozen=True)
class ClassCard:
    """One class on the front page."""

    id: int
    name: str
    school: str
    children: int
    households: int
    round: Round | None
    batch: Batch | None
    calls: int
    ended: int
    heard: int


@dataclass(frozen=True)
class ChildLine:
    """One child on the class page, with what will be said. `last4` is None for a family without a number."""

    id: int
    name: str
    guardian: str | None
    language: str | None
    last4: str | None
    opted_out: bool
    attendance: int | None
    level: str | None
    praise: str | None


@dataclass(frozen=True)
class NotableChild:
    """A child of whose parents something can be written down, with the newest call planned for them, if any was."""

    id: int
    name: str
    guardian: str | None
    call_id: int | None
    school_id: int


@dataclass(frozen=True)
class Plan:
    """What "call my class" would do."""

    families: int
    children: int
    opted_out: int
    without_number: int
    without_message: int
    languages: dict[str, int]
    ahead: int


WINDOW_COLUMNS = ("starts_on_ist", "ends_on_ist", "opens_ist", "closes_ist", "weekdays", "holidays")


def load_cards(session: Session, actor: Actor, now: datetime) -> list[ClassCard]:
    """Return the person's classes with the round, the batch and how far it is: four queries, however many classes."""
    mine = session.scalars(
        select(SchoolClass)
        .options(joinedload(SchoolClass.school))
        .where(SchoolClass.id.in_(classes(actor, Permission.CLASS_SEE)))
        .order_by(SchoolClass.name, SchoolClass.id)
    ).all()
    rounds = current_rounds(session, {one.school_id for one in mine}, now)
    sizes = _sizes(session, [one.id for one in mine])
    batches = _batches(session, [one.id for one in mine], {found.id for found in rounds.values()})
    return [_card(one, rounds.get(one.school_id), sizes, batches) for one in mine]


def load_class(session: Session, actor: Actor, permission: Permission, class_id: int) -> SchoolClass | None:
    """Return a class with its school, or None when there is none or this is not for this person to do."""
    return session.scalar(
        select(SchoolClass)
        .options(joinedload(SchoolClass.school))
        .where(SchoolClass.id == class_id, SchoolClass.id.in_(classes(actor, permission)))
    )


def load_batch(session: Session, actor: Actor, permission: Permission, batch_id: int) -> Batch | None:
    """Return a batch with its class, school and round, or None when it is not for this person."""
    return session.scalar(
        select(Batch)
        .options(joinedload(Batch.school_class).joinedload(SchoolClass.school), joinedload(Batch.round))
        .where(Batch.id == batch_id, Batch.class_id.in_(classes(actor, permission)))
    )


def today(now: datetime) -> date:
    """Return the day in India."""
    return now.astimezone(IST).date()


def load_round(session: Session, school_id: int, now: datetime) -> Round | None:
    return current_rounds(session, [school_id], now).get(school_id)


def load_batch_of(session: Session, class_id: int, round_id: int) -> Batch | None:
    return session.scalar(select(Batch).where(Batch.class_id == class_id, Batch.round_id == round_id))


def load_children(session: Session, class_id: int, round_id: int | None) -> list[ChildLine]:
    """Return the class list in the order of names."""
    rows = session.execute(
        select(Child.id, Child.name, Child.guardian_name, Household.language, Household.opted_out_at,
               _number(PhoneNumber.last4).label("last4"), Message.attendance, Message.level, Message.praise)
        .outerjoin(Guardianship, Guardianship.child_id == Child.id)
        .outerjoin(Household, Household.id == Guardianship.household_id)
        .outerjoin(Message, and_(Message.child_id == Child.id, Message.round_id == round_id))
        .where(Child.class_id == class_id)
        .order_by(Child.name, Child.id)
    )  # fmt: skip
    return [
        ChildLine(row.id, row.name, row.guardian_name, row.language, row.last4, row.opted_out_at is not None,
                  row.attendance, row.level, row.praise)
        for row in rows
    ]  # fmt: skip


def load_plan(session: Session, class_id: int, round_id: int | None, now: datetime) -> Plan:
    """Return whom a batch of this class would call, and how many calls of others are due already."""
    rows = session.execute(
        select(Guardianship.household_id, Household.language, Household.opted_out_at, Message.id.label("message_id"))
        .select_from(Child)
        .outerjoin(Guardianship, Guardianship.child_id == Child.id)
        .outerjoin(Household, Household.id == Guardianship.household_id)
        .outerjoin(Message, and_(Message.child_id == Child.id, Message.round_id == round_id))
        .where(Child.class_id == class_id)
    ).all()
    called = {row.household_id: row.language for row in rows if row.household_id and row.opted_out_at is None}
    ahead = session.scalar(select(func.count()).select_from(Call).where(Call.state == "planned", Call.due_at <= now))
    return Plan(
        families=len(called),
        children=len(rows),
        opted_out=sum(row.opted_out_at is not None for row in rows),
        without_number=sum(row.household_id is None for row in rows),
        without_message=sum(row.message_id is None for row in rows),
        languages=dict(Counter(called.values())),
        ahead=ahead or 0,
    )


def load_notable_children(session: Session, class_id: int) -> list[NotableChild]:
    """Return the children of a class, each with the newest call of its family in any round."""
    of_family = Call.household_id == Guardianship.household_id
    newest = select(func.max(Call.id)).where(of_family).correlate(Guardianship).scalar_subquery()
    rows = session.execute(
        select(Child.id, Child.name, Child.guardian_name, newest, SchoolClass.school_id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .outerjoin(Guardianship, Guardianship.child_id == Child.id)
        .where(Child.class_id == class_id)
        .order_by(Child.name, Child.id)
    )
    return [NotableChild(*row) for row in rows]


def load_said(session: Session, class_id: int) -> tuple[list[tuple[date, str, str]], int]:
    """Return what families of a class said, as (day, language, words), and how many messages wait for a listener.

    Only words made public, no name, and within a day in the order of the words: a teacher learns what was said, not
    who said it.
    """
    of_class = (
        select(CallChild.call_id)
        .join(Child, Child.id == CallChild.child_id)
        .where(Child.class_id == class_id, CallChild.call_id == Suggestion.call_id)
        .exists()
    )
    # What was escalated concerns a child's safety: it went to named people and to nobody else.
    rows = session.execute(
        select(Suggestion.created_at, Suggestion.language, Suggestion.public_text, Suggestion.status).where(
            of_class, Suggestion.escalated.is_(False), Suggestion.status != "withdrawn"
        )
    ).all()
    ready = [row for row in rows if row.public_text and row.status in ("new", "read")]
    said = [(row.created_at.astimezone(IST).date(), row.language, row.public_text) for row in ready]
    said.sort(key=lambda one: (-one[0].toordinal(), one[2]))
    return said, len(rows) - len(ready)


def _number(column: Any) -> Any:
    """Return a column of the number that a household is called on first."""
    return (
        select(column)
        .where(PhoneNumber.household_id == Household.id)
        .order_by(PhoneNumber.retired_at.is_not(None), PhoneNumber.position)
        .limit(1)
        .correlate(Household)
        .scalar_subquery()
    )


def _sizes(session: Session, class_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = session.execute(
        select(Child.class_id, func.count(Child.id), func.count(Guardianship.household_id.distinct()))
        .outerjoin(Guardianship, Guardianship.child_id == Child.id)
        .where(Child.class_id.in_(class_ids))
        .group_by(Child.class_id)
    )
    return {class_id: (children, households) for class_id, children, households in rows}


def _batches(
    session: Session, class_ids: Sequence[int], round_ids: Iterable[int]
) -> dict[tuple[int, int], tuple[Batch, int, int, int]]:
    tallies = _tallies().subquery()
    rows = session.execute(
        select(Batch, tallies.c.calls, tallies.c.ended, tallies.c.heard)
        .outerjoin(tallies, tallies.c.batch_id == Batch.id)
        .where(Batch.class_id.in_(class_ids), Batch.round_id.in_(list(round_ids)))
    )
    return {
        (batch.class_id, batch.round_id): (batch, calls or 0, ended or 0, heard or 0)
        for batch, calls, ended, heard in rows
    }


def _tallies() -> Select[tuple[int, int, int, int]]:
    calls = select(CallChild.batch_id, CallChild.call_id).distinct().subquery()
    heard = Call.reach.in_(("heard", "responded", "recorded"))
    return (
        select(
            calls.c.batch_id,
            func.count().label("calls"),
            func.count().filter(Call.state == "ended").label("ended"),
            func.count().filter(heard).label("heard"),
        )
        .join(Call, Call.id == calls.c.call_id)
        .group_by(calls.c.batch_id)
    )


def _card(
    one: SchoolClass,
    the_round: Round | None,
    sizes: dict[int, tuple[int, int]],
    batches: dict[tuple[int, int], tuple[Batch, int, int, int]],
) -> ClassCard:
    children, households = sizes.get(one.id, (0, 0))
    batch, calls, ended, heard = batches.get((one.id, the_round.id if the_round else 0), (None, 0, 0, 0))
    return ClassCard(one.id, one.name, one.school.name, children, households, the_round, batch, calls, ended, heard)
