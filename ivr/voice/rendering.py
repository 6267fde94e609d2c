"""A turn of the tree as the carrier's XML."""

from __future__ import annotations

from carrier.plivo import xml
from ivr.trees.model import Continue, Menu, Record, Say, Turn
from ivr.voice.urls import audio_url, recording_url, step_url
from prompts.studio import Studio


def render_turn(turn: Turn, *, token: str, public_url: str, studio: Studio) -> str:
    """Return the document for a turn. Raises MissingClip when something it says was never rendered."""
    *says, last = turn.steps
    here = step_url(public_url, token, turn.state.step)
    nested = last.says if isinstance(last, Menu) else ()
    clips = studio.resolve(*(say for say in says if isinstance(say, Say)), *nested)
    plays = [xml.play(audio_url(public_url, clip.name)) for clip in clips]
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
    return xml.response(*plays, xml.redirect(here) if isinstance(last, Continue) else xml.hang_up())


# A wrong key must reach us, to be answered with words; a filter at the carrier would make it silence.
ALL_KEYS = "0123456789*#"
