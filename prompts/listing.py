"""The catalogue as a person goes through it: what is said, by whom, how long and how loud."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from prompts.catalogues import LANGUAGES, ids
from prompts.clips import Clip
from prompts.errors import PromptError
from prompts.recipes import is_whole
from prompts.recorded import Recorded
from prompts.samples import sample_slots
from prompts.studio import Request, Studio

Voice = Literal["recorded", "partly", "synthesised", "missing"]


class UnknownPrompt(PromptError):
    """There is no such prompt or language; the message names the nearest."""


@dataclass(frozen=True)
class Part:
    """Words that one recording can say: a whole prompt, or what stands between its slots."""

    words: str
    recorded: Recorded | None


@dataclass(frozen=True)
class Entry:
    """One prompt in one language. `clips` are what is heard, with sample values in its slots; empty when missing."""

    id: str
    language: str
    text: str
    purpose: str
    is_whole: bool
    parts: tuple[Part, ...]
    clips: tuple[Clip, ...]

    @property
    def seconds(self) -> float:
        return sum(clip.seconds for clip in self.clips)

    @property
    def level_dbfs(self) -> float | None:
        """Return how loud its quietest clip is."""
        return min((clip.level_dbfs for clip in self.clips), default=None)

    @property
    def voice(self) -> Voice:
        """Say whether a person is heard. A slot's value is the machine's unless it was recorded as a name."""
        if not self.clips:
            return "missing"
        spoken = [part.recorded is not None for part in self.parts]
        if not any(spoken):
            return "synthesised"
        return "recorded" if self.is_whole else "partly"

    @property
    def recorded_by(self) -> str:
        return ", ".join(dict.fromkeys(part.recorded.recorded_by for part in self.parts if part.recorded))


def listing(studio: Studio, language: str) -> Iterator[Entry]:
    """Yield every prompt of a language, in the catalogue's order. Raises UnknownPrompt for another language."""
    for prompt_id in ids(studio.catalogue):
        yield entry(studio, prompt_id, language)


def entry(studio: Studio, prompt_id: str, language: str) -> Entry:
    """Return one prompt. Raises UnknownPrompt."""
    refuse_unknown(studio, prompt_id, language)
    prompt = studio.catalogue[prompt_id, language]
    samples = sample_slots(language)
    request = Request(prompt_id, language, {slot: samples[slot] for slot in prompt.slots if slot in samples})
    try:
        clips = studio.resolve(request)
    except PromptError:
        clips = ()
    parts = tuple(
        Part(words, studio.recorded.find(words, language)) for words in studio.recordable(prompt_id, language)
    )
    return Entry(prompt_id, language, prompt.text, prompt.purpose, is_whole(prompt), parts, clips)


def refuse_unknown(studio: Studio, prompt_id: str, language: str) -> None:
    """Raises UnknownPrompt."""
    if language not in LANGUAGES:
        raise UnknownPrompt(f"there is no language {language!r}; write one of {', '.join(LANGUAGES)}")
    known = ids(studio.catalogue)
    if prompt_id not in known:
        near = difflib.get_close_matches(prompt_id, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "; `sunvai prompts list` has all of them"
        raise UnknownPrompt(f"there is no prompt {prompt_id!r}{hint}")
