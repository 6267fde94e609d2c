"""Every role against every permission and every place; the list of a page and the check of one row agree."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ptm.database import Database
from ptm.models import Area, School, SchoolClass, User
from ptm.permissions import (
    GRANTS,
    Actor,
    Permission,
    areas,
    classes,
    grants,
    may_everywhere,
    may_on_class,
    may_on_school,
    schools,
)
from tests.conftest import NOW
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]


@dataclass(frozen=True)
class State:
    """Two districts; in the first two schools in different blocks, one of which has two classes."""

    teacher: Actor
    colleague: Actor
    analyst: Actor
    leader: Actor
    operator: Actor
    own: int
    same_school: int
    same_district: int
    other_district: int
    school: int
    other_school: int


@pytest.fixture
def state(database: Database) -> State:
    with database.session() as session:
        return _state(session)


def _state(session: Session) -> State:
    state = Area(kind="state", code="03", name="State")
    here = Area(kind="district", code="0301", name="Here", parent=state)
    there = Area(kind="district", code="0302", name="There", parent=state)
    blocks = [Area(kind="block", code=f"03010{n}", name="Block", parent=here) for n in (1, 2)]
    school, near = (School(udise=f"0301{n:07d}", name="School", spoken={}, area=blocks[n]) for n in (0, 1))
    far = School(udise="03020000001", name="School", spoken={}, area=there)
    session.add_all([state, here, there, *blocks, school, near, far])
    session.flush()

    def person(login: str, role: str, area: Area | None = None) -> User:
        user = User(
            login=login, name=login, role=role, password_hash="", area_id=area.id if area else None, created_at=NOW
        )
        session.add(user)
        session.flush()
        return user

    teacher, colleague = person("teacher", "teacher"), person("colleague", "teacher")
    taught = [
        SchoolClass(school=school, name="5A", teacher_id=teacher.id),
        SchoolClass(school=school, name="5B", teacher_id=colleague.id),
        SchoolClass(school=near, name="5A"),
        SchoolClass(school=far, name="5A"),
    ]
    session.add_all(taught)
    session.flush()
    actors = [
        Actor.of(user)
        for user in (
            teacher, colleague, person("analyst", "analyst", here), person("leader", "leader", here),
            person("operator", "operator"),
        )
    ]  # fmt: skip
    return State(*actors, *(one.id for one in taught), school.id, far.id)


# Who may do what: a permission that is missing here fails the test, so that nobody is granted anything in passing.
TEACHES = {
    Permission.BATCH_CONTROL, Permission.BATCH_SEE, Permission.BATCH_START, Permission.CALLBACK_CLOSE,
    Permission.CLASS_SEE, Permission.FAMILY_CALL, Permission.FEEDBACK_READ, Permission.FEEDBACK_WRITE,
    Permission.MESSAGE_WRITE, Permission.ROSTER_IMPORT, Permission.VOICE_WRITE,
}  # fmt: skip
OWN_PHONE = {Permission.LINE_EDIT}
LISTENS = {Permission.SUGGESTION_LISTEN, Permission.SUGGESTION_READ, Permission.SUGGESTION_REVIEW}
COUNTS = {Permission.ANSWER_WRITE, Permission.PARTICIPATION_COUNT}
STOPS = {Permission.DIALING_STOP}
OPERATES = {
    Permission.DIALING_SWITCH, Permission.PEOPLE_MANAGE, Permission.PROMPT_RECORD, Permission.SYSTEM_SEE,
    Permission.TREE_SEE,
}  # fmt: skip
MAY = {"teacher": TEACHES | OWN_PHONE, "analyst": LISTENS, "leader": COUNTS | STOPS, "operator": OPERATES}


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(MAY, Permission)))
def test_each_role_holds_exactly_its_permissions(role: str, permission: Permission) -> None:
    granted = grants(Actor(user_id=1, role=role, area_id=1), permission)
    assert granted == (permission == Permission.ACCOUNT_USE or permission in MAY[role])


def test_every_permission_belongs_to_somebody() -> None:
    assert set().union(*MAY.values(), {Permission.ACCOUNT_USE}) == set(Permission)


def test_nobody_can_both_trigger_calls_and_rewrite_what_parents_said() -> None:
    for role in GRANTS:
        held = set(GRANTS[role])
        assert not ({Permission.BATCH_START, Permission.BATCH_CONTROL} & held and Permission.SUGGESTION_REVIEW in held)


def test_an_unknown_role_may_do_nothing() -> None:
    janitor = Actor(user_id=1, role="janitor", area_id=1, school_id=1)
    assert not any(grants(janitor, permission) for permission in Permission)


@pytest.mark.parametrize("permission", sorted(TEACHES))
def test_a_teacher_reaches_her_own_class_and_no_other(state: State, database: Database, permission: Permission) -> None:
    with database.reading_session() as session:
        reached = set(session.scalars(classes(state.teacher, permission)))
        assert reached == {state.own}
        for class_id in (state.own, state.same_school, state.same_district, state.other_district):
            assert may_on_class(session, state.teacher, permission, class_id) == (class_id in reached)
        # A right over a class is none over its school.
        assert session.scalars(schools(state.teacher, permission)).all() == []


@pytest.mark.parametrize(
    ("who", "permission"), [("analyst", Permission.SUGGESTION_READ), *(("leader", one) for one in sorted(COUNTS))]
)
def test_an_area_reaches_down_to_every_school_below_it(
    state: State, database: Database, who: str, permission: Permission
) -> None:
    actor: Actor = getattr(state, who)
    with database.reading_session() as session:
        assert may_on_school(session, actor, permission, state.school)
        assert not may_on_school(session, actor, permission, state.other_school)
        reached = set(session.scalars(classes(actor, permission)))
    assert reached == {state.own, state.same_school, state.same_district}


def test_a_person_without_an_area_reaches_nothing_by_it(state: State, database: Database) -> None:
    lost = Actor(user_id=state.analyst.user_id, role="analyst")
    with database.reading_session() as session:
        assert session.scalars(schools(lost, Permission.SUGGESTION_READ)).all() == []


def test_an_operator_sees_no_class_and_no_suggestion(state: State, database: Database) -> None:
    family_data = TEACHES | LISTENS | COUNTS
    with database.reading_session() as session:
        for permission in family_data:
            assert session.scalars(classes(state.operator, permission)).all() == []
            assert session.scalars(schools(state.operator, permission)).all() == []


def test_a_leader_reaches_the_areas_below_and_not_the_one_above(state: State, database: Database) -> None:
    with database.reading_session() as session:
        codes = set(session.scalars(select(Area.code).where(Area.id.in_(areas(state.leader, Permission.ANSWER_WRITE)))))
        assert codes == {"0301", "030101", "030102"}
        assert session.scalars(areas(state.teacher, Permission.ANSWER_WRITE)).all() == []
        assert session.scalars(areas(Actor(1, "leader"), Permission.ANSWER_WRITE)).all() == []
        everywhere = session.scalars(areas(state.operator, Permission.SYSTEM_SEE)).all()
        assert len(everywhere) == len(session.scalars(select(Area.id)).all())


def test_only_the_leader_of_everything_stops_everything(state: State, database: Database) -> None:
    with database.session() as session:
        top = Actor(user_id=1, role="leader", area_id=session.scalar(select(Area.id).where(Area.kind == "state")))
        assert may_everywhere(session, top, Permission.DIALING_STOP)
        assert may_everywhere(session, state.operator, Permission.DIALING_SWITCH)
        for nobody in (state.leader, state.operator, state.teacher, state.analyst, Actor(1, "leader")):
            assert not may_everywhere(session, nobody, Permission.DIALING_STOP)
        # Beside a second state nobody's area is all of it.
        session.add(Area(kind="state", code="04", name="Other state"))
        session.flush()
        assert not may_everywhere(session, top, Permission.DIALING_STOP)


def test_a_grant_everywhere_reaches_every_school(state: State, database: Database) -> None:
    with database.reading_session() as session:
        everywhere = set(session.scalars(schools(state.operator, Permission.SYSTEM_SEE)))
        assert everywhere == set(session.scalars(select(School.id)))
        assert set(session.scalars(classes(state.operator, Permission.SYSTEM_SEE))) == set(
            session.scalars(select(SchoolClass.id))
        )


def test_a_class_given_to_another_teacher_is_lost_at_once(state: State, database: Database) -> None:
    with database.session() as session:
        session.get_one(SchoolClass, state.own).teacher_id = state.colleague.user_id
    with database.reading_session() as session:
        assert not may_on_class(session, state.teacher, Permission.CLASS_SEE, state.own)
        assert may_on_class(session, state.colleague, Permission.CLASS_SEE, state.own)
