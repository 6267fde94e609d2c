"""A stored recording becomes words in the feedback database; one that crashes the recogniser twice is parked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from asr.model_store import load_recognisers
from asr.pipeline import Transcript as Heard
from asr.pipeline import transcribe as listen
from asr.recogniser import Recogniser
from callqueue.runtime import Runtime
from ptm.models import (
    Attempt,
    CallChild,
    Child,
    Guardianship,
    InboundCall,
    Recording,
    SchoolClass,
    Suggestion,
    Transcript,
    User,
)
from ptm.settings import Settings

MOST_TRIES = 2
_recognisers: dict[str, Recogniser] = {}


def warm(settings: Settings) -> None:
    """Load every configured model into this process, so that the children it forks share the memory."""
    _recognisers.update(load_recognisers(settings.asr.models))


def transcribe(runtime: Runtime, recording_id: int) -> None:
    """Listen to one recording and store what was heard, once per model.

    The try is counted and committed before the recogniser starts: a recording that kills its process is met again
    with one try less, and after MOST_TRIES it waits for a person instead.
    """
    row = _take(runtime, recording_id)
    if row is None:
        return
    if not _recognisers:
        warm(runtime.settings)
    heard = listen(
        runtime.settings.storage.recordings / row.file, row.language, _recognisers, _names(runtime, recording_id)
    )
    with runtime.database.writing() as tx:
        _store(tx, recording_id, heard, runtime.clock.now())


def _take(runtime: Runtime, recording_id: int) -> Any:
    now = runtime.clock.now()
    # Nobody else takes it while this try may still run.
    patience = runtime.clock.stretch(runtime.settings.machine.job_timeout_s)
    ours = (
        Recording.id == recording_id, Recording.state == "stored", Recording.purpose == "suggestion",
        Recording.due_at <= now,
    )  # fmt: skip
    with runtime.database.writing() as tx:
        parked = update(Recording).where(*ours, Recording.tries >= MOST_TRIES).values(state="parked")
        if tx.execute(parked).rowcount:
            tx.execute(_suggestion_of(recording_id).values(status="needs_listening"))
            return None
        taken = update(Recording).where(*ours).values(tries=Recording.tries + 1, due_at=now + patience)
        if not tx.execute(taken).rowcount:
            return None
        return tx.execute(select(Recording.file, Recording.language).where(Recording.id == recording_id)).one()


def _names(runtime: Runtime, recording_id: int) -> list[str]:
    """The people whom the recording may name: the family's children, their guardians and their teachers.

    Of a call of ours they are those whom it was about, of one that came in all of the family.
    """
    called_for = (
        select(CallChild.child_id)
        .join(Attempt, Attempt.call_id == CallChild.call_id)
        .join(Recording, Recording.attempt_id == Attempt.id)
        .where(Recording.id == recording_id)
    )
    calling = (
        select(Guardianship.child_id)
        .join(InboundCall, InboundCall.household_id == Guardianship.household_id)
        .join(Recording, Recording.inbound_id == InboundCall.id)
        .where(Recording.id == recording_id)
    )
    children = (
        select(Child.name, Child.guardian_name, User.name)
        .select_from(Child)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .outerjoin(User, User.id == SchoolClass.teacher_id)
        .where(or_(Child.id.in_(called_for), Child.id.in_(calling)))
    )
    with runtime.database.reading() as tx:
        return [name for row in tx.execute(children) for name in row if name]


def _store(tx: Connection, recording_id: int, heard: Heard, now: datetime) -> None:
    finished = update(Recording).where(Recording.id == recording_id, Recording.state == "stored")
    if not tx.execute(finished.values(state="transcribed")).rowcount:
        return
    tx.execute(
        insert(Transcript).values(
            recording_id=recording_id, model=heard.model, verdict=heard.verdict, text=heard.text,
            words=[asdict(word) for word in heard.words], confidence=heard.confidence, created_at=now,
            details={
                "duration_s": heard.duration_s, "speech_s": heard.speech_s, "note": heard.note,
                "other_readings": list(heard.guesses),
            },
        )
    )  # fmt: skip
    # An analyst who was quicker keeps theme and status, and gets the words.
    wordless = (Suggestion.status == "read", Suggestion.public_text == "", Suggestion.doubt == 1.0)
    tx.execute(
        update(Suggestion)
        .where(Suggestion.recording_id == recording_id, *wordless)
        .values(public_text=heard.public_text, doubt=heard.doubt)
    )
    understood = heard.verdict == "speech"
    tx.execute(
        _suggestion_of(recording_id).values(
            public_text=heard.public_text,
            theme=heard.theme,
            doubt=heard.doubt,
            status="new" if understood else "needs_listening",
        )
    )


def _suggestion_of(recording_id: int) -> Any:
    return update(Suggestion).where(Suggestion.recording_id == recording_id, Suggestion.status == "new")
