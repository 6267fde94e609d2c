"""Time is kept once, in UTC, and shown in India; a time that does not say its zone goes nowhere."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from ptm.clock import IST, FileClock, ManualClock, ScaledClock, SystemClock, write_clock_file
from ptm.database import Database
from ptm.errors import SettingsError
from ptm.models import Audit

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
EDGES = [
    datetime.fromisoformat(f"{text}+00:00")
    for text in (
        "2026-02-28T18:29:59.999999", "2026-02-28T18:30", "2028-02-29T18:29:59", "2026-12-31T18:29:59.999999",
        "2026-12-31T18:30", "2027-01-01T00:00", "2026-03-29T01:00", "2026-11-01T06:00",
    )
]  # fmt: skip
"""Ends of months and years in India and in UTC, and moments at which clocks elsewhere are changed."""
FIRST, LAST = datetime(1950, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - a range of a calendar, not instants
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC)) | st.sampled_from(EDGES)
several = settings(max_examples=400, deadline=None, derandomize=True, database=None)


@given(instants)
@several
def test_an_instant_survives_the_way_to_india_and_back(at: datetime) -> None:
    local = at.astimezone(IST)
    assert local.astimezone(UTC) == at
    assert local.replace(tzinfo=UTC) - at == timedelta(hours=5, minutes=30)
    assert datetime.combine(local.date(), local.time(), IST).astimezone(UTC) == at


def stored(database: Database, at: datetime) -> datetime | None:
    with database.writing() as tx:
        row_id = tx.scalar(insert(Audit).values(at=at, action="test", subject="clock", details={}).returning(Audit.id))
        return tx.scalar(select(Audit.at).where(Audit.id == row_id))


def test_an_instant_survives_the_way_into_the_database_and_back(database: Database) -> None:
    zones = (UTC, IST, timezone(timedelta(hours=-8)))

    @given(instants, st.sampled_from(zones))
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    def keeps(at: datetime, zone: timezone) -> None:
        found = stored(database, at.astimezone(zone))
        assert found == at
        assert found is not None and found.utcoffset() == timedelta(0)

    keeps()


def test_a_naive_datetime_does_not_reach_the_database(database: Database) -> None:
    with pytest.raises(StatementError, match=r"naive datetime .* cannot be stored"):
        stored(database, datetime(2026, 11, 25, 5, 30))  # noqa: DTZ001
    with database.reading() as tx:
        assert tx.scalar(select(Audit.id)) is None


def test_a_naive_datetime_is_not_even_compared(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"), database.reading() as tx:
        tx.execute(select(Audit.id).where(Audit.at < datetime(2026, 11, 25)))  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_hosts_zone_changes_nothing(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert SystemClock().now().utcoffset() == timedelta(0)
        assert abs(SystemClock().now().timestamp() - time.time()) < 5
        assert ScaledClock(AT, time.time(), 1.0).now() - AT < timedelta(seconds=5)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_scaled_clock_runs_from_its_anchor_at_its_speed() -> None:
    clock = ScaledClock(AT, time.time() - 10, 60.0)
    assert timedelta(minutes=10) <= clock.now() - AT < timedelta(minutes=15)
    assert (clock.stretch(2.0), clock.shrink(timedelta(minutes=2))) == (timedelta(minutes=2), 2.0)


def test_processes_that_share_the_anchor_agree() -> None:
    anchor = time.time()
    first, second = ScaledClock(AT, anchor, 20.0), ScaledClock(AT, anchor, 20.0)
    assert abs((first.now() - second.now()).total_seconds()) < 5


def test_the_machines_clock_stretches_nothing() -> None:
    clock = SystemClock()
    assert (clock.stretch(1.5), clock.shrink(timedelta(seconds=90))) == (timedelta(seconds=1.5), 90.0)


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(AT)
    assert clock.now() == clock.now() == AT
    clock.advance(timedelta(hours=1))
    assert clock.now() == AT + timedelta(hours=1)
    assert (clock.stretch(1.0), clock.shrink(timedelta(seconds=1))) == (timedelta(seconds=1), 1.0)


def test_a_clock_in_a_file_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    write_clock_file(file, ScaledClock(AT, time.time(), 1.0))
    clock = FileClock(file)
    assert clock.now() - AT < timedelta(minutes=1)
    write_clock_file(file, ScaledClock(AT + timedelta(days=1), time.time(), 5.0))
    os.utime(file, ns=(1, 1))  # whatever the file system's clock can tell apart
    assert timedelta(days=1) <= clock.now() - AT < timedelta(days=1, minutes=5)
    assert (clock.stretch(1.0), clock.shrink(timedelta(seconds=10))) == (timedelta(seconds=5), 2.0)


@pytest.mark.parametrize(
    "told",
    ["", "{}", "[]", '{"anchor_at": "2026-11-25T05:30:00", "anchor_wall": 1, "speed": 1}',
     json.dumps({"anchor_at": "soon", "anchor_wall": 1, "speed": 1})],
)  # fmt: skip
def test_a_clock_in_a_file_that_cannot_be_read_names_the_file(tmp_path: Path, told: str) -> None:
    file = tmp_path / "clock.json"
    file.write_text(told, "utf-8")
    with pytest.raises(SettingsError, match=r"clock\.file: .*clock\.json"):
        FileClock(file)
