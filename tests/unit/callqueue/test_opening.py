"""A round freezes the settings it was opened with, and is refused when nobody could be called in it."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callqueue.opening import RoundRefused, open_round
from callqueue.runtime import Runtime
from callqueue.windows import WALL_CLOSES
from ptm.database import Database
from ptm.models import Area, Round, TreeVersion
from ptm.settings import CallingSettings

WEDNESDAY, SATURDAY, SUNDAY = date(2026, 11, 25), date(2026, 11, 28), date(2026, 11, 29)
MONDAY = date(2026, 11, 30)


@pytest.fixture
def area_id(runtime: Runtime) -> int:
    with runtime.database.session() as session:
        area = Area(kind="state", code="03", name="Punjab")
        session.add(area)
        session.flush()
        return area.id


def opened(runtime: Runtime, area_id: int, calling: CallingSettings | None = None, **told: Any) -> Round:
    with runtime.database.session() as session:
        return opened_in(session, runtime, area_id, calling, **told)


def opened_in(
    session: Session, runtime: Runtime, area_id: int, calling: CallingSettings | None = None, **told: Any
) -> Round:
    said = {
        "area_id": area_id, "name": "Week one", "starts_on_ist": WEDNESDAY, "ends_on_ist": SATURDAY,
        "meeting_on_ist": SATURDAY, "tree_hash": "a" * 64, "tree_definition": "name = 'ptm'",
    } | told  # fmt: skip
    return open_round(session, calling=calling or runtime.settings.calling, now=runtime.clock.now(), **said)


def changed(runtime: Runtime, **values: Any) -> CallingSettings:
    return runtime.settings.calling.model_copy(update=values)


def test_a_round_keeps_days_hours_tries_ladder_and_tree(runtime: Runtime, area_id: int) -> None:
    opened(runtime, area_id, changed(runtime, holidays=(date(2026, 11, 26),)), theme="Reading")
    with runtime.database.reading_session() as session:
        kept = session.scalars(select(Round)).one()
        calling = runtime.settings.calling
        assert (kept.opens_ist, kept.closes_ist, kept.tries) == (calling.opens, calling.closes, calling.tries)
        assert (kept.weekdays, kept.holidays) == ("mon,tue,wed,thu,fri,sat", {"dates": ["2026-11-26"]})
        assert (kept.ladder, kept.theme) == (dict(calling.ladder), "Reading")
        assert session.get_one(TreeVersion, kept.tree_hash).definition == "name = 'ptm'"


def test_two_rounds_of_one_tree_keep_it_once(runtime: Runtime, area_id: int) -> None:
    opened(runtime, area_id)
    later = {"starts_on_ist": MONDAY, "ends_on_ist": MONDAY, "meeting_on_ist": MONDAY}
    opened(runtime, area_id, name="Week two", **later)
    with runtime.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(TreeVersion)) == 1


def test_of_two_that_open_at_once_the_second_sees_the_first(runtime: Runtime, area_id: int) -> None:
    told: list[str] = []
    other = Database(runtime.settings.database.url)

    def open_too() -> None:
        try:
            with other.session() as session:
                opened_in(session, runtime, area_id, name="Week two")
        except RoundRefused as refusal:
            told.append(str(refusal))

    with runtime.database.session() as session:
        opened_in(session, runtime, area_id)
        second = threading.Thread(target=open_too)
        second.start()
        second.join(0.5)  # however far it has come by now, it must wait for this transaction
        assert not told
    second.join()
    other.dispose()
    assert len(told) == 1
    assert "calls the same families on the same days" in told[0]


@pytest.mark.parametrize(
    ("told", "values", "why"),
    [
        ({"name": "  "}, {}, "needs a name"),
        ({"starts_on_ist": SATURDAY, "ends_on_ist": WEDNESDAY}, {}, "before it starts"),
        ({"starts_on_ist": date(2025, 1, 1), "ends_on_ist": date(2025, 1, 9)}, {}, "no calling hour is left"),
        ({"starts_on_ist": SUNDAY, "ends_on_ist": SUNDAY}, {}, "no calling hour is left"),
        ({"ends_on_ist": WEDNESDAY}, {"holidays": (WEDNESDAY,)}, "no calling hour is left"),
        ({}, {"weekdays": ()}, "no calling hour is left"),
        ({}, {"opens": WALL_CLOSES, "closes": WALL_CLOSES}, "no calling hour is left"),
    ],
)
def test_a_round_without_a_calling_hour_is_refused_and_nothing_is_written(
    runtime: Runtime, area_id: int, told: dict[str, Any], values: dict[str, Any], why: str
) -> None:
    with pytest.raises(RoundRefused, match=why):
        opened(runtime, area_id, changed(runtime, **values), **told)
    with runtime.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Round)) == 0


def test_a_round_that_has_begun_may_be_opened_while_hours_are_left(runtime: Runtime, area_id: int) -> None:
    assert opened(runtime, area_id, starts_on_ist=date(2026, 11, 20)).id
