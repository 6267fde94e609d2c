"""Where prompts become clips: `prepare` and `playlist` render, `resolve` only looks, because a webhook cannot wait.

A whole sentence is one clip, a personal one too: it keeps its melody, while words put together from pieces sound like
a railway station, and at a few milliseconds of synthesis each child can have one. What the synthesiser cannot say in
one breath (a recorded name, a name in another script) is joined from trimmed parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from prompts.catalogues import Catalogue, prompt_of
from prompts.clips import Clip, ClipStore
from prompts.errors import AudioRejected, MissingClip, NotPrepared, PromptError, SynthesisError
from prompts.mixing import GAP_AFTER_SENTENCE_MS, Sound, finish, join, silence, sound_of, wav_from
from prompts.recipes import (
    Joined,
    Manner,
    Planner,
    Played,
    Recipe,
    Speech,
    fixed_words,
    is_whole,
    key_of,
    readable,
    why_left_out,
)
from prompts.recorded import LONGEST_PROMPT_S, NAMES, Recorded, RecordedStore
from prompts.slots import LEAVABLE, Slot
from prompts.spoken import clean_name
from prompts.synthesis.contract import Synthesiser

_REMEMBERED_PLAYLISTS = 5_000  # each is a prompt of a child whose call is on now, or of everybody; about 1 kB
_REMEMBERED_SOUNDS = 500


class Wanted(Protocol):
    """What a call tree's Say has: which prompt, in which language, with what in its slots."""

    @property
    def prompt(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def slots(self) -> Mapping[str, Slot]: ...


@dataclass(frozen=True, slots=True)
class Request:
    """A Wanted of our own, for whoever has no call tree at hand."""

    prompt: str
    language: str
    slots: Mapping[str, Slot] = field(default_factory=dict)


@dataclass(frozen=True)
class Coverage:
    """How the names of a list will be said."""

    recorded: tuple[str, ...]
    synthesised: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    """Name and reason."""


class Studio:
    """Clips of a catalogue in a store, made with one synthesiser. Threads and processes may share the folder."""

    def __init__(
        self, catalogue: Catalogue, store: ClipStore, synthesiser: Synthesiser, manner: Manner = Manner.WHOLE
    ) -> None:
        self.catalogue = catalogue
        self.store = store
        self.recorded = RecordedStore(store.folder / "recorded", store)
        self._synthesiser = synthesiser
        self._planner = Planner(catalogue, self.recorded.find, manner)
        self._neutral = Planner(catalogue, self.recorded.find, manner, neutral=True)
        self._resolved: dict[object, tuple[Clip, ...]] = {}
        self._resolved_with = 0
        self._sounds: dict[str, Sound] = {}

    def close(self) -> None:
        """End the synthesiser's process, if it was ever needed."""
        self._synthesiser.close()

    def resolve(self, *wanted: Wanted) -> tuple[Clip, ...]:
        """Return the clips to play, in order. Renders nothing: for the middle of a call.

        Raises MissingClip naming every sentence that nobody rendered, SlotError or CatalogueError when it cannot be
        said at all.
        """
        self.recorded.fresh()
        if self._resolved_with != self.recorded.version:
            self._resolved.clear()
            self._resolved_with = self.recorded.version
        return tuple(clip for each in wanted for clip in self._resolve(each))

    def _resolve(self, wanted: Wanted) -> tuple[Clip, ...]:
        asked = self._asked(wanted)
        clips = self._resolved.get(asked)
        if clips is None:
            clips = self._look_up(wanted)
            if clips is None:
                return self._as_before(wanted)
            if len(self._resolved) >= _REMEMBERED_PLAYLISTS:
                self._resolved.clear()
            self._resolved[asked] = clips
        return clips

    def _asked(self, wanted: Wanted) -> object:
        """Return what tells two requests apart; a prompt without slots is the same for whoever it is asked for."""
        prompt = prompt_of(self.catalogue, wanted.prompt, wanted.language)
        filled = frozenset(wanted.slots.items()) if prompt.slots else None
        return wanted.prompt, wanted.language, filled

    def playlist(self, wanted: Wanted) -> tuple[Clip, ...]:
        """Return the clips to play, rendering what is missing. Raises SynthesisError besides SlotError and the like."""
        self.recorded.fresh()
        return self._make(wanted)[0]

    def prepare(self, wanted: Iterable[Wanted]) -> int:
        """Render every sentence that has no clip yet and return how many there were.

        One that cannot be rendered does not stop the others. A sentence that fails because of a name is said without
        it. Raises NotPrepared at the end with all that cannot be said.
        """
        self.recorded.fresh()
        rendered, problems = 0, []
        for each in wanted:
            try:
                rendered += self._make(each)[1]
            except PromptError as problem:
                problems.append(f"{each.prompt} ({each.language}): {problem}")
        if problems:
            raise NotPrepared(tuple(dict.fromkeys(problems)), rendered)
        return rendered

    def recordable(self, prompt_id: str, language: str) -> tuple[str, ...]:
        """Return the words that a person can record for a prompt: one text, or the pieces between its slots."""
        return fixed_words(prompt_of(self.catalogue, prompt_id, language))

    def record_prompt(
        self, prompt_id: str, language: str, wav: bytes, *, recorded_by: str, recorded_at: datetime, words: str = ""
    ) -> Recorded:
        """Let a person's recording say a prompt from now on, or those `words` of it, one of its `recordable` pieces.

        Raises AudioRejected or CatalogueError.
        """
        words = self._recordable_words(prompt_id, language, words)
        return self.recorded.add(
            wav, words, language, recorded_by=recorded_by, recorded_at=recorded_at, prompt_id=prompt_id,
            most_s=LONGEST_PROMPT_S,
        )  # fmt: skip

    def unrecord_prompt(self, prompt_id: str, language: str, words: str = "") -> bool:
        """Let the machine say a prompt, or those `words` of it, again; return whether a person did. Raises as above."""
        return self.recorded.remove(self._recordable_words(prompt_id, language, words), language)

    def record_name(self, name: str, wav: bytes, *, recorded_by: str, recorded_at: datetime) -> Recorded:
        """Let a person's recording say a name, in every language, from now on. Raises AudioRejected."""
        cleaned = clean_name(name)
        if not cleaned:
            raise AudioRejected("a recording of a name needs the name")
        return self.recorded.add(wav, cleaned, NAMES, recorded_by=recorded_by, recorded_at=recorded_at)

    def _recordable_words(self, prompt_id: str, language: str, words: str) -> str:
        pieces = self.recordable(prompt_id, language)
        if not words and is_whole(prompt_of(self.catalogue, prompt_id, language)):
            return pieces[0]
        if not pieces:
            raise AudioRejected(f"{prompt_id} has no words of its own: record the prompts that it says in their place")
        if words not in pieces:
            raise AudioRejected(f"of {prompt_id} these words can be recorded: {' | '.join(pieces)}")
        return words

    def unrecord_name(self, name: str) -> bool:
        """Let the machine say a name again, or nobody; return whether a person did."""
        return self.recorded.remove(clean_name(name), NAMES)

    def coverage(self, names: Iterable[str]) -> Coverage:
        """Return how each different name will be said, or why it is left out."""
        self.recorded.fresh()
        human: list[str] = []
        machine: list[str] = []
        left_out: list[tuple[str, str]] = []
        for name in dict.fromkeys(names):
            if reason := why_left_out(name, self.recorded.find):
                left_out.append((name, reason))
            else:
                (human if self.recorded.find(clean_name(name), NAMES) else machine).append(name)
        return Coverage(tuple(human), tuple(machine), tuple(left_out))

    def _look_up(self, wanted: Wanted) -> tuple[Clip, ...] | None:
        return self._all_found(self._planner.plan(wanted.prompt, wanted.language, wanted.slots))

    def _all_found(self, recipes: tuple[Recipe, ...]) -> tuple[Clip, ...] | None:
        clips = [clip for recipe in recipes if (clip := self._found(recipe)) is not None]
        return tuple(clips) if len(clips) == len(recipes) else None

    def _as_before(self, wanted: Wanted) -> tuple[Clip, ...]:
        """Return a prompt as it was said before its newest recordings came: those are not mixed in for this child yet.

        Not remembered: the new one is wanted as soon as it is there. Raises MissingClip.
        """
        for recipes in self._older_plans(wanted):
            if (clips := self._all_found(recipes)) is not None:
                return clips
        where = f"{wanted.prompt} ({wanted.language})"
        recipes = self._planner.plan(wanted.prompt, wanted.language, wanted.slots)
        raise MissingClip(tuple(f"{where}: {readable(recipe)}" for recipe in recipes if self._found(recipe) is None))

    def _older_plans(self, wanted: Wanted) -> Iterator[tuple[Recipe, ...]]:
        """Yield what a prompt was made of, with the newest of its recordings left out, then the two newest ..."""
        used: set[str] = set()

        def note(words: str, language: str) -> Recorded | None:
            if found := self.recorded.find(words, language):
                used.add(found.recorded_at)
            return found

        replace(self._planner, recorded=note).plan(wanted.prompt, wanted.language, wanted.slots)
        for at in sorted(used, reverse=True):
            older = replace(self._planner, recorded=partial(self.recorded.find, before=at))
            yield older.plan(wanted.prompt, wanted.language, wanted.slots)

    def _found(self, recipe: Recipe) -> Clip | None:
        if isinstance(recipe, Played):
            return self.store.described(recipe.clip)
        return self.store.find(self._key(recipe))

    def _make(self, wanted: Wanted) -> tuple[tuple[Clip, ...], int]:
        """Return the clips of a prompt and how many of them had to be rendered."""
        recipes = self._planner.plan(wanted.prompt, wanted.language, wanted.slots)
        rendered = 0
        clips = []
        for at, recipe in enumerate(recipes):
            clip = self._found(recipe)
            if clip is None and not isinstance(recipe, Played):
                clip = self._render_or_neutral(recipe, at, wanted)
                rendered += 1
            if clip is not None:
                clips.append(clip)
        return tuple(clips), rendered

    def _render_or_neutral(self, recipe: Speech | Joined, at: int, wanted: Wanted) -> Clip:
        """Render one sentence; if a name in it defeats the synthesiser, keep the sentence without it in its place."""
        try:
            return self._render(recipe)
        except SynthesisError as problem:
            plain = self._neutral.plan(wanted.prompt, wanted.language, wanted.slots)[at]
            named = any(slot.kind in LEAVABLE for slot in wanted.slots.values())
            if not (problem.permanent and named) or plain == recipe or isinstance(plain, Played):
                raise
            clip = self.store.find(self._key(plain)) or self._render(plain)
            self.store.remember(self._key(recipe), clip)
            return clip

    def _render(self, recipe: Speech | Joined) -> Clip:
        sound = (
            self._spoken(recipe) if isinstance(recipe, Speech) else join([self._part(part) for part in recipe.parts])
        )
        if not (isinstance(recipe, Speech) and recipe.goes_on):
            sound = sound + silence(GAP_AFTER_SENTENCE_MS)
        clip = self.store.add(wav_from(sound))
        self.store.remember(self._key(recipe), clip)
        return clip

    def _spoken(self, speech: Speech) -> Sound:
        # A comma makes the voice stay up and wait for more, where a bare end makes it fall as if all were said.
        text = f"{speech.text}," if speech.goes_on else speech.text
        return finish(sound_of(self._synthesiser.speak(text, speech.voice)))

    def _part(self, part: Speech | Played) -> Sound:
        """Return one part of a joined sentence; the fixed ones come again with every child and stay in memory."""
        key = part.clip if isinstance(part, Played) else self._key(part)
        sound = self._sounds.get(key)
        if sound is None:
            sound = sound_of(self.store.read(self._part_clip(part).name))
            if len(self._sounds) >= _REMEMBERED_SOUNDS:
                self._sounds.clear()
            self._sounds[key] = sound
        return sound

    def _part_clip(self, part: Speech | Played) -> Clip:
        found = self._found(part)
        if found is not None:
            return found
        assert isinstance(part, Speech)  # noqa: S101 (a Played is always found, or its damage was raised)
        return self._render(part)

    def _key(self, recipe: Speech | Joined) -> str:
        return key_of(recipe, self._synthesiser.version)
