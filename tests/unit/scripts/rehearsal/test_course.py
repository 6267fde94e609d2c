"""How a rehearsal sees how far its calls are, and when it may let the clock be put forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ptm.models import Call, Recording
from scripts.rehearsal.course import look
from tests.conftest import NOW, TestRuntime
from tests.unit.callqueue.village import Village

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVENING = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)  # seven in India: nobody is called any more
MORNING = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)


@pytest.fixture
def village(runtime: TestRuntime) -> Village:
    village = Village(runtime)
    village.family()
    village.start(village.open_round())
    return village


def test_whoever_is_due_in_the_evening_waits_for_the_morning(runtime: TestRuntime, village: Village) -> None:
    with runtime.database.reading() as tx:
        assert look(tx, EVENING).idle_until_at == MORNING


def test_nothing_is_idle_while_a_phone_may_ring_or_words_are_unread(runtime: TestRuntime, village: Village) -> None:
    (attempt_id,) = village.claim()
    village.set(Call, 1, due_at=NOW + timedelta(hours=3))
    with runtime.database.reading() as tx:
        assert look(tx, NOW).idle_until_at is None
    village.end(attempt_id, "no_answer")
    with runtime.database.reading() as tx:
        assert look(tx, NOW).idle_until_at == village.only_call().due_at
    village.insert(
        Recording, attempt_id=attempt_id, carrier_id="a", url="u", language="pa", state="wanted", duration_ms=1,
        wanted_at=NOW, due_at=NOW,
    )  # fmt: skip
    with runtime.database.reading() as tx:
        seen = look(tx, NOW)
    assert (seen.idle_until_at, seen.is_over) == (None, False)


def test_it_is_over_when_every_call_has_ended(runtime: TestRuntime, village: Village) -> None:
    (attempt_id,) = village.claim()
    village.end(attempt_id, "rejected")
    with runtime.database.reading() as tx:
        seen = look(tx, NOW)
    assert (seen.ended, seen.calls, seen.is_over) == (1, 1, True)
