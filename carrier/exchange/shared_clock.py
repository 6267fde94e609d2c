"""A clock that processes share through a small file: whoever owns it can let idle hours pass at once.

    {"anchor_at": "2026-11-25T05:30:00+00:00", "anchor_wall": 1795622827.5, "speed": 20.0}

The clock showed `anchor_at` when the machine's showed `anchor_wall` (Unix seconds). The file is replaced as a whole,
and only ever by one whose clock is further on.
"""

from __future__ import annotations

import json
import selectors
from datetime import datetime
from pathlib import Path

from .clock import WallPace, _Ready
from .errors import BadSettings


class FilePace:
    """Wall time by a file's anchors, counted from the anchor that it had at first."""

    def __init__(self, path: Path) -> None:
        """Raises BadSettings when the file cannot be read."""
        self._path = path
        self._stamp = (0, 0)
        self._read()
        self.anchor_at = self._present_anchor_at
        self._ahead_s = 0.0

    def now_s(self) -> float:
        status = self._path.stat()
        if (status.st_ino, status.st_mtime_ns) != self._stamp:
            self._read()
            self._ahead_s = (self._present_anchor_at - self.anchor_at).total_seconds()
        return self._ahead_s + self._wall.now_s()

    @property
    def speed(self) -> float:
        return self._wall.speed

    def select(self, selector: selectors.BaseSelector, timeout_s: float | None) -> _Ready:
        return self._wall.select(selector, timeout_s)

    def hold(self) -> None:
        """Wall time waits for nobody."""

    def release(self) -> None:
        """Wall time waits for nobody."""

    def _read(self) -> None:
        try:
            status = self._path.stat()
            told = json.loads(self._path.read_text("utf-8"))
            self._present_anchor_at = datetime.fromisoformat(told["anchor_at"])
            self._wall = WallPace(float(told["anchor_wall"]), float(told["speed"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadSettings(
                f"--clock {self._path}: {error}; it must be JSON with anchor_at, anchor_wall and speed"
            ) from None
        if self._present_anchor_at.tzinfo is None:
            raise BadSettings(f"--clock {self._path}: anchor_at needs a time zone, as in 2026-11-25T05:30:00Z")
        self._stamp = (status.st_ino, status.st_mtime_ns)
