"""A recording becomes known: a row that asks for its audio, and the suggestion it will be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from callqueue import calling_in, ledger
from ptm.models import Call, Recording, Suggestion

# Shorter than this, nothing was said; the call trees' own limit, for recordings that no question waits for any more.
LEAST_MS = 800


def want_recording(
    tx: Connection, call: Any, carrier_id: str, url: str, duration_ms: int, *, language: str, now: datetime
) -> int | None:
    """Note a recording that lies at the carrier, and the suggestion it will become; None when it is known already.

    `call` is a row of an attempt or of a call that came in. What a teacher recorded, or somebody who says prompts, is
    no suggestion; without its webhook nobody knows whether it was to be kept.
    """
    if tx.scalar(select(Recording.id).where(Recording.carrier_id == carrier_id)) is not None:
        return None
    came_in = hasattr(call, "caller_index")
    purpose = calling_in.purpose_of_recording(call) if came_in else "suggestion"
    recording_id = tx.execute(
        insert(Recording)
        .values(
            attempt_id=None if came_in else call.id, inbound_id=call.id if came_in else None, carrier_id=carrier_id,
            purpose=purpose, url=url, language=language, state="wanted",
            duration_ms=duration_ms, wanted_at=now, due_at=now, tries=0,
        )
        .returning(Recording.id)
    ).scalar_one()  # fmt: skip
    if purpose != "suggestion":
        return int(recording_id)
    school_id: Any = select(Call.school_id).where(Call.id == call.call_id).scalar_subquery()
    if says_something(purpose, duration_ms, call.reach):
        if came_in:
            calling_in.raise_reach(tx, call, "recorded", now)
        else:
            ledger.raise_reach(tx, call.id, "recorded")
    if came_in and call.call_id is None:
        school_id = calling_in.school_of(call.household_id).scalar_subquery()
    tx.execute(
        insert(Suggestion).values(
            recording_id=recording_id, call_id=call.call_id, school_id=school_id,
            source="call_in" if came_in else "call", language=language, public_text="", doubt=1.0, escalated=False,
            status="new", created_at=now,
        )
    )  # fmt: skip
    return int(recording_id)


def says_something(purpose: str, duration_ms: int, reach: str) -> bool:
    """Say whether a recording lets a call that came as far as `reach` count as one that left a suggestion.

    Who speaks and hangs up has said it, though their phone answers no question any more.
    """
    return purpose == "suggestion" and duration_ms >= LEAST_MS and reach != "recorded"
