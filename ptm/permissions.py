"""Who may do what, and to which class or area. Nothing else in the house answers this question.

A grant is a role, a permission and a scope. The same scope makes the list that a page shows and the check of one row,
so that what a person cannot find in a list cannot be reached by typing its number either. What is not granted here is
denied. Nobody can both trigger calls and rewrite what parents said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import Session, aliased

from ptm.models import Area, School, SchoolClass, User


class Permission(StrEnum):
    """`scope:action`, in alphabetical order."""

    ACCOUNT_USE = "account:use"
    ANSWER_WRITE = "answer:write"
    BATCH_CONTROL = "batch:control"
    BATCH_SEE = "batch:see"
    BATCH_START = "batch:start"
    CALLBACK_CLOSE = "callback:close"
    CLASS_SEE = "class:see"
    DIALING_STOP = "dialing:stop"
    DIALING_SWITCH = "dialing:switch"
    FAMILY_CALL = "family:call"
    FEEDBACK_READ = "feedback:read"
    FEEDBACK_WRITE = "feedback:write"
    LINE_EDIT = "line:edit"
    MESSAGE_WRITE = "message:write"
    PARTICIPATION_COUNT = "participation:count"
    PEOPLE_MANAGE = "people:manage"
    PROMPT_RECORD = "prompt:record"
    ROSTER_IMPORT = "roster:import"
    SUGGESTION_LISTEN = "suggestion:listen"
    SUGGESTION_READ = "suggestion:read"
    SUGGESTION_REVIEW = "suggestion:review"
    SYSTEM_SEE = "system:see"
    TREE_SEE = "tree:see"
    VOICE_WRITE = "voice:write"


class Scope(Enum):
    """How far a grant reaches."""

    SELF = "nothing but the person's own session"
    OWN_CLASSES = "the classes whose teacher the person is"
    AREA = "the schools of the person's area and of every area below it"
    WHOLE = "all of this installation, for whoever's area is all of it"
    EVERYWHERE = "all of this installation"


GRANTS: Mapping[str, Mapping[Permission, Scope]] = {
    "teacher": {
        Permission.ACCOUNT_USE: Scope.SELF,
        Permission.BATCH_CONTROL: Scope.OWN_CLASSES,
        Permission.BATCH_SEE: Scope.OWN_CLASSES,
        Permission.BATCH_START: Scope.OWN_CLASSES,
        Permission.CALLBACK_CLOSE: Scope.OWN_CLASSES,
        Permission.CLASS_SEE: Scope.OWN_CLASSES,
        Permission.FAMILY_CALL: Scope.OWN_CLASSES,
        Permission.FEEDBACK_READ: Scope.OWN_CLASSES,
        Permission.FEEDBACK_WRITE: Scope.OWN_CLASSES,
        Permission.LINE_EDIT: Scope.SELF,
        Permission.MESSAGE_WRITE: Scope.OWN_CLASSES,
        Permission.ROSTER_IMPORT: Scope.OWN_CLASSES,
        Permission.VOICE_WRITE: Scope.OWN_CLASSES,
    },
    "analyst": {
        Permission.ACCOUNT_USE: Scope.SELF,
        Permission.SUGGESTION_LISTEN: Scope.AREA,
        Permission.SUGGESTION_READ: Scope.AREA,
        Permission.SUGGESTION_REVIEW: Scope.AREA,
    },
    "leader": {
        Permission.ACCOUNT_USE: Scope.SELF,
        Permission.ANSWER_WRITE: Scope.AREA,
        Permission.DIALING_STOP: Scope.WHOLE,
        Permission.PARTICIPATION_COUNT: Scope.AREA,
    },
    "operator": {
        Permission.ACCOUNT_USE: Scope.SELF,
        Permission.DIALING_SWITCH: Scope.EVERYWHERE,
        Permission.PEOPLE_MANAGE: Scope.EVERYWHERE,
        Permission.PROMPT_RECORD: Scope.EVERYWHERE,
        Permission.SYSTEM_SEE: Scope.EVERYWHERE,
        Permission.TREE_SEE: Scope.EVERYWHERE,
    },
}


@dataclass(frozen=True)
class Actor:
    """A signed-in person, as far as permissions need to know them."""

    user_id: int
    role: str
    area_id: int | None = None
    school_id: int | None = None
    name: str = ""

    @classmethod
    def of(cls, user: User) -> Actor:
        return cls(user.id, user.role, user.area_id, user.school_id, user.name)


def grants(actor: Actor, permission: Permission) -> bool:
    """Say whether the role holds the permission at all; for which rows is the matter of the selects below."""
    return _scope(actor, permission) is not None


def may_on_class(session: Session, actor: Actor, permission: Permission, class_id: int) -> bool:
    """Answer the question: may this person do this to that class?"""
    return session.scalar(classes(actor, permission).where(SchoolClass.id == class_id)) is not None


def may_on_school(session: Session, actor: Actor, permission: Permission, school_id: int) -> bool:
    """Answer the question: may this person do this to that school?"""
    return session.scalar(schools(actor, permission).where(School.id == school_id)) is not None


def may_everywhere(session: Session, actor: Actor, permission: Permission) -> bool:
    """Answer the question: may this person do this to all of the installation?

    A leader may what has the scope WHOLE when every other area lies below theirs.
    """
    match _scope(actor, permission):
        case Scope.EVERYWHERE:
            return True
        case Scope.WHOLE:
            return list(session.scalars(select(Area.id).where(Area.parent_id.is_(None)))) == [actor.area_id]
    return False


def classes(actor: Actor, permission: Permission) -> Select[Any]:
    """Return the ids of all classes to which this person may do this, as a select to filter by."""
    ids = select(SchoolClass.id)
    match _scope(actor, permission):
        case Scope.OWN_CLASSES:
            return ids.where(SchoolClass.teacher_id == actor.user_id)
        case Scope.AREA | Scope.EVERYWHERE:
            return ids.where(SchoolClass.school_id.in_(schools(actor, permission)))
    return ids.where(false())


def schools(actor: Actor, permission: Permission) -> Select[Any]:
    """Return the ids of all schools to which this person may do this as a whole: a teacher's right ends at a class."""
    ids = select(School.id)
    match _scope(actor, permission):
        case Scope.AREA if actor.area_id is not None:
            return ids.where(School.area_id.in_(areas_below(actor.area_id)))
        case Scope.EVERYWHERE:
            return ids.where(true())
    return ids.where(false())


def areas(actor: Actor, permission: Permission) -> Select[Any]:
    """Return the ids of all areas to which this person may do this as a whole."""
    match _scope(actor, permission):
        case Scope.AREA if actor.area_id is not None:
            return areas_below(actor.area_id)
        case Scope.EVERYWHERE:
            return select(Area.id)
    return select(Area.id).where(false())


def areas_below(area_id: int) -> Select[Any]:
    """Return the ids of an area and of everything below it, whatever the depth."""
    top = select(Area.id).where(Area.id == area_id).cte(recursive=True)
    child = aliased(Area)
    tree = top.union(select(child.id).join(top, child.parent_id == top.c.id))
    return select(tree.c.id)


def _scope(actor: Actor, permission: Permission) -> Scope | None:
    return GRANTS.get(actor.role, {}).get(permission)
