"""How much a person should doubt a transcript, from 0 to 1: the review queue begins with the most doubtful."""

from __future__ import annotations

from asr.recogniser import Heard

# Slower than this, much of the speech became no word; faster, noise became words. Words a second of speech.
SLOWEST, FASTEST = 0.8, 6.0
UNSURE = 0.5
# From here on other readings are worth the second pass that they cost.
DOUBTFUL = 0.25


def doubt(heard: Heard, speech_s: float) -> float:
    """Return 1 for no words; else what confidence leaves, more where words are unsure or the pace is not human."""
    if not heard.words or heard.confidence is None:
        return 1.0
    unsure = sum(word.confidence < UNSURE for word in heard.words) / len(heard.words)
    pace = len(heard.words) / max(speech_s, 0.1)
    fits = min(1.0, pace / SLOWEST, FASTEST / pace)
    return round(min(1.0, 1 - heard.confidence * fits + unsure / 2), 4)
