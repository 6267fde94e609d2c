"""Everyday sentences, for the language model most of all: what no template thought of, in people's own word order.

``sentences/everyday_{en,hi,pa}.txt`` has one sentence a line; ``~ we (came|went) [home]`` is many at once, written as
in a language file; ``= word word`` only adds words. New sentences need a new graph and no new training, though the
corpus speaks some of them too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache

from asr.text import normalise, words_of

from .sentences import FOLDER, Language

EACH_WAY = 15_000


@dataclass
class Everyday:
    """Sentences as they are said, sentences of many ways, and words alone."""

    said: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def drawn(self, chance: random.Random, count: int = EACH_WAY) -> list[str]:
        """``count`` of the many ways, none if there are none."""
        language = Language("")
        return [normalise(language.fill(chance.choice(self.ways), chance)) for _ in range(count if self.ways else 0)]

    def vocabulary(self) -> set[str]:
        """Every word of all three."""
        marks = str.maketrans("[]()|", "     ")
        return {word for text in (*self.said, *self.ways, *self.words) for word in words_of(text.translate(marks))}


@cache
def load(code: str) -> Everyday:
    """The file of ``code``."""
    everyday = Everyday()
    places = {"~": everyday.ways, "=": everyday.words}
    for line in (FOLDER / f"everyday_{code}.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            kind, _, rest = line.partition(" ")
            if kind in places:
                places[kind].append(rest)
            else:
                everyday.said.append(normalise(line))
    return everyday
