"""What a turn's events mean for the records: consent, recording, slot, language, opt-out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from callqueue import ledger
from callqueue.wanting import want_recording
from ivr.trees.model import Event
from ptm.models import Call, Consent, Household, Recording, Suggestion


def apply(tx: Connection, attempt: Any, events: Iterable[Event], *, language: str, now: datetime) -> list[int]:
    """Write down what happened and return the recordings that are new."""
    recordings = []
    for event in events:
        if event.kind == "recording_made":
            values = event.values
            made = want_recording(
                tx, attempt, values["id"], values["url"], values["duration_ms"], language=language, now=now
            )
            recordings += [made] if made is not None else []
        elif event.kind in _EFFECTS:
            _EFFECTS[event.kind](tx, attempt, event, now)
    return recordings


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
