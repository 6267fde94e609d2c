"""When a call that the ladder plans again is due: in the hours of its round and its family, in the likeliest one."""

from __future__ import annotations

import random
from datetime import datetime

from sqlalchemy import Connection

from callqueue.cases import Case
from callqueue.hours import draw, is_to_choose, retry_at
from callqueue.ladder import Again
from callqueue.pick_ups import load_known
from callqueue.rounds import window_of
from callqueue.windows import Window, hour_ist, next_open, next_open_at_another_hour


def due_again(tx: Connection, case_: Case, decision: Again) -> datetime | None:
    """Return when to dial again; None when the round is over by then, or nobody wants the call any more."""
    attempt = case_.attempt
    if not attempt.is_wanted:
        return None
    window = window_of(case_.round).narrowed(attempt.slot)
    not_before = attempt.ended_at + decision.wait
    if attempt.hours == "learned" and is_to_choose(decision):
        return _in_learned_hour(tx, case_, decision, window, not_before)
    if decision.different_hour:
        return next_open_at_another_hour(window, not_before, attempt.ended_at)
    return next_open(window, not_before)


def _in_learned_hour(
    tx: Connection, case_: Case, decision: Again, window: Window, not_before: datetime
) -> datetime | None:
    call, attempt = case_.call, case_.attempt
    known = load_known(tx, call.household_id, call.school_id)
    # Late news has the same attempt judged again: what it draws must not depend on when, nor on who asks.
    chance = random.Random(f"{call.id} {attempt.number}")  # noqa: S311 - to be repeated
    avoid = hour_ist(attempt.rang_at or attempt.ended_at) if decision.different_hour else None
    return retry_at(
        window, not_before, avoid, lambda hour: draw(known.household, known.school, known.district, hour, chance),
        chance=chance,
    )  # fmt: skip
