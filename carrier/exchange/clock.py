"""The exchange's time: an event loop whose clock may run faster than the machine's, or jump.

Everything a call does waits on this loop, so the same code plays a call in real time, at twenty times real time, and in
virtual time (tests, rehearsals), where nothing waits at all. `loop.time()` is in clock seconds since the anchor; what
belongs to machines (HTTP) happens outside, in threads, and in virtual time holds the clock still while it lasts.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

_Ready = list[tuple[selectors.SelectorKey, int]]


class Pace(Protocol):
    """How fast clock time passes."""

    @property
    def speed(self) -> float:
        """Return clock seconds per machine second."""
        ...

    def now_s(self) -> float:
        """Return clock seconds since the anchor."""
        ...

    def select(self, selector: selectors.BaseSelector, timeout_s: float | None) -> _Ready:
        """Wait for a file or for `timeout_s` of clock time (None: for ever)."""
        ...

    def hold(self) -> None:
        """Something of the machine's world (a request) is under way."""
        ...

    def release(self) -> None:
        """What `hold` announced is over."""
        ...


@dataclass(frozen=True)
class WallPace:
    """Clock time follows the machine's clock, `speed` times as fast, from Unix second `anchor_wall` on.

    Counted from the wall clock and not from a monotonic one, because several processes, and the next life of this
    one, must agree on it.
    """

    anchor_wall: float
    speed: float = 1.0

    def now_s(self) -> float:
        return (time.time() - self.anchor_wall) * self.speed

    def select(self, selector: selectors.BaseSelector, timeout_s: float | None) -> _Ready:
        return selector.select(None if timeout_s is None else timeout_s / self.speed)

    def hold(self) -> None:
        """Wall time waits for nobody."""

    def release(self) -> None:
        """Wall time waits for nobody."""


class VirtualPace:
    """Clock time stands still while anything happens and jumps to the next timer when nothing does."""

    speed = 1.0  # of the little that is measured in machine time at all

    def __init__(self) -> None:
        self._now_s = 0.0
        self._held = 0
        self._lock = threading.Lock()

    def now_s(self) -> float:
        return self._now_s

    def select(self, selector: selectors.BaseSelector, timeout_s: float | None) -> _Ready:
        ready = selector.select(0)
        if ready or timeout_s == 0:
            return ready
        if timeout_s is None or self._held:
            return selector.select(None)
        self._now_s += timeout_s
        return ready

    def hold(self) -> None:
        with self._lock:
            self._held += 1

    def release(self) -> None:
        with self._lock:
            self._held -= 1


class _PacedSelector(selectors.BaseSelector):
    """A real selector whose waiting is measured in clock time."""

    def __init__(self, pace: Pace) -> None:
        self._inner = selectors.DefaultSelector()
        self._pace = pace

    def select(self, timeout: float | None = None) -> _Ready:
        return self._pace.select(self._inner, timeout)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()


class ClockLoop(asyncio.SelectorEventLoop):
    """An event loop that lives in the exchange's time."""

    def __init__(self, pace: Pace, anchor_at: datetime) -> None:
        self.pace = pace
        self.anchor_at = anchor_at
        super().__init__(_PacedSelector(pace))

    def time(self) -> float:
        return self.pace.now_s()

    async def until(self, at_s: float) -> None:
        """Wait for a loop time, or not at all if it has passed."""
        due = self.create_future()
        timer = self.call_at(at_s, settle, due)
        try:
            await due
        finally:
            timer.cancel()

    def instant(self, clock_s: float | None = None) -> datetime:
        """Return the instant of `clock_s` (seconds since the anchor), or of now."""
        return self.anchor_at + timedelta(seconds=self.time() if clock_s is None else clock_s)


def settle(due: asyncio.Future[Any]) -> None:
    """Let whoever waits go on; a timer's action."""
    if not due.done():
        due.set_result(None)


def iso(at: datetime) -> str:
    """Write an instant as ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
