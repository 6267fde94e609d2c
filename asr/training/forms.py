"""How often each form of a stem is to be expected: of thousands of regular forms only some are ever said.

A stem that was heard in other forms, in a form that other stems were heard in, is likelier than a rare form of a rare
stem. Stem and form are taken as independent within a paradigm, each seen once more often than it was.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from .inflection import inflect


def expected(code: str, stems: Iterable[tuple[str, str]], seen: Mapping[str, int]) -> dict[str, float]:
    """Expected count of every form of ``stems``, pairs of paradigm and stem, in as much text as ``seen`` counts.

    Raises ValueError for a paradigm that the language does not have.
    """
    stems_of: dict[str, list[str]] = defaultdict(list)
    for paradigm, stem in dict.fromkeys(stems):
        stems_of[paradigm].append(stem)
    found: dict[str, float] = defaultdict(float)
    for paradigm, members in stems_of.items():
        for word, count in _of_paradigm(code, paradigm, members, seen).items():
            found[word] = max(found[word], count)
    return dict(found)


def _of_paradigm(code: str, paradigm: str, stems: list[str], seen: Mapping[str, int]) -> dict[str, float]:
    forms = {stem: list(inflect(code, paradigm, stem)) for stem in stems}
    by_form: Counter[str] = Counter({form: 1 for form, _ in forms[stems[0]]})
    by_stem: Counter[str] = Counter(dict.fromkeys(stems, 1))
    for stem, words in forms.items():
        for form, word in words:
            by_form[form] += seen.get(word, 0)
            by_stem[stem] += seen.get(word, 0)
    whole = by_form.total()
    found: dict[str, float] = defaultdict(float)
    for stem, words in forms.items():
        for form, word in words:
            found[word] += by_stem[stem] * by_form[form] / whole
    return found
