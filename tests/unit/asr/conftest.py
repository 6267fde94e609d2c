"""A voice to be heard, shared by all: starting the synthesiser takes longer than most tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prompts.synthesis.espeak import EspeakSynthesiser


@pytest.fixture(scope="session")
def synthesiser() -> Iterator[EspeakSynthesiser]:
    voice = EspeakSynthesiser()
    yield voice
    voice.close()
