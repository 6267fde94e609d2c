"""Vosk as our recogniser: offline, one model per language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import vosk

from asr.errors import GrammarUnusable, ModelUnusable
from asr.recogniser import Heard, Word

# What Kaldi assumes when conf/mfcc.conf does not say.
USUAL_RATE_HZ = 16_000
# Vosk is fed in pieces of this size, as its own examples do.
CHUNK_S = 0.25
REQUIRED = ("am/final.mdl", "conf/model.conf")
UNKNOWN = "[unk]"
_RATE = re.compile(r"^--sample-frequency=(\d+)", re.MULTILINE)

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
    def rate_hz(self) -> int:
        conf = self._folder / "conf" / "mfcc.conf"
        told = _RATE.search(conf.read_text(encoding="utf-8")) if conf.is_file() else None
        return int(told[1]) if told else USUAL_RATE_HZ

    @property
    def takes_grammars(self) -> bool:
        """Say whether it can listen for a few words only; a model with one static graph silently cannot."""
        return (self._folder / "graph" / "HCLr.fst").is_file() and not (self._folder / "graph" / "HCLG.fst").is_file()

    @cached_property
    def loaded(self) -> vosk.Model:
        """The model in memory. Raises ModelUnusable when the library refuses it."""
        try:
            return vosk.Model(str(self._folder))
        except Exception as problem:  # vosk knows no other class
            raise ModelUnusable(f"Vosk cannot load {self._folder}: a file is damaged or missing") from problem

    def knows(self, word: str) -> bool:
        return int(self.loaded.vosk_model_find_word(word)) >= 0

    def among(self, phrases: Sequence[str], *, or_else: bool = True) -> VoskPhrases:
        """Return a recogniser that hears nothing but these phrases; with `or_else`, anything else is no word.

        Raises GrammarUnusable for no phrases at all (that would crash the library), for a word the model does not know
        (it would never be heard) and for a model that cannot do it.
        """
        if not phrases or not all(phrase.split() for phrase in phrases):
            raise GrammarUnusable(f"{self.model}: there is nothing to listen for")
        if not self.takes_grammars:
            raise GrammarUnusable(f"{self.model} has a static graph and cannot listen for a few words only")
        if strange := sorted({word for phrase in phrases for word in phrase.split() if not self.knows(word)}):
            raise GrammarUnusable(f"{self.model} does not know {', '.join(strange)}")
        return VoskPhrases(self, (*phrases, UNKNOWN) if or_else else tuple(phrases))

    def hear(self, pcm: bytes) -> Heard:
        return _heard(vosk.KaldiRecognizer(self.loaded, self.rate_hz), pcm, self.rate_hz)

    def guesses(self, pcm: bytes, most: int) -> tuple[str, ...]:
        return _guesses(vosk.KaldiRecognizer(self.loaded, self.rate_hz), pcm, self.rate_hz, most)


class VoskPhrases:
    """A short recogniser over a loaded model: cheap to make, for one menu."""

    def __init__(self, whole: VoskRecogniser, phrases: tuple[str, ...]) -> None:
        self._whole = whole
        self._grammar = json.dumps(phrases, ensure_ascii=False)

    @property
    def model(self) -> str:
        return self._whole.model

    @property
    def rate_hz(self) -> int:
        return self._whole.rate_hz

    def hear(self, pcm: bytes) -> Heard:
        heard = _heard(vosk.KaldiRecognizer(self._whole.loaded, self.rate_hz, self._grammar), pcm, self.rate_hz)
        return Heard(tuple(word for word in heard.words if word.text != UNKNOWN))

    def guesses(self, pcm: bytes, most: int) -> tuple[str, ...]:
        recogniser = vosk.KaldiRecognizer(self._whole.loaded, self.rate_hz, self._grammar)
        return tuple(guess for guess in _guesses(recogniser, pcm, self.rate_hz, most) if UNKNOWN not in guess)


def _results(recogniser: Any, pcm: bytes, rate_hz: int) -> Iterator[dict[str, Any]]:
    """What the library says at each end of an utterance and at the end of all."""
    step = int(CHUNK_S * rate_hz) * 2
    for at in range(0, len(pcm), step):
        if recogniser.AcceptWaveform(pcm[at : at + step]):
            yield json.loads(recogniser.Result())
    yield json.loads(recogniser.FinalResult())


def _heard(recogniser: Any, pcm: bytes, rate_hz: int) -> Heard:
    recogniser.SetWords(True)
    found = [each for result in _results(recogniser, pcm, rate_hz) for each in result.get("result", [])]
    return Heard(tuple(Word(each["word"], each["start"], each["end"], min(each["conf"], 1.0)) for each in found))


def _guesses(recogniser: Any, pcm: bytes, rate_hz: int, most: int) -> tuple[str, ...]:
    """Readings of the whole: the n-th is made of the n-th of each utterance, or of its last one."""
    recogniser.SetMaxAlternatives(most)
    parts = [[each["text"].strip() for each in result["alternatives"]] for result in _results(recogniser, pcm, rate_hz)]
    parts = [part for part in parts if any(part)]
    longest = max(map(len, parts), default=0)
    whole = (" ".join(part[min(n, len(part) - 1)] for part in parts) for n in range(longest))
    return tuple(dict.fromkeys(whole))[:most]
