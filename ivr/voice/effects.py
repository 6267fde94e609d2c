"""What a turn's events mean for the records: consent, recording, slot, language, opt-out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callqueue import ledger
from ivr.trees.model import Event, Recorded
from ptm.models import Attempt, Call, Consent, Household, Recording, Suggestion


class Made(Protocol):
    """A recording that lies at the carrier: what a Record's action and its callback both tell of it."""

    @property
    def recording_id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def duration_ms(self) -> int: ...


def apply(tx: Connection, attempt: Any, events: Iterable[Event], *, language: str, now: datetime) -> None:
    """Write down what happened."""
    for event in events:
        if event.kind == "recording_made":
            made = Recorded(event.values["id"], event.values["url"], event.values["duration_ms"])
            want_recording(tx, attempt, made, language=language, now=now, is_sure=True)
        elif event.kind in _EFFECTS:
            _EFFECTS[event.kind](tx, attempt, event, now)


def want_recording(
    tx: Connection, attempt: Any, made: Made, *, language: str, now: datetime, is_sure: bool = False
) -> int:
    """Note a recording that lies at the carrier, and the suggestion it will become; return its id.

    Told twice, it stays one. `is_sure`: the call stands at this recording, so its language is the one spoken; the
    carrier's callback may come when the call is in another language already, or not begun as far as we know.
    """
    upsert: Any = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    spoken = {"language": language} if is_sure else {"carrier_id": made.recording_id}
    recording_id = tx.execute(
        upsert(Recording)
        .values(
            attempt_id=attempt.id, carrier_id=made.recording_id, url=made.url, language=language, state="wanted",
            duration_ms=made.duration_ms, wanted_at=now, due_at=now, tries=0,
        )
        .on_conflict_do_update(index_elements=["carrier_id"], set_=spoken)
        .returning(Recording.id)
    ).scalar_one()  # fmt: skip
    school_id = select(Call.school_id).where(Call.id == attempt.call_id).scalar_subquery()
    tx.execute(
        upsert(Suggestion)
        .values(
            recording_id=recording_id, call_id=attempt.call_id, school_id=school_id, source="call", language=language,
            public_text="", doubt=1.0, escalated=False, status="new", created_at=now,
        )
        .on_conflict_do_update(
            index_elements=["recording_id"], set_={"language": language} if is_sure else {"recording_id": recording_id}
        )
    )  # fmt: skip
    return int(recording_id)


def _consent(kind: str, given: bool) -> Any:
    def write(tx: Connection, attempt: Any, event: Event, now: datetime) -> None:
        tx.execute(
            insert(Consent).values(
                household_id=_household(attempt), attempt_id=attempt.id, kind=kind, given=given,
                wording=event.values.get("wording", kind), at=now,
            )
        )  # fmt: skip

    return write


def _opt_out(tx: Connection, attempt: Any, event: Event, now: datetime) -> None:
    """Stop calling this family. Nine twice and hanging up say it twice; it is written once."""
    if not tx.scalar(select(Attempt.opted_out).where(Attempt.id == attempt.id)):
        _consent("calling", False)(tx, attempt, event, now)
        ledger.opt_out(tx, attempt.id, now=now)


def _language(tx: Connection, attempt: Any, event: Event, now: datetime) -> None:
    tx.execute(update(Household).where(Household.id == _household(attempt)).values(language=event.values["language"]))


def _slot(tx: Connection, attempt: Any, event: Event, now: datetime) -> None:
    tx.execute(update(Household).where(Household.id == _household(attempt)).values(slot=event.values["slot"]))


def _discard(tx: Connection, attempt: Any, event: Event, now: datetime) -> None:
    """The parent wants to say it again: the first try is neither fetched nor shown."""
    recording = select(Recording.id).where(Recording.carrier_id == event.values["id"]).scalar_subquery()
    tx.execute(update(Suggestion).where(Suggestion.recording_id == recording).values(status="withdrawn"))
    tx.execute(update(Recording).where(Recording.carrier_id == event.values["id"]).values(state="discarded"))


def _household(attempt: Any) -> Any:
    return select(Call.household_id).where(Call.id == attempt.call_id).scalar_subquery()


_EFFECTS = {
    "consent_given": _consent("recording", True),
    "consent_refused": _consent("recording", False),
    "opted_out": _opt_out,
    "language_chosen": _language,
    "slot_chosen": _slot,
    "recording_discarded": _discard,
}
