"""What we ask of any recogniser, and what it heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Word:
    """One word as heard; times in seconds from the beginning, confidence from 0 to 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True)
class Heard:
    """Everything heard in one piece of audio; confidence is the mean over words, None when there are none."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float | None:
        if not self.words:
            return None
        return round(sum(word.confidence for word in self.words) / len(self.words), 4)


class Recogniser(Protocol):
    """Turns telephone audio into words. Made once per process and model; safe to use in forked children."""

    @property
    def model(self) -> str:
        """Return which model this is and in which version: part of what a transcript is known by."""
        ...

    @property
    def rate_hz(self) -> int:
        """Return how many samples a second it wants to hear: 8000 for a telephone's model, often 16000."""
        ...

    def hear(self, pcm: bytes) -> Heard:
        """Recognise 16-bit mono PCM at `rate_hz`."""
        ...

    def guesses(self, pcm: bytes, most: int) -> tuple[str, ...]:
        """Return up to `most` readings of the whole, the likeliest first: another pass, as dear as the first."""
        ...
