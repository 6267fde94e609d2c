from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from carrier.exchange.errors import BadSettings
from carrier.exchange.switches import Switches


def test_every_switch_is_tried_somewhere() -> None:
    tests = Path(__file__).parent.parent.parent
    tried = "".join(
        path.read_text() for folder in ("unit/exchange", "contract") for path in (tests / folder).glob("*.py")
    )
    for field in fields(Switches):
        assert re.search(rf"{field.name}(=|\": )", tried), field.name


def test_text_is_read_as_the_switchs_type() -> None:
    changed = Switches().changed(
        {"placed_status": "200", "distinct_uuids": "yes", "play_missing": "hangup", "cdr_delay_s": "2.5"}, "test"
    )
    values = (changed.placed_status, changed.distinct_uuids, changed.play_missing, changed.cdr_delay_s)
    assert values == (200, True, "hangup", 2.5)
    assert Switches().placed_status == 201


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("placed_status", "204"),
        ("distinct_uuids", "perhaps"),
        ("play_missing", "cry"),
        ("cdr_delay_s", "-1"),
        ("cdr_delay_s", "soon"),
        ("no_such_switch", "1"),
    ],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        Switches().changed({name: value}, "--switch")
