"""A teacher is offered to families within their own hours, and never otherwise."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from callqueue.teacher_hours import teacher_taking_calls
from ptm.models import Call, SchoolClass, TeacherLine, User
from tests.unit.callqueue.village import Village


@pytest.fixture
def employed(village: Village) -> Village:
    """The class has a teacher who takes calls from ten to noon; it is eleven in India."""
    village.family()
    teacher = village.insert(
        User, login="teacher", name="Teacher", role="teacher", password_hash="", created_at=village.now
    )
    village.set(SchoolClass, village.school_class, teacher_id=teacher)
    with village.runtime.database.session() as session:
        session.add(
            TeacherLine(
                user_id=teacher, sealed_msisdn=b"", msisdn_index="i", last4="0001", takes_calls=True,
                opens_ist=time(10), closes_ist=time(12), updated_at=village.now,
            )
        )  # fmt: skip
    return village


def taking(village: Village, hours: float = 0) -> int | None:
    with village.runtime.database.reading() as tx:
        return teacher_taking_calls(tx, 1, village.now + timedelta(hours=hours))


def change_line(village: Village, **values: Any) -> None:
    with village.runtime.database.session() as session:
        for name, value in values.items():
            setattr(session.get_one(TeacherLine, 1), name, value)


def test_a_teacher_takes_calls_from_the_first_minute_on_and_not_from_the_last(employed: Village) -> None:
    assert [taking(employed, hours) for hours in (-1.01, -1, 0, 0.99, 1)] == [None, 1, 1, 1, None]


def test_a_teacher_who_wants_no_calls_or_is_gone_is_not_offered(employed: Village) -> None:
    change_line(employed, takes_calls=False)
    assert taking(employed) is None
    change_line(employed, takes_calls=True)
    employed.set(User, 1, disabled_at=employed.now)
    assert taking(employed) is None


def test_a_claimed_call_knows_whether_its_teacher_is_there(employed: Village) -> None:
    employed.start(employed.open_round())
    (attempt_id,) = employed.claim()
    assert employed.attempt(attempt_id).facts["children"][0]["teacher"] == "yes"
    employed.end(attempt_id, "busy")
    change_line(employed, closes_ist=time(10, 30))
    employed.set(Call, 1, due_at=employed.now)
    (again,) = employed.claim()
    assert "teacher" not in employed.attempt(again).facts["children"][0]
