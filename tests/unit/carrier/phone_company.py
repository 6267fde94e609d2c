"""A phone company of one thread and one socket, that answers as told and keeps every request it saw."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

AUTH_ID = "MAEXCHANGE0000000000"
AUTH_TOKEN = "token-of-the-account"
ACCOUNT = f"/v1/Account/{AUTH_ID}"
CALL = "4d04c52e-cea3-4458-bbdb-0bfc314ee7cd"
OTHER_CALL = "5e15d63f-dfb4-4569-8cec-1c0d425ff8de"
PARENT = "919876543210"
SCHOOL = "918047100000"

Behaviour = Callable[[socket.socket], None]


@dataclass
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PhoneCompany:
    """Listens on a free port; `script` holds what to do with each request in turn, the last entry for all further."""

    port: int
    script: list[Behaviour] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def will(self, *behaviours: Behaviour) -> None:
        self.script = list(behaviours)

    def behave(self, line: socket.socket) -> None:
        self.connections += 1
        request = _read_request(line)
        if request is not None:
            self.seen.append(request)
            behaviour = self.script[0] if len(self.script) == 1 else self.script.pop(0)
            behaviour(line)


def _read_request(line: socket.socket) -> Seen | None:
    with line.makefile("rb") as stream:
        first = stream.readline().decode().split()
        if len(first) != 3:
            return None
        headers = {}
        while (header := stream.readline().decode().strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        return Seen(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))


def answers(status: int, body: str | bytes = b"", **headers: str) -> Behaviour:
    """Answer properly. Underscores in header names stand for dashes."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return says("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)


def says(raw: bytes) -> Behaviour:
    """Send these bytes and close, be they HTTP or not."""
    return lambda line: line.sendall(raw)


def drips(company: PhoneCompany, raw: bytes, every_s: float) -> Behaviour:
    """Send byte after byte, slowly, until all is sent or the test is over."""

    def behave(line: socket.socket) -> None:
        for byte in raw:
            line.sendall(bytes([byte]))
            if company.closing.wait(every_s):
                return

    return behave


def falls_silent(company: PhoneCompany) -> Behaviour:
    """Say nothing until the test is over."""

    def behave(line: socket.socket) -> None:
        company.closing.wait(10)

    return behave


def resets(line: socket.socket) -> None:
    """Cut the connection without a word."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@contextmanager
def opened_company() -> Iterator[PhoneCompany]:
    """Listen until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        company = PhoneCompany(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, company))
        thread.start()
        try:
            yield company
        finally:
            company.closing.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, company: PhoneCompany) -> None:
    while not company.closing.is_set():
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line:
            try:
                company.behave(line)
            except OSError:
                continue  # the caller hung up first, as some tests want
