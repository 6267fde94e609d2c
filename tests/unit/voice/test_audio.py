from __future__ import annotations

import pytest

from ivr.trees.model import Say
from tests.callflow.stage import Stage


def test_a_clip_may_be_kept_for_ever(stage: Stage) -> None:
    stage.dial()
    (clip,) = stage.parts.studio.resolve(Say("goodbye.thanks", "pa", {}))
    with stage.client().get(f"/audio/{clip.name}") as response:
        assert response.status_code == 200
        assert response.content_type == "audio/wav"
        assert response.data == stage.parts.studio.store.read(clip.name)
        assert response.cache_control.immutable
        assert response.cache_control.public
        assert response.cache_control.max_age == 31_536_000
    known = {"If-None-Match": response.headers["ETag"]}
    with stage.client().get(f"/audio/{clip.name}", headers=known) as again:
        assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["0" * 64 + ".wav", "index", "recorded", "..", "%2e%2e/sunvai.db", "x.wav", "0" * 64 + ".mp3", ""]
)
def test_nothing_but_a_clip_is_sent(stage: Stage, name: str) -> None:
    assert stage.client().get(f"/audio/{name}").status_code == 404


def test_every_clip_of_an_answer_can_be_fetched(stage: Stage) -> None:
    document = stage.dial().answer().deliver()
    for name in document.plays:
        with stage.client().get(f"/audio/{name}") as response:
            assert response.data[:4] == b"RIFF"
