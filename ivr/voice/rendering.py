"""A turn of the tree as the carrier's XML."""

from __future__ import annotations

from carrier.plivo import xml
from carrier.plivo.xml import Prompt, Verb
from ivr.trees.model import Continue, Menu, Record, Say, Turn
from ivr.voice.urls import audio_url, recording_url, step_url
from prompts.studio import Studio


def render_turn(turn: Turn, *, token: str, public_url: str, studio: Studio) -> str:
    """Return the document for a turn. Raises MissingClip when something it says was never rendered."""
    plays: list[Prompt] = []
    verbs: list[Verb] = []
    here = step_url(public_url, token, turn.state.step)
    for step in turn.steps:
        if isinstance(step, Say):
            plays += _plays(step, public_url, studio)
        elif isinstance(step, Menu):
            nested = [play for say in step.says for play in _plays(say, public_url, studio)]
            menu = xml.get_digits(*plays, *nested, action=here, timeout_s=step.timeout_s, valid_digits=ALL_KEYS)
            # What was said before the menu stands inside it, so that a key stops that too.
            plays, verbs = [], [menu, xml.redirect(here)]
        elif isinstance(step, Record):
            record = xml.record(
                action=here,
                callback=recording_url(public_url, token),
                max_length_s=step.max_length_s,
                silence_s=step.silence_s,
                finish_on_key=step.finish_keys,
            )
            verbs = [record, xml.redirect(here)]
        elif isinstance(step, Continue):
            verbs = [xml.redirect(here)]
        else:
            verbs = [xml.hang_up()]
    return xml.response(*plays, *verbs)


# A wrong key must reach us, to be answered with words; a filter at the carrier would make it silence.
ALL_KEYS = "0123456789*#"


def _plays(say: Say, public_url: str, studio: Studio) -> list[Prompt]:
    return [xml.play(audio_url(public_url, clip.name)) for clip in studio.resolve(say)]
