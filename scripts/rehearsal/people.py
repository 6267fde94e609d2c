"""How the families of a stack rehearsal behave: everything that can happen to a call, in shares, from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prompts.synthesis.contract import Synthesiser
from scripts.demonstration.families import Family, Sayings

# What happens at the first ring, in a hundred; from the second on most answer.
FIRST_RING = {
    "answer": 62, "no_answer": 13, "busy": 9, "switched_off": 4, "rejected": 3, "invalid": 4, "network_error": 5,
}  # fmt: skip
SECOND_RING = {"answer": 85, "no_answer": 10, "busy": 5}
# What somebody who answers does, in a hundred.
ANSWERS = {
    "speaks": 24, "declines": 31, "listens": 19, "leaves_at_once": 7, "leaves_after_speaking": 5, "says_again": 3,
    "wants_no_calls": 3, "wrong_key": 4, "silent": 4,
}  # fmt: skip


def write_people(folder: Path, families: Sequence[Family], voice: Synthesiser, *, seed: int) -> Path:
    """Write the exchange's population file for these families and what they say; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    sayings = Sayings(folder, voice, random.Random(seed))  # noqa: S311 - to be repeated
    numbers = {}
    for family in families:
        for msisdn in family.msisdns:
            chance = random.Random(f"{seed}:{msisdn}")  # noqa: S311 - whoever is added changes nobody else
            numbers[msisdn] = _rings(chance, family.language, sayings)
    file = folder / "population.json"
    file.write_text(json.dumps({"numbers": numbers, "default": {"kind": "invalid"}}, ensure_ascii=False), "utf-8")
    return file


def _rings(chance: random.Random, language: str, sayings: Sayings) -> list[dict[str, Any]]:
    first = _drawn(chance, FIRST_RING)
    if first in ("invalid", "rejected"):
        return [{"kind": first}]
    rings = [first, _drawn(chance, SECOND_RING), "answer"]
    return [_answer(chance, language, sayings) if kind == "answer" else {"kind": kind} for kind in rings]


def _answer(chance: random.Random, language: str, sayings: Sayings) -> dict[str, Any]:
    """Return what somebody does who answers. Keys: is it the family, may we record, what next."""
    what = _drawn(chance, ANSWERS)
    then = chance.choice(["2", "3", None])
    keys: dict[str, list[str | None]] = {
        "speaks": ["1", "1", then], "declines": ["1", "2", then], "listens": ["1"], "leaves_at_once": [],
        "leaves_after_speaking": ["1", "1"], "says_again": ["1", "1", "4", "2"], "wants_no_calls": ["9", None],
        "wrong_key": ["7", "1", "1", "3"], "silent": [],
    }  # fmt: skip
    told: dict[str, Any] = {
        "kind": "answer", "ring_s": round(chance.uniform(2, 10), 1), "keys": keys[what],
        "key_delay_s": round(chance.uniform(0.5, 1.5), 1), "barge_in": chance.random() < 0.3,
    }  # fmt: skip
    if keys[what][:2] in (["1", "1"], ["7", "1"]):
        told["speeches"] = [sayings.one(language) for _ in range(2)]
        told["record_key"] = "#" if chance.random() < 0.6 else None
    leaves = {"leaves_at_once": {"hang_up_at_menu": 1}, "leaves_after_speaking": {"hang_up_at_record": 1}}
    return told | leaves.get(what, {})


def _drawn(chance: random.Random, shares: dict[str, int]) -> str:
    (kind,) = chance.choices(list(shares), list(shares.values()))
    return kind
