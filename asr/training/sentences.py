"""What parents say: a language file's word classes and sentence templates, and sentences drawn from them.

A language file (``sentences/{en,hi,pa}.txt``) has one statement a line:

- ``@class: one alternative | another {class}`` names alternatives; a repeated name adds to them;
- ``=class: word word word`` the same for single words; a class no sentence uses still adds to the vocabulary;
- ``%paradigm: stem stem`` inflects stems (inflection.py), each form in a class of its own and all in the vocabulary;
- ``- a {class} and [perhaps] (this|that)`` a sentence, ``-3`` for three times as often;
- ``~ a {class}`` a loose sentence: grammar without much sense, so that no order of words is impossible. Half of what a
  model is taught is loose, nothing of what it is measured with.
"""

from __future__ import annotations

import random
import re
from collections.abc import Container
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from asr.text import normalise, words_of

from .inflection import inflect

FOLDER = Path(__file__).parent / "sentences"
SLOT = re.compile(r"\{([^{}]+)\}")
GROUP = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
OUTSIDE_GROUPS = re.compile(r"\|(?![^(\[]*[)\]])")
DEEPEST = 12
LOOSE_SHARE = 0.5


@dataclass
class Language:
    """Classes by name and templates with their weight."""

    code: str
    classes: dict[str, list[str]] = field(default_factory=dict)
    templates: list[tuple[str, int]] = field(default_factory=list)
    loose: list[tuple[str, int]] = field(default_factory=list)

    def draw(self, chance: random.Random) -> str:
        """One sentence, words separated by single spaces."""
        return self._from(self.templates, chance)

    def draw_any(self, chance: random.Random, *, loose_share: float = LOOSE_SHARE) -> str:
        """One sentence, with `loose_share` a loose one."""
        loose = bool(self.loose) and chance.random() < loose_share
        return self._from(self.loose if loose else self.templates, chance)

    def _from(self, templates: list[tuple[str, int]], chance: random.Random) -> str:
        template = chance.choices([t for t, _ in templates], [weight for _, weight in templates])[0]
        return normalise(self.fill(template, chance))

    def fill(self, template: str, chance: random.Random) -> str:
        """The template with every choice made. Raises KeyError for a class that is not in the file."""
        for _ in range(DEEPEST):
            template = SLOT.sub(lambda slot: chance.choice(self.classes[slot[1]]), template)
            template = GROUP.sub(lambda group: _choose(group, chance), template)
            if not (SLOT.search(template) or GROUP.search(template)):
                return template
        raise ValueError(f"{self.code}: classes go round in a circle: {template}")

    def vocabulary(self) -> list[str]:
        """Every word that classes and templates hold, sorted."""
        texts = [text for texts in self.classes.values() for text in texts] + [
            text for text, _ in self.templates + self.loose
        ]
        found: set[str] = set()
        for text in texts:
            found.update(words_of(re.sub(r"[\[\]()|]", " ", SLOT.sub(" ", text))))
        return sorted(found)

    def vocabulary_without(self, known: Container[str]) -> list[str]:
        return [word for word in self.vocabulary() if word not in known]

    def missing(self) -> list[str]:
        """Slots that name no class."""
        texts = [text for texts in self.classes.values() for text in texts] + [
            text for text, _ in self.templates + self.loose
        ]
        return sorted({slot for text in texts for slot in SLOT.findall(text)} - set(self.classes))


def _choose(group: re.Match[str], chance: random.Random) -> str:
    perhaps, one_of = group[2], group[1]
    if perhaps is not None:
        return str(chance.choice(perhaps.split("|"))) if chance.random() < 0.5 else " "
    return str(chance.choice(one_of.split("|")))


def parse(code: str, text: str) -> Language:
    """A language file. Raises ValueError naming the line that is none of its statements."""
    language = Language(code)
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            _take(language, line)
        except ValueError as problem:
            raise ValueError(f"{code}.txt line {number}: {problem}") from problem
    return language


def _take(language: Language, line: str) -> None:
    if line[0] in "-~":
        weight, _, template = line[1:].partition(" ")
        (language.templates if line[0] == "-" else language.loose).append((template, int(weight or 1)))
        return
    name, colon, rest = line[1:].partition(":")
    if line[0] not in "@=%" or not colon:
        raise ValueError("expected '@class:', '=class:', '%paradigm:', '- sentence' or '~ sentence'")
    if line[0] == "%":
        for stem in rest.split():
            for form, word in inflect(language.code, name.strip(), stem):
                language.classes.setdefault(form, []).append(word)
    else:
        items = OUTSIDE_GROUPS.split(rest) if line[0] == "@" else rest.split()
        language.classes.setdefault(name.strip(), []).extend(item.strip() for item in items)


@cache
def load(code: str) -> Language:
    """The language file of ``code``."""
    language = parse(code, (FOLDER / f"{code}.txt").read_text(encoding="utf-8"))
    if language.missing():
        raise ValueError(f"{code}.txt uses classes that it does not define: {', '.join(language.missing())}")
    return language


def load_free(code: str) -> list[str]:
    """The sentences written apart from the templates on which settings may be tried: for development."""
    return _listed(f"free_{code}.txt")


def load_unseen(code: str) -> list[str]:
    """The sentences written apart from the templates that nothing is fitted to: for the last word on a model."""
    return _listed(f"unseen_{code}.txt")


def _listed(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [normalise(line) for line in lines if line.strip() and not line.startswith("#")]
