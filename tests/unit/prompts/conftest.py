"""A small catalogue, a folder for clips, and a studio that speaks in tones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prompts.catalogues import Catalogue, load_catalogue
from prompts.clips import ClipStore
from prompts.studio import Studio
from prompts.synthesis.espeak import EspeakSynthesiser
from prompts.synthesis.tones import ToneSynthesiser

TEXTS = {
    "pa": """
        ["greeting"]
        text = "ਸਤ ਸ੍ਰੀ ਅਕਾਲ। ਜੇ ਤੁਸੀਂ {child} ਦੇ ਪਰਿਵਾਰ ਤੋਂ ਹੋ, ਤਾਂ ਇੱਕ ਦਬਾਓ।"
        ["attendance"]
        text = "ਹਾਜ਼ਰੀ {percent} ਹੈ।"
        ["goodbye"]
        text = "ਧੰਨਵਾਦ।"
        ["said"]
        text = "{praise}"
        ["praise.reads"]
        text = "ਪੜ੍ਹਦਾ ਬਹੁਤ ਸੋਹਣਾ ਹੈ।"
    """,
    "hi": """
        ["greeting"]
        text = "नमस्ते। यदि आप {child} के परिवार से हैं, तो एक दबाइए।"
        ["attendance"]
        text = "हाज़िरी {percent} है।"
        ["goodbye"]
        text = "धन्यवाद।"
        ["said"]
        text = "{praise}"
        ["praise.reads"]
        text = "बहुत अच्छा पढ़ना।"
    """,
    "en": """
        ["greeting"]
        text = "Hello. If you are the family of {child}, press one."
        without_child = "Hello. If your child is in our school, press one."
        ["attendance"]
        text = "Attendance is {percent}."
        ["goodbye"]
        text = "Thank you, goodbye."
        ["said"]
        text = "{praise}"
        ["praise.reads"]
        text = "Reads very well."
    """,
}


@pytest.fixture
def write_texts(tmp_path: Path) -> Callable[..., Path]:
    """Write the small catalogue with some of its files replaced, and return its folder."""

    def write(**changed: str) -> Path:
        folder = tmp_path / "texts"
        folder.mkdir(exist_ok=True)
        for language, text in (TEXTS | changed).items():
            (folder / f"{language}.toml").write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def catalogue(write_texts: Callable[..., Path]) -> Catalogue:
    return load_catalogue(write_texts())


@pytest.fixture
def tones() -> ToneSynthesiser:
    return ToneSynthesiser()


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore(tmp_path / "clips")


@pytest.fixture
def studio(catalogue: Catalogue, store: ClipStore, tones: ToneSynthesiser) -> Studio:
    return Studio(catalogue, store, tones)


@pytest.fixture(scope="session")
def espeak() -> Iterator[EspeakSynthesiser]:
    synthesiser = EspeakSynthesiser()
    yield synthesiser
    synthesiser.close()
