"""The families of the sample class as the exchange plays them: who answers when, presses what, and says what."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from prompts.audio import telephone_samples, wav_of
from prompts.mixing import finish, sound_of, wav_from
from prompts.synthesis.contract import Synthesiser

SUGGESTIONS = Path(__file__).parent.parent / "sample" / "suggestions.toml"
# Street and kitchen under a voice at -20 dBFS: 30 dB below it, on a scale whose full is 32768.
NOISE_RMS = 32768 * 10 ** (-50 / 20)

Behaviour = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """One household: its numbers in order (msisdn), and its language."""

    msisdns: tuple[str, ...]
    language: str


def write_population(folder: Path, families: Sequence[Family], voice: Synthesiser, *, seed: int) -> Path:
    """Write what these families say and do into `folder` and return the exchange's population file.

    The same families and seed give the same file and the same sound.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)  # noqa: S311 - nobody guesses against it
    sayings = Sayings(folder, voice, chance)
    order = sorted(families, key=lambda family: family.msisdns)
    chance.shuffle(order)
    numbers: dict[str, list[Behaviour]] = {}
    for at, family in enumerate(order):
        for msisdn, behaviours in _behaviours(family, at, sayings, chance):
            numbers[msisdn] = behaviours
    # Whoever else is called listens, says that it is the family, and has nothing to add.
    default = _answers(chance, ["1", "2", None])
    file = folder / "population.json"
    file.write_text(json.dumps({"numbers": numbers, "default": default}, ensure_ascii=False, indent=1), "utf-8")
    return file


def _behaviours(
    family: Family, at: int, sayings: Sayings, chance: random.Random
) -> Iterator[tuple[str, list[Behaviour]]]:
    """Yield each number with what it does ring after ring: what can happen to a call happens to one family at least."""

    def speaks(keys: list[str | None], count: int = 1, language: str = family.language) -> Behaviour:
        return _answers(chance, keys, [sayings.one(language) for _ in range(count)])

    usual = speaks(["1", "1", chance.choice(["2", "3", None])])
    casts: list[list[Behaviour]] = [
        [{"kind": "busy"}, usual],
        [{"kind": "no_answer"}, usual],
        [{"kind": "switched_off"}, usual],
        [{"kind": "invalid"}],
        [{"kind": "rejected"}],
        [_answers(chance, []) | {"hang_up_at_menu": 1}, usual],
        [_answers(chance, ["9", None])],
        [speaks(["1", "1", "4", "2"], count=2)],
        [speaks(["7", "1", "1", "3"])],
        [_answers(chance, ["1", "2", "3"])],
        [speaks(["*", "2", "1", "1", "2"], language="hi")],
        [{"kind": "no_answer"}, {"kind": "no_answer"}, usual],
        [{"kind": "no_answer"}],
        [speaks(["1", "1"]) | {"hang_up_at_record": 1}],
        [speaks(["1", "1", "2"]) | {"barge_in": True}],
    ]
    first, *others = family.msisdns
    yield first, casts[at] if at < len(casts) else [usual]
    for other in others:
        yield other, [usual]


def _answers(chance: random.Random, keys: Sequence[str | None], speeches: Sequence[dict[str, str]] = ()) -> Behaviour:
    return {
        "kind": "answer",
        "ring_s": round(chance.uniform(3, 12), 1),
        "keys": list(keys),
        "key_delay_s": round(chance.uniform(0.6, 2.0), 1),
        "speeches": list(speeches),
    }


class Sayings:
    """Sentences as telephone sound, each made once and named by its language and place in the list."""

    def __init__(self, folder: Path, voice: Synthesiser, chance: random.Random) -> None:
        self._folder, self._voice, self._chance = folder, voice, chance
        self._texts: dict[str, list[str]] = tomllib.loads(SUGGESTIONS.read_text("utf-8"))
        self._noise = np.random.default_rng(chance.randrange(2**32))

    def one(self, language: str) -> dict[str, str]:
        at = self._chance.randrange(len(self._texts[language]))
        text = self._texts[language][at]
        name = f"{language}-{at:02d}.wav"
        if not (self._folder / name).exists():
            (self._folder / name).write_bytes(self._sound(text, language))
        return {"wav": name, "text": text}

    def _sound(self, text: str, language: str) -> bytes:
        spoken = telephone_samples(wav_from(finish(sound_of(self._voice.speak(text, language)))))
        return wav_of(spoken + self._noise.normal(0, NOISE_RMS, len(spoken)))
