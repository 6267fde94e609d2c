"""In a demonstration whoever watches a call is told where it stands; elsewhere nobody is."""

from __future__ import annotations

import dataclasses

import pytest

from ivr.app import create_app
from ivr.voice.naming import HEADER
from tests.callflow.stage import Phone, Stage


@pytest.fixture
def watched(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The stage with an application that names nodes."""
    settings = stage.runtime.settings
    web = settings.web.model_copy(update={"name_nodes": True})
    monkeypatch.setattr(stage.runtime, "settings", settings.model_copy(update={"web": web}))
    app = create_app(stage.runtime)
    monkeypatch.setattr(stage, "app", app)
    monkeypatch.setattr(stage, "parts", app.extensions["voice"])
    return stage


def test_every_answer_names_the_node_that_the_call_stands_at(watched: Stage) -> None:
    phone = watched.dial()
    assert phone.ring().send().headers.get(HEADER) is None
    assert phone.answer().send().headers[HEADER] == "ptm/greeting"
    phone.answer().deliver()
    assert phone.press("1").send().headers[HEADER] == "ptm/child"
    assert phone.hang_up().send().headers[HEADER] == "ptm/child"
    watched.parts.close()


def test_a_call_that_nobody_knows_stands_nowhere(watched: Stage) -> None:
    lost: Phone = dataclasses.replace(watched.dial(), token="f" * 32)
    assert HEADER not in lost.answer().send().headers
    watched.parts.close()


def test_without_the_setting_nobody_is_told(stage: Stage) -> None:
    assert HEADER not in stage.dial().answer().send().headers
