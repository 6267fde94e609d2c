"""What a call was like to listen to: how long it was, where nothing was heard and why, how loud it was."""

from __future__ import annotations

import wave
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from .audio import RATE_HZ, voiced_s
from .journal import Entry

_FULL_SCALE = 32768
_SMALLEST_S = 0.02


@dataclass(frozen=True)
class Gap:
    """A stretch before a clip in which nothing was heard, and what came before it.

    `after`: answer, clip, key, no_input, recording. Waiting for a key or for somebody to speak is no gap: one begins
    when that is over, so each is time in which the person waits for the customer.
    """

    at: datetime
    seconds: float
    after: str


@dataclass(frozen=True)
class Hearing:
    """One answered call. `talk_s` from the answer to the end, in clock seconds."""

    call: str
    to: str
    answered_at: datetime
    talk_s: float
    gaps: tuple[Gap, ...]

    @property
    def longest_gap_s(self) -> float:
        return max((gap.seconds for gap in self.gaps), default=0.0)


@dataclass(frozen=True)
class Loudness:
    """Of what the person heard, where anything was to be heard, in dBFS."""

    mean_dbfs: float
    peak_dbfs: float


def tell_hearings(entries: Iterable[Entry]) -> list[Hearing]:
    """Read a journal and return the answered calls that are over, in the order in which they were answered."""
    stories: dict[str, list[tuple[datetime, Entry]]] = defaultdict(list)
    for entry in entries:
        if "call" in entry:
            stories[entry["call"]].append((datetime.fromisoformat(entry["at"]), entry))
    hearings = [_hearing(sorted(story, key=lambda one: one[0])) for story in stories.values()]
    return sorted((one for one in hearings if one is not None), key=lambda one: one.answered_at)


def _hearing(story: list[tuple[datetime, Entry]]) -> Hearing | None:
    answered = next((at for at, entry in story if entry["event"] == "answered"), None)
    ended = next((entry for _, entry in story if entry["event"] == "ended"), None)
    if answered is None or ended is None:
        return None
    gaps = tuple(_gaps([one for one in story if one[0] >= answered]))
    return Hearing(ended["call"], ended["to"], answered, ended["talk_s"], gaps)


def _gaps(story: list[tuple[datetime, Entry]]) -> Iterable[Gap]:
    quiet_from, after = story[0][0], "answer"
    for at, entry in story:
        event = entry["event"]
        if event == "played" and not entry.get("api"):
            silence_s = (at - quiet_from).total_seconds()
            if silence_s > _SMALLEST_S:
                yield Gap(quiet_from, round(silence_s, 3), after)
            length_s = entry.get("seconds")
            quiet_from, after = at + timedelta(seconds=length_s or 0), "clip"
        elif event in ("no_input", "recording") or (event == "key" and entry["heard"]):
            quiet_from, after = at, event


def measure(path: Path) -> Loudness:
    """Measure the left channel of a call's `heard.wav`: what the person heard."""
    with wave.open(str(path)) as file:
        frames = file.readframes(file.getnframes())
        samples = np.frombuffer(frames, dtype="<i2").reshape(-1, file.getnchannels())[:, 0]
    voiced = [samples[round(begin * RATE_HZ) : round(end * RATE_HZ)] for begin, end in voiced_s(samples)]
    sound = np.concatenate(voiced).astype(np.float64) if voiced else np.zeros(1)
    return Loudness(_dbfs(float(np.sqrt((sound**2).mean()))), _dbfs(float(np.abs(sound).max())))


def _dbfs(level: float) -> float:
    return round(20 * float(np.log10(max(level, 1.0) / _FULL_SCALE)), 1)
