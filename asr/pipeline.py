"""One recording in, one transcript out: read, filter, recognise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asr.audio import RATE_HZ, WIDTH_BYTES, read_pcm
from asr.errors import AudioUnreadable
from asr.listening import LEAST_SPEECH_S, loud_s
from asr.recogniser import Recogniser, Word

Verdict = Literal["speech", "no_speech", "unreadable", "no_model"]


@dataclass(frozen=True)
class Transcript:
    """What became of a recording. Any verdict but `speech` asks for a person's ear; `note` says why."""

    verdict: Verdict
    model: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    duration_s: float = 0.0
    speech_s: float = 0.0
    note: str = ""

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def transcribe(path: Path, language: str, recognisers: Mapping[str, Recogniser]) -> Transcript:
    """Transcribe one recording. A language without a model is never given to another language's model."""
    try:
        pcm = read_pcm(path)
    except AudioUnreadable as error:
        return Transcript("unreadable", "none", note=str(error))
    duration_s = round(len(pcm) / WIDTH_BYTES / RATE_HZ, 2)
    speech_s = loud_s(pcm)
    recogniser = recognisers.get(language)
    if recogniser is None:
        note = f"no model for {language}"
        return Transcript("no_model", "none", duration_s=duration_s, speech_s=speech_s, note=note)
    if speech_s < LEAST_SPEECH_S:
        return Transcript("no_speech", recogniser.model, duration_s=duration_s, speech_s=speech_s, note="silence")
    heard = recogniser.hear(pcm)
    verdict: Verdict = "speech" if heard.words else "no_speech"
    note = "" if heard.words else "sound, but no words"
    return Transcript(verdict, recogniser.model, heard.words, heard.confidence, duration_s, speech_s, note)
