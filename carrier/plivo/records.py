"""Plivo's JSON about calls and recordings, read into our values. Whatever is missing or odd becomes "unknown"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from carrier.contract import CallState, CarrierCall, CarrierRecording

Record = Mapping[str, object]


def read_call(call_id: str, record: Record, asked: CallState) -> CarrierCall:
    """Read the answer to a question for a queued or live call; its `session_start` is UTC without saying so.

    What the record says of itself counts more than what was asked: a carrier may ignore the `status` of the question.
    """
    if record.get("end_time") or record.get("hangup_cause_code"):
        return read_ended({"call_uuid": call_id, **record})
    status = _text(record, "call_status")
    state: CallState = asked if not status else "queued" if status == "queued" else "live"
    return CarrierCall(
        call_id=call_id,
        request_id=_text(record, "request_uuid"),
        to=number(_text(record, "to", "to_number")),
        from_=number(_text(record, "from", "from_number")),
        state=state,
        started_at=_instant(record, "session_start", bare=UTC),
    )


def read_ended(record: Record) -> CarrierCall:
    """Read a call detail record; its times carry the account's offset, a bare time is of no known zone."""
    return CarrierCall(
        call_id=_text(record, "call_uuid"),
        request_id=_text(record, "request_uuid"),
        to=number(_text(record, "to_number", "to")),
        from_=number(_text(record, "from_number", "from")),
        state="ended",
        cause_code=_whole(record, "hangup_cause_code"),
        cause_name=_words(record, "hangup_cause_name"),
        hangup_source=_words(record, "hangup_source"),
        started_at=_instant(record, "initiation_time"),
        answered_at=_instant(record, "answer_time"),
        ended_at=_instant(record, "end_time"),
        talk_s=_whole(record, "bill_duration"),
    )


def read_recording(record: Record) -> CarrierRecording:
    """Read one entry of the recordings list; the duration comes as text like "7560.00000"."""
    return CarrierRecording(
        recording_id=_text(record, "recording_id"),
        call_id=_text(record, "call_uuid"),
        url=_text(record, "recording_url"),
        duration_ms=_whole(record, "recording_duration_ms"),
        added_at=_instant(record, "add_time"),
    )


def number(text: str) -> str:
    """Return a phone number as Plivo writes it without its plus."""
    return text.strip().removeprefix("+")


def _text(record: Record, *names: str) -> str:
    for name in names:
        value = record.get(name)
        if isinstance(value, str | int) and str(value):
            return str(value)
    return ""


def _words(record: Record, name: str) -> str:
    return _text(record, name).replace("\0", "")[:200]


def _whole(record: Record, name: str) -> int | None:
    value = record.get(name)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        whole = int(float(value))
    except (ValueError, OverflowError):
        return None
    return whole if abs(whole) < 2**31 else None  # what a database's integer holds


def _instant(record: Record, name: str, bare: tzinfo | None = None) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(record, name))
        if at.tzinfo is None:
            at = at.replace(tzinfo=bare)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
