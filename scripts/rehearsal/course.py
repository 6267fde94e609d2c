"""The course of a stack rehearsal: watches how far the calls are, lets fall what must fall, lets idle hours pass."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from callqueue.rounds import window_of
from callqueue.runtime import Runtime
from callqueue.windows import next_open
from ptm.models import Batch, Call, Recording, Round
from scripts.rehearsal.killing import Killer, bury_writers
from scripts.rehearsal.stage import MACHINE, Stage
from scripts.supervisor import Program

LOOK_EVERY_S, SAY_EVERY_S = 0.5, 10.0
# Machine seconds without anything changing after which a rehearsal is given up: what hangs has failed.
PATIENCE_S = 240.0
# At the latest so long after a kill comes the next, even if no call ended meanwhile.
LONGEST_CALM_S, SHORTEST_CALM_S = 12.0, 0.4
AWAY_S = 6.0
HOUR, STEP = timedelta(hours=1), timedelta(minutes=7)
# Nothing happens for longer than this (clock time): the clock may be put forward to just before it does.
IDLE, JUST_BEFORE = timedelta(seconds=20), timedelta(seconds=5)


@dataclass(frozen=True)
class Seen:
    """How far the calls are. `idle_until_at` is when the next family is due, if nothing at all happens before."""

    ended: int
    calls: int
    line: str
    is_over: bool
    idle_until_at: datetime | None


@dataclass
class Course:
    """Asked again and again whether all is over; meanwhile it kills `most_kills` processes and lets the blows fall."""

    stage: Stage
    runtime: Runtime
    programs: list[Program]
    killer: Killer
    most_kills: int
    blows: list[tuple[float, str]]
    seed: int
    say: Callable[[str], None]
    fallen: Counter[str] = field(default_factory=Counter)
    is_stuck: bool = False

    def __post_init__(self) -> None:
        self._chance = random.Random(f"course {self.seed}")  # noqa: S311 - to be repeated
        self._seen: Seen | None = None
        now_s = time.monotonic()
        self._looked_s = self._said_s = float("-inf")
        self._changed_s = self._killed_s = now_s
        self._ended_at_kill = 0
        self._line = ""
        self._later: list[tuple[float, Callable[[], None]]] = []  # what has to be set right again, and when

    @property
    def kills_left(self) -> int:
        return self.most_kills - self.killer.kills.total()

    @property
    def _has_more_to_do(self) -> bool:
        return bool(self._later or self.blows or self.kills_left > 0)

    def is_over(self) -> bool:
        now_s = time.monotonic()
        self._set_right(now_s)
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._look(now_s)
        if self._seen is None:
            return False
        self._let_fall(self._seen, now_s)
        self._kill_when_due(self._seen, now_s)
        if now_s - self._changed_s > PATIENCE_S:
            self.is_stuck = True
        return self.is_stuck or (self._seen.is_over and not self._has_more_to_do)

    def end(self) -> None:
        """Set everything right that is still wrong on purpose."""
        for _, make_good in self._later:
            make_good()
        self._later.clear()
        bury_writers()

    # -- watching

    def _look(self, now_s: float) -> None:
        try:
            with self.runtime.database.reading() as tx:
                seen = look(tx, self.runtime.clock.now())
        except DBAPIError:
            return  # killed a moment ago
        if seen.line != self._line:
            self._line, self._changed_s = seen.line, now_s
            if now_s - self._said_s >= SAY_EVERY_S:
                self._said_s = now_s
                self.say(f"  {seen.line}; {self.killer.kills.total()} killed")
        if seen.idle_until_at is not None and not self._later:
            self._pass_idle_time(seen.idle_until_at)
        self._seen = seen

    def _pass_idle_time(self, until: datetime) -> None:
        if until - self.runtime.clock.now() > IDLE:
            self.stage.place.set_clock(until - JUST_BEFORE)
            self._changed_s = time.monotonic()

    # -- kills

    def _kill_when_due(self, seen: Seen, now_s: float) -> None:
        calm_s = now_s - self._killed_s
        if self.kills_left <= 0 or calm_s < SHORTEST_CALM_S or not seen.calls:
            return
        calls_for_each = (seen.calls - self._ended_at_kill) / (self.kills_left + 1) * self._chance.uniform(0.3, 1.5)
        if seen.is_over or seen.ended - self._ended_at_kill >= calls_for_each or calm_s > LONGEST_CALM_S:
            self.killer.kill_one()
            self._killed_s, self._ended_at_kill = time.monotonic(), seen.ended
            bury_writers()

    # -- blows

    def _let_fall(self, seen: Seen, now_s: float) -> None:
        if not self.blows or self._later or seen.ended < self.blows[0][0] * seen.calls:
            return
        _, name = self.blows.pop(0)
        blow: Callable[[float], None] = getattr(self, f"_{name}")
        blow(now_s)
        self.fallen[name] += 1

    def _set_right(self, now_s: float) -> None:
        due = [make_good for at_s, make_good in self._later if at_s <= now_s]
        self._later = [entry for entry in self._later if entry[0] > now_s]
        for make_good in due:
            make_good()

    def _redis_emptied(self, _now_s: float) -> None:
        try:
            self.runtime.impatient_redis.flushall()
        except redis.RedisError:
            return

    def _exchange_killed(self, _now_s: float) -> None:
        self.killer.kill("exchange")

    def _host_killed(self, _now_s: float) -> None:
        for program in self.programs:
            if program.name != "exchange":
                self.killer.kill(program.name)

    def _carrier_away(self, now_s: float) -> None:
        """The exchange is down, and when it is back an hour has passed for everybody."""
        program = self._program("exchange")
        self.killer.kill("exchange")
        program.started, program.wait_s = now_s, AWAY_S  # the supervisor waits so long
        self._later.append((now_s + AWAY_S / 2, lambda: self._step(HOUR)))

    def _clock_step(self, _now_s: float) -> None:
        self._step(STEP)

    def _step(self, ahead: timedelta) -> None:
        self.stage.place.set_clock(self.runtime.clock.now() + ahead)

    def _dialler_stopped(self, now_s: float) -> None:
        """One dialler stands still until its lease is over; then it goes on as if nothing had been."""
        process = self._program(self._chance.choice(("worker-dial-1", "worker-dial-2"))).process
        if process is None or process.poll() is not None:
            return
        os.kill(process.pid, signal.SIGSTOP)

        def go_on() -> None:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGCONT)

        self._later.append((now_s + MACHINE["lease_s"] * self._chance.uniform(0.4, 1.4), go_on))

    def _database_restarted(self, _now_s: float) -> None:
        """An orderly restart, which ends every connection. SQLite has nobody to restart."""
        process = self._program("database").process if self.stage.cluster else None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)

    def _program(self, name: str) -> Program:
        return next(program for program in self.programs if program.name == name)


def look(tx: Connection, now: datetime) -> Seen:
    batches, calls = _states(tx, Batch.state), _states(tx, Call.state)
    recordings = _states(tx, Recording.state)
    unread = recordings["wanted"] + recordings["stored"]
    busy = bool(batches["preparing"] or calls["open"] or unread or not calls.total())
    line = (
        f"{calls['planned']} to call, {calls['open']} open, {calls['ended']} done, {batches['preparing']} classes "
        f"preparing; {recordings.total()} recordings, {unread} unread"
    )
    is_over = not busy and not calls["planned"]
    return Seen(calls["ended"], calls.total(), line, is_over, None if busy else _next_call_at(tx, now))


def _next_call_at(tx: Connection, now: datetime) -> datetime | None:
    """Return when somebody may be called again: whoever is due in the evening waits for the morning, too."""
    due_at = tx.scalar(select(func.min(Call.due_at)).where(Call.state == "planned"))
    if due_at is None:
        return None
    the_round = tx.execute(select(Round.__table__)).mappings().one()
    return next_open(window_of(the_round), max(due_at, now))


def _states(tx: Connection, column: Any) -> Counter[str]:
    return Counter({row[0]: row[1] for row in tx.execute(select(column, func.count()).group_by(column))})
