"""The audit: a deed and its record stand together or not at all, and a record is never changed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import select

import ptm.audit
from ptm import audit
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import Area, Audit, User
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]

ROOT = Path(ptm.audit.__file__).parents[1]


@pytest.fixture
def teacher_id(database: Database, clock: ManualClock) -> int:
    with database.session() as session:
        user = User(login="teacher", name="Teacher", role="teacher", password_hash="", created_at=clock.now())
        session.add(user)
        session.flush()
        return user.id


def test_a_record_says_who_what_and_when(database: Database, clock: ManualClock, teacher_id: int) -> None:
    with database.writing() as tx:
        audit.record(
            tx, user_id=teacher_id, action="batch.start", subject="batch", subject_id=7, details={"families": 40},
            now=clock.now(),
        )  # fmt: skip
    with database.reading_session() as session:
        kept = session.scalars(select(Audit)).one()
    assert (kept.at, kept.user_id, kept.action, kept.subject, kept.subject_id, kept.details) == (
        clock.now(), teacher_id, "batch.start", "batch", 7, {"families": 40},
    )  # fmt: skip


def test_what_the_machine_did_has_no_person(database: Database, clock: ManualClock) -> None:
    with database.session() as session:
        audit.record(session, user_id=None, action="opt_out", subject="household", subject_id=1, now=clock.now())
    with database.reading_session() as session:
        assert session.scalars(select(Audit)).one().user_id is None


def test_a_deed_that_fails_leaves_no_record(database: Database, clock: ManualClock) -> None:
    class Interrupted(Exception):
        pass

    with pytest.raises(Interrupted), database.session() as session:
        session.add(Area(kind="state", code="03", name="State"))
        audit.record(session, user_id=None, action="area.add", subject="area", subject_id=1, now=clock.now())
        raise Interrupted
    with database.reading_session() as session:
        assert session.scalars(select(Area)).all() == []
        assert session.scalars(select(Audit)).all() == []


def test_no_code_of_ours_changes_or_removes_a_record() -> None:
    """Read every module: `update` or `delete` of Audit, and setting a field of a loaded record, are not among it."""
    offenders = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for package in ("ivr", "prompts", "asr", "callqueue", "carrier", "ptm", "scripts")
        for file in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and _name(call.func) in ("update", "delete", "get", "get_one")
        and any(_name(argument) == "Audit" for argument in call.args)
    ]  # fmt: skip
    assert offenders == []


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
