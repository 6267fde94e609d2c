"""How far a demonstration's calls are, for somebody who watches the terminal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from callqueue.rounds import window_of
from callqueue.runtime import Runtime
from callqueue.windows import next_open
from ptm.clock import IST
from ptm.models import Attempt, Batch, Call, Recording, Round

SAY_EVERY_S = 3.0
ASK_EVERY_S = 0.5


# Nothing happens for longer than this (clock time): the clock may be put forward to just before it does.
IDLE, JUST_BEFORE = timedelta(minutes=3), timedelta(seconds=10)


class Progress:
    """Asks the database now and then and says what changed. Over means: every call ended, every recording read.

    While every family that is left waits for its hour, the clock is put forward: nobody watches hours go by.
    """

    def __init__(self, runtime: Runtime, say: Callable[[str], None], set_clock: Callable[[datetime], None]) -> None:
        self._runtime, self._say, self._set_clock = runtime, say, set_clock
        self._asked_s = self._said_s = float("-inf")
        self._line = ""
        self._over = False

    def is_over(self) -> bool:
        now_s = time.monotonic()
        if now_s - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now_s
            with self._runtime.database.reading() as tx:
                seen = _look(tx, self._runtime.clock.now())
            self._over = seen.is_over
            self._tell(seen.line, now_s)
            if seen.idle_until is not None:
                self._pass_idle_time(seen.idle_until)
        return self._over

    def _tell(self, line: str, now_s: float) -> None:
        if line != self._line and now_s - self._said_s >= SAY_EVERY_S:
            self._said_s, self._line = now_s, line
            self._say(line)

    def _pass_idle_time(self, until: datetime) -> None:
        if until - self._runtime.clock.now() > IDLE:
            self._set_clock(until - JUST_BEFORE)
            local = until.astimezone(IST)
            self._say(f"  nobody to call before {local:%A %H:%M}: the clock is put forward")


@dataclass(frozen=True)
class _Seen:
    """`idle_until` is when the next family is due, if nothing at all happens before."""

    line: str
    is_over: bool
    idle_until: datetime | None


def _look(tx: Connection, now: datetime) -> _Seen:
    batches, calls = _states(tx, Batch.state), _states(tx, Call.state)
    phones, recordings = _states(tx, Attempt.state), _states(tx, Recording.state)
    line = (
        f"  {calls['planned']:3d} to call, {phones['ringing'] + phones['placed']:3d} ringing, "
        f"{phones['answered']:3d} talking, {calls['ended']:3d} done; "
        f"{recordings.total()} recordings, {recordings['transcribed']} read"
    )
    if batches["preparing"]:
        line = "  preparing what the families will hear ..."
    unread = recordings["wanted"] + recordings["stored"]
    busy = bool(batches["preparing"] or calls["open"] or unread or not calls.total())
    return _Seen(line, not busy and not calls["planned"], None if busy else _next_due_at(tx, now))


def _next_due_at(tx: Connection, now: datetime) -> datetime | None:
    """Return when the next family may be called: one that was due when the hours ended waits until they begin."""
    row = tx.execute(
        select(Round.__table__, Call.due_at)
        .join(Call, Call.round_id == Round.id)
        .where(Call.state == "planned")
        .order_by(Call.due_at)
        .limit(1)
    ).first()
    return None if row is None else next_open(window_of(row._mapping), max(row.due_at, now))


def _states(tx: Connection, column: Any) -> Counter[str]:
    return Counter({row[0]: row[1] for row in tx.execute(select(column, func.count()).group_by(column))})
