"""How well a model hears voices it was not trained on, through the real library, as the product calls it."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import numpy as np

from asr.audio import HEAD_BYTES, RATE_HZ
from asr.listening import LEAST_SPEECH_S, listen
from asr.menus import DIGITS, YES_NO
from asr.resampling import resample
from asr.text import bare, spelling
from asr.vosk_recogniser import VoskRecogniser
from asr.wav import read_form, samples_of

from . import sentences
from .augment import Wave, gsm, lose_packets, not_speech, telephone
from .synthesis import Speech, random_manner
from .voices import voices

SEED = 20_000_003  # far from every seed of training
DOMAIN, NOT_SPEECH, ANSWERS = 200, 200, 120
PACKETS_LOST = 0.05  # more than ``augment.lose_packets`` teaches
SECOND_SYNTHESISER, SECOND_VOICES, SECOND_SENTENCES = "flite", ("awb", "kal16", "rms", "slt"), 100


@dataclass(frozen=True)
class Figures:
    """Word error rates in percent; ``*_right`` are shares of whole utterances in percent, all with telephone noise.

    ``free_*`` is of the sentences nothing is fitted to, ``development_wer`` of those on which settings were tried.
    ``free_unknown_words`` is the share of words in the free sentences that the model does not know; each is an error.
    ``second_wer`` is that of another synthesiser, which speaks English only, and None where it is not installed.
    ``gsm_wer`` and ``packet_loss_wer`` are of the sentences of ``domain_wer`` spoken again, each over one line's fault.
    """

    domain_wer: float
    domain_right: float
    free_wer: float
    free_unknown_words: float
    development_wer: float
    second_wer: float | None
    gsm_wer: float
    packet_loss_wer: float
    silent_right: float
    yes_no_right: float
    yes_no_unk_right: float
    digits_right: float
    times_faster_than_real_time: float


class Examiner:
    """Speaks with held-out voices over a noisy line and listens with one model."""

    def __init__(self, code: str, folder: Path, speech: Speech) -> None:
        self._code, self._speech, self._folder = code, speech, folder
        self._recogniser = VoskRecogniser(folder)
        self._chance = random.Random(SEED)  # noqa: S311
        self._noise = np.random.default_rng(SEED)
        self._voices = voices(code, held_out=True)

    def measure(self) -> Figures:
        """All figures; the same model gives the same figures but for the speed."""
        language = sentences.load(self._code)
        domain = [language.draw(self._chance) for _ in range(DOMAIN)]
        free, development = sentences.load_unseen(self._code), sentences.load_free(self._code)
        began, (domain_heard, heard_s) = time.process_time(), self._hear_all(domain)
        spent_s = time.process_time() - began
        free_heard, _ = self._hear_all(free)
        yes_no, digits = tuple(YES_NO[self._code]), tuple(DIGITS[self._code])
        words = [word for sentence in free for word in sentence.split()]
        known = {bare(word) for word in self._words()}
        return Figures(
            domain_wer=_percent(_wer(domain, domain_heard)),
            domain_right=_percent(_same(domain, domain_heard)),
            free_wer=_percent(_wer(free, free_heard)),
            free_unknown_words=_percent(sum(bare(word) not in known for word in words) / len(words)),
            development_wer=_percent(_wer(development, self._hear_all(development)[0])),
            second_wer=self._second(language) if self._code == "en" and shutil.which(SECOND_SYNTHESISER) else None,
            silent_right=_percent(self._silent()),
            yes_no_right=_percent(self._chosen(yes_no, or_else=False)),
            yes_no_unk_right=_percent(self._chosen(yes_no, or_else=True)),
            digits_right=_percent(self._chosen(digits, or_else=True)),
            times_faster_than_real_time=round(heard_s / spent_s, 0),
            gsm_wer=_percent(_wer(domain, self._hear_all(domain, gsm)[0])),
            packet_loss_wer=_percent(_wer(domain, self._hear_all(domain, self._with_lost_packets)[0])),
        )

    def _words(self) -> list[str]:
        lines = (self._folder / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
        return [line.split()[0] for line in lines]

    def _with_lost_packets(self, wave: Wave) -> Wave:
        return lose_packets(wave, self._noise, PACKETS_LOST)

    def _pcm(self, text: str, over: Callable[[Wave], Wave] | None = None) -> bytes:
        """The text by a held-out voice over a noisy line, and ``over`` one fault more."""
        voice = self._chance.choice(self._voices)
        wave = self._speech.say(text, voice, **random_manner(self._chance)).samples
        quiet = np.zeros(RATE_HZ // 4, np.float32)
        heard = telephone(np.concatenate([quiet, wave, quiet]), self._noise)
        return pcm_of(over(heard) if over else heard)

    def _second(self, language: sentences.Language) -> float:
        """The error rate on a synthesiser that no training has ever used."""
        said = [language.draw(self._chance) for _ in range(SECOND_SENTENCES)]
        heard = [self._recogniser.hear(self._by_other(text)).text for text in said]
        return _percent(_wer(said, heard))

    def _by_other(self, text: str) -> bytes:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            voice = self._chance.choice(SECOND_VOICES)
            command = [SECOND_SYNTHESISER, "-voice", voice, "-t", text, "-o", file.name]
            subprocess.run(command, check=True, capture_output=True)
            form = read_form(Path(file.name).read_bytes()[:HEAD_BYTES])
            wave = samples_of(Path(file.name).read_bytes()[form.start :], form)
        quiet = np.zeros(RATE_HZ // 4, np.float32)
        return pcm_of(telephone(np.concatenate([quiet, resample(wave, form.rate_hz, RATE_HZ), quiet]), self._noise))

    def _hear_all(self, texts: Sequence[str], over: Callable[[Wave], Wave] | None = None) -> tuple[list[str], float]:
        """What was heard, and how long it was in seconds."""
        pieces = [self._pcm(text, over) for text in texts]
        return [self._recogniser.hear(pcm).text for pcm in pieces], sum(map(len, pieces)) / 2 / RATE_HZ

    def _silent(self) -> float:
        """The share of silence, noise, tones, DTMF, ringing and music in which the pipeline hears no word."""
        pieces = [pcm_of(telephone(not_speech(4.0, self._noise), self._noise)) for _ in range(NOT_SPEECH)]
        sounds = [sound for sound in map(listen, pieces) if sound.speech_s >= LEAST_SPEECH_S]
        return 1 - sum(bool(self._recogniser.hear(sound.cleaned).words) for sound in sounds) / NOT_SPEECH

    def _chosen(self, words: Sequence[str], *, or_else: bool) -> float:
        """The share of single words heard rightly by a grammar of these words."""
        short = self._recogniser.among(words, or_else=or_else)
        said = [words[number % len(words)] for number in range(ANSWERS)]
        return sum(short.hear(self._pcm(word)).text == word for word in said) / ANSWERS


def pcm_of(wave: Wave) -> bytes:
    return (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()


def _wer(said: Sequence[str], heard: Sequence[str]) -> float:
    """The share of wrong words, accepted spellings alike."""
    return float(jiwer.wer([spelling(text) for text in said], [spelling(text) for text in heard]))


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _same(said: Sequence[str], heard: Sequence[str]) -> float:
    return sum(spelling(a) == spelling(b) for a, b in zip(said, heard, strict=True)) / len(said)


def measure(code: str, folder: Path) -> dict[str, float | None]:
    """The figures of one model folder by name."""
    with Speech() as speech:
        return asdict(Examiner(code, folder, speech).measure())
