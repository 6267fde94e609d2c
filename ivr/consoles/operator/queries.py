"""What an operator's pages read: which parts are up, what waits, who may sign in. No family is in any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import redis
from rq import Worker
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from callqueue import heartbeats
from callqueue.bells import QUEUES
from callqueue.claiming import STOP_DIALING
from callqueue.runtime import Runtime
from ptm.errors import PersonUnknown
from ptm.models import Area, Attempt, Call, Pace, Recording, School, SchoolClass, Switch, User

# Shown as a list; an installation with more people is asked for a name.
MOST_PEOPLE = 200


@dataclass(frozen=True)
class Part:
    """One process or service: `is_up` is None where nobody can tell."""

    name: str
    is_up: bool | None
    note: str = ""


@dataclass(frozen=True)
class Work:
    """What is under way, in the whole installation."""

    planned: int
    on_the_phone: int
    recordings_to_fetch: int
    recordings_to_hear: int


@dataclass(frozen=True)
class AccountLine:
    """One carrier account: its lines in use, ringing included, and why it rests, if it does.

    `rests_until_at` is set while the carrier's wish to slow down lasts; `opened_at` while it counts as broken, and
    then one call asks at `probe_at` whether it is back.
    """

    name: str
    lines: int
    last_start_at: datetime | None
    rests_until_at: datetime | None
    failures: int
    opened_at: datetime | None
    probe_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class PersonLine:
    id: int
    login: str
    name: str
    role: str
    place: str
    classes: str
    is_disabled: bool
    rests_until_at: datetime | None


def load_parts(runtime: Runtime) -> list[Part]:
    """Return every part and whether it is up. This page is served by the web process and was read from the database."""
    served = [Part("Web", True), Part("Database", True, runtime.database.dialect)]
    try:
        runtime.impatient_redis.ping()
        pacer = Part("Pacer", heartbeats.is_alive(runtime.impatient_redis, "pacer"))
        workers = [_worker(runtime, queue) for queue in QUEUES]
    except redis.RedisError:
        away = [Part("Pacer", None), *(Part(f"Worker {queue}", None) for queue in QUEUES)]
        return [*served, Part("Redis", False, "calls start later and nobody can see the workers"), *away]
    return [*served, Part("Redis", True), pacer, *workers]


def load_work(session: Session) -> Work:
    """Return how much is under way: four counts over partial indexes."""
    return Work(
        planned=_count(session, Call, Call.state == "planned"),
        on_the_phone=_count(session, Attempt, Attempt.state != "ended"),
        recordings_to_fetch=_count(session, Recording, Recording.state == "wanted"),
        recordings_to_hear=_count(session, Recording, Recording.state == "stored"),
    )


def load_switch(session: Session) -> Switch | None:
    """Return the switch that stops all dialling while it is on."""
    return session.scalar(select(Switch).where(Switch.name == STOP_DIALING, Switch.on_since_at.is_not(None)))


def load_accounts(session: Session, now: datetime) -> list[AccountLine]:
    """Return every carrier account that was ever dialled with, by name."""
    held = session.execute(
        select(Attempt.account, func.count().label("lines")).where(Attempt.state != "ended").group_by(Attempt.account)
    ).all()
    lines = {row.account: row.lines for row in held}
    paces = {pace.account: pace for pace in session.scalars(select(Pace))}
    return [_account(name, lines.get(name, 0), paces.get(name), now) for name in sorted(lines.keys() | paces.keys())]


def _account(name: str, lines: int, pace: Pace | None, now: datetime) -> AccountLine:
    if pace is None:
        return AccountLine(name, lines, None, None, 0, None, None, None)
    rests_until_at = pace.rests_until_at if pace.rests_until_at and pace.rests_until_at > now else None
    return AccountLine(
        name, lines, pace.last_start_at, rests_until_at, pace.failures, pace.opened_at, pace.probe_at, pace.reason
    )


def load_people(session: Session, search: str) -> tuple[list[PersonLine], int]:
    """Return people by sign-in name, and how many there are in all. `search` is a part of the name."""
    shown = select(User.id).order_by(User.login).limit(MOST_PEOPLE)
    if search:
        shown = shown.where(User.login.contains(search, autoescape=True))
    area, school = aliased(Area), aliased(School)
    rows = session.execute(
        select(User, area.name.label("area"), school.name.label("school"))
        .outerjoin(area, area.id == User.area_id)
        .outerjoin(school, school.id == User.school_id)
        .where(User.id.in_(shown))
        .order_by(User.login)
    ).all()
    classes = _classes(session, [row.User.id for row in rows])
    total = session.scalar(select(func.count()).select_from(User)) or 0
    return [_line(row.User, row.area or row.school or "", classes) for row in rows], total


def find_teacher(session: Session, user_id: int) -> User:
    """Return a teacher. Raises PersonUnknown for a number that is nobody's or somebody else's."""
    person = session.get(User, user_id)
    if person is None or person.school_id is None:
        raise PersonUnknown("There is no such teacher.")
    return person


def _line(person: User, place: str, classes: dict[int, list[str]]) -> PersonLine:
    return PersonLine(
        person.id, person.login, person.name, person.role, place, ", ".join(classes.get(person.id, [])),
        person.disabled_at is not None, person.locked_until_at,
    )  # fmt: skip


def _classes(session: Session, user_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(SchoolClass.teacher_id, SchoolClass.name)
        .where(SchoolClass.teacher_id.in_(user_ids))
        .order_by(SchoolClass.name)
    )
    found: dict[int, list[str]] = {}
    for teacher_id, name in rows:
        found.setdefault(teacher_id or 0, []).append(name)
    return found


def _worker(runtime: Runtime, queue: str) -> Part:
    workers = [one for one in Worker.all(connection=runtime.impatient_redis) if queue in one.queue_names()]
    waiting = runtime.bells.waiting(queue)  # type: ignore[arg-type]
    note = f"{waiting:,} waiting" if waiting else ""
    if len(workers) > 1:
        note = ", ".join(filter(None, [f"{len(workers)} of them", note]))
    return Part(f"Worker {queue}", bool(workers), note)


def _count(session: Session, table: type[Call | Attempt | Recording], condition: object) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0  # type: ignore[arg-type]
