"""A model comes whole, checked and from its own address, or not at all."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from asr.errors import FetchFailed
from asr.fetching import CHUNK_BYTES, fetch


class Shop:
    """Serves one archive, with ranges; `breaks_after` bytes it hangs up once."""

    def __init__(self) -> None:
        self.goods = b""
        self.breaks_after: int | None = None
        self.asked: list[str] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.answer(self)

            def log_message(self, *_words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/model.zip"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if request.path != "/model.zip":
            request.send_error(404)
            return
        if start >= len(self.goods):
            request.send_error(416)
            return
        body = self.goods[start:]
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        stop, self.breaks_after = self.breaks_after, None
        request.wfile.write(body[:stop])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.close()


def packed(names: dict[str, bytes]) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return box.getvalue()


MODEL = packed({"vosk-small/am/final.mdl": b"net" * 100_000, "vosk-small/conf/model.conf": b"--beam=12\n"})


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_model_is_fetched_checked_and_unpacked(shop: Shop, tmp_path: Path) -> None:
    shop.goods, seen = MODEL, []
    folder = fetch("small", shop.url, sum_of(MODEL).upper(), tmp_path, lambda done, total: seen.append((done, total)))
    assert (folder / "conf" / "model.conf").read_bytes() == b"--beam=12\n"
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
    assert seen[-1] == (len(MODEL), len(MODEL))


def test_a_broken_download_goes_on_where_it_stopped(shop: Shop, tmp_path: Path) -> None:
    shop.goods, shop.breaks_after = MODEL, 100_000
    with pytest.raises(FetchFailed, match="run the command again to go on"):
        fetch("small", shop.url, sum_of(MODEL), tmp_path)
    assert not (tmp_path / "small").exists()
    assert (fetch("small", shop.url, sum_of(MODEL), tmp_path) / "am" / "final.mdl").is_file()
    assert shop.asked == ["", f"bytes={100_000 // CHUNK_BYTES * CHUNK_BYTES}-"]


def test_a_download_that_was_complete_is_not_asked_for_again(shop: Shop, tmp_path: Path) -> None:
    shop.goods = MODEL
    (tmp_path / "small.part").write_bytes(MODEL)
    assert fetch("small", shop.url, sum_of(MODEL), tmp_path).is_dir()


def test_another_file_than_promised_is_thrown_away(shop: Shop, tmp_path: Path) -> None:
    shop.goods = MODEL
    with pytest.raises(FetchFailed, match="do not use it"):
        fetch("small", shop.url, "0" * 64, tmp_path)
    assert list(tmp_path.iterdir()) == []


def link() -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        entry = zipfile.ZipInfo("small/am")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc")
    return box.getvalue()


@pytest.mark.parametrize(
    ("goods", "what"),
    [
        (packed({"../../evil": b"x"}), "outside its folder"),
        (packed({"/etc/evil": b"x"}), "outside its folder"),
        (packed({"..\\evil": b"x"}), "outside its folder"),
        (link(), "holds a link"),
        (packed({"readme.txt": b"x"}), "holds no Vosk model"),
        (b"not a zip at all", "not a ZIP archive"),
    ],
)
def test_an_archive_that_is_no_model_leaves_nothing(shop: Shop, tmp_path: Path, goods: bytes, what: str) -> None:
    shop.goods, into = goods, tmp_path / "models"
    with pytest.raises(FetchFailed, match=what):
        fetch("small", shop.url, sum_of(goods), into)
    assert not (into / "small").exists()
    assert {path.name for path in tmp_path.rglob("*")} <= {"models", "small.part"}


def test_a_missing_page_and_bad_words_are_explained(shop: Shop, tmp_path: Path) -> None:
    shop.goods = MODEL
    with pytest.raises(FetchFailed, match="answers 404"):
        fetch("small", shop.url + "x", sum_of(MODEL), tmp_path)
    with pytest.raises(FetchFailed, match="64 hexadecimal digits"):
        fetch("small", shop.url, "abc", tmp_path)
    with pytest.raises(FetchFailed, match="cannot be a folder's name"):
        fetch("../small", shop.url, sum_of(MODEL), tmp_path)
    (tmp_path / "small").mkdir()
    with pytest.raises(FetchFailed, match="there already"):
        fetch("small", shop.url, sum_of(MODEL), tmp_path)


def test_a_shop_that_is_shut_is_explained(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="run the command again"):
        fetch("small", "http://127.0.0.1:9/model.zip", "0" * 64, tmp_path)
