from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ivr.trees.engine import advance, start
from ivr.trees.model import NoInput
from ivr.voice.rendering import render_turn
from prompts.errors import MissingClip
from tests.callflow.stage import Stage

URL = "https://ivr.example.org"


def test_the_biggest_family_fits_into_one_document(stage: Stage) -> None:
    phone = stage.dial(*({"attendance": 50 + number} for number in range(8)))
    turn = start(stage.tree, phone.facts)
    while not turn.state.over:
        text = render_turn(turn, token=phone.token, public_url=URL, studio=stage.parts.studio)
        assert len(text) < 10_000
        ElementTree.fromstring(text)
        turn = advance(stage.tree, phone.facts, turn.state, NoInput())


def test_every_address_is_ours_and_asks_for_repeats(stage: Stage) -> None:
    phone = stage.dial()
    text = render_turn(start(stage.tree, phone.facts), token=phone.token, public_url=URL, studio=stage.parts.studio)
    document = ElementTree.fromstring(text)
    for element in document.iter("Play"):
        assert (element.text or "").startswith(f"{URL}/audio/")
    for action in [document[0].attrib["action"], document[1].text]:
        assert action == f"{URL}/voice/{phone.token}/step/0#ct=2000&rt=10000&rc=3&rp=all"


def test_a_name_that_was_never_rendered_is_missing_and_named(stage: Stage) -> None:
    phone = stage.dial({"name": "Never Rendered"}, prepared=False)
    with pytest.raises(MissingClip, match="Never Rendered"):
        render_turn(start(stage.tree, phone.facts), token=phone.token, public_url=URL, studio=stage.parts.studio)
