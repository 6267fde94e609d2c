"""Where a rehearsed week stands: what the database, the carrier and the clock hold between one event and the next.

What the database does in production (states, caps, one open attempt per call) is done here by columns of bytes, one
per family, so that two million families fit into a small machine.
"""

from __future__ import annotations

import random
from array import array
from datetime import datetime, timedelta
from typing import Any

from callqueue.pacing import Breaker, after_failure
from callqueue.rehearsing.calendar import Calendar
from callqueue.rehearsing.carrier import Carrier
from callqueue.rehearsing.events import Events
from callqueue.rehearsing.families import Families
from callqueue.rehearsing.faults import Faults
from callqueue.rehearsing.learning import Learning
from callqueue.rehearsing.mishaps import Mishaps
from callqueue.rehearsing.tallies import Tallies
from callqueue.rehearsing.terms import IST, Terms, first_open, promises_of
from callqueue.steadiness import ClockWatch
from callqueue.windows import Window

PLANNED, OPEN, ENDED = 0, 1, 2
DISPOSITIONS = (
    "", "completed", "partial", "no_answer", "busy", "switched_off", "rejected", "invalid_number", "opted_out",
    "provider_failed", "canceled", "expired",
)  # fmt: skip
SLOTS = (None, "morning", "evening")


class Week:
    def __init__(self, terms: Terms, families: Families, faults: Faults, seed: int) -> None:
        size = len(families)
        self.terms, self.families = terms, families
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.tally = Tallies()
        self.state, self.tries, self.unplaced, self.not_there = (bytearray(size) for _ in range(4))
        self.position, self.retired, self.reach, self.disposition = (bytearray(size) for _ in range(4))
        self.entry, self.priority, self.attempts = bytearray(size), bytearray(size), array("H", bytes(2 * size))
        self.opted_out, self._day, self._today = bytearray(size), bytearray(2 * size), bytearray(2 * size)
        self.begin = begin = first_open(terms.window)
        self.mishaps = Mishaps(faults, begin, seed + 1)
        self._windows = [terms.window.narrowed(slot) for slot in SLOTS]
        self.carrier = Carrier(promises_of(terms), size)
        self.calendars = (Calendar(begin), Calendar(begin))  # the teachers' own, the whole state's
        self.breaker = Breaker()
        self.last_start_at: datetime | None = None
        self.rests_until_at: datetime | None = None
        self.watch = ClockWatch(begin, timedelta(0))
        self.events = Events()
        self.learning = Learning(families)
        self.lines_held = self.waiting = 0
        self.left = size
        self.is_busy, self._counted_at, self._counted_line_s = False, begin, 0.0

    def expect(self, at: datetime, kind: int, call: int, told: Any, attempt: int | None = None) -> None:
        self.events.add(at, kind, call, self.attempts[call] if attempt is None else attempt, told)

    # -- a call

    def plan(self, call: int, due_at: datetime | None, disposition_if_late: str) -> None:
        """Let a call be due at that time; without one it is over."""
        if due_at is None:
            self.finish(call, disposition_if_late)
            return
        self.entry[call] = self.entry[call] + 1 & 255
        self.calendars[self.priority[call]].add(call << 8 | self.entry[call], due_at)

    def finish(self, call: int, disposition: str) -> None:
        self.tally.moved_back += self.state[call] == ENDED
        self.state[call] = ENDED
        self.learning.forget(call)
        self.disposition[call] = DISPOSITIONS.index(disposition)
        self.left -= 1

    def window_of(self, call: int) -> Window:
        return self._windows[self.families.slot[call]]

    # -- a phone

    def phone_of(self, call: int) -> int:
        """Return the number to ring: the one at the call's position, unless it is nobody's."""
        number = self.position[call]
        if self.retired[call] >> number & 1:
            number = 1 - number
        return call << 1 | number

    def dials_today(self, phone: int, now: datetime) -> int:
        return self._today[phone] if self._day[phone] == (now + IST).toordinal() & 255 else 0

    def note_dial(self, phone: int, at: datetime) -> None:
        self._today[phone] = self.dials_today(phone, at) + 1
        self._day[phone] = (at + IST).toordinal() & 255

    # -- the carrier

    def fail(self, at: datetime) -> None:
        self.breaker = after_failure(self.breaker, at)

    def heal(self) -> None:
        if self.breaker.failures:
            self.breaker = Breaker()

    def count_lines(self, now: datetime) -> None:
        """Count the lines that were in use since the last pace, if calls waited for them."""
        self.carrier.pass_time(now)
        if self.is_busy:
            self.tally.busy_s += (now - self._counted_at).total_seconds()
            self.tally.busy_line_s += self.carrier.line_s - self._counted_line_s
        self.is_busy, self._counted_at, self._counted_line_s = False, now, self.carrier.line_s
