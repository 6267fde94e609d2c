"""What comes back of a dial: its callback, delivered as the faults will have it, or what the carrier's lists say."""

from __future__ import annotations

from datetime import datetime, timedelta

from callqueue.hours import picked_up
from callqueue.ladder import HEARD, Ending, reach_rank
from callqueue.pulses import pulses_of
from callqueue.rehearsing.events import LOOK, NEWS
from callqueue.rehearsing.families import Reaction
from callqueue.rehearsing.judging import settle
from callqueue.rehearsing.terms import IST, LONGEST_CALL, RETRY_CALLBACK, SWEEP
from callqueue.rehearsing.week import OPEN, PLANNED, Week


def hang_up(week: Week, call: int, attempt: int, phone: int, reaction: Reaction, at: datetime) -> None:
    """The phone is hung up; its callback is delivered as the faults will have it."""
    mishaps = week.mishaps
    week.carrier.hang_up(phone, at)
    if mishaps.strikes("lost"):
        week.expect(at + LONGEST_CALL, LOOK, call, reaction)
    elif mishaps.strikes("late"):
        week.expect(at + mishaps.delay(3600), NEWS, call, reaction)
        week.expect(at + LONGEST_CALL, LOOK, call, reaction)
    elif mishaps.strikes("reordered") and reaction.talk_s:
        hear(week, call, attempt, Reaction(reaction.outcome, "unreached", 0.0, reaction.talk_s), at)
        week.expect(at + mishaps.delay(60), NEWS, call, reaction)
    else:
        hear(week, call, attempt, reaction, at)
    if mishaps.strikes("duplicate"):
        hear(week, call, attempt, reaction, at)


def hear(week: Week, call: int, attempt: int, reaction: Reaction, at: datetime) -> None:
    """Take a callback: the end of the open attempt, or late news of one that is over."""
    if week.mishaps.lasts("database_away", at):
        week.expect(at + RETRY_CALLBACK, NEWS, call, reaction, attempt)
        return
    rank = reach_rank(reaction.reach)
    week.opted_out[call] |= reaction.opted_out
    is_news = rank > week.reach[call]
    week.reach[call] = max(week.reach[call], rank)
    if reaction.reach == "recorded" and is_news:
        week.tally.known_recordings += 1
    if week.state[call] == OPEN and attempt == week.attempts[call]:
        week.heal()
        _learn(week, call, reaction, at)
        _count(week, call, reaction, at)
        settle(week, call, Ending(reaction.outcome, reaction.reach, reaction.opted_out), at)
    elif week.state[call] == PLANNED and is_news and rank >= HEARD:
        week.finish(call, "opted_out" if week.opted_out[call] else "completed")


def look(week: Week, call: int, attempt: int, reaction: Reaction | None, at: datetime) -> None:
    """Reconcile: the carrier knows the call and how it ended, or certainly never had it."""
    if week.state[call] != OPEN or attempt != week.attempts[call]:
        return
    if week.mishaps.lasts("outage", at) or week.mishaps.lasts("database_away", at):
        week.expect(at + SWEEP, LOOK, call, reaction, attempt)
    elif reaction is None:
        week.not_there[call] += 1
        settle(week, call, Ending("not_there", "unreached"), at)
    else:
        hear(week, call, attempt, reaction, at)


def _learn(week: Week, call: int, reaction: Reaction, at: datetime) -> None:
    answered = picked_up(reaction.outcome, reaction.reach)
    if week.terms.hours == "learned" and answered is not None:
        week.learning.note(call, (at - timedelta(seconds=reaction.hold_s) + IST).hour, answered)


def _count(week: Week, call: int, reaction: Reaction, at: datetime) -> None:
    key = ((at - week.begin).days, week.tries[call] + 1)
    tally = week.tally
    tally.dials[key] += 1
    tally.answered[key] += reaction.talk_s > 0
    tally.heard[key] += reach_rank(reaction.reach) >= HEARD
    tally.pulses += pulses_of(reaction.talk_s)
