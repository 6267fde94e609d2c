"""Comparing the carrier's list of recordings with ours: a webhook that was lost must not lose what a parent said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, or_, select

from callqueue import bells
from callqueue.runtime import Runtime
from callqueue.wanting import want_recording
from carrier.contract import CarrierRecording
from ptm.errors import CarrierUnavailable
from ptm.models import Attempt, Recording

# The carrier keeps recordings for weeks. A comparison looks back far enough that one missed night changes nothing.
LOOKS_BACK = timedelta(hours=72)
CHUNK = 100


def compare(runtime: Runtime) -> list[int]:
    """Want every recording of our calls that lies at the carrier and is unknown here; return those found.

    Safe to repeat. A carrier that cannot be asked to the end is asked again next time; what was found until then stays.
    """
    found: list[int] = []
    try:
        listed = runtime.carrier.recordings(runtime.clock.now() - LOOKS_BACK)
        while chunk := tuple(islice(listed, CHUNK)):
            found += _want_unknown(runtime, chunk)
    except CarrierUnavailable:
        pass
    runtime.bells.ring(bells.FETCH, found)
    return found


def _want_unknown(runtime: Runtime, chunk: Sequence[CarrierRecording]) -> Iterator[int]:
    by_id = {recording.recording_id: recording for recording in chunk}
    with runtime.database.reading() as tx:
        known = set(tx.scalars(select(Recording.carrier_id).where(Recording.carrier_id.in_(by_id))))
    for recording_id in by_id.keys() - known:
        with runtime.database.writing() as tx:
            made = _want(tx, by_id[recording_id], runtime)
        if made is not None:
            yield made


def _want(tx: Connection, recording: CarrierRecording, runtime: Runtime) -> int | None:
    """Note a recording as its lost webhook would have; one of a call that is not ours is nobody's to fetch."""
    attempt = _attempt_of(tx, recording.call_id)
    if attempt is None:
        return None
    language = json.loads(attempt.session)["language"] if attempt.session else attempt.facts["language"]
    return want_recording(
        tx, attempt, recording.recording_id, recording.url, recording.duration_ms or 0, language=language,
        now=runtime.clock.now(),
    )  # fmt: skip


def _attempt_of(tx: Connection, call_id: str) -> Any:
    ours = or_(Attempt.call_uuid == call_id, Attempt.request_uuid == call_id)
    return tx.execute(select(Attempt.__table__).where(ours).with_for_update()).first()
