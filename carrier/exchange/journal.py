"""The exchange's memory: one line of JSON for each thing that happened, appended and never changed."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import BadJournal

Entry = dict[str, Any]


class Journal:
    """`journal.jsonl` in the exchange's folder.

    Each entry is one `write` to a file opened for appending: once `append` returns, killing the process loses nothing.
    With `durable` it is also forced to the disk, so that a power cut loses nothing either.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self.path = path
        self._durable = durable
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lock()
        _cut_torn_tail(path)

    def append(self, at: str, event: str, /, **facts: object) -> None:
        """Write that `event` happened at the ISO instant `at`."""
        line = json.dumps({"at": at, "event": event, **facts}, ensure_ascii=False, separators=(",", ":"))
        os.write(self._file, line.encode() + b"\n")
        if self._durable:
            os.fsync(self._file)

    def _lock(self) -> None:
        """Two exchanges that write one journal would tell a story that never happened."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise BadJournal(f"{self.path}: another exchange is writing it; stop that one or name another") from None

    def close(self) -> None:
        os.close(self._file)


def read_journal(path: Path) -> Iterator[Entry]:
    """Yield the entries of a journal, oldest first. Raises BadJournal naming the line."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
            except ValueError:
                raise BadJournal(f"{path}:{number}: not a line of JSON; start with an empty folder") from None
            if not isinstance(entry, dict) or "event" not in entry or "at" not in entry:
                raise BadJournal(f"{path}:{number}: not a journal entry; start with an empty folder")
            yield entry


def _cut_torn_tail(path: Path) -> None:
    """Drop a last line without its end: a machine that lost power in the middle of a write left it."""
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end != len(content):
        os.truncate(path, end)
