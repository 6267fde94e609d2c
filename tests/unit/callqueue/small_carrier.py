"""A phone company small enough for one file: real HTTP, real lists, and a log of every phone that it rang.

It takes dials as Plivo does, answers as its script says, and keeps what it accepted whatever it answered: what rang is
judged by `rang`, never by our own tables.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class SmallCall:
    """A call at the carrier: queued, live or ended."""

    call_uuid: str
    to: str
    started_at: datetime
    state: str = "live"
    cause: int | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass
class SmallCarrier:
    """What it will answer to the next dials (the last entry for all further), and what it knows.

    `accept`, `queue` (accepted, waits), `accept_500` (accepted, answered 500), `500`, `429`, `bad_number`,
    `silent_accept` and `silent` (no answer in time). `is_away`: every question is answered 503.
    """

    port: int = 0
    script: list[str] = field(default_factory=lambda: ["accept"])
    calls: list[SmallCall] = field(default_factory=list)
    posts: int = 0
    canceled: list[str] = field(default_factory=list)
    entered: set[str] = field(default_factory=set)  # the accounts by which it was asked for anything
    asked: dict[str, Any] = field(default_factory=dict)  # the newest dial, as it was posted
    is_away: bool = False
    at: datetime | None = None
    together: threading.Barrier | None = None  # so many dials are awaited before any is answered
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def rang(self) -> Counter[str]:
        """Return how often each number was dialled."""
        return Counter(call.to for call in self.calls)

    def will(self, *script: str) -> None:
        self.script = list(script)

    def dial(self, to: str) -> tuple[int, dict[str, Any]]:
        self.posts += 1
        how = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        if how in ("accept", "queue", "accept_500", "silent_accept"):
            call = SmallCall(f"call-{len(self.calls) + 1:08d}", to, self.at or datetime.now(UTC))
            call.state = "queued" if how == "queue" else "live"
            self.calls.append(call)
        if how.startswith("silent"):
            self.closing.wait(5)
        if how in ("accept", "queue"):
            return 201, {"message": "call fired", "request_uuid": self.calls[-1].call_uuid, "api_id": "x"}
        if how == "bad_number":
            return 400, {"error": "to number is invalid"}
        return {"429": (429, {"error": "slow down"})}.get(how, (500, {"error": "sorry"}))

    def end(self, cause: int, *, answered: bool = False, number: int = -1) -> SmallCall:
        """End a call, the newest one unless told otherwise."""
        call = self.calls[number]
        call.state, call.cause, call.ended_at = "ended", cause, self.at or datetime.now(UTC)
        call.answered_at = call.started_at if answered else None
        return call

    def ask(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if self.is_away:
            return 503, {"error": "away"}
        call_id = path.strip("/").rpartition("Call")[2].strip("/")
        if call_id:
            found = [call for call in self.calls if call.call_uuid == call_id and _is(call, query.get("status"))]
            return (200, _record(found[0])) if found else (404, {"error": "not found"})
        to = query.get("to_number", "")
        if "status" in query:
            listed = [call.call_uuid for call in self.calls if call.to == to and _is(call, query["status"])]
            return 200, {"calls": listed[int(query.get("offset", 0)) :]}
        ended = [_record(call) for call in self.calls if call.to == to and call.state == "ended"]
        return 200, {"objects": ended, "meta": {"next": None}}


def _is(call: SmallCall, status: str | None) -> bool:
    return call.state == (status or "ended")


def _record(call: SmallCall) -> dict[str, Any]:
    record: dict[str, Any] = {"call_uuid": call.call_uuid, "to_number": call.to, "from_number": "918035731000"}
    if call.state != "ended":
        return record | {
            "to": call.to, "request_uuid": call.call_uuid,
            "call_status": "queued" if call.state == "queued" else "ringing",
            "session_start": call.started_at.replace(tzinfo=None).isoformat(sep=" "),
        }  # fmt: skip
    return record | {
        "hangup_cause_code": call.cause, "hangup_cause_name": "told", "hangup_source": "Callee",
        "initiation_time": call.started_at.isoformat(sep=" "), "bill_duration": 42 if call.answered_at else 0,
        "answer_time": call.answered_at.isoformat(sep=" ") if call.answered_at else None,
        "end_time": call.ended_at.isoformat(sep=" ") if call.ended_at else None,
    }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    carrier: SmallCarrier

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.carrier.asked = body
        if self.carrier.together is not None:
            self.carrier.together.wait(20)
        self._answer(*self.carrier.dial(body["to"]))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._answer(*self.carrier.ask(parts.path, query))

    def do_DELETE(self) -> None:
        if self.carrier.is_away:
            self._answer(503, {"error": "away"})
            return
        self.carrier.canceled.append(self.path.strip("/").rpartition("/")[2])
        self._answer(204, {})

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        self.carrier.entered.add(self.path.partition("/Account/")[2].partition("/")[0])
        raw = b"" if status == 204 else json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
        except OSError:
            return  # the caller hung up first, as some tests want

    def log_message(self, *_words: object) -> None:
        return


@contextmanager
def opened_carrier() -> Iterator[SmallCarrier]:
    """Listen until the block ends."""
    carrier = SmallCarrier()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"carrier": carrier}))
    carrier.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield carrier
    finally:
        carrier.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def wait_until(is_true: Any, within_s: float = 20.0) -> None:
    """Wait for another process; what is awaited, not time, decides."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, "what was awaited did not come"
        time.sleep(0.01)
