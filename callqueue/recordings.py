"""A recording is a row first; then its audio is fetched, checked, put on disk whole, and only then called stored."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from callqueue import bells, prompt_orders
from callqueue.runtime import Runtime
from carrier.contract import RecordingMissing, RecordingRefused, RecordingTooLarge
from ptm.errors import CarrierError, CarrierUnavailable
from ptm.models import Recording, Suggestion, VoiceMessage

# 45 s of 8 kHz 16-bit mono are 720 kB; ten times that is no suggestion any more.
MAX_RECORDING_BYTES = 8_000_000
# A recording may be listed before its file lies ready, but not for days.
MISSING_FOR_GOOD = timedelta(days=7)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)


def fetch(runtime: Runtime, recording_id: int) -> None:
    """Bring one recording home, once; on failure note why and when to try again.

    The audio goes to a temporary file, is flushed to the disk, renamed and then committed: a kill at any point leaves
    either a row that is still wanted or a whole file.
    """
    with runtime.database.reading() as tx:
        row = tx.execute(select(Recording.__table__).where(Recording.id == recording_id)).first()
    if row is None or row.state != "wanted":
        return
    target = runtime.settings.storage.recordings / f"{recording_id:09d}.wav"
    try:
        digest, size = _download(runtime, row.url, target)
    except (RecordingRefused, RecordingTooLarge) as error:
        _give_up(runtime, row, str(error))
        return
    except CarrierError as error:
        if isinstance(error, RecordingMissing) and runtime.clock.now() - row.wanted_at > MISSING_FOR_GOOD:
            _give_up(runtime, row, str(error))
            return
        _try_later(runtime, recording_id, row.tries, str(error) or type(error).__name__)
        return
    now = runtime.clock.now()
    with runtime.database.writing() as tx:
        tx.execute(
            update(Recording)
            .where(Recording.id == recording_id, Recording.state == "wanted")
            .values(state="stored", file=target.name, sha256=digest, size_bytes=size, stored_at=now, due_at=now,
                    tries=0, last_error=None)
        )  # fmt: skip
    _clear_up(target)
    runtime.bells.ring(bells.LISTENERS[row.purpose], [recording_id])


def _clear_up(target: Path) -> None:
    """Remove what fetchers that were killed left of this recording: a voice must not lie where nobody looks."""
    for part in target.parent.glob(f"{target.stem}.*.part"):
        part.unlink(missing_ok=True)


def _download(runtime: Runtime, url: str, target: Path) -> tuple[str, int]:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        with part.open("w+b") as file:
            runtime.carrier_behind(url).fetch_recording(url, file, max_bytes=MAX_RECORDING_BYTES)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            head = file.read(12)
        if size == 0:
            raise CarrierUnavailable("the carrier sent an empty file")
        if (head[:4], head[8:]) != (b"RIFF", b"WAVE"):
            # A page that says how sorry it is, under a 200: kept for the recording, it would cost us what was said.
            raise RecordingMissing("the carrier sent something that is no WAV file")
        part.replace(target)
    except FileNotFoundError:
        raise CarrierUnavailable("another fetcher was quicker, and cleared up") from None
    finally:
        part.unlink(missing_ok=True)
    return digest, size


def _give_up(runtime: Runtime, row: Any, why: str) -> None:
    """Asking again will not help: a person is told that there was a recording, and why it cannot be heard."""
    ours = update(Recording).where(Recording.id == row.id, Recording.state == "wanted")
    with runtime.database.writing() as tx:
        if tx.execute(ours.values(state="parked", last_error=why[:200])).rowcount:
            _tell(tx, row, why[:200])


def _tell(tx: Connection, row: Any, why: str) -> None:
    if row.purpose == "prompt":
        prompt_orders.settle(tx, row.id, problem=why)
        return
    told = update(Suggestion).where(Suggestion.recording_id == row.id, Suggestion.status == "new")
    tx.execute(told.values(status="needs_listening"))
    tx.execute(update(VoiceMessage).where(VoiceMessage.recording_id == row.id).values(problem=why))


def _try_later(runtime: Runtime, recording_id: int, tries: int, why: str) -> None:
    wait = min(FIRST_WAIT * 2 ** min(tries, 12), LONGEST_WAIT)
    with runtime.database.writing() as tx:
        tx.execute(
            update(Recording)
            .where(Recording.id == recording_id, Recording.state == "wanted")
            .values(tries=Recording.tries + 1, due_at=runtime.clock.now() + wait, last_error=why[:200])
        )
