"""A published model fetched: resumed, checked against its SHA-256, unpacked safely, put in its place whole or never.

Only the address that was given is asked; what is unpacked may not leave its folder.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import requests

from asr.errors import FetchFailed
from asr.vosk_recogniser import REQUIRED

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 10, 60
CHUNK_BYTES = 1 << 14
MOST_UNPACKED_BYTES, MOST_FILES = 8 << 30, 10_000
Progress = Callable[[int, int | None], None]


def fetch(name: str, url: str, sha256: str, into: Path, progress: Progress = lambda done, total: None) -> Path:
    """Return ``into``/``name``, a model folder. Calling it again goes on where a broken download ended.

    Raises FetchFailed, and leaves nothing half done in the model's place.
    """
    target = into / name
    if PurePosixPath(name).name != name or name.startswith("."):
        raise FetchFailed(f"{name!r} cannot be a folder's name")
    if target.exists():
        raise FetchFailed(f"{target} is there already; remove it first")
    if len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef"):
        raise FetchFailed("--sha256 must be the 64 hexadecimal digits that the publisher gives")
    into.mkdir(parents=True, exist_ok=True)
    archive = into / f"{name}.part"
    _download(url, archive, progress)
    if (found := _sha256(archive)) != sha256.lower():
        archive.unlink()
        raise FetchFailed(f"what {url} sent has SHA-256 {found}, not {sha256.lower()}: do not use it")
    fresh = into / f".{name}.unpacking"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _unpack(archive, fresh)
        _root_of(fresh).rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    archive.unlink()
    return target


def _download(url: str, archive: Path, progress: Progress) -> None:
    have = archive.stat().st_size if archive.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)) as answer:
            if answer.status_code == 416:  # nothing is left to send
                return
            if answer.status_code not in (200, 206):
                raise FetchFailed(f"{url} answers {answer.status_code} {answer.reason}")
            if answer.status_code == 200:
                have = 0
            _save(answer, archive, have, progress)
    except (requests.RequestException, OSError) as error:
        raise FetchFailed(f"{url}: {error}; run the command again to go on where it stopped") from None


def _save(answer: requests.Response, archive: Path, have: int, progress: Progress) -> None:
    length = answer.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else None
    with archive.open("ab" if have else "wb") as file:
        for chunk in answer.iter_content(CHUNK_BYTES):
            file.write(chunk)
            have += len(chunk)
            progress(have, total)
    if total is not None and have < total:
        raise FetchFailed(f"the connection broke off after {have} of {total} bytes; run the command again to go on")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    """Raises FetchFailed for anything that would land outside `folder`, for links and for too much."""
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
                raise FetchFailed("the archive would unpack to more than a model can be")
            for entry in entries:
                _check(entry)
            packed.extractall(folder)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise FetchFailed(f"not a ZIP archive that we can unpack: {error}") from None


def _check(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
        raise FetchFailed(f"the archive wants to write outside its folder: {entry.filename}")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise FetchFailed(f"the archive holds a link: {entry.filename}")


def _root_of(folder: Path) -> Path:
    """The model itself: publishers pack it into one folder."""
    inside = [path for path in folder.iterdir() if path.is_dir()]
    for root in (folder, *inside):
        if all((root / name).is_file() for name in REQUIRED):
            return root
    raise FetchFailed(f"the archive holds no Vosk model: it has no {' and '.join(REQUIRED)}")
