"""The course of a rehearsed week, event after event, in virtual time; the same seed gives the same week to the byte."""

from __future__ import annotations

from datetime import datetime

from callqueue.rehearsing import callbacks, claiming, dialing
from callqueue.rehearsing.events import DIAL, END, LOOK, NEWS, POST, Event
from callqueue.rehearsing.planning import plan
from callqueue.rehearsing.terms import ACTS_WITHIN, HORIZON, SWEEP, TICK
from callqueue.rehearsing.week import PLANNED, Week
from callqueue.windows import closes_at, next_open


def play(week: Week) -> None:
    """Play until every call is over and the carrier is silent, or the round has no hour left."""
    plan(week)
    now: datetime | None = week.begin
    while now is not None and week.left:
        _handle_events(week, now)
        week.count_lines(now)
        wall = week.mishaps.clock(now)
        closes = closes_at(week.terms.window, wall)
        if closes is not None and wall < closes - ACTS_WITHIN - HORIZON:
            is_full = claiming.claim(week, now)
            now = _next_tick(week, now, is_full)
        elif closes is not None:
            now += TICK
        else:
            now = _next_opening(week, now)
    while (next_at := week.events.next_at) is not None:
        _handle_events(week, next_at)
    for call in range(len(week.families)):
        if week.state[call] == PLANNED:
            week.finish(call, "expired")


def _next_tick(week: Week, now: datetime, is_full: bool) -> datetime:
    """A pace later, or when something can happen: with all lines in use, or nobody due, that is the next event."""
    dues = () if is_full else (calendar.next_due() for calendar in week.calendars)
    waiting = [at for at in (*dues, week.events.next_at) if at is not None]
    week.is_busy = any(calendar.has_ready for calendar in week.calendars)
    return max(now + TICK, min(waiting)) if waiting else now + TICK


def _next_opening(week: Week, now: datetime) -> datetime | None:
    opens = next_open(week.terms.window, week.mishaps.clock(now))
    if week.mishaps.lasts("clock_steps", now):
        return now + SWEEP
    return max(opens, now + TICK) if opens is not None else None


def _handle_events(week: Week, until: datetime) -> None:
    while (event := week.events.take(until)) is not None:
        week.tally.events += 1
        _handle(week, event)


def _handle(week: Week, event: Event) -> None:
    at, _, kind, call, attempt, told = event
    if kind == END:
        callbacks.hang_up(week, call, attempt, told[0], told[1], at)
    elif kind == POST:
        dialing.post(week, call, attempt, told, at)
    elif kind == DIAL:
        dialing.dial(week, call, told[0], told[1], at)
    elif kind == NEWS:
        callbacks.hear(week, call, attempt, told, at)
    elif kind == LOOK:
        callbacks.look(week, call, attempt, told, at)
    else:
        dialing.give_back(week, call, attempt, at)
