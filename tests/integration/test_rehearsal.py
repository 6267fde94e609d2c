"""A week through the real parts, as its command plays it: processes are killed, and every promise holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.rehearsal.mishaps import BLOWS

ROOT = Path(__file__).parent.parent.parent
# What hangs fails, also on a machine that is busy with the other tests.
WITHIN_S, LONG_WITHIN_S = 240, 3_600


def rehearsed(folder: Path, *options: str, within_s: float = WITHIN_S) -> dict[str, Any]:
    """Play one week in a folder of its own and return its figures; fails with all of its output on another code."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}
    argv = [sys.executable, "-m", "scripts", "rehearse", "--stack", "--json", "--folder", str(folder), *options]
    run = subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=within_s)
    assert run.returncode == 0, run.stdout + run.stderr
    (figures,) = json.loads(run.stdout.splitlines()[-1])
    return dict(figures)


def assert_kept(figures: dict[str, Any], *, households: int, kills: int) -> None:
    assert figures["kept"]
    assert not any(figures["broken"].values()), figures
    assert figures["households"] == households <= figures["dials"]
    assert sum(figures["dispositions"].values()) == households
    assert sum(figures["kills"].values()) >= kills
    assert figures["suggestions"] > 0


def test_a_dozen_families_are_called_while_processes_are_killed(tmp_path: Path) -> None:
    figures = rehearsed(tmp_path / "r", "--households", "12", "--kills", "5", "--faults", "none", "--speed", "60")
    assert_kept(figures, households=12, kills=5)


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_everything_goes_wrong_at_once(tmp_path_factory: pytest.TempPathFactory, database: str) -> None:
    folder = tmp_path_factory.mktemp("r")
    options = ("--households", "120", "--kills", "25", "--database", database)
    figures = rehearsed(folder, *options, within_s=LONG_WITHIN_S)
    assert_kept(figures, households=120, kills=25)
    assert set(figures["blows"]) == set(BLOWS)
    assert figures["webhooks_lost"] > 0
