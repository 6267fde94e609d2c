"""What a network is taught with: features with the times of their phones, and their place on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Utterance:
    """Frames by 40, phones as (name, start_s), and (word, its phones) where the synthesiser told them."""

    features: NDArray[np.float16]
    phones: list[tuple[str, float]]
    words: list[tuple[str, tuple[str, ...]]]


def save(utterances: Iterable[Utterance], path: Path) -> None:
    """Everything in one file, so that another network or graph needs no new voices."""
    all_ = list(utterances)
    notes = json.dumps([[u.phones, u.words] for u in all_], ensure_ascii=False)
    lengths = np.array([len(u.features) for u in all_])
    np.savez(path, features=np.concatenate([u.features for u in all_]), lengths=lengths, notes=np.array(notes))


def load(path: Path) -> list[Utterance]:
    """What ``save`` wrote."""
    file = np.load(path)
    cuts = np.cumsum(file["lengths"])[:-1]
    pieces = np.split(file["features"], cuts)
    return [
        Utterance(piece, [(n, s) for n, s in phones], [(word, tuple(sounds)) for word, sounds in words])
        for piece, (phones, words) in zip(pieces, json.loads(str(file["notes"])), strict=True)
    ]


def hours(utterances: Iterable[Utterance]) -> float:
    return sum(len(u.features) for u in utterances) / 360_000
