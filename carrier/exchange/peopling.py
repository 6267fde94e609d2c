"""Making up parents: a population for given numbers from a seed. The same seed makes the same people of a number."""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from .errors import BadPopulation, BadSettings

_LATER_ANSWERS = 0.85  # somebody who missed us once is likelier to be there next time
_RINGS = 3
_AFTER_WORK = ["16:00", "21:00"]


@dataclass(frozen=True)
class Habits:
    """How likely a parent is to do what, from 0 to 1. What is left of the first ring is answered."""

    no_answer: float = 0.2
    busy: float = 0.07
    switched_off: float = 0.05
    rejected: float = 0.02
    invalid: float = 0.01
    network_error: float = 0.02
    slow_with_keys: float = 0.12  # lets the first menu pass once
    wrong_key: float = 0.08  # presses 7 before the right one
    no_keys: float = 0.04  # never presses anything
    barges_in: float = 0.15
    impatient: float = 0.06  # hangs up after 5 to 40 seconds
    speaks: float = 0.7  # else stays silent when asked to speak
    ends_with_key: float = 0.4  # presses # after speaking; else waits for the silence
    noisy: float = 0.0  # speaks from the street: hiss of -50 to -38 dBFS
    works: float = 0.0  # can be reached from four in the afternoon alone

    def changed(self, values: Mapping[str, str]) -> Habits:
        """Return a copy with `values` set. Raises BadSettings."""
        known = [field.name for field in fields(self)]
        for name, value in values.items():
            if name not in known:
                raise BadSettings(f"--habit {name}: there is no such habit; there are {', '.join(known)}")
            if not _is_share(value):
                raise BadSettings(f"--habit {name}={value}: write a share from 0 to 1")
        return replace(self, **{name: float(value) for name, value in values.items()})


@dataclass(frozen=True)
class Household:
    number: str
    language: str


@dataclass(frozen=True)
class Utterance:
    """A prepared piece of speech: 8 kHz, 16 bit, mono, and what is said in it."""

    wav: str
    text: str
    language: str


def people(
    households: Iterable[Household],
    utterances: Sequence[Utterance],
    seed: int,
    keys: Sequence[str] = ("1", "1", "1"),
    habits: Habits | None = None,
) -> dict[str, Any]:
    """Return a population as `parse_population` reads it. `keys` are what a willing parent presses, menu by menu."""
    spoken: dict[str, list[Utterance]] = {}
    for utterance in utterances:
        spoken.setdefault(utterance.language, []).append(utterance)
    chosen = habits or Habits()
    return {
        "numbers": {
            home.number: _household(seed, home, spoken.get(home.language, []), keys, chosen) for home in households
        }
    }


def _household(seed: int, home: Household, spoken: list[Utterance], keys: Sequence[str], habits: Habits) -> Any:
    rings = _script(_chance(seed, home.number), spoken, keys, habits)
    # A chance of its own again: whoever has no noise and no work stays who they were.
    around = _chance(seed, f"{home.number}:around")
    if around.random() < habits.noisy:
        level = round(around.uniform(-50, -38), 1)
        rings = [one | ({"noise_dbfs": level} if one["kind"] == "answer" else {}) for one in rings]
    return {"hours": _AFTER_WORK, "rings": rings} if around.random() < habits.works else rings


def _chance(seed: int, whose: str) -> random.Random:
    """Give each number a chance of its own: who is added or left out changes nobody else."""
    return random.Random(f"{seed}:{whose}")  # noqa: S311 - nothing secret hangs on it


def _script(chance: random.Random, spoken: list[Utterance], keys: Sequence[str], habits: Habits) -> list[Any]:
    answer = _answer(chance, spoken, keys, habits)
    first = _first_ring(chance, habits)
    if first in ("answer", "rejected", "invalid"):
        return [answer if first == "answer" else {"kind": first}]
    rings: list[Any] = [{"kind": first}]
    while len(rings) < _RINGS and chance.random() > _LATER_ANSWERS:
        rings.append({"kind": "no_answer"})
    return [*rings, answer]


def _first_ring(chance: random.Random, habits: Habits) -> str:
    drawn = chance.random()
    for kind in ("no_answer", "busy", "switched_off", "rejected", "invalid", "network_error"):
        drawn -= getattr(habits, kind)
        if drawn < 0:
            return kind
    return "answer"


def _answer(chance: random.Random, spoken: list[Utterance], keys: Sequence[str], habits: Habits) -> dict[str, Any]:
    behaviour: dict[str, Any] = {
        "kind": "answer",
        "ring_s": round(chance.uniform(3, 15), 1),
        "keys": _keys(chance, keys, habits),
        "key_delay_s": round(chance.uniform(0.5, 2.0), 1),
        "barge_in": chance.random() < habits.barges_in,
    }
    speaks, ends_with_key = chance.random() < habits.speaks, chance.random() < habits.ends_with_key
    if speaks and spoken:
        said = chance.choice(spoken)
        behaviour["speeches"] = [{"wav": said.wav, "text": said.text}]
        behaviour["speech_delay_s"] = round(chance.uniform(0.4, 1.5), 1)
        behaviour |= {"record_key": "#"} if ends_with_key else {}
    if chance.random() < habits.impatient:
        behaviour["hang_up_after_s"] = round(chance.uniform(5, 40), 1)
    return behaviour


def _keys(chance: random.Random, keys: Sequence[str], habits: Habits) -> list[str | None]:
    drawn = chance.random()
    if drawn < habits.no_keys:
        return []
    if drawn < habits.no_keys + habits.slow_with_keys:
        return [None, *keys]
    if drawn < habits.no_keys + habits.slow_with_keys + habits.wrong_key:
        return ["7", *keys]
    return list(keys)


def load_households(path: Path) -> list[Household]:
    """Read a CSV file of number and language, without a header. Raises BadPopulation."""
    households = []
    for line, row in enumerate(csv.reader(_text(path).splitlines()), start=1):
        if len(row) != 2 or not row[0].strip().isdecimal():
            raise BadPopulation(f"{path}:{line}: write number,language such as 919812345678,pa")
        households.append(Household(row[0].strip(), row[1].strip()))
    return households


def load_utterances(path: Path, seen_from: Path) -> list[Utterance]:
    """Read a JSON list of wav, text, language; WAV paths are relative to `path`, and become so to `seen_from`.

    Raises BadPopulation.
    """
    try:
        items = json.loads(_text(path))
        read = [Utterance(item["wav"], item["text"], item["language"]) for item in items]
    except (ValueError, KeyError, TypeError) as error:
        raise BadPopulation(f"{path}: must be a JSON list of objects with wav, text, language ({error!r})") from None
    return [replace(one, wav=os.path.relpath(path.parent / one.wav, seen_from)) for one in read]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadPopulation(f"{path}: cannot be read ({error})") from None


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
