"""The week itself: the real windows, ladder, pacing and breaker decide, event after event, in virtual time.

What the database does in production (states, caps, one open attempt per call) is done here by columns of bytes, one
per family, so that two million families fit into a small machine. Each event is handled in the order of its instant;
the same seed gives the same week to the byte.
"""

from __future__ import annotations

import heapq
import random
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np

from callqueue.hours import Tally, draw, hours_of, is_to_choose, picked_up, retry_at
from callqueue.ladder import HEARD, Again, Ending, Final, Standing, cost_of, decide, reach_rank
from callqueue.pacing import (
    PROBE_EVERY,
    Breaker,
    Limits,
    after_failure,
    allowed_by,
    next_start,
    plan_release,
)
from callqueue.pulses import pulses_of
from callqueue.rehearsing.calendar import Calendar
from callqueue.rehearsing.carrier import Carrier, Promises
from callqueue.rehearsing.families import Families, Reaction, ring
from callqueue.rehearsing.faults import Faults, Spans
from callqueue.steadiness import ClockWatch
from callqueue.windows import Window, closes_at, is_open, next_open, next_open_at_another_hour

PLANNED, OPEN, ENDED = 0, 1, 2
DISPOSITIONS = (
    "", "completed", "partial", "no_answer", "busy", "switched_off", "rejected", "invalid_number", "opted_out",
    "provider_failed", "canceled", "expired",
)  # fmt: skip
SLOTS = (None, "morning", "evening")

TICK, HORIZON, LEASE, LISTING_DELAY, SWEEP = (timedelta(seconds=s) for s in (0.25, 1, 120, 15, 15))
ACTS_WITHIN = timedelta(seconds=13)  # a request's longest time: the carrier must act on it within the hours
LONGEST_CALL = timedelta(seconds=40 + 240) + LEASE
RETRY_CALLBACK = timedelta(seconds=10)
_HORIZON_S = HORIZON.total_seconds()
_IST = timedelta(hours=5, minutes=30)
DIALS_PER_DAY = 2

DIAL, POST, END, NEWS, LOOK, RETURN = range(6)  # kinds of events


@dataclass(frozen=True)
class Terms:
    """A round as it is rehearsed. `ladder` holds minutes by outcome; `hours` is how a retry's hour is chosen."""

    window: Window
    limits: Limits
    ladder: dict[str, float]
    tries: int = 3
    hours: str = "ladder"
    teachers_share: float = 0.02


@dataclass
class Tallies:
    """What a leader wants to know, counted as it happens."""

    dials: Counter[tuple[int, int]] = field(default_factory=Counter)  # by day and try
    answered: Counter[tuple[int, int]] = field(default_factory=Counter)
    heard: Counter[tuple[int, int]] = field(default_factory=Counter)
    pulses: int = 0
    recorded: int = 0
    known_recordings: int = 0
    events: int = 0
    busy_s: float = 0.0  # time in which more calls were due than could start
    busy_line_s: float = 0.0  # lines in use, times that time
    moved_back: int = 0  # calls that ended twice or were claimed while not planned


class Week:
    """One rehearsal. `run` plays it to its end."""

    def __init__(self, terms: Terms, families: Families, faults: Faults, seed: int) -> None:
        size = len(families)
        self.terms, self.families, self.faults = terms, families, faults
        self.chance, self.mishap = random.Random(seed), random.Random(seed + 1)  # noqa: S311 - to be repeated
        self.tally = Tallies()
        self.state, self.tries, self.unplaced, self.not_there = (bytearray(size) for _ in range(4))
        self.position, self.retired, self.reach, self.disposition = (bytearray(size) for _ in range(4))
        self.entry, self.priority, self.attempts = bytearray(size), bytearray(size), array("H", bytes(2 * size))
        self.opted_out, self._day, self._today = bytearray(size), bytearray(2 * size), bytearray(2 * size)
        self.begin = begin = _begin(terms.window)
        self.windows = [terms.window.narrowed(slot) for slot in SLOTS]
        self.carrier = Carrier(_promises(terms), size)
        self.calendars = (Calendar(begin), Calendar(begin))  # the teachers' own, the whole state's
        self.breaker = Breaker()
        self.last_start_at: datetime | None = None
        self.rests_until_at: datetime | None = None
        self.watch = ClockWatch(begin, timedelta(0))
        self.events: list[tuple[datetime, int, int, int, int, Any]] = []
        self.lines_held = self.waiting = self._order = 0
        self.left = size
        self._is_busy, self._counted_at, self._counted_line_s = False, begin, 0.0
        self.schools: dict[int, Tally] = {}
        self.districts: dict[int, Tally] = {}
        self.own: dict[int, Tally] = {}
        self._plan()

    # -- the course of the week

    def run(self) -> None:
        """Play until every call is over and the carrier is silent, or the round has no hour left."""
        now: datetime | None = self.begin
        while now is not None and self.left:
            self._handle_events(now)
            self._count_lines(now)
            wall = self._clock(now)
            closes = closes_at(self.terms.window, wall)
            if closes is not None and wall < closes - ACTS_WITHIN - HORIZON:
                is_full = self._tick(now)
                now = self._next_tick(now, is_full)
            elif closes is not None:
                now += TICK
            else:
                now = self._next_opening(now)
        while self.events:
            self._handle_events(self.events[0][0])
        for call in range(len(self.families)):
            if self.state[call] == PLANNED:
                self._finish(call, "expired")

    def _next_tick(self, now: datetime, is_full: bool) -> datetime:
        """A pace later, or when something can happen: with all lines in use, or nobody due, that is the next event."""
        waiting = [] if is_full else [due for calendar in self.calendars if (due := calendar.next_due()) is not None]
        if self.events:
            waiting.append(self.events[0][0])
        later = max(now + TICK, min(waiting)) if waiting else now + TICK
        self._is_busy = any(calendar.has_ready for calendar in self.calendars)
        return later

    def _count_lines(self, now: datetime) -> None:
        """Count the lines that were in use since the last pace, if calls waited for them."""
        self.carrier.pass_time(now)
        if self._is_busy:
            self.tally.busy_s += (now - self._counted_at).total_seconds()
            self.tally.busy_line_s += self.carrier.line_s - self._counted_line_s
        self._is_busy, self._counted_at, self._counted_line_s = False, now, self.carrier.line_s

    def _next_opening(self, now: datetime) -> datetime | None:
        wall = self._clock(now)
        opens = next_open(self.terms.window, wall)
        if self._is_in(self.faults.clock_steps, now):
            return now + SWEEP
        return max(opens, now + TICK) if opens is not None else None

    def _plan(self) -> None:
        """Let every call be due: a school's one after the other, all schools side by side, some by their teachers."""
        school = np.array(self.families.school)
        order = np.argsort(school, kind="stable")
        first = np.searchsorted(school[order], school[order], side="left")
        rank = np.empty(len(school), np.int64)
        rank[order] = np.arange(len(school)) - first
        by_teacher = school % 1000 < round(1000 * self.terms.teachers_share)
        turns = np.argsort(rank, kind="stable")
        self.calendars[1].add_ready(_entries(turns[~by_teacher[turns]]))
        self.priority[:] = (~by_teacher).astype(np.uint8).tobytes()
        for call in np.flatnonzero(by_teacher).tolist():
            pressed = timedelta(minutes=self.families.school[call] * 37 % (3 * 24 * 60))
            due_at = next_open(self.terms.window, self.begin + pressed)
            self.calendars[0].add(call << 8, due_at or self.begin)

    # -- claiming

    def _tick(self, now: datetime) -> bool:
        """Claim what may start now, as the pacer does; say whether nothing can before a line is free."""
        if self._is_in(self.faults.database_away, now):
            return False
        if not self.watch.is_steady(self._clock(now), now - self.begin):
            return False
        if self.rests_until_at is not None and self.rests_until_at > now + HORIZON:
            return False
        room = plan_release(
            self.terms.limits, lines_held=self.lines_held, waiting_starts=self.waiting, horizon_s=_HORIZON_S
        )
        allowed = allowed_by(self.breaker, now)
        claimed = self._claim(now, room if allowed is None else min(room, allowed))
        if claimed and self.breaker.opened_at is not None:
            self.breaker = Breaker(self.breaker.failures, self.breaker.opened_at, now + PROBE_EVERY)
        return room == 0 or claimed == room

    def _claim(self, now: datetime, room: int) -> int:
        claimed = 0
        for calendar in self.calendars:
            while claimed < room:
                entry = calendar.take(now)
                if entry is None:
                    break
                call = entry >> 8
                if self.state[call] == PLANNED and entry & 255 == self.entry[call]:
                    claimed += self._claim_one(call, now)
        return claimed

    def _claim_one(self, call: int, now: datetime) -> bool:
        """Claim a call, or move it to where it does not stand in the way."""
        if self.opted_out[call]:
            self._finish(call, "opted_out")
            return False
        window = self.windows[self.families.slot[call]]
        phone = self._phone(call)
        later = None
        if self._dials_today(phone, now) >= DIALS_PER_DAY:
            later = next_open(window, _tomorrow(now))
        elif window is not self.terms.window and not is_open(window, now):
            later = next_open(window, now)
        else:
            self._open(call, phone, now)
            return True
        self._due(call, later, "expired")
        return False

    def _open(self, call: int, phone: int, now: datetime) -> None:
        self.tally.moved_back += self.state[call] != PLANNED
        self.state[call] = OPEN
        claimed = (phone, self._clock(now))
        self.attempts[call] += 1
        self.lines_held += 1
        self.waiting += 1
        if self._is_in(self.faults.redis_emptied, now):
            # The bell is lost: the sweeper finds the claim and rings again.
            self._at(now + SWEEP, DIAL, call, claimed)
            return
        self._at(now, DIAL, call, claimed)

    # -- dialling

    def _dial(self, call: int, phone: int, claimed_at: datetime, at: datetime) -> None:
        """Dial a claimed call: the same looks at clock, lease and hours as the real dialler takes."""
        wall = self._clock(at)
        if self.opted_out[call] or self.reach[call] >= HEARD:
            self.waiting -= 1  # news of an earlier attempt came in between
            self._settle(call, Ending("not_dialed", "unreached"), at)
            return
        is_fresh = claimed_at <= wall + LEASE / 4 and wall < claimed_at + LEASE / 2
        if not is_fresh or self._falls("killed_before"):
            self._at(at + LEASE + SWEEP, RETURN, call, None)
            return
        starts_at = next_start(
            self.terms.limits, last_start_at=self.last_start_at, now=at, rests_until_at=self.rests_until_at
        )
        closes = closes_at(self.terms.window, self._clock(starts_at))
        if closes is None or self._clock(starts_at) >= min(closes - ACTS_WITHIN, claimed_at + LEASE / 2):
            self.waiting -= 1
            self._settle(call, Ending("not_dialed", "unreached"), at)
            return
        self.last_start_at = starts_at
        self._at(starts_at, POST, call, phone)

    def _post(self, call: int, attempt: int, phone: int, at: datetime) -> None:
        """Send the one POST; what the carrier does with it, the faults say."""
        self.waiting -= 1
        if self._is_in(self.faults.outage, at):
            self._fail(at)
            self._settle(call, Ending("not_placed", "unreached"), at)
        elif self._is_in(self.faults.throttled, at):
            self.rests_until_at = at + timedelta(seconds=5)
            self._settle(call, Ending("throttled", "unreached"), at)
        elif self._falls("timeout"):
            self._fail(at)
            self._at(at + LEASE + LISTING_DELAY, LOOK, call, None)
        else:
            self._ring(call, attempt, phone, at)

    def _ring(self, call: int, attempt: int, phone: int, at: datetime) -> None:
        self._note_dial(phone, at)
        reaction = ring(self.families, call, phone & 1, (at + _IST).hour, self.chance)
        self.carrier.ring(phone, attempt, at)
        self.tally.recorded += reaction.reach == "recorded"
        unknown = self._falls("accept_then_500")
        if unknown:
            self._fail(at)
        self._at(at + timedelta(seconds=reaction.hold_s), END, call, (phone, reaction))
        if unknown or self._falls("killed_after"):
            self._at(at + LEASE + LISTING_DELAY, LOOK, call, reaction)

    # -- what comes back

    def _end(self, call: int, attempt: int, phone: int, reaction: Reaction, at: datetime) -> None:
        """The phone is hung up; its callback is delivered as the faults will have it."""
        self.carrier.hang_up(phone, at)
        if self._falls("lost"):
            self._at(at + LONGEST_CALL, LOOK, call, reaction)
        elif self._falls("late"):
            self._at(at + timedelta(seconds=3600 * self.mishap.random()), NEWS, call, reaction)
            self._at(at + LONGEST_CALL, LOOK, call, reaction)
        elif self._falls("reordered") and reaction.talk_s:
            self._hear(call, attempt, Reaction(reaction.outcome, "unreached", 0.0, reaction.talk_s), at)
            self._at(at + timedelta(seconds=60 * self.mishap.random()), NEWS, call, reaction)
        else:
            self._hear(call, attempt, reaction, at)
        if self._falls("duplicate"):
            self._hear(call, attempt, reaction, at)

    def _hear(self, call: int, attempt: int, reaction: Reaction, at: datetime) -> None:
        """Take a callback: the end of the open attempt, or late news of one that is over."""
        if self._is_in(self.faults.database_away, at):
            self._at(at + RETRY_CALLBACK, NEWS, call, reaction, attempt)
            return
        rank = reach_rank(reaction.reach)
        self.opted_out[call] |= reaction.opted_out
        is_news = rank > self.reach[call]
        self.reach[call] = max(self.reach[call], rank)
        if reaction.reach == "recorded" and is_news:
            self.tally.known_recordings += 1
        if self.state[call] == OPEN and attempt == self.attempts[call]:
            self._heal()
            self._learn(call, reaction, at)
            self._count(call, reaction, at)
            self._settle(call, Ending(reaction.outcome, reaction.reach, reaction.opted_out), at)
        elif self.state[call] == PLANNED and is_news and rank >= HEARD:
            self._finish(call, "opted_out" if self.opted_out[call] else "completed")

    def _look(self, call: int, attempt: int, reaction: Reaction | None, at: datetime) -> None:
        """Reconcile: the carrier knows the call and how it ended, or certainly never had it."""
        if self.state[call] != OPEN or attempt != self.attempts[call]:
            return
        if self._is_in(self.faults.outage, at) or self._is_in(self.faults.database_away, at):
            self._at(at + SWEEP, LOOK, call, reaction, attempt)
        elif reaction is None:
            self.not_there[call] += 1
            self._settle(call, Ending("not_there", "unreached"), at)
        else:
            self._hear(call, attempt, reaction, at)

    def _give_back(self, call: int, attempt: int, at: datetime) -> None:
        if self.state[call] == OPEN and attempt == self.attempts[call]:
            self.waiting -= 1
            self._settle(call, Ending("not_dialed", "unreached"), at)

    # -- judging

    def _settle(self, call: int, ending: Ending, at: datetime) -> None:
        """End an attempt and judge its call, by the real ladder and the real windows."""
        cost = cost_of(ending)
        self.tries[call] += cost == "try"
        self.unplaced[call] += cost == "place"
        self.lines_held -= 1
        decision = decide(self.terms.ladder, ending, self._standing(call))
        number = self.position[call] if decision.cost == "nothing" else self._phone(call) & 1
        if decision.retire_number:
            self.retired[call] |= 1 << number
        self.state[call] = PLANNED
        if isinstance(decision, Final):
            self._finish(call, decision.disposition)
            return
        if decision.next_number:
            self.position[call] = (number + 1) % self.families.numbers[call]
        self._due(call, self._due_at(call, decision, at), decision.disposition_if_late)

    def _standing(self, call: int) -> Standing:
        return Standing(
            tries=self.tries[call], most_tries=self.terms.tries, unplaced=self.unplaced[call],
            not_there=self.not_there[call],
            # The number that is being retired counts still.
            numbers=self.families.numbers[call] - self.retired[call].bit_count(),
            heard=self.reach[call] >= HEARD, chance=call * 0.6180339887498949 % 1,
        )  # fmt: skip

    def _due_at(self, call: int, decision: Again, at: datetime) -> datetime | None:
        window = self.windows[self.families.slot[call]]
        not_before = at + decision.wait
        if self.terms.hours == "learned" and is_to_choose(decision):
            avoid = (at + _IST).hour if decision.different_hour else None
            return retry_at(window, not_before, avoid, self._worth(call), chance=self.chance)
        if not decision.different_hour:
            return next_open(window, not_before)
        return self._retry_at(call, window, not_before, at)

    def _retry_at(self, call: int, window: Window, not_before: datetime, tried_at: datetime) -> datetime | None:
        """Choose the hour of a retry without having learnt: by the ladder, the same, any other."""
        if self.terms.hours == "ladder":
            return next_open_at_another_hour(window, not_before, tried_at)
        tried = (tried_at + _IST).hour
        hour = tried
        if self.terms.hours == "random":
            others = [hour for hour in hours_of(window) if hour != tried]
            hour = others[int(self.chance.random() * len(others))]
        return _at_hour(window, not_before, hour)

    def _worth(self, call: int) -> Callable[[int], float]:
        school = self.schools.setdefault(self.families.school[call], Tally())
        district = self.districts.setdefault(self.families.district[call], Tally())
        own = self.own.get(call)
        return lambda hour: draw(own, school, district, hour, self.chance)

    def _learn(self, call: int, reaction: Reaction, at: datetime) -> None:
        answered = picked_up(reaction.outcome, reaction.reach)
        if self.terms.hours == "learned" and answered is not None:
            hour = (at - timedelta(seconds=reaction.hold_s) + _IST).hour
            self.schools.setdefault(self.families.school[call], Tally()).note(hour, answered)
            self.districts.setdefault(self.families.district[call], Tally()).note(hour, answered)
            # In bytes, and only until the call is over: a week is too short for more, and a state has millions.
            self.own.setdefault(call, Tally(bytearray(24), bytearray(24))).note(hour, answered)

    def _due(self, call: int, due_at: datetime | None, disposition_if_late: str) -> None:
        if due_at is None:
            self._finish(call, disposition_if_late)
            return
        self.entry[call] = self.entry[call] + 1 & 255
        self.calendars[self.priority[call]].add(call << 8 | self.entry[call], due_at)

    def _finish(self, call: int, disposition: str) -> None:
        self.tally.moved_back += self.state[call] == ENDED
        self.state[call] = ENDED
        self.own.pop(call, None)
        self.disposition[call] = DISPOSITIONS.index(disposition)
        self.left -= 1

    # -- small things

    def _handle_events(self, until: datetime) -> None:
        events, tally = self.events, self.tally
        while events and events[0][0] <= until:
            at, _, kind, call, attempt, told = heapq.heappop(events)
            tally.events += 1
            if kind == END:
                self._end(call, attempt, told[0], told[1], at)
            elif kind == POST:
                self._post(call, attempt, told, at)
            elif kind == DIAL:
                self._dial(call, told[0], told[1], at)
            elif kind == NEWS:
                self._hear(call, attempt, told, at)
            elif kind == LOOK:
                self._look(call, attempt, told, at)
            else:
                self._give_back(call, attempt, at)

    def _at(self, at: datetime, kind: int, call: int, told: Any, attempt: int | None = None) -> None:
        self._order += 1
        number = self.attempts[call] if attempt is None else attempt
        heapq.heappush(self.events, (at, self._order, kind, call, number, told))

    def _phone(self, call: int) -> int:
        """Return the number to ring: the one at the call's position, unless it is nobody's."""
        number = self.position[call]
        if self.retired[call] >> number & 1:
            number = 1 - number
        return call << 1 | number

    def _dials_today(self, phone: int, now: datetime) -> int:
        return self._today[phone] if self._day[phone] == (now + _IST).toordinal() & 255 else 0

    def _note_dial(self, phone: int, at: datetime) -> None:
        self._today[phone] = self._dials_today(phone, at) + 1
        self._day[phone] = (at + _IST).toordinal() & 255

    def _count(self, call: int, reaction: Reaction, at: datetime) -> None:
        key = ((at - self.begin).days, self.tries[call] + 1)
        tally = self.tally
        tally.dials[key] += 1
        tally.answered[key] += reaction.talk_s > 0
        tally.heard[key] += reach_rank(reaction.reach) >= HEARD
        tally.pulses += pulses_of(reaction.talk_s)

    def _fail(self, at: datetime) -> None:
        self.breaker = after_failure(self.breaker, at)

    def _heal(self) -> None:
        if self.breaker.failures:
            self.breaker = Breaker()

    def _falls(self, fault: str) -> bool:
        share: float = getattr(self.faults, fault)
        return share > 0 and self.mishap.random() < share

    def _is_in(self, spans: Spans, at: datetime) -> bool:
        return bool(spans) and any(begin <= at - self.begin < end for begin, end in spans)

    def _clock(self, at: datetime) -> datetime:
        """Return what our own clock shows at `at`."""
        if self.faults.clock_steps and self._is_in(self.faults.clock_steps, at):
            return at + timedelta(hours=1 if self.faults.ahead else -1)
        return at


def _promises(terms: Terms) -> Promises:
    window, limits = terms.window, terms.limits
    days = [window.starts_on_ist + timedelta(days=day) for day in range(_length(window))]
    return Promises(
        lines=limits.dialable_lines, calls_per_second=limits.calls_per_second, opens_hour=window.opens_ist.hour,
        closes_hour=window.closes_ist.hour, days=frozenset(day for day in days if day.weekday() in window.weekdays),
        rings_per_number=terms.tries, rings_per_day=DIALS_PER_DAY,
    )  # fmt: skip


def _length(window: Window) -> int:
    return (window.ends_on_ist - window.starts_on_ist).days + 1


def _begin(window: Window) -> datetime:
    begin = next_open(window, datetime.combine(window.starts_on_ist, time(0), UTC) - _IST)
    if begin is None:
        raise ValueError("the round has no hour in which anybody may be called")
    return begin


def _entries(calls: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    entries: list[int] = (calls << 8).tolist()
    return entries


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine((now + _IST).date() + timedelta(days=1), time(0), UTC) - _IST


def _at_hour(window: Window, not_before: datetime, hour: int) -> datetime | None:
    """Return the first allowed instant from `not_before` on in that hour of the day."""
    found = next_open(window, not_before)
    if found is None or (found + _IST).hour == hour:
        return found
    day = (found + _IST).date() + timedelta(days=(found + _IST).hour > hour)
    return next_open(window, datetime.combine(day, time(hour), UTC) - _IST)
