"""How long a tree's calls take with the clips that are there: what a page and a command tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.trees.model import LANGUAGES, Say, Tree
from ivr.trees.sampling import kinds_of_call, sample_facts, sampled
from ivr.trees.timing import LONGEST_ANSWER_S, LONGEST_VOICE_S, Duration, longest_s, silent_s, typical_s
from prompts.errors import MissingClip
from prompts.studio import Studio

# What people say in a call is timed by the longest that is taken from them, not by a sample.
LONGEST_S = {"appreciate.voice": LONGEST_VOICE_S, "answer.told": LONGEST_ANSWER_S}


@dataclass(frozen=True)
class Times:
    """One language: seconds of each kind of typical call, of the slowest call that goes forward, and of silence."""

    language: str
    typical_s: Mapping[str, float]
    longest_s: float
    silent_s: float


def measure(tree: Tree, studio: Studio) -> list[Times]:
    """Return the times of a tree's calls in every language. Raises MissingClip: see `without_audio` first."""

    def seconds(say: Say) -> float:
        if say.prompt in LONGEST_S:
            return LONGEST_S[say.prompt]
        return sum(clip.seconds for clip in studio.resolve(say))

    return [_times(tree, language, seconds) for language in LANGUAGES]


def _times(tree: Tree, language: str, seconds: Duration) -> Times:
    kinds, facts = kinds_of_call(tree, language), sample_facts(language, line=tree.line)
    typical = {kind: typical_s(tree, told, seconds) for kind, told in kinds.items()}
    return Times(language, typical, longest_s(tree, facts, seconds), silent_s(tree, facts, seconds))


def without_audio(tree: Tree, studio: Studio) -> list[Say]:
    """Return what the tree could say to made-up families and nobody has rendered."""
    return [say for say in sampled(tree) if not _is_there(studio, say)]


def _is_there(studio: Studio, say: Say) -> bool:
    try:
        studio.resolve(say)
    except MissingClip:
        return False
    return True
