"""How well the recogniser hears: a folder of WAV files with what was really said, against what it hears.

The folder holds ``name.wav`` and ``name.txt`` pairs, or one folder of them per language (``en/``, ``hi/``, ``pa/``).
Analysts' corrections are such a folder. Texts are compared as asr/text.py writes them, accepted spellings alike. Rates
come from jiwer; their 95 % intervals from a bootstrap over recordings, seeded, so that a figure can be repeated.
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jiwer

from asr.pipeline import Transcript, transcribe
from asr.recogniser import Recogniser
from asr.text import spelling

RESAMPLES, SEED = 1000, 1


@dataclass(frozen=True)
class Rate:
    """A share of words or letters that are wrong, with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True)
class Score:
    """What one language scored. `real_time` is seconds of processor for each second of audio."""

    language: str
    recordings: int
    words: int
    word_errors: Rate
    letter_errors: Rate
    unheard: int
    real_time: float
    memory_bytes: int


@dataclass(frozen=True)
class Counted:
    """Wrong and all units of one recording."""

    word_errors: int
    words: int
    letter_errors: int
    letters: int


def pairs(folder: Path, usual: str | None) -> Iterator[tuple[str, Path, str]]:
    """(language, WAV file, what was said). Files that have no text beside them are left out."""
    for path in sorted(folder.rglob("*.wav")):
        told = path.with_suffix(".txt")
        language = path.parent.name if path.parent != folder else usual
        if told.is_file() and language:
            yield language, path, told.read_text(encoding="utf-8")


def evaluate(folder: Path, recognisers: Mapping[str, Recogniser], usual: str | None = None) -> list[Score]:
    """One score per language found. `usual` is the language of files that lie in the folder itself."""
    by_language: dict[str, list[tuple[Path, str]]] = {}
    for language, path, said in pairs(folder, usual):
        by_language.setdefault(language, []).append((path, said))
    return [_score(language, found, recognisers) for language, found in sorted(by_language.items())]


def _score(language: str, found: Sequence[tuple[Path, str]], recognisers: Mapping[str, Recogniser]) -> Score:
    began = time.process_time()
    heard = [transcribe(path, language, recognisers) for path, _ in found]
    spent_s = time.process_time() - began
    counted = [count(said, transcript) for (_, said), transcript in zip(found, heard, strict=True)]
    return Score(
        language,
        len(found),
        sum(each.words for each in counted),
        rate([(each.word_errors, each.words) for each in counted]),
        rate([(each.letter_errors, each.letters) for each in counted]),
        sum(transcript.verdict != "speech" for transcript in heard),
        round(spent_s / max(sum(transcript.duration_s for transcript in heard), 0.01), 4),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def count(said: str, transcript: Transcript) -> Counted:
    """Errors in one recording; all that is heard where nothing was said is wrong."""
    wanted, got = spelling(said), spelling(transcript.text)
    if not wanted:
        return Counted(len(got.split()), 0, len(got), 0)
    words, letters = jiwer.process_words(wanted, got), jiwer.process_characters(wanted, got)
    return Counted(
        words.substitutions + words.deletions + words.insertions,
        len(wanted.split()),
        letters.substitutions + letters.deletions + letters.insertions,
        len(wanted),
    )


def rate(counted: Sequence[tuple[int, int]]) -> Rate:
    """Errors over units, and where 95 % of resampled folders fall."""
    chance = random.Random(SEED)  # noqa: S311
    drawn = sorted(_share(chance.choices(counted, k=len(counted))) for _ in range(RESAMPLES))
    return Rate(_share(counted), drawn[RESAMPLES * 25 // 1000], drawn[RESAMPLES * 975 // 1000 - 1])


def _share(counted: Sequence[tuple[int, int]]) -> float:
    return sum(wrong for wrong, _ in counted) / max(sum(units for _, units in counted), 1)
