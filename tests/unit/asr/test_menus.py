"""Parents who talk when told to press."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.errors import GrammarUnusable
from asr.menus import DIGITS, YES_NO, Menu, key_said, keys_of, listener
from asr.vosk_recogniser import VoskRecogniser
from prompts.synthesis.espeak import EspeakSynthesiser
from tests.unit.asr.sounds import called, pcm_of, seconds, tone

MODELS = Path(__file__).parents[3] / "asr" / "models"


@pytest.fixture(scope="module", params=["en", "hi", "pa"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def whole(language: str) -> VoskRecogniser:
    return VoskRecogniser(MODELS / language)


@pytest.mark.parametrize("or_else", [True, False])
def test_yes_is_one_and_no_is_two(
    language: str, whole: VoskRecogniser, synthesiser: EspeakSynthesiser, *, or_else: bool
) -> None:
    menu = listener(whole, "yes_no", language, or_else=or_else)
    for word, key in YES_NO[language].items():
        assert key_said(menu, called(synthesiser, language, word), "yes_no", language) == key


def test_nearly_every_digit_is_its_key(language: str, whole: VoskRecogniser, synthesiser: EspeakSynthesiser) -> None:
    menu = listener(whole, "digits", language, or_else=False)
    keys = DIGITS[language]
    right = [key_said(menu, called(synthesiser, language, word), "digits", language) == keys[word] for word in keys]
    assert sum(right) >= 9


def test_a_sentence_is_no_key(language: str, whole: VoskRecogniser, synthesiser: EspeakSynthesiser) -> None:
    said = {"en": "my child likes the library", "hi": "दोपहर का खाना अच्छा मिलता है", "pa": "ਸਕੂਲ ਵਿੱਚ ਪਾਣੀ ਦੀ ਸਮੱਸਿਆ ਹੈ"}
    menu = listener(whole, "yes_no", language)
    assert key_said(menu, called(synthesiser, language, said[language]), "yes_no", language) is None


def test_a_tone_is_no_key(language: str, whole: VoskRecogniser) -> None:
    menu = listener(whole, "yes_no", language)
    assert key_said(menu, pcm_of(tone(seconds(2), 8)), "yes_no", language) is None


def test_yes_and_no_at_once_is_no_key(whole: VoskRecogniser, language: str, synthesiser: EspeakSynthesiser) -> None:
    menu = listener(whole, "yes_no", language, or_else=False)
    both = " , ".join(YES_NO[language])
    assert key_said(menu, called(synthesiser, language, both), "yes_no", language) is None


@pytest.mark.parametrize("phrases", [[], [""], ["yes", " "]])
def test_an_empty_grammar_never_reaches_the_library(phrases: list[str]) -> None:
    """It would end the whole process, not this call."""
    with pytest.raises(GrammarUnusable, match="nothing to listen for"):
        VoskRecogniser(MODELS / "en").among(phrases)


def test_a_word_the_model_does_not_know_is_refused() -> None:
    with pytest.raises(GrammarUnusable, match=r"vosk/en does not know xylophones$"):
        VoskRecogniser(MODELS / "en").among(["yes", "xylophones"])


def test_a_language_without_menu_words_is_refused() -> None:
    with pytest.raises(GrammarUnusable, match="nothing to listen for"):
        listener(VoskRecogniser(MODELS / "en"), "yes_no", "xx")


def test_a_static_model_cannot_listen_for_a_few_words(tmp_path: Path) -> None:
    for name in ("am/final.mdl", "conf/model.conf", "graph/HCLG.fst"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(GrammarUnusable, match="static graph"):
        VoskRecogniser(tmp_path).among(["yes"])


@pytest.mark.parametrize("menu", ["yes_no", "digits"])
def test_keys_are_of_the_telephone(menu: Menu, language: str) -> None:
    assert set(keys_of(menu, language).values()) <= set("0123456789")
