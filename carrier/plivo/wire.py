"""One HTTP request over one fresh connection: never repeated, never redirected, never longer than its budget.

Why not `requests` or a connection pool: for a dial it must be certain on which side of the first byte a failure fell.
Here connecting and sending are two statements. A pooled connection that the server closed while it slept fails only
when it is written to, and then nobody knows whether the phone rings; and the usual clients bound each read, not the
whole answer, so a server that drips one byte a second outlives every lease.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast
from urllib.parse import urlsplit

import certifi

_CHUNK_BYTES = 64 * 1024


class NeverSent(Exception):
    """No byte of the request left this machine."""


class NoAnswer(Exception):
    """The request was sent, or may have been, and no readable answer came back."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long one request may take: `connect_s` until the first byte is sent, `total_s` until the last is read."""

    connect_s: float = 3.0
    total_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: where a request goes."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Return the origin of a plain http(s) URL. Raises ValueError for anything that could hide another host."""
        parts = urlsplit(url)
        if not url.isascii() or any(c <= " " or c == "\\" for c in url) or parts.scheme not in ("http", "https"):
            raise ValueError("not a plain http or https URL")
        if "@" in parts.netloc or not parts.hostname:
            raise ValueError("no host, or a name and password before it")
        return cls(parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `path` begins with a slash and holds the query; `body` is JSON or nothing."""

    method: str
    origin: Origin
    path: str
    credentials: tuple[str, str]
    body: bytes | None = None

    def headers(self) -> dict[str, str]:
        """No compression is asked for, so a small answer cannot unpack into a large one."""
        token = b64encode(":".join(self.credentials).encode()).decode("ascii")
        headers = {"Authorization": f"Basic {token}", "Accept": "*/*", "User-Agent": "sunvai", "Connection": "close"}
        return headers if self.body is None else headers | {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the whole body."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(request: Request, budget: Budget, *, max_bytes: int) -> Answer:
    """Send the request once and return its answer, whatever its status.

    Raises NeverSent or NoAnswer; an answer larger than `max_bytes` counts as none.
    """
    with opened(request, budget) as response:
        body = b"".join(chunks(response, max_bytes))
        if len(body) > max_bytes:
            raise NoAnswer(f"an answer of more than {max_bytes} bytes")
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)


@contextmanager
def opened(request: Request, budget: Budget) -> Iterator[http.client.HTTPResponse]:
    """Send the request once and give the response, whose body `chunks` reads. Raises NeverSent or NoAnswer."""
    started = time.monotonic()
    connection = _connect(request.origin, budget, started)
    try:
        connection.sock = _within(connection.sock, started + budget.total_s)
        with _answered():
            connection.request(request.method, request.path, body=request.body, headers=request.headers())
            response = connection.getresponse()
        with response:
            yield response
    finally:
        connection.close()


def chunks(response: http.client.HTTPResponse, max_bytes: int) -> Iterator[bytes]:
    """Yield the body piece by piece until its end, or until more than `max_bytes` were yielded.

    Raises NoAnswer when the body ends before its announced length. Nothing else is caught here: a full disk while the
    caller writes is no fault of the carrier's.
    """
    while max_bytes >= 0:
        with _answered():
            chunk = response.read(min(_CHUNK_BYTES, max_bytes + 1))
        if not chunk:
            break
        yield chunk
        max_bytes -= len(chunk)
    else:
        return
    if response.length:
        raise NoAnswer("the answer was cut off")


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(_describe(error)) from error


def _connect(origin: Origin, budget: Budget, started: float) -> http.client.HTTPConnection:
    """Open the connection, TLS included, within its budget.

    The clock is read again afterwards: name look-ups know no time-out, and a process can be stopped for a minute
    between two statements. What comes too late is not sent at all.
    """
    connection = (
        http.client.HTTPSConnection(origin.host, origin.port, timeout=budget.connect_s, context=_trust())
        if origin.scheme == "https"
        else http.client.HTTPConnection(origin.host, origin.port, timeout=budget.connect_s)
    )
    try:
        connection.connect()
    except (OSError, ValueError) as error:  # ValueError: a host name that cannot be encoded
        connection.close()
        raise NeverSent(_describe(error)) from error
    if time.monotonic() - started > budget.connect_s:
        connection.close()
        raise NeverSent(f"connecting took longer than {budget.connect_s:g} s")
    return connection


@cache
def _trust() -> ssl.SSLContext:
    """The machine's certificates and certifi's: a bare machine may have none of its own."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class _Within:
    """A socket whose every operation ends by one deadline; it has the three methods that `http.client` uses."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._deadline))
        self._sock.sendall(data)

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        return io.BufferedReader(_ReaderWithin(self._sock, self._sock.makefile(mode, 0), self._deadline))

    def close(self) -> None:
        self._sock.close()


class _ReaderWithin(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: socket.SocketIO, deadline: float) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _within(sock: socket.socket, deadline: float) -> socket.socket:
    return cast("socket.socket", _Within(sock, deadline))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for the whole request is over")
    return left
