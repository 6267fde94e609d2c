"""The shape of one prompt's text: sentences, and in them words and slots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SENTENCE_END = re.compile(r"(?<=[।.?!])\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and slot names in turn: even places hold words (perhaps empty), odd places the name of a slot."""

    pieces: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        return self.pieces[1::2]

    def filled(self, words: Mapping[str, str]) -> str:
        return "".join(words[piece] if at % 2 else piece for at, piece in enumerate(self.pieces))


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in one language.

    `without` holds, for a slot that may have to be left out, the text to use then. `version` names the wording where
    it must be kept with what was agreed to (consent).
    """

    id: str
    language: str
    text: str
    purpose: str = ""
    version: str = ""
    without: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def slots(self) -> frozenset[str]:
        return frozenset(SLOT.findall(self.text))


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return a text cut into what can be said, and cached, on its own.

    Neighbouring sentences without a slot stay one piece: they are the same for everybody, and one clip has a natural
    pause where two clips have the carrier's.
    """
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(text.strip()):
        if parts and not SLOT.search(sentence) and not SLOT.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {sentence}"
        else:
            parts.append(sentence)
    return tuple(Sentence(tuple(SLOT.split(part))) for part in parts)
