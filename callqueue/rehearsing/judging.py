"""End an attempt of a rehearsal and judge its call, by the real ladder and the real windows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from callqueue.hours import hours_of, is_to_choose, retry_at
from callqueue.ladder import HEARD, Again, Ending, Final, Standing, cost_of, decide
from callqueue.rehearsing.terms import IST
from callqueue.rehearsing.week import PLANNED, Week
from callqueue.windows import Window, next_open, next_open_at_another_hour


def settle(week: Week, call: int, ending: Ending, at: datetime) -> None:
    cost = cost_of(ending)
    week.tries[call] += cost == "try"
    week.unplaced[call] += cost == "place"
    week.lines_held -= 1
    decision = decide(week.terms.ladder, ending, _standing(week, call))
    number = week.position[call] if decision.cost == "nothing" else week.phone_of(call) & 1
    if decision.retire_number:
        week.retired[call] |= 1 << number
    week.state[call] = PLANNED
    if isinstance(decision, Final):
        week.finish(call, decision.disposition)
        return
    if decision.next_number:
        week.position[call] = (number + 1) % week.families.numbers[call]
    week.plan(call, _due_at(week, call, decision, at), decision.disposition_if_late)


def _standing(week: Week, call: int) -> Standing:
    return Standing(
        tries=week.tries[call], most_tries=week.terms.tries, unplaced=week.unplaced[call],
        not_there=week.not_there[call],
        # The number that is being retired counts still.
        numbers=week.families.numbers[call] - week.retired[call].bit_count(),
        heard=week.reach[call] >= HEARD, chance=call * 0.6180339887498949 % 1,
    )  # fmt: skip


def _due_at(week: Week, call: int, decision: Again, at: datetime) -> datetime | None:
    window = week.window_of(call)
    not_before = at + decision.wait
    if week.terms.hours == "learned" and is_to_choose(decision):
        avoid = (at + IST).hour if decision.different_hour else None
        worth = week.learning.worth(call, week.chance)
        return retry_at(window, not_before, avoid, worth, chance=week.chance)
    if not decision.different_hour:
        return next_open(window, not_before)
    return _retry_at(week, window, not_before, at)


def _retry_at(week: Week, window: Window, not_before: datetime, tried_at: datetime) -> datetime | None:
    """Choose the hour of a retry without having learnt: by the ladder, the same, any other."""
    if week.terms.hours == "ladder":
        return next_open_at_another_hour(window, not_before, tried_at)
    tried = (tried_at + IST).hour
    hour = tried
    if week.terms.hours == "random":
        others = [hour for hour in hours_of(window) if hour != tried]
        hour = others[int(week.chance.random() * len(others))]
    return _at_hour(window, not_before, hour)


def _at_hour(window: Window, not_before: datetime, hour: int) -> datetime | None:
    """Return the first allowed instant from `not_before` on in that hour of the day."""
    found = next_open(window, not_before)
    if found is None or (found + IST).hour == hour:
        return found
    day = (found + IST).date() + timedelta(days=(found + IST).hour > hour)
    return next_open(window, datetime.combine(day, time(hour), UTC) - IST)
