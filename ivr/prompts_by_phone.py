"""A prompt that somebody said by phone: checked as an upload is, and from then on heard in calls.

The recording was fetched as every other. Whatever is wrong with it stands on the prompt's page, and calls go on to say
what they said before.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from callqueue import prompt_orders
from callqueue.jobs import runtime
from callqueue.runtime import Runtime
from callqueue.voicing import drop_unkept, settle
from ivr.recording import Recording, RecordingRefused
from ivr.voice.parts import studio_of
from prompts.errors import PromptError
from prompts.studio import Studio
from ptm import models
from ptm.models import InboundCall, PromptOrder, User


def say(recording_id: int) -> None:
    """The job: let a recording say its prompt."""
    say_prompt(runtime(), recording_id)


def say_prompt(parts: Runtime, recording_id: int) -> None:
    """Let a stored recording say the prompt that it was kept for, or note why it cannot; drop one that nobody kept.

    Done twice it makes the same clip: a clip is named by its sound.
    """
    now = parts.clock.now()
    with parts.database.reading() as tx:
        row = _stored(tx, recording_id)
    if row is None:
        return
    if row.order_id is None:
        with parts.database.writing() as tx:
            drop_unkept(tx, recording_id, row.call_state, now)
        return
    why = _why_not(parts, row)
    with parts.database.writing() as tx:
        if settle(tx, recording_id, {"state": "parked", "last_error": why} if why else {"state": "used"}):
            prompt_orders.settle(tx, recording_id, **({"problem": why} if why else {"done_at": now}))


def _why_not(parts: Runtime, row: Any) -> str | None:
    """Put a recording in the prompt's place; return why it cannot be."""
    try:
        with closing(studio_of(parts)) as studio:
            part = _part(studio, row)
            _refuse_older(studio, row)
            wav = (parts.settings.storage.recordings / row.file).read_bytes()
            keeping = Recording(parts, studio, row.user_id)
            keeping.keep_prompt(row.prompt_id, row.language, wav, by=row.name, part=part)
    except (PromptError, RecordingRefused) as refused:
        return str(refused)[:200]
    return None


def _part(studio: Studio, row: Any) -> int:
    """Return which part of its prompt the words are. Raises PromptError, RecordingRefused."""
    pieces = studio.recordable(row.prompt_id, row.language)
    if row.words not in pieces:
        raise RecordingRefused("the words were changed after you asked for them: ask again and say the new ones")
    return pieces.index(row.words) + 1


def _refuse_older(studio: Studio, row: Any) -> None:
    """Keep what somebody handed in on the page after this was said, and before it came from the carrier."""
    studio.recorded.fresh()
    there = studio.recorded.find(row.words, row.language)
    if there is not None and datetime.fromisoformat(there.recorded_at) > row.said_at:
        raise RecordingRefused(f"{there.recorded_by} recorded it meanwhile, and that one stays")


def _stored(tx: Connection, recording_id: int) -> Any:
    recording = models.Recording
    return tx.execute(
        select(
            recording.file, InboundCall.state.label("call_state"), PromptOrder.id.label("order_id"),
            PromptOrder.prompt_id, PromptOrder.language, PromptOrder.words, PromptOrder.said_at, PromptOrder.user_id,
            User.name,
        )
        .join(InboundCall, InboundCall.id == recording.inbound_id)
        .outerjoin(PromptOrder, PromptOrder.recording_id == recording.id)
        .outerjoin(User, User.id == PromptOrder.user_id)
        .where(recording.id == recording_id, recording.state == "stored", recording.purpose == "prompt")
    ).first()  # fmt: skip
