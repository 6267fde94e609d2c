"""A turn of the tree as the carrier's XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from carrier.plivo import xml
from carrier.plivo.xml import Prompt
from ivr.trees.model import Ask, Continue, Dial, Menu, Record, Replay, Say, Sound, Turn
from ivr.voice.urls import audio_url, leg_url, recording_url, said_url, step_url
from prompts.clips import Clip
from prompts.studio import Wanted


class Resolves(Protocol):
    """Where clips come from: a studio, as a rule."""

    def resolve(self, *wanted: Wanted) -> tuple[Clip, ...]: ...


def render_turn(
    turn: Turn, *, token: str, public_url: str, studio: Resolves, number: str = "", caller_id: str = ""
) -> str:
    """Return the document for a turn; `number` (or its stand-in) and `caller_id` are for a Dial.

    Raises MissingClip when something it says was never rendered.
    """
    *says, last = turn.steps
    here = step_url(public_url, token, turn.state.step)
    nested = last.says if isinstance(last, Menu | Ask) else ()
    sounds = [sound for sound in (*says, *nested) if isinstance(sound, Say | Replay)]
    plays = _plays(sounds, token, public_url, studio)
    if isinstance(last, Menu):
        # What is said before the menu stands inside it, so that a key stops that too.
        menu = xml.get_digits(*plays, action=here, timeout_s=last.timeout_s, valid_digits=ALL_KEYS)
        return xml.response(menu, xml.redirect(here))
    if isinstance(last, Record):
        record = xml.record(
            action=here,
            callback=recording_url(public_url, token),
            max_length_s=last.max_length_s,
            silence_s=last.silence_s,
            finish_on_key=last.finish_keys,
        )
        return xml.response(*plays, record, xml.redirect(here))
    if isinstance(last, Ask):
        # One more than there can be: else the longest would be whole before its #, which then answers the next menu.
        keys = xml.get_digits(
            *plays, action=here, timeout_s=last.timeout_s, num_digits=last.digits + 1, digit_timeout_s=BETWEEN_DIGITS_S,
            valid_digits=ALL_KEYS, finish_on_key="#",
        )  # fmt: skip
        return xml.response(keys, xml.redirect(here))
    if isinstance(last, Dial):
        dial = xml.dial(
            number, caller_id=caller_id, action=here, callback=leg_url(public_url, token), timeout_s=last.timeout_s,
            limit_s=last.limit_s,
        )  # fmt: skip
        return xml.response(*plays, dial, xml.redirect(here))
    return xml.response(*plays, xml.redirect(here) if isinstance(last, Continue) else xml.hang_up())


def _plays(sounds: Sequence[Sound], token: str, public_url: str, studio: Resolves) -> list[Prompt]:
    says = [sound for sound in sounds if isinstance(sound, Say)]
    if len(says) == len(sounds):
        return [xml.play(audio_url(public_url, clip.name)) for clip in studio.resolve(*says)]
    return [xml.play(url) for sound in sounds for url in _urls(sound, token, public_url, studio)]


def _urls(sound: Sound, token: str, public_url: str, studio: Resolves) -> Iterator[str]:
    if isinstance(sound, Replay):
        yield said_url(public_url, token, sound.recording_id)
    else:
        yield from (audio_url(public_url, clip.name) for clip in studio.resolve(sound))


# A wrong key must reach us, to be answered with words; a filter at the carrier would make it silence.
ALL_KEYS = "0123456789*#"
# Somebody who reads a PIN off a paper looks up between two digits.
BETWEEN_DIGITS_S = 4
