"""What an analyst's filters and forms say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.consoles.unnumbered import HOLDS_NUMBER, holds_number

PAGE_SIZE = 20
LONGEST_TEXT = 4000
STATUSES = ("new", "needs_listening", "read")
LANGUAGES = ("pa", "hi", "en")
# The recogniser suggests one of these from the words it heard; the analyst decides.
THEMES = ("teaching", "homework", "attendance", "meals", "safety", "buildings", "books", "language", "thanks", "other")


@dataclass(frozen=True)
class Filter:
    """Which suggestions to list. Empty means all; without a status the list shows what nobody has read yet."""

    language: str = ""
    theme: str = ""
    status: str = "open"
    page: int = 1

    def arguments(self, page: int) -> dict[str, Any]:
        """Return the query of another page of the same list."""
        return {"language": self.language, "theme": self.theme, "status": self.status, "page": page}


def parse_filter(args: Mapping[str, str]) -> Filter:
    """Read the filters of an address; what is unknown counts as not given, so that an old bookmark still opens."""
    page = args.get("page", "1")
    return Filter(
        language=_known(args.get("language", ""), LANGUAGES, ""),
        theme=_known(args.get("theme", ""), (*THEMES, "none"), ""),
        status=_known(args.get("status", "open"), (*STATUSES, "all"), "open"),
        page=min(int(page), 100_000) if page.isascii() and page.isdigit() and int(page) else 1,
    )


@dataclass(frozen=True)
class Review:
    """What an analyst decided. `text` is None when the transcript stays as it is."""

    theme: str | None
    text: str | None
    is_urgent: bool = False


@dataclass(frozen=True)
class Overtaken:
    """The words changed after the form was opened: a transcription came, or somebody else corrected them."""


def fingerprint(text: str) -> str:
    """Return what a form remembers of the words that it was opened with."""
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:16]


def parse_review(form: Mapping[str, str], present_text: str) -> Review | Overtaken | str:
    """Return the decision, or what is wrong with it in words for the analyst.

    Overtaken where the words are no longer those that the analyst saw: whoever decides has read what it is about.
    """
    theme = form.get("theme", "")
    text = _plain(form.get("text", present_text))
    if text != _plain(present_text) and form.get("seen") != fingerprint(present_text):
        return Overtaken()
    if theme and theme not in THEMES:
        return "Choose the theme from the list."
    if len(text) > LONGEST_TEXT:
        return f"A transcript has at most {LONGEST_TEXT} characters."
    if text != _plain(present_text):
        if holds_number(text):
            return HOLDS_NUMBER
        if not text and "no_words" not in form:
            return "Nothing was saved: the words are empty. If nobody says a word in it, say so below the field."
    return Review(theme or None, None if text == _plain(present_text) else text, "urgent" in form)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _known(value: str, known: tuple[str, ...], otherwise: str) -> str:
    return value if value in known else otherwise
