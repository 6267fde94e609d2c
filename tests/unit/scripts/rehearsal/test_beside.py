"""Weeks that are played beside each other: all are judged, and after a broken one no further one begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.rehearsal import beside
from scripts.rehearsal.stack import Wish
from tests.unit.scripts.rehearsal.a_week import BREAKS, a_week


def wishes(folder: Path, *seeds: int) -> list[Wish]:
    return [Wish(folder, 1, 1, seed) for seed in seeds]


def test_every_week_is_played_and_its_lines_say_whose_they_are(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    results = list(beside.play(wishes(tmp_path, 2, 3, 4), at_once=2, week=a_week))
    assert sorted(result.seed for result in results) == [2, 3, 4]
    assert all(result.is_kept for result in results)
    assert sorted(capfd.readouterr().out.splitlines()) == ["[2] began", "[3] began", "[4] began"]


def test_after_a_broken_week_no_further_one_begins(tmp_path: Path) -> None:
    seeds = range(BREAKS, BREAKS + 4)
    (result,) = beside.play(wishes(tmp_path, *seeds), at_once=1, week=a_week)
    assert not result.is_kept
    assert [file.name for file in tmp_path.iterdir()] == [str(BREAKS)]
