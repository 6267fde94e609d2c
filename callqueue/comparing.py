"""Comparing the carrier's list of recordings with ours: a webhook that was lost must not lose what a parent said."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.exc import DataError

from callqueue import bells
from callqueue.runtime import Runtime
from callqueue.wanting import want_recording
from carrier.contract import CarrierRecording
from ptm.errors import CarrierUnavailable
from ptm.models import Attempt, InboundCall, Recording

# The carrier keeps recordings for weeks. A comparison looks back far enough that one missed night changes nothing.
LOOKS_BACK = timedelta(hours=72)
CHUNK = 100
# What our columns hold; the carrier's own ids have 36.
LONGEST_ID = 64
MOST_NAMED = 20

log = logging.getLogger(__name__)


def compare(runtime: Runtime) -> list[int]:
    """Want every recording of our calls that lies at the carrier and is unknown here; return those found.

    Safe to repeat. Every account is asked; one that cannot be asked to the end is asked again next time, and what was
    found until then stays.
    An entry that cannot be kept stops no other: it is named in the log, and looked at again next time.
    """
    found: list[int] = []
    odd: list[str] = []
    for account in runtime.accounts:
        with suppress(CarrierUnavailable):
            listed = runtime.carrier_of(account).recordings(runtime.clock.now() - LOOKS_BACK)
            while chunk := tuple(islice(listed, CHUNK)):
                found += _want_unknown(runtime, chunk, odd)
    if odd:
        log.error("%d recording(s) in the carrier's list cannot be kept: %s", len(odd), ", ".join(odd[:MOST_NAMED]))
    runtime.bells.ring(bells.FETCH, found)
    return found


def _want_unknown(runtime: Runtime, chunk: Sequence[CarrierRecording], odd: list[str]) -> Iterator[int]:
    by_id = {recording.recording_id: recording for recording in chunk if _is_readable(recording, odd)}
    with runtime.database.reading() as tx:
        known = set(tx.scalars(select(Recording.carrier_id).where(Recording.carrier_id.in_(by_id))))
    for recording_id in by_id.keys() - known:
        try:
            with runtime.database.writing() as tx:
                made = _want(tx, by_id[recording_id], runtime)
        except (DataError, ValueError, KeyError) as error:
            odd.append(f"{recording_id} ({type(error).__name__})")
            continue
        if made is not None:
            yield made


def _is_readable(recording: CarrierRecording, odd: list[str]) -> bool:
    """Say whether a recording has the ids and the address of one; what has not is named in `odd`."""
    ids = (recording.recording_id, recording.call_id)
    if all(1 <= len(text) <= LONGEST_ID and text.isprintable() for text in ids) and recording.url.isprintable():
        return True
    odd.append(repr(recording.recording_id[:LONGEST_ID]))
    return False


def _want(tx: Connection, recording: CarrierRecording, runtime: Runtime) -> int | None:
    """Note a recording as its lost webhook would have; one of a call that is not ours is nobody's to fetch."""
    attempt = _attempt_of(tx, recording.call_id) or _inbound_of(tx, recording.call_id)
    if attempt is None:
        return None
    language = json.loads(attempt.session)["language"] if attempt.session else attempt.facts["language"]
    return want_recording(
        tx, attempt, recording.recording_id, recording.url, recording.duration_ms or 0, language=language,
        now=runtime.clock.now(),
    )  # fmt: skip


def _inbound_of(tx: Connection, call_id: str) -> Any:
    return tx.execute(select(InboundCall.__table__).where(InboundCall.call_uuid == call_id).with_for_update()).first()


def _attempt_of(tx: Connection, call_id: str) -> Any:
    ours = or_(Attempt.call_uuid == call_id, Attempt.request_uuid == call_id)
    return tx.execute(select(Attempt.__table__).where(ours).with_for_update()).first()
