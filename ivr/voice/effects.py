"""What a turn's events mean for the records: consent, recording, slot, language, opt-out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callqueue import callbacks, ledger, prompt_orders, putting_through, wishes
from ivr.trees.model import COMPLETED, Event, Recorded
from ivr.voice import teacher_line
from ivr.voice.party import Party
from ptm.models import Attempt, Consent, Household, Recording, Suggestion


class Made(Protocol):
    """A recording that lies at the carrier: what a Record's action and its callback both tell of it."""

    @property
    def recording_id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def duration_ms(self) -> int: ...


def apply(tx: Connection, party: Party, events: Iterable[Event], *, language: str, now: datetime) -> None:
    """Write down what happened."""
    for event in events:
        if event.kind == "recording_made":
            made = Recorded(event.values["id"], event.values["url"], event.values["duration_ms"])
            want_recording(tx, party, made, language=language, now=now, is_sure=True)
        elif event.kind in _EFFECTS:
            _EFFECTS[event.kind](tx, party, event, now)


def want_recording(
    tx: Connection, party: Party, made: Made, *, language: str, now: datetime, is_sure: bool = False
) -> int:
    """Note a recording that lies at the carrier, and the suggestion that a parent's will become; return its id.

    Told twice, it stays one. `is_sure`: the call stands at this recording, so its language is the one spoken; the
    carrier's callback may come when the call is in another language already, or not begun as far as we know.
    """
    upsert: Any = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    spoken = {"language": language} if is_sure else {"carrier_id": made.recording_id}
    recording_id = tx.execute(
        upsert(Recording)
        .values(
            attempt_id=party.attempt_id, inbound_id=party.inbound_id, purpose=party.purpose,
            carrier_id=made.recording_id, url=made.url, language=language, state="wanted",
            duration_ms=made.duration_ms, wanted_at=now, due_at=now, tries=0,
        )
        .on_conflict_do_update(index_elements=["carrier_id"], set_=spoken)
        .returning(Recording.id)
    ).scalar_one()  # fmt: skip
    if party.purpose != "suggestion":
        return int(recording_id)
    tx.execute(
        upsert(Suggestion)
        .values(
            recording_id=recording_id, call_id=party.call_id, school_id=party.school_id,
            source="call" if party.inbound_id is None else "call_in", language=language,
            public_text="", doubt=1.0, escalated=False, status="new", created_at=now,
        )
        .on_conflict_do_update(
            index_elements=["recording_id"], set_={"language": language} if is_sure else {"recording_id": recording_id}
        )
    )  # fmt: skip
    return int(recording_id)


def _consent(kind: str, given: bool) -> Any:
    def write(tx: Connection, party: Party, event: Event, now: datetime) -> None:
        tx.execute(
            insert(Consent).values(
                household_id=party.household_id, attempt_id=party.attempt_id, inbound_id=party.inbound_id, kind=kind,
                given=given, wording=event.values.get("wording", kind), at=now,
            )
        )  # fmt: skip

    return write


def _opt_out(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    """Stop calling this family. Nine twice and hanging up say it twice; it is written once."""
    if party.attempt_id is None:
        _opt_out_by_calling_in(tx, party, event, now)
    elif not tx.scalar(select(Attempt.opted_out).where(Attempt.id == party.attempt_id)):
        _consent("calling", False)(tx, party, event, now)
        ledger.opt_out(tx, party.attempt_id, now=now)


def _opt_out_by_calling_in(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    if tx.scalar(select(Household.opted_out_at).where(Household.id == party.household_id)) is None:
        _consent("calling", False)(tx, party, event, now)
        ledger.opt_out_household(tx, party.household_id, now=now)


def _opt_in(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    _consent("calling", True)(tx, party, event, now)
    wishes.opt_in(tx, party.household_id)


def _language(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    if party.household_id is not None:
        tx.execute(
            update(Household).where(Household.id == party.household_id).values(language=event.values["language"])
        )


def _slot(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    tx.execute(update(Household).where(Household.id == party.household_id).values(slot=event.values["slot"]))


def _callback(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    callbacks.ask(
        tx, party.household_id, reason=event.values["reason"], child_id=event.values["child"], now=now,
        attempt_id=party.attempt_id, inbound_id=party.inbound_id,
    )  # fmt: skip


def _dialled(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    if event.values["status"] == COMPLETED:
        if party.inbound_id is not None:
            putting_through.spoken(tx, party.inbound_id, now)
        callbacks.withdraw_hung_up(tx, attempt_id=party.attempt_id, inbound_id=party.inbound_id)


def _message(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    teacher_line.keep_message(tx, party.user_id, event.values["child"], event.values["id"], now)


def _prompt(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    prompt_orders.keep(tx, party.user_id, event.values["child"], event.values["id"], now)


def _batch(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    key = f"by-phone-{party.inbound_id}-{event.values['child']}"
    teacher_line.start(tx, party.user_id, event.values["child"], key, now)


def _discard(tx: Connection, party: Party, event: Event, now: datetime) -> None:
    """The parent wants to say it again: the first try is neither fetched nor shown."""
    recording = select(Recording.id).where(Recording.carrier_id == event.values["id"]).scalar_subquery()
    tx.execute(update(Suggestion).where(Suggestion.recording_id == recording).values(status="withdrawn"))
    tx.execute(update(Recording).where(Recording.carrier_id == event.values["id"]).values(state="discarded"))


_EFFECTS = {
    "consent_given": _consent("recording", True),
    "consent_refused": _consent("recording", False),
    "opted_out": _opt_out,
    "opted_in": _opt_in,
    "callback_asked": _callback,
    "dialled": _dialled,
    "message_kept": _message,
    "prompt_kept": _prompt,
    "batch_asked": _batch,
    "language_chosen": _language,
    "slot_chosen": _slot,
    "recording_discarded": _discard,
}
