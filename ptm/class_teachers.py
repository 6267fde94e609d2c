"""Who teaches which class: given with a new teacher, changed when a class changes hands.

A class has one teacher. Nothing is made or taken by a slip of the hand: a class that the school's list does not have,
and one that somebody else teaches, are refused unless the caller says that just this is meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ptm import audit
from ptm.errors import PersonRefused
from ptm.models import School, SchoolClass, User
from ptm.roster.classes import parse_class
from ptm.roster.refusals import CellRefused


@dataclass(frozen=True)
class Handed:
    """A class that now has another teacher, or none. `before` and `after` are sign-in names."""

    name: str
    before: str | None
    after: str | None


def load_classes(session: Session, school_id: int) -> list[SchoolClass]:
    """Return a school's classes with their teachers, by name."""
    wanted = select(SchoolClass).where(SchoolClass.school_id == school_id).order_by(SchoolClass.name)
    return list(session.scalars(wanted.options(selectinload(SchoolClass.teacher))))


def set_classes(
    session: Session, teacher: User, names: Collection[str], *,
    make_new: bool = False, take_over: bool = False, by: int | None, now: datetime,
) -> list[Handed]:  # fmt: skip
    """Make `names`, as anybody writes them, the classes of this teacher, all others nobody's; return what changed.

    A school without any class yet, before its first list, gets whatever is named. Raises PersonRefused for what is no
    class, for a new one without `make_new`, and for one of a teacher who may sign in without `take_over`.
    """
    school = session.get_one(School, teacher.school_id, with_for_update=True)  # who comes second sees the first's
    there = {one.name: one for one in load_classes(session, school.id)}
    wanted = {_spelled(name) for name in names}
    if there and not make_new:
        _refuse_new(wanted - there.keys(), school, there)
    if not take_over:
        _refuse_taken([there[name] for name in sorted(wanted & there.keys())], teacher)
    for name in wanted - there.keys():
        there[name] = SchoolClass(school_id=school.id, name=name)
        session.add(there[name])
    session.flush()
    return list(_hand(session, teacher, there, wanted, by, now))


def _hand(
    session: Session, teacher: User, there: dict[str, SchoolClass], wanted: set[str], by: int | None, now: datetime
) -> Iterator[Handed]:
    for name, one in sorted(there.items()):
        before = one.teacher
        after = teacher if name in wanted else None if one.teacher_id == teacher.id else before
        if before is after:
            continue
        one.teacher = after
        ids = {"before": before.id if before else None, "after": after.id if after else None}
        audit.record(session, user_id=by, action="class.hand", subject="class", subject_id=one.id, details=ids, now=now)
        yield Handed(name, before.login if before else None, after.login if after else None)


def _spelled(name: str) -> str:
    try:
        return parse_class(name)
    except CellRefused as refused:
        raise PersonRefused(f"{name!r} is no class: {refused.reason}. To mend it, {refused.mend}.") from None


def _refuse_new(new: Collection[str], school: School, there: Collection[str]) -> None:
    if new:
        raise PersonRefused(
            f"{school.name} has no class {', '.join(sorted(new))}; it has {', '.join(sorted(there))}. Correct it. "
            "A class that is really new is made under People, Classes, or by sunvai user classes LOGIN --new."
        )


def _refuse_taken(classes: Collection[SchoolClass], teacher: User) -> None:
    for one in classes:
        other = one.teacher
        if other is not None and other is not teacher and other.disabled_at is None:
            raise PersonRefused(
                f"{one.name} is the class of {other.login} ({other.name}). Correct it, or leave it out here and take "
                f"it over under People, Classes, or by sunvai user classes {teacher.login} --take."
            )
