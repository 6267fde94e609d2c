"""A recording becomes known: a row that asks for its audio, and the suggestion it will be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ptm.models import Call, Recording, Suggestion


def want_recording(
    tx: Connection, attempt: Any, carrier_id: str, url: str, duration_ms: int, *, language: str, now: datetime
) -> int | None:
    """Note a recording that lies at the carrier, and the suggestion it will become; None when it is known already."""
    if tx.scalar(select(Recording.id).where(Recording.carrier_id == carrier_id)) is not None:
        return None
    recording_id = tx.execute(
        insert(Recording)
        .values(
            attempt_id=attempt.id, carrier_id=carrier_id, url=url, language=language, state="wanted",
            duration_ms=duration_ms, wanted_at=now, due_at=now, tries=0,
        )
        .returning(Recording.id)
    ).scalar_one()  # fmt: skip
    school_id = select(Call.school_id).where(Call.id == attempt.call_id).scalar_subquery()
    tx.execute(
        insert(Suggestion).values(
            recording_id=recording_id, call_id=attempt.call_id, school_id=school_id, source="call", language=language,
            public_text="", doubt=1.0, escalated=False, status="new", created_at=now,
        )
    )  # fmt: skip
    return int(recording_id)
