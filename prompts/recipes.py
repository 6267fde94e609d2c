"""From a prompt and its slots to recipes of clips. Pure but for the recordings it is told of.

Two manners (`Manner`): WHOLE says a personal sentence in one breath, one clip for each child; PARTS keeps fixed words
and slot values apart, so that nothing personal but single names is stored and everything fixed is fetched once.
Splitting costs the melody of the sentence, so it is for the size of a state, where whole sentences would fill disks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from prompts import spoken
from prompts.catalogues import Catalogue, prompt_of
from prompts.clips import CLIP_NAME
from prompts.errors import SlotError
from prompts.recorded import NAMES, Recorded
from prompts.slots import LEAVABLE, Slot, SlotKind, Slots
from prompts.texts import SLOT, Prompt, Sentence, sentences

# Raise it when mixing.py makes other samples of the same speech.
MIXING_VERSION = 1

_WORD = re.compile(r"\w")


class Manner(StrEnum):
    WHOLE = "whole"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Speech:
    """Words for the synthesiser. `goes_on` when the sentence does: the voice must not fall and no pause follows."""

    text: str
    voice: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """A clip that is there already: a recording."""

    clip: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """One clip of several, within one sentence."""

    parts: tuple[Speech | Played, ...]


Recipe = Speech | Played | Joined
FindRecorded = Callable[[str, str], Recorded | None]


def key_of(recipe: Speech | Joined, synthesiser_version: str) -> str:
    """Return the name under which the index knows what this recipe gave."""
    said = json.dumps([MIXING_VERSION, synthesiser_version, _plain(recipe)], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def readable(recipe: Recipe) -> str:
    """Return a recipe in words for people: what is missing, what failed."""
    if isinstance(recipe, Joined):
        return " + ".join(readable(part) for part in recipe.parts)
    return f"{recipe.text!r} ({recipe.voice})" if isinstance(recipe, Speech) else f"recording {recipe.clip[:12]}"


@dataclass(frozen=True)
class Planner:
    """Turns prompts into recipes. With `neutral` names are not even tried: the way out when one cannot be rendered."""

    catalogue: Catalogue
    recorded: FindRecorded
    manner: Manner = Manner.WHOLE
    neutral: bool = False

    def plan(self, prompt_id: str, language: str, slots: Slots) -> tuple[Recipe, ...]:
        """Return what a prompt is made of, in order. Raises SlotError or CatalogueError naming prompt and slot."""
        prompt = prompt_of(self.catalogue, prompt_id, language)
        if not prompt.slots:
            return (_fixed(prompt.text.strip(), language, self.recorded),)
        filling = _Filling(self, prompt, slots)
        text = _text_for(prompt, slots, self.recorded)
        return tuple(recipe for sentence in sentences(text) for recipe in filling.sentence(sentence))


def is_whole(prompt: Prompt) -> bool:
    """Say whether one recording can be all of a prompt: nothing in it differs from child to child."""
    return not prompt.slots


def fixed_words(prompt: Prompt) -> tuple[str, ...]:
    """Return what a person can record of a prompt: all of it, or the words between its slots, in order."""
    if not prompt.slots:
        return (prompt.text.strip(),)
    pieces = [piece for sentence in sentences(prompt.text) for piece in _fixed_pieces(sentence)]
    return tuple(dict.fromkeys(pieces))


def why_left_out(name: str, recorded: FindRecorded) -> str | None:
    """Return why a name cannot be said, or None when it can."""
    cleaned = spoken.clean_name(name)
    if not cleaned:
        return "it is empty"
    if spoken.voice_of(cleaned) or recorded(cleaned, NAMES):
        return None
    return "it is not letters of one script that we have a voice for"


def _plain(recipe: Recipe) -> list[object]:
    if isinstance(recipe, Speech):
        return ["speech", recipe.text, recipe.voice, recipe.goes_on]
    if isinstance(recipe, Played):
        return ["played", recipe.clip]
    return ["joined", *(_plain(part) for part in recipe.parts)]


def _fixed_pieces(sentence: Sentence) -> list[str]:
    if not sentence.slots:
        return [sentence.pieces[0].strip()]
    return [_bare(piece) for piece in sentence.pieces[::2] if _WORD.search(piece)]


def _bare(piece: str) -> str:
    """Return words between slots without what only joins them to their neighbours."""
    return piece.strip(" ,;:-")


def _fixed(text: str, language: str, recorded: FindRecorded) -> Speech | Played:
    found = recorded(text, language)
    return Played(found.clip, text) if found else Speech(text, language)


def _text_for(prompt: Prompt, slots: Slots, recorded: FindRecorded) -> str:
    """Return the text, or the variant written for the first name that must be left out."""
    for slot in SLOT.findall(prompt.text):
        value = slots.get(slot)
        if value and value.kind in LEAVABLE and slot in prompt.without and why_left_out(value.value, recorded):
            return prompt.without[slot]
    return prompt.text


@dataclass(frozen=True)
class _Filling:
    """One prompt with its slots."""

    planner: Planner
    prompt: Prompt
    slots: Slots

    def sentence(self, sentence: Sentence) -> tuple[Recipe, ...]:
        language = self.prompt.language
        if not sentence.slots:
            return (_fixed(sentence.pieces[0].strip(), language, self.planner.recorded),)
        if inner := self._nothing_but_a_prompt(sentence):
            return self.planner.plan(inner, language, self._without_prompts())
        values = {slot: self._value(slot) for slot in sentence.slots}
        parts = self._parts(sentence, values)
        if self.planner.manner is Manner.PARTS:
            return parts
        if all(isinstance(part, Speech) and part.voice == language for part in parts):
            words = {slot: value.text for slot, value in values.items() if isinstance(value, Speech)}
            return (Speech(_tidy(sentence.filled(words)), language),)
        return (Joined(parts),) if len(parts) > 1 else parts

    def _nothing_but_a_prompt(self, sentence: Sentence) -> str | None:
        """Return the id behind a sentence like "{praise}": said on its own, its clip is everybody's."""
        slot = self.slots.get(sentence.slots[0])
        alone = len(sentence.slots) == 1 and not any(_WORD.search(words) for words in sentence.pieces[::2])
        return slot.value if alone and slot is not None and slot.kind is SlotKind.PROMPT else None

    def _parts(self, sentence: Sentence, values: Mapping[str, Speech | Played]) -> tuple[Speech | Played, ...]:
        parts: list[Speech | Played] = []
        for at, piece in enumerate(sentence.pieces):
            if at % 2:
                parts.append(values[piece])
            elif _WORD.search(piece):
                parts.append(_fixed(_bare(piece), self.prompt.language, self.planner.recorded))
        last = len(parts) - 1
        return tuple(
            Speech(part.text, part.voice, goes_on=at < last) if isinstance(part, Speech) else part
            for at, part in enumerate(parts)
        )

    def _value(self, name: str) -> Speech | Played:
        slot = self.slots.get(name)
        if slot is None:
            raise SlotError(f"{self._where} needs the slot {{{name}}}")
        if slot.kind in LEAVABLE:
            return self._name(slot)
        if slot.kind is SlotKind.PROMPT:
            return self._nested(slot.value)
        if slot.kind is SlotKind.CLIP:
            if not CLIP_NAME.fullmatch(slot.value):
                raise SlotError(f"{{{name}}} of {self._where} is {slot.value!r}, which is not a clip's name")
            return Played(slot.value)
        words = spoken.words_of(slot, self.prompt.language)
        if not _WORD.search(words):
            raise SlotError(f"{{{name}}} of {self._where} is empty")
        return _fixed(words, self.prompt.language, self.planner.recorded)

    def _name(self, slot: Slot) -> Speech | Played:
        cleaned = spoken.clean_name(slot.value)
        found = self.planner.recorded(cleaned, NAMES)
        if found:
            return Played(found.clip, cleaned)
        voice = spoken.voice_of(cleaned)
        if voice and not self.planner.neutral:
            return Speech(cleaned, voice)
        return Speech(spoken.NEUTRAL[slot.kind][self.prompt.language], self.prompt.language)

    def _nested(self, prompt_id: str) -> Speech | Played:
        """Return another prompt said within a sentence. Its own slots are filled from ours; it may not nest again."""
        nested = prompt_of(self.planner.catalogue, prompt_id, self.prompt.language)
        if not nested.slots:
            return _fixed(nested.text.strip(), nested.language, self.planner.recorded)
        inner = _Filling(self.planner, nested, self._without_prompts())
        values = {slot: inner._value(slot) for slot in nested.slots}
        words = {slot: value.text if isinstance(value, Speech) else value.words for slot, value in values.items()}
        return Speech(_tidy(Sentence(tuple(SLOT.split(nested.text))).filled(words)), nested.language)

    def _without_prompts(self) -> dict[str, Slot]:
        return {name: slot for name, slot in self.slots.items() if slot.kind is not SlotKind.PROMPT}

    @property
    def _where(self) -> str:
        return f"{self.prompt.id} ({self.prompt.language})"


def _tidy(text: str) -> str:
    """Return a filled text without the double full stop that a nested sentence leaves."""
    return re.sub(r"([।.?!])\s*[।.]", r"\1", " ".join(text.split()))
