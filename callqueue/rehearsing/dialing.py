"""Dial what was claimed, as the dialler does, and what its one POST leads to at the carrier and at home."""

from __future__ import annotations

from datetime import datetime, timedelta

from callqueue.ladder import HEARD, Ending
from callqueue.pacing import next_start
from callqueue.rehearsing.events import END, LOOK, POST, RETURN
from callqueue.rehearsing.families import ring
from callqueue.rehearsing.judging import settle
from callqueue.rehearsing.terms import ACTS_WITHIN, IST, LEASE, LISTING_DELAY, SWEEP
from callqueue.rehearsing.week import OPEN, Week
from callqueue.windows import closes_at


def dial(week: Week, call: int, phone: int, claimed_at: datetime, at: datetime) -> None:
    """Dial a claimed call: the same looks at clock, lease and hours as the real dialler takes."""
    clock = week.mishaps.clock
    wall = clock(at)
    if week.opted_out[call] or week.reach[call] >= HEARD:
        _leave(week, call, at)  # news of an earlier attempt came in between
        return
    is_fresh = claimed_at <= wall + LEASE / 4 and wall < claimed_at + LEASE / 2
    if not is_fresh or week.mishaps.strikes("killed_before"):
        week.expect(at + LEASE + SWEEP, RETURN, call, None)
        return
    starts_at = next_start(
        week.terms.limits, last_start_at=week.last_start_at, now=at, rests_until_at=week.rests_until_at
    )
    closes = closes_at(week.terms.window, clock(starts_at))
    if closes is None or clock(starts_at) >= min(closes - ACTS_WITHIN, claimed_at + LEASE / 2):
        _leave(week, call, at)
        return
    week.last_start_at = starts_at
    week.expect(starts_at, POST, call, phone)


def post(week: Week, call: int, attempt: int, phone: int, at: datetime) -> None:
    """Send the one POST; what the carrier does with it, the faults say."""
    week.waiting -= 1
    if week.mishaps.lasts("outage", at):
        week.fail(at)
        settle(week, call, Ending("not_placed", "unreached"), at)
    elif week.mishaps.lasts("throttled", at):
        week.rests_until_at = at + timedelta(seconds=5)
        settle(week, call, Ending("throttled", "unreached"), at)
    elif week.mishaps.strikes("timeout"):
        week.fail(at)
        week.expect(at + LEASE + LISTING_DELAY, LOOK, call, None)
    else:
        _ring(week, call, attempt, phone, at)


def give_back(week: Week, call: int, attempt: int, at: datetime) -> None:
    """Give back a claim that nobody came to dial, as the sweeper does."""
    if week.state[call] == OPEN and attempt == week.attempts[call]:
        _leave(week, call, at)


def _leave(week: Week, call: int, at: datetime) -> None:
    week.waiting -= 1
    settle(week, call, Ending("not_dialed", "unreached"), at)


def _ring(week: Week, call: int, attempt: int, phone: int, at: datetime) -> None:
    week.note_dial(phone, at)
    reaction = ring(week.families, call, phone & 1, (at + IST).hour, week.chance)
    week.carrier.ring(phone, attempt, at)
    week.tally.recorded += reaction.reach == "recorded"
    unknown = week.mishaps.strikes("accept_then_500")
    if unknown:
        week.fail(at)
    week.expect(at + timedelta(seconds=reaction.hold_s), END, call, (phone, reaction))
    if unknown or week.mishaps.strikes("killed_after"):
        week.expect(at + LEASE + LISTING_DELAY, LOOK, call, reaction)
