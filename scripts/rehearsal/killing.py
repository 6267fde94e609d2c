"""Kill -9: who falls when comes from the seed, and nobody is warned."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.rehearsal.stage import Stage
from scripts.supervisor import Program

# How often each is chosen: whoever holds more of a call's fate falls more often.
WEIGHTS = {
    "worker-dial-1": 4, "worker-dial-2": 4, "worker-media": 2, "worker-asr": 1, "job": 3, "pacer": 3, "web": 2,
    "web-child": 2, "redis": 3, "database": 2, "backend": 2,
}  # fmt: skip
# Started a moment ago: it is given the time to do something first.
LEAST_LIFE_S = 0.3


class Killer:
    """Kills one process at a time. `kills` counts them by victim."""

    def __init__(self, stage: Stage, programs: Sequence[Program], seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self._programs = {program.name: program for program in programs}
        self._chance = random.Random(f"kills {seed}")  # noqa: S311 - to be repeated
        self._find: Mapping[str, Callable[[], int | None]] = {
            "job": lambda: self._child_of(self._chance.choice(("worker-media", "worker-asr"))),
            "web-child": lambda: self._child_of("web"),
            **_database_victims(stage, self._chance, self._pid),
        }

    def kill_one(self) -> str | None:
        """Kill whoever comes next and return who it was; None when that one is down already."""
        (victim,) = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        time.sleep(self._chance.uniform(0.0, 0.15))  # any moment, not those at which we happened to look
        pid = self._find.get(victim, lambda: self._pid(victim))()
        if pid is None or not _send(pid, signal.SIGKILL):
            return None
        if victim in self._programs:
            self._programs[victim].wait_s = 0.0  # it fell by our hand: no reason to be slow with the next one
        self.kills[victim] += 1
        return victim

    def kill(self, name: str) -> None:
        """Kill this program, whatever the seed says."""
        pid = self._pid(name)
        if pid is not None and _send(pid, signal.SIGKILL):
            self._programs[name].wait_s = 0.0

    def _pid(self, name: str) -> int | None:
        program = self._programs.get(name)
        process = program.process if program else None
        if program is None or process is None or process.poll() is not None:
            return None
        return process.pid if time.monotonic() - program.started > LEAST_LIFE_S else None

    def _child_of(self, name: str) -> int | None:
        parent = self._pid(name)
        children = _children(parent) if parent else []
        return self._chance.choice(children) if children else None


def _database_victims(
    stage: Stage, chance: random.Random, pid_of: Callable[[str], int | None]
) -> dict[str, Callable[[], int | None]]:
    """PostgreSQL: its first process, or one that serves a connection. SQLite has none: a writer dies half-way."""
    cluster = stage.cluster
    if cluster is None:
        file = stage.folder / "sunvai.db"
        return {"database": lambda: _writer_half_way(file), "backend": lambda: _writer_half_way(file)}

    def backend() -> int | None:
        backends = cluster.backends()
        return chance.choice(backends) if backends else None

    return {"database": lambda: pid_of("database"), "backend": backend}


def _writer_half_way(file: Path) -> int | None:
    """Start a process that has written nonsense over every call and has not committed it; return it, to be killed."""
    argv = [sys.executable, "-m", "scripts.rehearsal.dying_writer", str(file)]
    writer = subprocess.Popen(argv, stdout=subprocess.PIPE)
    _writers.append(writer)
    assert writer.stdout is not None  # noqa: S101 - asked for
    return writer.pid if writer.stdout.readline() == b"half-way\n" else None


_writers: list[subprocess.Popen[bytes]] = []


def bury_writers() -> None:
    """Collect the writers that were killed."""
    while _writers:
        writer = _writers.pop()
        writer.kill()
        writer.communicate()


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return []


def _send(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
