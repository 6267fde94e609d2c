"""People who may sign in: added, given classes, given a new password, shut out. Each with its record."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ptm import audit
from ptm.class_teachers import set_classes
from ptm.errors import PersonRefused, PersonUnknown
from ptm.models import Area, School, User
from ptm.passwords import hash_password, normal_login, problem_with
from ptm.permissions import GRANTS

ROLES = tuple(GRANTS)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,39}")
LONGEST_NAME = 200


def add_person(
    session: Session, *, login: str, name: str, role: str, password: str, school: str = "",
    classes: Collection[str] = (), area: str = "", by: int | None, now: datetime,
) -> User:  # fmt: skip
    """Add a person and return them. A teacher has a `school` (UDISE code) and classes; others an `area` (its code).

    An operator has neither. Raises PersonRefused, with nothing to be committed.
    """
    login, name = normal_login(login), " ".join(name.split())
    _check(session, login, name, role, password)
    its_school = _school(session, school) if role == "teacher" else None
    person = User(
        login=login, name=name, role=role, password_hash=hash_password(password), created_at=now,
        school_id=its_school.id if its_school else None,
        area_id=_area(session, area).id if role in ("analyst", "leader") else None,
    )  # fmt: skip
    session.add(person)
    session.flush()
    audit.record(session, user_id=by, action="user.add", subject="user", subject_id=person.id,
                 details={"role": role}, now=now)  # fmt: skip
    if its_school:
        set_classes(session, person, classes, by=by, now=now)
    return person


def give_password(session: Session, user_id: int, password: str, *, by: int | None, now: datetime) -> User:
    """Give a person a new password and end all their sessions. Raises PersonRefused."""
    person = _person(session, user_id)
    if (problem := problem_with(password, person.login)) is not None:
        raise PersonRefused(problem)
    person.password_hash, person.failed_sign_ins, person.locked_until_at = hash_password(password), 0, None
    person.session_version += 1
    audit.record(session, user_id=by, action="user.password", subject="user", subject_id=user_id, now=now)
    return person


def disable(session: Session, user_id: int, *, by: int | None, now: datetime) -> bool:
    """Shut a person out: no sign-in and no session from this moment on. Return whether they were in."""
    return _move(session, user_id, "user.disable", now, by, now)


def enable(session: Session, user_id: int, *, by: int | None, now: datetime) -> bool:
    """Let a person in again, with the password they had. Old sessions stay ended."""
    return _move(session, user_id, "user.enable", None, by, now)


def find_person(session: Session, login: str) -> User:
    """Return the person with this sign-in name. Raises PersonUnknown."""
    found = session.scalar(select(User).where(User.login == normal_login(login)))
    if found is None:
        raise PersonUnknown(f"Nobody has the sign-in name {login!r}. See who there is: sunvai user list")
    return found


def _move(
    session: Session, user_id: int, action: str, disabled_at: datetime | None, by: int | None, now: datetime
) -> bool:
    if user_id == by:
        raise PersonRefused("You cannot shut yourself out; another operator can.")
    person = _person(session, user_id)
    if (person.disabled_at is None) == (disabled_at is None):
        return False
    person.disabled_at = disabled_at
    person.session_version += 1
    audit.record(session, user_id=by, action=action, subject="user", subject_id=user_id, now=now)
    return True


def _check(session: Session, login: str, name: str, role: str, password: str) -> None:
    if not LOGIN.fullmatch(login):
        raise PersonRefused("A sign-in name has 2 to 40 Latin letters, digits, dots or dashes, like teacher-5a.")
    if not name or len(name) > LONGEST_NAME:
        raise PersonRefused(f"A person needs a name of at most {LONGEST_NAME} characters.")
    if role not in ROLES:
        raise PersonRefused(f"{role!r} is no role. Choose one of {', '.join(ROLES)}.")
    if (problem := problem_with(password, login)) is not None:
        raise PersonRefused(problem)
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise PersonRefused(f"The sign-in name {login} is taken. Choose another one.")


def _person(session: Session, user_id: int) -> User:
    person = session.get(User, user_id, with_for_update=True)
    if person is None:
        raise PersonUnknown("There is no such person.")
    return person


def _school(session: Session, udise: str) -> School:
    if not udise.strip():
        raise PersonRefused("A teacher needs a school: give its UDISE code (--school on the command line).")
    found = session.scalar(select(School).where(School.udise == udise.strip()))
    if found is None:
        raise PersonRefused(f"No school here has the UDISE code {udise!r}. Import the state's roster first.")
    return found


def _area(session: Session, code: str) -> Area:
    """Find an area by its code, which is how its schools' UDISE codes begin; by `kind:code` where two share one."""
    kind, _, plain = code.rpartition(":")
    wanted = select(Area).where(Area.code == plain.strip()).order_by(Area.kind)
    found = session.scalars(wanted.where(Area.kind == kind.strip()) if kind else wanted).all()
    if not found:
        raise PersonRefused(
            f"There is no area {code!r}. Give its code, for instance 03 for a state, 0301 for a district."
        )
    if len(found) > 1:
        raise PersonRefused(
            f"{code} is more than one area. Write which: {' or '.join(f'{a.kind}:{a.code}' for a in found)}."
        )
    return found[0]
