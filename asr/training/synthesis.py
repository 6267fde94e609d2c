"""Speech with exact phone times: what the speaker process says, cleaned and brought to 8 kHz."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.resampling import resample

RATE_HZ = 8000
SHORTEST_PAUSE_S = 0.04  # a shorter gap is the closure of a stop, not a pause
STRESS_AND_TIES = str.maketrans("", "", "'\",;=#-[2%|")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Spoken:
    """One utterance: samples in -1..1 at 8 kHz, phones as (name, start_s), each word's phones if they align."""

    samples: NDArray[np.float32]
    phones: list[tuple[str, float]]
    words: list[tuple[str, ...]] = field(default_factory=list)


def clean(name: str) -> str:
    """A phone's name without stress and joining marks; empty for every kind of pause."""
    return "" if name.startswith("_") else name.translate(STRESS_AND_TIES)


def read_events(events: list[list[Any]], hz: int, total_s: float) -> tuple[list[tuple[str, float]], list[list[str]]]:
    """Phones with their start, pauses between words as "SIL", and the phones under each word event.

    A pause inside a word, as between the vowels of a hiatus, stays with the phone before it: the graph has none there.
    """
    phones: list[tuple[str, float]] = [("SIL", 0.0)]
    words: list[list[str]] = []
    marks = [(kind, sample / hz, clean(name)) for kind, sample, _, name in events]
    for index, (kind, start_s, name) in enumerate(marks):
        if kind == "w":
            words.append([])
        elif name:
            phones.append((name, start_s))
            if words:
                words[-1].append(name)
        elif phones[-1][0] != "SIL" and _pause_s(marks, index, total_s) >= SHORTEST_PAUSE_S:
            phones.append(("SIL", start_s))
    return phones, words


def _pause_s(marks: list[tuple[str, float, str]], index: int, total_s: float) -> float:
    """How long the pause at ``index`` lasts; 0 inside a word: the next phone comes before the next word."""
    between = index > 0 and marks[index - 1][0] == "w"
    for kind, start_s, name in marks[index + 1 :]:
        between = between or kind == "w"
        if name:
            return start_s - marks[index][1] if between else 0.0
    return total_s - marks[index][1]


class Speech:
    """The speaker process, asked one text at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "asr.training.speaker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )

    def __enter__(self) -> Speech:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()

    def say(self, text: str, voice: str, **manner: int) -> Spoken:
        """One utterance. Raises ValueError for an unknown voice."""
        header, pcm = self._asked({"text": text, "voice": voice, **manner})
        raw = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768
        hz = header["hz"]
        phones, words = read_events(header["events"], hz, len(raw) / hz)
        samples = resample(raw.astype(np.float32), hz, RATE_HZ)
        aligned = words if len(words) == len(text.split()) and all(words) else []
        return Spoken(np.asarray(samples, np.float32), phones, [tuple(word) for word in aligned])

    def sounds(self, words: Sequence[str], voice: str) -> list[tuple[str, ...]]:
        """The phones of each word said alone: as ``say`` tells them, ten times as fast for many words at once."""
        header, _ = self._asked({"texts": list(words), "voice": voice})
        return [tuple(filter(None, (clean(name) for _, _, _, name in events))) for events in header["events"]]

    def _asked(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("the speaker process has no pipes")
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        header = json.loads(self._process.stdout.readline())
        if "error" in header:
            raise ValueError(header["error"])
        return header, self._process.stdout.read(header["bytes"])


@cache
def speech() -> Speech:
    """The speaker of this process."""
    return Speech()


def random_manner(chance: random.Random) -> dict[str, int]:
    """Speed in words a minute, pitch, pitch range and word gap (10 ms) as people differ in them."""
    return {
        "rate": chance.randint(110, 210),
        "pitch": chance.randint(15, 85),
        "range": chance.randint(20, 80),
        "gap": chance.choice((0, 0, 0, 1, 2, 4)),
    }
