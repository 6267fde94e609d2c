"""Keeps a machine's processes up: starts them in order, starts again what dies, stops all in the reverse order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ptm.errors import SunvaiError

PR_SET_PDEATHSIG = 1
STOP_WITHIN_S = 20.0
FIRST_WAIT_S, LONGEST_WAIT_S, CALM_S = 0.5, 10.0, 20.0


# A port or a socket is free again a moment after its last owner ended.
MOST_LAUNCHES = 4


class ProgramDown(SunvaiError):
    """A program does not come up. The message names its log."""


@dataclass
class Program:
    """One process: how to start it, and how to know that it serves (polled; None: at once)."""

    name: str
    argv: Sequence[str]
    is_ready: Callable[[], bool] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait_s: float = FIRST_WAIT_S
    restarts: int = field(default=0)


class Supervisor:
    """Runs programs until `stop`. Output goes to `<logs>/<name>.log`, the present process's number to `<name>.pid`."""

    def __init__(
        self, programs: Sequence[Program], *, logs: Path, environ: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self.programs = programs
        self._logs = logs
        self._environ = dict(environ)
        self._say = say
        self._stopping = threading.Event()

    def start(self, ready_within_s: float = 60.0) -> None:
        """Start every program, each once the one before it serves. Raises ProgramDown naming the log to read."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for program in self.programs:
            self._launch(program)
            self._await(program, ready_within_s)

    def watch(self, until: Callable[[], bool]) -> None:
        """Start again whatever dies until `until()` is true or somebody calls `stop`."""
        while not self._stopping.is_set() and not until():
            for program in self.programs:
                self._revive(program)
            self._stopping.wait(0.2)

    def stop(self) -> None:
        """End every program, the last started first; whatever does not end in time is killed."""
        self._stopping.set()
        for program in reversed(self.programs):
            process = program.process
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _launch(self, program: Program) -> None:
        with (self._logs / f"{program.name}.log").open("ab") as log:
            program.process = subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ,
                # A session of its own: Ctrl-C reaches us alone and we stop the others in order.
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        (self._logs / f"{program.name}.pid").write_text(f"{program.process.pid}\n")
        program.started = time.monotonic()

    def _await(self, program: Program, within_s: float) -> None:
        """Wait until a program serves. One that ends at once may have met its own predecessor: it is started again."""
        deadline = time.monotonic() + within_s
        launches = 1
        while program.is_ready is not None and not program.is_ready():
            dead = program.process is not None and program.process.poll() is not None
            if dead and launches < MOST_LAUNCHES:
                launches += 1
                self._stopping.wait(FIRST_WAIT_S * launches)
                self._launch(program)
            elif dead or time.monotonic() > deadline:
                what = "ended at once" if dead else f"did not answer within {within_s:g} s"
                raise ProgramDown(f"{program.name} {what}; its log, {self._logs / program.name}.log, says why")
            if self._stopping.wait(0.05):
                return

    def _revive(self, program: Program) -> None:
        process = program.process
        if process is None or process.poll() is None:
            if time.monotonic() - program.started > CALM_S:
                program.wait_s = FIRST_WAIT_S
            return
        if time.monotonic() - program.started < program.wait_s:
            return
        self._say(f"{program.name} ended ({process.returncode}); starting it again")
        program.restarts += 1
        program.wait_s = min(program.wait_s * 2, LONGEST_WAIT_S)
        self._launch(program)


def sunvai(*words: str) -> list[str]:
    """Return the command line of one of our own verbs, run by this Python."""
    return [sys.executable, "-m", "scripts", *words]


def die_with_parent() -> None:
    """Ask Linux to end this child with its parent: a killed supervisor must not leave a second set of workers."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:
            os._exit(1)
