"""The studio turns (prompt, language, slots) into clips.

Each sentence is one clip, a personal one too: a whole sentence has natural melody, while words put together from
pieces sound like a railway station, and at about 3 ms of synthesis the whole sentence is affordable per child. Only a
name in another script than the language's is spoken by that script's voice and stitched in. `prepare` renders ahead
what is missing; `resolve` only looks up, because a webhook must never wait for a voice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from prompts import spoken
from prompts.catalogues import Catalogue
from prompts.clips import Clip, ClipStore
from prompts.errors import MissingClip, PromptError
from prompts.mixing import finish, join, sound_of, wav_from
from prompts.slots import Slot, SlotKind, nameless
from prompts.synthesis.contract import Synthesiser
from prompts.texts import Prompt, Sentence, sentences

# Goes up when mixing changes how the same speech sounds, so that clips are made again.
MIX_VERSION = "1"


class Wanted(Protocol):
    """What a call tree's Say has: which prompt, in which language, with what in its slots."""

    @property
    def prompt(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def slots(self) -> Mapping[str, Slot]: ...


@dataclass(frozen=True)
class _Part:
    """Words for one voice."""

    text: str
    voice: str


class Studio:
    """Clips of a catalogue in a store. Without a synthesiser it only looks up."""

    def __init__(self, catalogue: Catalogue, store: ClipStore, synthesiser: Synthesiser) -> None:
        self._catalogue, self._store, self._synthesiser = catalogue, store, synthesiser

    def resolve(self, wanted: Wanted) -> tuple[Clip, ...]:
        """Return the clips to play. Raises MissingClip naming every sentence that nobody rendered."""
        return self._clips(wanted.prompt, wanted.language, wanted.slots)

    def prepare(self, wanted: Iterable[Wanted]) -> int:
        """Render every sentence that has no clip yet and return how many there were. Raises SynthesisError."""
        rendered = 0
        for each in wanted:
            for recipe in self._recipes(each.prompt, each.language, each.slots):
                if self._store.find(self._key(recipe)) is None:
                    self._render(recipe)
                    rendered += 1
        return rendered

    def _clips(self, prompt_id: str, language: str, slots: Mapping[str, Slot]) -> tuple[Clip, ...]:
        found, missing = [], []
        for recipe in self._recipes(prompt_id, language, slots):
            clip = self._store.find(self._key(recipe))
            if clip is None:
                missing.append(f"{prompt_id} ({language}): {' '.join(part.text for part in recipe)}")
            else:
                found.append(clip)
        if missing:
            raise MissingClip(tuple(missing))
        return tuple(found)

    def _recipes(self, prompt_id: str, language: str, slots: Mapping[str, Slot]) -> list[tuple[_Part, ...]]:
        prompt = self._catalogue.get((prompt_id, language))
        if prompt is None:
            raise MissingClip((f"{prompt_id} ({language}), which the catalogue does not have",))
        recipes: list[tuple[_Part, ...]] = []
        for sentence in sentences(_sayable_text(prompt, slots)):
            inner = self._whole_prompt(sentence, slots)
            if inner is not None:
                recipes += self._recipes(inner, language, nameless({}))
            else:
                recipes.append(_parts(prompt, sentence, slots))
        return recipes

    def _whole_prompt(self, sentence: Sentence, slots: Mapping[str, Slot]) -> str | None:
        """Return the id behind a sentence that is nothing but another prompt, such as a chosen praise."""
        if len(sentence.slots) == 1 and not "".join(sentence.pieces[::2]).strip(" .।"):
            slot = slots.get(sentence.slots[0])
            if slot is not None and slot.kind is SlotKind.PROMPT:
                return slot.value
        return None

    def _key(self, recipe: tuple[_Part, ...]) -> str:
        said = "\n".join(f"{part.voice}\t{part.text}" for part in recipe)
        return hashlib.sha256(f"{MIX_VERSION}\n{self._synthesiser.version}\n{said}".encode()).hexdigest()

    def _render(self, recipe: tuple[_Part, ...]) -> None:
        sounds = [finish(sound_of(self._synthesiser.speak(part.text, part.voice))) for part in recipe]
        self._store.remember(self._key(recipe), self._store.add(wav_from(join(sounds))))


def _sayable_text(prompt: Prompt, slots: Mapping[str, Slot]) -> str:
    """Return the text, or its shorter form when a name in it cannot be said."""
    for name, shorter in prompt.without.items():
        slot = slots.get(name)
        if slot is None or (slot.kind is SlotKind.NAME and spoken.voice_of(spoken.clean_name(slot.value)) is None):
            return shorter
    return prompt.text


def _parts(prompt: Prompt, sentence: Sentence, slots: Mapping[str, Slot]) -> tuple[_Part, ...]:
    """Return the words of a sentence by voice; neighbours of one voice are one part, said in one breath."""
    parts: list[_Part] = []
    for at, piece in enumerate(sentence.pieces):
        part = _Part(piece, prompt.language) if at % 2 == 0 else _filled(prompt, piece, slots)
        if parts and parts[-1].voice == part.voice:
            parts[-1] = _Part(parts[-1].text + part.text, part.voice)
        elif part.text.strip(" ,.।"):
            parts.append(part)
    return tuple(_Part(part.text.strip(), part.voice) for part in parts if part.text.strip(" ,.।?!"))


def _filled(prompt: Prompt, slot_name: str, slots: Mapping[str, Slot]) -> _Part:
    slot = slots.get(slot_name)
    if slot is None:
        raise PromptError(f"{prompt.id} ({prompt.language}) needs a value for {{{slot_name}}}")
    if slot.kind not in spoken.NEUTRAL:
        return _Part(spoken.words_of(slot, prompt.language), prompt.language)
    name = spoken.clean_name(slot.value)
    voice = spoken.voice_of(name)
    if voice is None:
        return _Part(spoken.NEUTRAL[slot.kind][prompt.language], prompt.language)
    return _Part(name, voice)
