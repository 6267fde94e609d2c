"""Vosk as our recogniser: offline, one model per language."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path

import vosk

from asr.errors import ModelUnusable
from asr.recogniser import Heard, Word

RATE_HZ = 8000
# Vosk is fed in pieces of this size, as its own examples do: 0.25 s.
CHUNK_BYTES = 4000
REQUIRED = ("am/final.mdl", "conf/model.conf")

vosk.SetLogLevel(-1)


class VoskRecogniser:
    """One Vosk model folder. The model is loaded when first needed; load it before forking to share its memory."""

    def __init__(self, folder: Path) -> None:
        """Raises ModelUnusable when the folder does not look like a model."""
        missing = [name for name in REQUIRED if not (folder / name).is_file()]
        if missing:
            raise ModelUnusable(f"{folder} is not a Vosk model: it has no {', '.join(missing)}")
        self._folder = folder

    @property
    def model(self) -> str:
        return f"vosk/{self._folder.name}"

    @cached_property
    def loaded(self) -> vosk.Model:
        """The model in memory. Raises ModelUnusable when the library refuses it."""
        try:
            return vosk.Model(str(self._folder))
        except Exception as problem:  # vosk knows no other class
            raise ModelUnusable(f"Vosk cannot load {self._folder}: a file is damaged or missing") from problem

    def hear(self, pcm: bytes) -> Heard:
        recogniser = vosk.KaldiRecognizer(self.loaded, RATE_HZ)
        recogniser.SetWords(True)
        words: list[Word] = []
        for at in range(0, len(pcm), CHUNK_BYTES):
            if recogniser.AcceptWaveform(pcm[at : at + CHUNK_BYTES]):
                words += _words(recogniser.Result())
        return Heard((*words, *_words(recogniser.FinalResult())))


def _words(result: str) -> list[Word]:
    found = json.loads(result).get("result", [])
    return [Word(each["word"], each["start"], each["end"], min(each["conf"], 1.0)) for each in found]
