"""One recording in, one transcript out: read, filter, recognise, hide, judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asr.audio import RATE_HZ, Audio, read_audio
from asr.doubt import DOUBTFUL, doubt
from asr.errors import AudioUnreadable
from asr.listening import LEAST_SPEECH_S, Sound, listen
from asr.private import hide
from asr.recogniser import Recogniser, Word
from asr.resampling import resample_pcm
from asr.themes import first_theme

Verdict = Literal["speech", "no_speech", "unreadable", "no_model"]
MOST_GUESSES = 3


@dataclass(frozen=True)
class Transcript:
    """What became of a recording. Any verdict but `speech` asks for a person's ear; `note` says why.

    `public_text` is `text` with numbers and names hidden; `guesses` are other readings of a doubtful recording.
    """

    verdict: Verdict
    model: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    duration_s: float = 0.0
    speech_s: float = 0.0
    note: str = ""
    public_text: str = ""
    theme: str | None = None
    doubt: float = 1.0
    guesses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def transcribe(
    path: Path, language: str, recognisers: Mapping[str, Recogniser], names: Iterable[str] = ()
) -> Transcript:
    """Transcribe one recording. A language without a model is never given to another language's model.

    `names` are those of the people it may be about, to be hidden. The file is only read.
    """
    try:
        audio = read_audio(path)
    except AudioUnreadable as error:
        return Transcript("unreadable", "none", note=str(error))
    sound = listen(resample_pcm(audio.pcm, audio.rate_hz, RATE_HZ))
    recogniser = recognisers.get(language)
    if recogniser is None:
        note = f"no model for {language}; {audio.note}".removesuffix("; ")
        return Transcript(
            "no_model", "none", duration_s=audio.duration_s, speech_s=sound.speech_s, note=note
        )  # fmt: skip
    return _recognise(audio, sound, language, recogniser, names)


def _recognise(audio: Audio, sound: Sound, language: str, recogniser: Recogniser, names: Iterable[str]) -> Transcript:
    model, notes = recogniser.model, [audio.note] if audio.note else []
    if sound.speech_s < LEAST_SPEECH_S:
        note = "; ".join((sound.what, *notes))
        return Transcript("no_speech", model, duration_s=audio.duration_s, speech_s=sound.speech_s, note=note)
    pcm, resampled = _for_model(audio, sound, recogniser.rate_hz)
    heard = recogniser.hear(pcm)
    doubtful = doubt(heard, sound.speech_s)
    text = heard.text
    return Transcript(
        "speech" if heard.words else "no_speech",
        model,
        heard.words,
        heard.confidence,
        audio.duration_s,
        sound.speech_s,
        "; ".join(filter(None, ("" if heard.words else "sound, but no words", *notes, resampled))),
        hide(text, language, names),
        first_theme(text, language),
        doubtful,
        _guesses(recogniser, pcm, language, names) if heard.words and doubtful >= DOUBTFUL else (),
    )


def _guesses(recogniser: Recogniser, pcm: bytes, language: str, names: Iterable[str]) -> tuple[str, ...]:
    known = tuple(names)
    return tuple(dict.fromkeys(hide(guess, language, known) for guess in recogniser.guesses(pcm, MOST_GUESSES)))


def _for_model(audio: Audio, sound: Sound, rate_hz: int) -> tuple[bytes, str]:
    """The PCM that the model wants, and a note when it had to be resampled for it, once.

    Tones are cut out of telephone audio; audio that is already as wide as the model stays as it is.
    """
    if audio.rate_hz == rate_hz:
        return (sound.cleaned if rate_hz == RATE_HZ else audio.pcm), ""
    note = f"resampled from {audio.rate_hz} to {rate_hz} Hz for the model"
    if audio.rate_hz == RATE_HZ or rate_hz == RATE_HZ:
        return resample_pcm(sound.cleaned, RATE_HZ, rate_hz), note
    return resample_pcm(audio.pcm, audio.rate_hz, rate_hz), note
