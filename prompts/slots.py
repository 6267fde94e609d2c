"""What a prompt's slots are filled with: a kind and a value, nothing that can be heard yet.

A call tree only knows that `{child}` is a name and `{percent}` is 82; how that is said in Punjabi is decided in
`prompts.spoken`. Values are plain strings so that a slot can be stored, compared and hashed as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import time as Time
from enum import StrEnum


class SlotKind(StrEnum):
    """The closed list of what can be said inside a prompt. The comment shows a value."""

    NAME = "name"  # "Gurpreet Kaur", "ਗੁਰਪ੍ਰੀਤ ਕੌਰ": a person; left out gracefully when it cannot be said
    PLACE = "place"  # "GPS Rampur": a school or a village; left out like a name
    NUMBER = "number"  # "12"
    PERCENT = "percent"  # "82"
    DATE = "date"  # "2026-11-28": said as weekday, day and month
    TIME = "time"  # "10:30": local, 24 hours
    CLASS = "class"  # "5A", "LKG"
    TEXT = "text"  # words in the language of the prompt
    PROMPT = "prompt"  # the id of another prompt, said in place: a teacher's chosen praise
    CLIP = "clip"  # the name of a stored clip: the teacher's own voice


@dataclass(frozen=True, slots=True)
class Slot:
    """One value to be said. The functions below build it with the value checked by its type."""

    kind: SlotKind
    value: str


Slots = Mapping[str, Slot]
NO_SLOTS: Slots = {}


def name(value: str) -> Slot:
    return Slot(SlotKind.NAME, value)


def place(value: str) -> Slot:
    return Slot(SlotKind.PLACE, value)


def number(value: int) -> Slot:
    return Slot(SlotKind.NUMBER, str(value))


def percent(value: int) -> Slot:
    return Slot(SlotKind.PERCENT, str(value))


def date(value: Date) -> Slot:
    return Slot(SlotKind.DATE, value.isoformat())


def time(value: Time) -> Slot:
    return Slot(SlotKind.TIME, value.strftime("%H:%M"))


def class_name(value: str) -> Slot:
    return Slot(SlotKind.CLASS, value)


def text(value: str) -> Slot:
    return Slot(SlotKind.TEXT, value)


def prompt(prompt_id: str) -> Slot:
    return Slot(SlotKind.PROMPT, prompt_id)


def clip(clip_name: str) -> Slot:
    return Slot(SlotKind.CLIP, clip_name)


def nameless(slots: Slots) -> dict[str, Slot]:
    """Return the slots with every name and place emptied: what to say when the clip of a name is not there."""
    return {key: Slot(slot.kind, "") if slot.kind in LEAVABLE else slot for key, slot in slots.items()}


LEAVABLE = frozenset({SlotKind.NAME, SlotKind.PLACE})
