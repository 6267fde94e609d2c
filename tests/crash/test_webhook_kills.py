"""Rows 7, 8 and 9 of the kill matrix: the web process is killed in the middle of a webhook, and the carrier repeats it.

The whole of a call is played with a kill in one of its webhooks; what the parent hears, and what is written, must be
what it is without.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from ptm.models import Call, Recording, Suggestion
from tests.callflow.stage import Delivery, Phone, Stage
from tests.conftest import ROOT, SECRETS
from tests.crash.conftest import kill_child

Act = Callable[[Phone], Delivery]
# A family that hears about its child, consents, speaks, chooses the morning and hangs up.
CALL: list[tuple[str, Act]] = [
    ("ring", Phone.ring),
    ("answer", Phone.answer),
    ("family", lambda phone: phone.press("1")),
    ("heard", Phone.silence),
    ("consent", lambda phone: phone.press("1")),
    ("record", lambda phone: phone.speak(12)),
    ("recording", Phone.recording_ready),
    ("choice", lambda phone: phone.press("2")),
    ("hangup", Phone.hang_up),
]
PLACES = {
    "verified": ("ivr.voice.webhooks:verified", "after"),
    "committed": ("ivr.voice.parts:VoiceParts.receive", "after"),
    "answered, not sent": ("ivr.voice.webhooks:_xml", "before"),
}


def kill_in(stage: Stage, delivery: Delivery, where: str, when: str) -> None:
    """Deliver a webhook to a process of its own, which dies at that place."""
    environ = SECRETS | {
        "SUNVAI_CONFIG": str(ROOT / "config.toml"),
        "SUNVAI_DATABASE__URL": stage.runtime.settings.database.url,
        "SUNVAI_REDIS__URL": stage.runtime.settings.redis.url,
        "SUNVAI_STORAGE__FOLDER": str(stage.runtime.settings.storage.folder),
    }
    words = [delivery.path, delivery.body, json.dumps(delivery.headers())]
    kill_child(environ, "webhook", where, when, words)


def play(stage: Stage, killed: str = "", where: str = "", when: str = "") -> dict[str, Any]:
    """Play the call and return what the parent heard and what stands in the tables."""
    phone = stage.dial({})
    heard = []
    for name, act in CALL:
        delivery = act(phone)
        if name == killed:
            kill_in(stage, delivery, where, when)
            delivery = phone.make(delivery.path, {**delivery.form})  # the same again, under a new nonce
        heard.append(delivery.deliver().text.replace(phone.token, "TOKEN"))
    with stage.runtime.database.reading() as tx:
        call = tx.execute(select(Call.__table__).where(Call.id == phone.row().call_id)).one()
        suggestions = select(Suggestion.status, Recording.state).join(Recording).where(Suggestion.call_id == call.id)
        written = [tuple(row) for row in tx.execute(suggestions)]
    row = phone.row()
    return {
        "heard": heard,
        "events": [key.partition("recording:")[0] or "recording" for key in phone.events()],
        "step": row.step,
        "outcome": row.outcome,
        "call": (call.state, call.disposition, call.reach, call.tries),
        "suggestions": written,
    }


@pytest.fixture(scope="module")
def unharmed(stage: Stage) -> dict[str, Any]:
    played = play(stage)
    assert played["call"] == ("ended", "completed", "recorded", 1)
    assert played["suggestions"] == [("new", "wanted")]
    return played


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("killed", ["record", pytest.param("answer", marks=pytest.mark.long)])
def test_a_killed_webhook_is_repeated_and_nothing_is_said_or_written_twice(
    stage: Stage, unharmed: dict[str, Any], killed: str, place: str
) -> None:
    """Rows 7 and 8 (the answer) and 9 (the recording's)."""
    assert play(stage, killed, *PLACES[place]) == unharmed


def test_a_hangup_that_was_judged_and_not_written_is_written_by_its_repeat(
    stage: Stage, unharmed: dict[str, Any]
) -> None:
    assert play(stage, "hangup", "ivr.voice.hanging_up:ending", "after") == unharmed


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("killed", [name for name, _ in CALL if name not in ("answer", "record")])
def test_every_other_webhook_survives_a_kill(stage: Stage, unharmed: dict[str, Any], killed: str, place: str) -> None:
    assert play(stage, killed, *PLACES[place]) == unharmed
