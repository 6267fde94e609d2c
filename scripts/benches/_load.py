"""A small load generator: raw sockets, one selector, requests that are ready before the clock starts."""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

QUIET_S = 5.0
"""Nothing heard for so long: the server is gone."""


@dataclass(frozen=True)
class Load:
    """What a run gave. Latencies are in seconds; of an open loop, from the moment a request was due."""

    done: int
    failed: int
    seconds: float
    latencies_s: Sequence[float] = field(repr=False)

    @property
    def per_second(self) -> float:
        return self.done / self.seconds

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Line:
    """One kept connection, and what it waits for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.queue: deque[bytes] = deque()
        self.due_at = 0.0
        self.heard = b""
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=QUIET_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, request: bytes, due_at: float) -> None:
        self.due_at, self.heard = due_at, b""
        self.socket.sendall(request)

    def read(self) -> bytes | None:
        """Return a whole answer, or None while some of it is still to come. An empty one: the server hung up."""
        more = self.socket.recv(65_536)
        self.heard += more
        head, end, body = self.heard.partition(b"\r\n\r\n")
        if not more:
            return b""
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        return self.heard if len(body) >= length else None

    def hang_up_if_asked(self, selector: selectors.BaseSelector) -> None:
        """A server that closes after each answer needs a new connection for the next."""
        if b"\r\nconnection: close" in self.heard.lower():
            selector.unregister(self.socket)
            self.socket.close()
            self.socket = self._connect()
            selector.register(self.socket, selectors.EVENT_READ, self)


def closed_loop(port: int, queues: Sequence[Sequence[bytes]], seconds: float) -> Load:
    """Send each queue over a connection of its own, one request after the other, until time or a queue is used up."""
    lines = [_Line(port) for _ in queues]
    latencies: list[float] = []
    failed, is_over = 0, False
    with selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        busy = set()
        for line, queue in zip(lines, queues, strict=True):
            line.queue = deque(queue)
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(line.queue.popleft(), time.perf_counter())
            busy.add(line)
        while busy:
            for line, answer in _answers(selector):
                now = time.perf_counter()
                latencies.append(now - line.due_at)
                failed += not answer.startswith(b"HTTP/1.1 200")
                is_over = is_over or not line.queue or now - began >= seconds
                if is_over:
                    busy.discard(line)
                else:
                    line.hang_up_if_asked(selector)
                    line.send(line.queue.popleft(), time.perf_counter())
        took = time.perf_counter() - began
    _close(lines)
    return Load(len(latencies), failed, took, latencies)


def open_loop(port: int, requests: Sequence[bytes], per_second: float, lines: int = 64, seed: int = 1) -> Load:
    """Send requests when they are due, by chance but so many a second, whatever became of the ones before."""
    dice = random.Random(seed)  # noqa: S311 - arrivals, not secrets
    waiting = deque(requests)
    # In turns, so that every process of the server gets its share, as from a carrier's many media servers.
    idle = deque(_Line(port) for _ in range(lines))
    every, in_flight, failed = list(idle), 0, 0
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for line in idle:
            selector.register(line.socket, selectors.EVENT_READ, line)
        began = time.perf_counter()
        due_at = began
        while waiting or in_flight:
            now = time.perf_counter()
            while waiting and due_at <= now and idle:
                idle.popleft().send(waiting.popleft(), due_at)
                in_flight += 1
                due_at += dice.expovariate(per_second)
            for line, answer in _answers(selector, max(0.0, min(due_at - time.perf_counter(), 0.05))):
                latencies.append(time.perf_counter() - line.due_at)
                failed += not answer.startswith(b"HTTP/1.1 200")
                line.hang_up_if_asked(selector)
                idle.append(line)
                in_flight -= 1
        took = time.perf_counter() - began
    _close(every)
    return Load(len(latencies), failed, took, latencies)


def _answers(selector: selectors.BaseSelector, timeout_s: float | None = None) -> list[tuple[_Line, bytes]]:
    ready = selector.select(QUIET_S if timeout_s is None else timeout_s)
    if not ready and timeout_s is None:
        raise RuntimeError(f"the server was silent for {QUIET_S:g} s")
    answers = []
    for key, _ in ready:
        answer = key.data.read()
        if answer is not None:
            answers.append((key.data, answer))
    return answers


def _close(lines: Sequence[_Line]) -> None:
    for line in lines:
        line.socket.close()
