from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from carrier.exchange.clock import ClockLoop
from carrier.exchange.command import command
from carrier.exchange.errors import BadSettings
from carrier.exchange.shared_clock import FilePace

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)


def write(path: Path, at: datetime, speed: float = 20.0) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"anchor_at": at.isoformat(), "anchor_wall": time.time(), "speed": speed}))
    part.replace(path)


def test_the_clock_goes_on_where_the_file_puts_it(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write(path, AT)
    pace = FilePace(path)
    loop = ClockLoop(pace, pace.anchor_at)
    assert AT <= loop.instant() < AT + timedelta(minutes=5)
    write(path, AT + timedelta(hours=8), speed=5.0)
    assert AT + timedelta(hours=8) <= loop.instant() < AT + timedelta(hours=8, minutes=5)
    assert pace.speed == 5.0
    loop.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("not json", "Expecting value"),
        ("{}", "anchor_at"),
        ('{"anchor_at": "2026-11-25T05:30:00", "anchor_wall": 1, "speed": 1}', "time zone"),
        ('{"anchor_at": "2026-11-25T05:30:00Z", "anchor_wall": 1, "speed": "fast"}', "fast"),
    ],
)
def test_a_file_that_is_no_clock_is_named(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text(content)
    with pytest.raises(BadSettings, match=rf"clock\.json.*{reason}"):
        FilePace(path)


def test_the_file_and_the_anchors_exclude_each_other(tmp_path: Path) -> None:
    options = ["--clock", str(tmp_path / "clock.json"), "--anchor-at", AT.isoformat(), "--anchor-wall", "1"]
    told = CliRunner().invoke(command, options, env={"PLIVO_AUTH_ID": "MA", "PLIVO_AUTH_TOKEN": "a-token"})
    assert told.exit_code == 1
    assert "leave them out" in told.output
