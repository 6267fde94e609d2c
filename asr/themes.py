"""A first theme from words: what most of the telling words are about. An analyst's choice replaces it."""

from __future__ import annotations

from asr.text import spelling
from asr.word_lists import word_lists

# A subject is said with nearly everything ("thank you", "the teacher said"), so these give way to any other.
GIVES_WAY = ("thanks", "teaching", "language")


def first_theme(text: str, language: str) -> str | None:
    """Return the theme that most words of `text` point to, the earlier in words.toml if equal, or None."""
    themes = word_lists(language).themes or {}
    words = spelling(text).split()
    counts = {theme: sum(word in telling for word in words) for theme, telling in themes.items()}
    found = [theme for theme, count in counts.items() if count]
    telling = [theme for theme in found if theme not in GIVES_WAY] or [t for t in reversed(found) if t in GIVES_WAY]
    return max(telling, key=lambda theme: counts[theme], default=None)
