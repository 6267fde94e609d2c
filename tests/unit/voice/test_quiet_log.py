"""What goes wrong in a call is logged without saying whose call it was."""

from __future__ import annotations

import pytest

from tests.callflow.stage import Stage


def test_a_missing_clip_is_logged_without_the_childs_name(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.dial()
    stage.dial({"name": "Nobody Prepared"}, prepared=False).answer().send()
    assert "MissingClip" in caplog.text
    assert "Nobody" not in caplog.text
