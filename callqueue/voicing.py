"""A teacher's message: fetched as any recording, then checked and made a clip that the families of a class hear.

Prompts that somebody says by phone go the same way (`ivr.prompts_by_phone`), and share `drop_unkept` and `settle`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from callqueue.runtime import Runtime
from prompts.clips import ClipStore
from prompts.errors import AudioRejected
from prompts.mixing import measure
from prompts.recorded import finished
from ptm.models import InboundCall, Recording, VoiceMessage

# As `ivr.trees.timing.LONGEST_VOICE_S` has it: more would take a family's call out of its paid minute.
MOST_S = 5.5
# Whether a message is kept is known when its call is over.
LOOK_AGAIN = timedelta(minutes=1)


def finish(runtime: Runtime, recording_id: int) -> None:
    """Make a stored message the clip of its class, or note why it cannot be; drop one that nobody kept.

    Done twice it makes the same clip: a clip is named by its sound.
    """
    now = runtime.clock.now()
    with runtime.database.reading() as tx:
        row = _stored(tx, recording_id)
    if row is None:
        return
    if row.message_id is None:
        with runtime.database.writing() as tx:
            drop_unkept(tx, recording_id, row.call_state, now)
        return
    try:
        wav = finished((runtime.settings.storage.recordings / row.file).read_bytes(), MOST_S)
    except AudioRejected as rejected:
        problem(runtime, recording_id, str(rejected))
        return
    clip = ClipStore(runtime.settings.storage.clips).add(wav, durable=True)
    kept = {"clip": clip.name, "length_ms": round(measure(wav).seconds * 1000)}
    with runtime.database.writing() as tx:
        if settle(tx, recording_id, {"state": "used"}):
            tx.execute(update(VoiceMessage).where(VoiceMessage.recording_id == recording_id).values(**kept))


def problem(runtime: Runtime, recording_id: int, why: str) -> None:
    """Note why a message cannot be heard, for the teacher's page."""
    with runtime.database.writing() as tx:
        if settle(tx, recording_id, {"state": "parked", "last_error": why[:200]}):
            told = update(VoiceMessage).where(VoiceMessage.recording_id == recording_id)
            tx.execute(told.values(problem=why[:200]))


def _stored(tx: Connection, recording_id: int) -> Any:
    return tx.execute(
        select(Recording.file, VoiceMessage.id.label("message_id"), InboundCall.state.label("call_state"))
        .join(InboundCall, InboundCall.id == Recording.inbound_id)
        .outerjoin(VoiceMessage, VoiceMessage.recording_id == Recording.id)
        .where(Recording.id == recording_id, Recording.state == "stored", Recording.purpose == "message")
    ).first()


def drop_unkept(tx: Connection, recording_id: int, call_state: str, now: datetime) -> None:
    """Drop what nobody kept in a call that is over; look again later while it lasts."""
    settle(tx, recording_id, {"state": "discarded"} if call_state == "ended" else {"due_at": now + LOOK_AGAIN})


def settle(tx: Connection, recording_id: int, changes: dict[str, Any]) -> bool:
    """Change a stored recording; return whether it still was one."""
    stored = update(Recording).where(Recording.id == recording_id, Recording.state == "stored")
    return bool(tx.execute(stored.values(**changes)).rowcount)
