"""How an answer sounds in a call, and whether it fits: made and measured before it is kept, so that no call waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.consoles.words import LANGUAGE_NAMES
from ivr.trees.timing import LONGEST_ANSWER_S
from prompts import slots
from prompts.clips import CLIP_NAME
from prompts.errors import PromptError
from prompts.recorded import finished
from prompts.studio import Request, Studio

TOLD = "answer.told"


@dataclass(frozen=True)
class Sound:
    """An answer in one language: the clips that a family hears, their length, and a person's own recording in them."""

    clips: tuple[str, ...]
    seconds: float
    recording: str | None = None


def keep_recording(studio: Studio, wav: bytes) -> str:
    """Keep a leader's own recording and return the name of its clip. Raises AudioRejected and says how to do better."""
    return studio.store.add(finished(wav, LONGEST_ANSWER_S), durable=True).name


def sound_of(studio: Studio, language: str, words: str, recording: str | None) -> Sound:
    """Return the sound of an answer, made where it is not there yet. Raises PromptError when it cannot be spoken."""
    said = slots.clip(recording) if recording else slots.text(words)
    clips = studio.playlist(Request(TOLD, language, {"answer": said}))
    return Sound(tuple(clip.name for clip in clips), sum(clip.seconds for clip in clips), recording)


def sounds_of(studio: Studio, texts: Mapping[str, str], clips: Mapping[str, str]) -> dict[str, Sound | None]:
    """Return how a kept answer sounds in each of its languages; None where its clip is damaged or cannot be made."""
    found: dict[str, Sound | None] = {}
    for language, words in texts.items():
        try:
            found[language] = sound_of(studio, language, words, clips.get(language))
        except PromptError:
            found[language] = None
    return found


def try_sound(
    studio: Studio, language: str, words: str, *, wav: bytes | None, kept: str | None
) -> tuple[Sound | None, str | None]:
    """Return the sound of a typed answer, and what is wrong with it in words for the leader.

    `wav` is a recording that was just handed in, `kept` one that an earlier look at the form accepted.
    """
    name = LANGUAGE_NAMES[language]
    try:
        recording = keep_recording(studio, wav) if wav else kept if kept and CLIP_NAME.fullmatch(kept) else None
        sound = sound_of(studio, language, words, recording)
    except PromptError as problem:
        return None, f"This cannot be said in {name}: {problem}."
    if sound.seconds <= LONGEST_ANSWER_S:
        return sound, None
    told = f"It takes {sound.seconds:.1f} seconds in {name}, and a call has room for {LONGEST_ANSWER_S:g}"
    return sound, f"{told}: {'say' if recording else 'use'} fewer words."
