"""Processes that read one clock file agree on the time, also when it is put forward."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from carrier.exchange.errors import BadSettings
from carrier.exchange.shared_clock import FilePace
from ptm.clock import FileClock, ScaledClock, write_clock_file
from ptm.errors import SettingsError

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
A_MOMENT = timedelta(seconds=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


def show(file: Path, at: datetime, *, speed: float = 1.0) -> None:
    """Let the file's clock show `at` now."""
    write_clock_file(file, ScaledClock(at, datetime.now(UTC).timestamp(), speed))


def test_a_clock_shows_what_the_file_says(file: Path) -> None:
    show(file, AT)
    assert timedelta(0) <= FileClock(file).now() - AT < A_MOMENT


def test_a_clock_that_is_put_forward_is_put_forward_for_all(file: Path) -> None:
    show(file, AT, speed=20)
    ours, theirs = FileClock(file), FilePace(file)
    assert theirs.now_s() < A_MOMENT.total_seconds() * 20
    show(file, AT + timedelta(days=1), speed=20)
    ahead = timedelta(days=1)
    assert ahead <= ours.now() - AT < ahead + A_MOMENT * 20
    assert ahead.total_seconds() <= theirs.now_s() < (ahead + A_MOMENT * 20).total_seconds()
    assert theirs.anchor_at == AT


def test_speed_stretches_machine_time(file: Path) -> None:
    show(file, AT, speed=20)
    assert FileClock(file).stretch(3) == timedelta(minutes=1)
    assert FileClock(file).shrink(timedelta(minutes=1)) == 3


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"anchor_at": "noon", "anchor_wall": 0, "speed": 1}'])
def test_a_file_that_is_no_clock_names_itself(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"clock\.json"):
        FileClock(file)
    with pytest.raises(BadSettings, match=r"clock\.json"):
        FilePace(file)


def test_a_time_without_a_zone_is_refused(file: Path) -> None:
    file.write_text(json.dumps({"anchor_at": "2026-11-25T05:30:00", "anchor_wall": 0, "speed": 1}))
    with pytest.raises(SettingsError, match="time zone"):
        FileClock(file)
    with pytest.raises(BadSettings, match="time zone"):
        FilePace(file)


def test_a_missing_file_is_said(file: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        FileClock(file)
