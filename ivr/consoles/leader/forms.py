"""What a leader's forms say, read strictly: a wrong value is a problem to show, never an exception."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ivr.consoles.analyst.forms import THEMES
from ivr.consoles.words import LANGUAGE_NAMES
from prompts.catalogues import text_problems

LONGEST_ANSWER = 200
LONGEST_REASON = 200


@dataclass(frozen=True)
class Answering:
    """An answer as typed. `problems` tell by field what to mend: round, theme, or a language; none when it is whole."""

    round_id: int = 0
    theme: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def parse_answer(form: Mapping[str, str], *, needed: Collection[str], round_ids: Collection[int]) -> Answering:
    """Return the answer. `needed` are the languages in which it must be written, `round_ids` where it can be told."""
    chosen, theme = form.get("round", ""), form.get("theme", "")
    round_id = int(chosen) if chosen.isascii() and chosen.isdigit() else 0
    typed = {language: " ".join(form.get(f"text-{language}", "").split()) for language in LANGUAGE_NAMES}
    problems = {} if round_id in round_ids else {"round": "Choose the round in which it is told."}
    if theme and theme not in THEMES:
        problems["theme"] = "Choose the theme from the list."
    for language, text in typed.items():
        if problem := _problem_with(text, language, is_needed=language in needed):
            problems[language] = problem
    if not any(typed.values()) and not needed:
        problems["pa"] = "Write what was done, in at least one language."
    return Answering(round_id, theme or None, {language: text for language, text in typed.items() if text}, problems)


def parse_reason(form: Mapping[str, str]) -> str | None:
    """Return why all dialling is stopped, or None where nobody said."""
    return " ".join(form.get("reason", "").split())[:LONGEST_REASON] or None


def _problem_with(text: str, language: str, *, is_needed: bool) -> str | None:
    name = LANGUAGE_NAMES[language]
    if not text:
        return f"Families here are called in {name}: write it in {name}, too." if is_needed else None
    if len(text) > LONGEST_ANSWER:
        return f"At most {LONGEST_ANSWER} characters. This has {len(text)}."
    if "{" in text or "}" in text:
        return "Leave out { and }: nothing is filled in here."
    wrong = next(text_problems("", text, language), "").removeprefix(": ")
    return f"{wrong[:1].upper()}{wrong[1:]}." if wrong else None
