"""The exchange's requests over real sockets: how each way of not answering is called."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from carrier.exchange.clock import VirtualPace
from carrier.exchange.transport import HttpTransport, Reply, Request, Unreachable


@contextmanager
def answering(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server of one thread that does as told with each connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve() -> None:
        while True:
            line, _ = listening.accept()
            with line:
                if closing.is_set():
                    return
                line.recv(65536)
                behave(line)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/answer"
    finally:
        closing.set()
        socket.create_connection(listening.getsockname()).close()
        thread.join()
        listening.close()


def ask(url: str, read_s: float = 40.0) -> Reply:
    transport = HttpTransport(VirtualPace())

    async def asking() -> Reply:
        return await transport.send(Request("POST", url, body=b"a=1", read_s=read_s))

    try:
        return asyncio.run(asking())
    finally:
        transport.close()


def says(text: str) -> Callable[[socket.socket], None]:
    return lambda line: line.sendall(text.encode())


def test_an_answer_of_any_status_is_an_answer() -> None:
    with answering(says("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\nX-Why: tired\r\n\r\nno")) as url:
        assert ask(url) == Reply(503, {"content-length": "2", "x-why": "tired"}, b"no")


def test_a_redirect_is_not_followed() -> None:
    with answering(says("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")) as url:
        assert ask(url).status == 302


def test_a_closed_port_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/"
    with pytest.raises(Unreachable) as unreachable:
        ask(url)
    assert unreachable.value.kind == "ct"


def test_an_answer_that_does_not_come_is_a_read_time_out_and_takes_no_longer() -> None:
    over = threading.Event()

    def sleep(line: socket.socket) -> None:
        over.wait(10)

    with answering(sleep) as url:
        began = time.monotonic()
        with pytest.raises(Unreachable) as unreachable:
            ask(url, read_s=0.2)
        over.set()
    assert unreachable.value.kind == "rt"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer", ["", "220 mail.example.org ESMTP\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno"]
)
def test_what_is_no_whole_answer_is_none(answer: str) -> None:
    with answering(says(answer)) as url, pytest.raises(Unreachable):
        ask(url, read_s=1.0)
