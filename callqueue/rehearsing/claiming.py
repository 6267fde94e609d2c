"""Claim what may start now, as the pacer does: so many calls as lines and starts are free, the teachers' own first."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from callqueue.pacing import PROBE_EVERY, Breaker, allowed_by, plan_release
from callqueue.rehearsing.events import DIAL
from callqueue.rehearsing.terms import DIALS_PER_DAY, HORIZON, IST, SWEEP
from callqueue.rehearsing.week import OPEN, PLANNED, Week
from callqueue.windows import is_open, next_open

_HORIZON_S = HORIZON.total_seconds()


def claim(week: Week, now: datetime) -> bool:
    """Claim what may start now; say whether nothing more can before a line is free."""
    if week.mishaps.lasts("database_away", now):
        return False
    if not week.watch.is_steady(week.mishaps.clock(now), now - week.begin):
        return False
    if week.rests_until_at is not None and week.rests_until_at > now + HORIZON:
        return False
    room = plan_release(
        week.terms.limits, lines_held=week.lines_held, waiting_starts=week.waiting, horizon_s=_HORIZON_S
    )
    allowed = allowed_by(week.breaker, now)
    claimed = _claim_up_to(week, now, room if allowed is None else min(room, allowed))
    if claimed and week.breaker.opened_at is not None:
        week.breaker = Breaker(week.breaker.failures, week.breaker.opened_at, now + PROBE_EVERY)
    return room == 0 or claimed == room


def _claim_up_to(week: Week, now: datetime, room: int) -> int:
    claimed = 0
    for calendar in week.calendars:
        while claimed < room:
            entry = calendar.take(now)
            if entry is None:
                break
            call = entry >> 8
            if week.state[call] == PLANNED and entry & 255 == week.entry[call]:
                claimed += _claim_one(week, call, now)
    return claimed


def _claim_one(week: Week, call: int, now: datetime) -> bool:
    """Claim a call, or move it to where it does not stand in the way."""
    if week.opted_out[call]:
        week.finish(call, "opted_out")
        return False
    window = week.window_of(call)
    phone = week.phone_of(call)
    later = None
    if week.dials_today(phone, now) >= DIALS_PER_DAY:
        later = next_open(window, _tomorrow(now))
    elif window is not week.terms.window and not is_open(window, now):
        later = next_open(window, now)
    else:
        _open(week, call, phone, now)
        return True
    week.plan(call, later, "expired")
    return False


def _open(week: Week, call: int, phone: int, now: datetime) -> None:
    week.tally.moved_back += week.state[call] != PLANNED
    week.state[call] = OPEN
    claimed = (phone, week.mishaps.clock(now))
    week.attempts[call] += 1
    week.lines_held += 1
    week.waiting += 1
    # When the bell is lost, the sweeper finds the claim and rings again.
    is_lost = week.mishaps.lasts("redis_emptied", now)
    week.expect(now + SWEEP if is_lost else now, DIAL, call, claimed)


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine((now + IST).date() + timedelta(days=1), time(0), UTC) - IST
