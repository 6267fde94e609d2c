"""What is wrong with a tree, said so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from ptm.errors import SunvaiError


class TreeError(SunvaiError):
    """A tree's definition is wrong. `problems` holds one line each: node and key, what is wrong, how to mend it."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        super().__init__("\n".join([f"{source}: {len(problems)} thing(s) to mend", *(f"  {it}" for it in problems)]))
        self.source = source
        self.problems = tuple(problems)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Return a hint at the word that was meant, or nothing."""
    found = get_close_matches(wrong, sorted(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
