"""Everyday sentences, for the language model most of all: what no template thought of, in people's own word order.

``sentences/everyday_{en,hi,pa}.txt`` has one sentence a line; ``~ we (came|went) [home]`` is many at once, written as
in a language file; ``= word word`` only adds words, and ``%paradigm: stem stem`` those forms of stems (inflection.py)
that are likely ever to be said (forms.py). New sentences need a new graph and no new training, though the corpus
speaks some of them too.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, cached_property

from asr.text import normalise, words_of

from .forms import expected
from .sentences import FOLDER, Language

EACH_WAY = 15_000
LEAST_EXPECTED = 2e-6  # of running text; a form that is rarer is left out


@dataclass
class Everyday:
    """Sentences as they are said, sentences of many ways, words alone, and stems, each with its paradigm."""

    code: str = ""
    said: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    stems: list[tuple[str, str]] = field(default_factory=list)

    def drawn(self, chance: random.Random, count: int = EACH_WAY) -> list[str]:
        """``count`` of the many ways, none if there are none."""
        language = Language("")
        return [normalise(language.fill(chance.choice(self.ways), chance)) for _ in range(count if self.ways else 0)]

    @cached_property
    def forms(self) -> dict[str, float]:
        """The likely forms of the stems, with how often each is to be expected in as much text as the sentences."""
        seen = Counter(word for sentence in self.said for word in sentence.split())
        found = expected(self.code, self.stems, seen).items()
        return {normalise(word): count for word, count in found if count >= LEAST_EXPECTED * seen.total()}

    def vocabulary(self) -> set[str]:
        """Every word of all four."""
        marks = str.maketrans("[]()|", "     ")
        written = {word for text in (*self.said, *self.ways, *self.words) for word in words_of(text.translate(marks))}
        return written | self.forms.keys()


@cache
def load(code: str) -> Everyday:
    """The file of ``code``."""
    everyday = Everyday(code)
    places = {"~": everyday.ways, "=": everyday.words}
    for line in (FOLDER / f"everyday_{code}.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            kind, _, rest = line.partition(" ")
            if kind in places:
                places[kind].append(rest)
            elif kind.startswith("%"):
                everyday.stems += [(kind.strip("%:"), stem) for stem in rest.split()]
            else:
                everyday.said.append(normalise(line))
    return everyday
