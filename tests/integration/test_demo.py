"""The whole of it, as a newcomer runs it: one class is called to the end, whatever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
PROCESSES = ("redis", "exchange", "web", "worker-dial", "worker-media", "worker-asr", "pacer")
KEYS = {
    "households", "children", "attempts", "answered", "heard", "recorded", "transcribed", "lost", "double_dialled",
    "outside_window", "wer", "wall_s",
}  # fmt: skip
# A machine that is busy with the rest of the tests may take longer than the product's 90 s.
WITHIN_S = 240


class Run:
    """`demo --once` in a folder of its own; each line of its output is a moment at which a test may act."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "PYTHONUNBUFFERED": "1"}
        argv = [sys.executable, "-m", "scripts", "demo", "--once", "--folder", str(folder)]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.output: list[str] = []
        # A run that hangs must fail, not hold up every test behind it.
        self._watchdog = threading.Timer(WITHIN_S, self._process.kill)
        self._watchdog.start()

    def lines(self) -> Iterator[str]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            yield line

    def to_the_end(self, at_each_progress: Callable[[int], None] = lambda _count: None) -> dict[str, Any]:
        """Follow the run to its last line, which is its figures. Fails with all of the output on another exit code."""
        told = 0
        for line in self.lines():
            if " to call, " in line:
                at_each_progress(told)
                told += 1
        code = self._process.wait()
        self._close()
        assert code == 0, "".join(self.output)
        figures: dict[str, Any] = json.loads(self.output[-1])
        return figures

    def kill(self, name: str) -> None:
        """Kill one of its processes as the kernel would, without a word."""
        os.kill(int((self.folder / "logs" / f"{name}.pid").read_text()), signal.SIGKILL)

    def kill_all(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        self._watchdog.cancel()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "demo"


def assert_every_promise_was_kept(figures: dict[str, Any]) -> None:
    assert figures.keys() >= KEYS
    assert (figures["lost"], figures["double_dialled"], figures["outside_window"]) == (0, 0, 0), figures
    assert figures["children"] == 40
    assert figures["unfinished"] == 0
    assert 0 < figures["recorded"] == figures["transcribed"], figures
    assert figures["heard"] >= 20, figures


def test_one_class_is_called_to_the_end(folder: Path) -> None:
    figures = Run(folder).to_the_end()
    assert_every_promise_was_kept(figures)
    assert figures["wer"] < 0.1, figures


def test_every_process_is_killed_once_and_nothing_is_lost(folder: Path) -> None:
    run = Run(folder)
    waiting = list(PROCESSES)

    def kill_the_next(_count: int) -> None:
        if waiting:
            run.kill(waiting.pop(0))

    assert_every_promise_was_kept(run.to_the_end(kill_the_next))
    assert len(waiting) < len(PROCESSES) - 2, "the run was over before enough processes were killed"


def test_a_run_that_was_cut_off_goes_on(folder: Path) -> None:
    cut = Run(folder)
    told = 0
    for line in cut.lines():
        told += " to call, " in line
        if told == 3:
            break
    cut.kill_all()
    assert_every_promise_was_kept(Run(folder).to_the_end())


@pytest.mark.long
@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("when", [1, 3, 6])
def test_one_process_is_killed_in_the_middle(folder: Path, name: str, when: int) -> None:
    run = Run(folder)

    def kill_then(count: int) -> None:
        if count == when:
            run.kill(name)

    assert_every_promise_was_kept(run.to_the_end(kill_then))
