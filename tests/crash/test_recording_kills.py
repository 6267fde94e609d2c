"""Rows 10 and 11 of the kill matrix: a recording's fetcher or its listener is killed; what the parent said arrives."""

from __future__ import annotations

import hashlib
import io
import threading
import wave
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import insert, select

from callqueue import pacer, sweeping
from callqueue.recordings import fetch
from callqueue.transcribing import transcribe
from ptm.models import Call, Recording, Suggestion, Transcript
from tests.conftest import ROOT
from tests.crash.conftest import Street

HALF = 8_000


def silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * HALF))
    return file.getvalue()


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    """The carrier's recordings: one file; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(silence())))
            self.end_headers()
            self.wfile.write(silence())

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/Account/MATESTTESTTESTTESTTE/Recording/one.wav"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def recording_id(street: Street, shelf: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """A recording that the carrier has told of: wanted, with the suggestion it will be."""
    monkeypatch.chdir(ROOT)  # the recognisers' folders are relative to it
    street.environ["SUNVAI_CARRIER__API_URL"] = shelf.partition("/v1/")[0]
    street.runtime.__dict__["carrier"] = street._runtime().carrier
    street.village.family()
    street.village.start(street.village.open_round())
    (attempt_id,) = pacer.release(street.runtime)
    now = street.village.now
    found = street.village.insert(
        Recording, attempt_id=attempt_id, carrier_id="one", url=shelf, language="en", state="wanted", duration_ms=1000,
        wanted_at=now, due_at=now, tries=0,
    )  # fmt: skip
    with street.village.writing() as tx:
        call = tx.execute(select(Call.id, Call.school_id)).one()
        suggestion = {"call_id": call.id, "school_id": call.school_id, "source": "call", "language": "en"}
        more = {"public_text": "", "doubt": 1.0, "escalated": False, "status": "new", "created_at": now}
        tx.execute(insert(Suggestion).values(recording_id=found, **suggestion, **more))
    return found


def row(street: Street) -> Any:
    return street.village.row(select(Recording.__table__))


FETCHES = [
    ("row written, before the fetch", "callqueue.recordings:_download", "before"),
    ("in the middle of the file", "callqueue.recordings:os.fsync", "before"),
    ("renamed, before the commit", "callqueue.recordings:_download", "after"),
]


@pytest.mark.parametrize(("place", "where", "when"), FETCHES, ids=[one[0] for one in FETCHES])
def test_a_killed_fetch_is_done_again_and_gives_the_same_file(
    street: Street, recording_id: int, place: str, where: str, when: str
) -> None:
    street.kill_at("fetch", where, when, recording_id)
    assert row(street).state == "wanted"
    street.runtime.redis.flushdb()
    sweeping.sweep(street.runtime)
    assert street.runtime.bells.waiting("media") == 1
    fetch(street.runtime, recording_id)
    assert (row(street).state, row(street).sha256) == ("stored", hashlib.sha256(silence()).hexdigest())
    (file,) = street.runtime.settings.storage.recordings.iterdir()  # nothing is left of the one that died
    assert file.read_bytes() == silence()


LISTENS = [
    ("while it listens", "callqueue.transcribing:listen", "before"),
    ("it has listened, nothing written", "callqueue.transcribing:_store", "before"),
    ("written, not committed", "callqueue.transcribing:_store", "after"),
]


@pytest.mark.parametrize(("place", "where", "when"), LISTENS, ids=[one[0] for one in LISTENS])
def test_a_killed_listener_is_followed_by_one_transcript(
    street: Street, recording_id: int, place: str, where: str, when: str
) -> None:
    fetch(street.runtime, recording_id)
    street.kill_at("transcribe", where, when, recording_id)
    assert row(street).state == "stored"
    street.pass_time(timedelta(seconds=street.runtime.settings.machine.job_timeout_s + 1))
    street.runtime.redis.flushdb()
    sweeping.sweep(street.runtime)
    assert street.runtime.bells.waiting("asr") == 1
    for _ in range(2):
        transcribe(street.runtime, recording_id)
    assert row(street).state == "transcribed"
    assert street.village.count(Transcript) == 1


def test_a_recording_that_kills_its_listener_twice_waits_for_a_person(street: Street, recording_id: int) -> None:
    fetch(street.runtime, recording_id)
    for _ in range(2):
        street.kill_at("transcribe", "callqueue.transcribing:listen", "before", recording_id)
        street.pass_time(timedelta(seconds=street.runtime.settings.machine.job_timeout_s + 1))
    transcribe(street.runtime, recording_id)
    assert row(street).state == "parked"
    assert street.village.row(select(Suggestion.status)).status == "needs_listening"
