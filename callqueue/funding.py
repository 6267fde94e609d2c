"""How many more calls a round can hold and pay for: its own lines and its budget in rupees."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from callqueue.participation import load_participation
from callqueue.pulses import PULSE_S
from ptm.models import Attempt, Call, InboundCall

# What the session of such a call says, as JSON: see `ivr.trees.engine`.
DIALLING = '"dialling": "yes"'


def affordable(tx: Connection, the_round: Mapping[str, Any], time_limit_s: int, most: int) -> int:
    """Return how many calls of a round may be claimed now, at most `most`; a round without limits allows all.

    Every open attempt is reckoned at the longest a call can last, so that the budget is a ceiling and not a hope.
    """
    if the_round["lines"] is None and the_round["budget_paise"] is None:
        return most
    held = _held(tx, the_round["id"])
    rooms = [most]
    if the_round["lines"] is not None:
        rooms.append(the_round["lines"] - held)
    if the_round["budget_paise"] is not None:
        rooms.append(_within_budget(tx, the_round, held, math.ceil(time_limit_s / PULSE_S)))
    return max(0, min(rooms))


def spent_paise(tx: Connection, the_round: Mapping[str, Any]) -> int:
    """Return what the started minutes of a round have cost so far."""
    area_id = the_round["area_id"]
    pulses = load_participation(tx, the_round["id"], "area", [area_id])[area_id]["pulses"]
    return pulses * (the_round["pulse_paise"] or 0)


def _within_budget(tx: Connection, the_round: Mapping[str, Any], held: int, pulses_per_call: int) -> int:
    dearest_paise = pulses_per_call * (the_round["pulse_paise"] or 0)
    if dearest_paise == 0:
        return 0  # a budget without a price cannot be kept, so nothing is spent
    return int((the_round["budget_paise"] - spent_paise(tx, the_round)) // dearest_paise) - held


def second_lines(calls: type[Attempt | InboundCall]) -> ColumnElement[int]:
    """Count, among open calls, those that hold a second line: a teacher is dialled in them, or speaks."""
    return func.count().filter(calls.session.contains(DIALLING, autoescape=True))


def _held(tx: Connection, round_id: int) -> int:
    held = (
        select(func.count() + second_lines(Attempt))
        .select_from(Attempt)
        .join(Call, Call.id == Attempt.call_id)
        .where(Attempt.state != "ended", Call.round_id == round_id)
    )
    return tx.scalar(held) or 0
