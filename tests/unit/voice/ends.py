"""What stands in the tables when a call is over: everything that must not depend on how often or in which order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ptm.models import Call, Consent, Household, Recording, Suggestion
from tests.callflow.stage import Phone

ATTEMPT = ("state", "reach", "outcome", "cause_code", "session", "step", "opted_out", "talk_s", "call_uuid")
CALL = ("state", "disposition", "reach", "tries", "ended_at")


def end_of(phone: Phone) -> dict[str, Any]:
    """Return how a call ended, without keys that differ between two calls."""
    row = phone.row()
    with phone.stage.runtime.database.reading() as tx:
        call = tx.execute(select(Call.__table__).where(Call.id == row.call_id)).one()
        home = tx.execute(select(Household.__table__).where(Household.id == call.household_id)).one()
        consents = tx.execute(
            select(Consent.kind, Consent.given, Consent.wording).where(Consent.attempt_id == row.id)
        ).all()
        recordings = tx.execute(
            select(Recording.carrier_id, Recording.state, Recording.language, Recording.duration_ms, Suggestion.status)
            .join(Suggestion, Suggestion.recording_id == Recording.id)
            .where(Recording.attempt_id == row.id)
        ).all()
    due_at = call.due_at if call.state == "planned" else None
    found = {
        "attempt": {name: getattr(row, name) for name in ATTEMPT},
        "call": {name: getattr(call, name) for name in CALL} | {"due_at": due_at},
        "household": (home.language, home.slot, home.opted_out_at),
        "consents": sorted(map(tuple, consents)),
        "recordings": sorted(map(tuple, recordings), key=lambda recording: recording[3]),
        "answers": phone.events(),
    }
    return _without_what_differs(found, phone)


def _without_what_differs(found: dict[str, Any], phone: Phone) -> dict[str, Any]:
    text = repr({**found, "answers": sorted(found["answers"].items())})
    for at, own in enumerate([phone.token, phone.call_uuid, *phone.recordings]):
        text = text.replace(own, f"<{at}>").replace(own.replace("-", "")[-30:], f"<{at}>")
    return {"end": text}
