"""Every call of the *.toml files, step by step, over the real application with signed requests, on both databases."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.callflow.played import Play
from tests.callflow.stage import NOW, Stage

FILES = sorted(Path(__file__).parent.glob("*.toml"))
CALLS = [(file.stem, call) for file in FILES for call in tomllib.loads(file.read_text("utf-8"))["call"]]


@pytest.mark.parametrize(("file", "call"), CALLS, ids=[f"{file}: {call['title']}" for file, call in CALLS])
def test_call(stage: Stage, file: str, call: dict[str, Any]) -> None:
    stage.clock.advance(NOW - stage.clock.now())
    play = Play(stage, call)
    for number, step in enumerate(call["steps"], 1):
        play.do(step, f"{file}.toml, “{call['title']}”, step {number} {step['does']!r}")
    play.check_the_end(call.get("ends", {}), f"{file}.toml, “{call['title']}”, at the end")


def test_there_are_calls_enough_to_speak_of() -> None:
    assert len(CALLS) >= 40
    assert len({call["title"] for _, call in CALLS}) == len(CALLS)
