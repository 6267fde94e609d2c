"""The exchange as a client: fetching answer documents, posting webhooks, fetching audio. Machine time, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from .clock import Pace

_MAX_BODY_BYTES = 10 * 1024 * 1024  # what Play accepts
_THREADS = 64


@dataclass(frozen=True)
class Request:
    """One HTTP request of the exchange. Times in machine seconds; the URL has no fragment."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    connect_s: float = 2.0
    read_s: float = 40.0
    total_s: float = 55.0


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """No answer: `kind` is "ct" when no connection was made and "rt" when the answer did not come."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Transport(Protocol):
    """What carries the exchange's requests: HTTP, or a function in a test."""

    async def send(self, request: Request) -> Reply:
        """Send once and return the answer, whatever its status. Raises Unreachable."""
        ...


class HttpTransport:
    """Real HTTP. Redirects are not followed: a webhook that moved has failed."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._pool = urllib3.PoolManager(num_pools=20, maxsize=_THREADS, retries=False)
        self._threads = ThreadPoolExecutor(_THREADS, "exchange-http")

    async def send(self, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        self._pace.hold()
        try:
            return await loop.run_in_executor(self._threads, partial(self._send, request))
        finally:
            self._pace.release()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    def _send(self, request: Request) -> Reply:
        timeout = urllib3.Timeout(connect=request.connect_s, read=request.read_s, total=request.total_s)
        try:
            reply = self._pool.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                body=request.body,
                timeout=timeout,
                redirect=False,
                preload_content=False,
            )
            try:
                body = reply.read(_MAX_BODY_BYTES + 1)
            finally:
                reply.release_conn()
        except (ConnectTimeoutError, NewConnectionError) as error:
            raise Unreachable("ct", str(error)) from None
        except ReadTimeoutError as error:
            raise Unreachable("rt", str(error)) from None
        except (HTTPError, ValueError) as error:
            raise Unreachable("ct", str(error)) from None
        return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, body)
