"""A recording is kept when it is one: a page that says sorry under a 200 is asked for again, in the end given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import insert, select

from callqueue.recordings import MISSING_FOR_GOOD, fetch
from callqueue.runtime import Runtime
from carrier.plivo.client import PlivoCarrier
from ptm.clock import ManualClock
from ptm.models import Call, Recording, Suggestion
from tests.conftest import SECRETS
from tests.unit.callqueue.village import Village

SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt "
SORRY = b"<html>It works!</html>"


@dataclass
class Shelf:
    """The carrier's recordings: gives what it has been told to give, in turn; the last one for good."""

    port: int = 0
    gives: list[bytes] = field(default_factory=lambda: [SOUND])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shelf.gives[0] if len(shelf.gives) == 1 else shelf.gives.pop(0)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield shelf
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def recording_id(runtime: Runtime, village: Village, shelf: Shelf) -> int:
    runtime.__dict__["carrier"] = PlivoCarrier(
        auth_id=SECRETS["PLIVO_AUTH_ID"], auth_token=SECRETS["PLIVO_AUTH_TOKEN"], api_url=shelf.url
    )
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    now = village.now
    found = village.insert(
        Recording, attempt_id=attempt_id, carrier_id="one", url=f"{shelf.url}/v1/one.wav", language="pa",
        state="wanted", duration_ms=1000, wanted_at=now, due_at=now, tries=0,
    )  # fmt: skip
    with village.writing() as tx:
        call = tx.execute(select(Call.id, Call.school_id)).one()
        suggestion = {"call_id": call.id, "school_id": call.school_id, "source": "call", "language": "pa"}
        tx.execute(insert(Suggestion).values(recording_id=found, status="new", created_at=now, **suggestion))
    return found


def row(village: Village) -> Any:
    return village.row(select(Recording.__table__))


def test_a_page_under_a_200_is_not_taken_for_a_recording(
    runtime: Runtime, village: Village, clock: ManualClock, shelf: Shelf, recording_id: int
) -> None:
    shelf.gives = [SORRY, b"", SOUND]
    for tries in (1, 2):
        fetch(runtime, recording_id)
        assert (row(village).state, row(village).tries, row(village).file) == ("wanted", tries, None)
        assert row(village).due_at > clock.now()
    fetch(runtime, recording_id)
    assert (row(village).state, row(village).size_bytes) == ("stored", len(SOUND))
    (file,) = runtime.settings.storage.recordings.iterdir()
    assert file.read_bytes() == SOUND


def test_what_never_becomes_a_recording_is_given_up_and_a_person_is_told(
    runtime: Runtime, village: Village, clock: ManualClock, shelf: Shelf, recording_id: int
) -> None:
    shelf.gives = [SORRY]
    clock.advance(MISSING_FOR_GOOD + timedelta(minutes=1))
    fetch(runtime, recording_id)
    assert (row(village).state, row(village).last_error) == ("parked", "the carrier sent something that is no WAV file")
    assert village.row(select(Suggestion.status)).status == "needs_listening"
