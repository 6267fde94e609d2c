"""A demonstration that runs is left alone by a second one: it says where the first is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from ptm.errors import SunvaiError
from scripts.commands.demo import command, refuse_twice
from scripts.demonstration.place import Place


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Where the pages of a demonstration answer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as pages:
        thread = threading.Thread(target=pages.serve_forever, args=(0.01,))
        thread.start()
        yield pages.server_address[1]
        pages.shutdown()
        thread.join()


def placed(folder: Path, port: int) -> Place:
    place = Place(folder, port, port, f"{folder}/redis.sock", 1.0, "2026-11-30", "three words are easy", {})
    place.save()
    return place


@pytest.mark.parametrize("also", [[], ["--fresh"]])
def test_a_second_demonstration_says_where_the_first_is_and_touches_nothing(
    tmp_path: Path, port: int, also: list[str]
) -> None:
    place = placed(tmp_path, port)
    refused = CliRunner().invoke(command, ["--folder", str(tmp_path), *also])
    assert isinstance(refused.exception, SunvaiError)
    assert f"already runs at {place.web_url}" in str(refused.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["demo.json"]


def test_a_demonstration_that_has_stopped_stands_in_nobodys_way(tmp_path: Path, unused_port: int) -> None:
    refuse_twice(tmp_path)
    placed(tmp_path, unused_port)
    refuse_twice(tmp_path)


@pytest.fixture
def unused_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as gone:
        return int(gone.server_address[1])
