"""The models we ship: whole, loadable, and able to hear our own synthesiser over a bad line."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import jiwer
import pytest

from asr.errors import ModelUnusable
from asr.manifests import differences
from asr.vosk_recogniser import VoskRecogniser
from prompts.synthesis.espeak import EspeakSynthesiser
from tests.unit.asr.sounds import KINDS, RATE_HZ, called, pcm_of, seconds

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "asr" / "models"
LANGUAGES = ("en", "hi", "pa")
SAID = tomllib.loads((ROOT / "scripts" / "sample" / "suggestions.toml").read_text(encoding="utf-8"))
SCRIPT = {"en": r"[a-z' ]+", "hi": r"[\u0900-\u097f ]+", "pa": r"[\u0a00-\u0a7f ]+"}
MOST_BYTES = 6_000_000
NEARLY_RIGHT = 0.12  # share of words
# Per cent of words that may be wrong of what is taught, of two hundred sentences written apart, and of flite's voices.
MOST_WRONG = {"en": (2, 12, 18), "hi": (5, 18, None), "pa": (8, 22, None)}
LEAST_RIGHT = {"yes_no_right": 95, "yes_no_unk_right": 90}


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def recogniser(language: str) -> VoskRecogniser:
    return VoskRecogniser(MODELS / language)


def test_every_file_is_as_the_manifest_says(language: str) -> None:
    assert differences(MODELS / language) == []


def test_a_model_stays_small(language: str) -> None:
    assert sum(path.stat().st_size for path in (MODELS / language).rglob("*")) < MOST_BYTES


def test_what_was_measured_of_these_files_is_good_enough_to_ship(language: str) -> None:
    """Measuring wants what training wants; the figures belong to the files whose sums stand beside them."""
    measured = json.loads((MODELS / language / "manifest.json").read_text(encoding="utf-8"))["measured"]
    for name, most in zip(("domain_wer", "free_wer", "second_wer"), MOST_WRONG[language], strict=True):
        assert measured[name] is None if most is None else 0 < measured[name] <= most, name
    for name, least in LEAST_RIGHT.items():
        assert least <= measured[name] <= 100, name


def test_what_families_say_is_heard_nearly_right(
    language: str, recogniser: VoskRecogniser, synthesiser: EspeakSynthesiser
) -> None:
    heard = [recogniser.hear(called(synthesiser, language, text)).text for text in SAID[language]]
    assert jiwer.wer(list(SAID[language]), heard) <= NEARLY_RIGHT, heard
    assert all(re.fullmatch(SCRIPT[language], text) for text in heard), heard


def test_words_come_with_times_and_confidence(
    language: str, recogniser: VoskRecogniser, synthesiser: EspeakSynthesiser
) -> None:
    pcm = called(synthesiser, language, SAID[language][0])
    words = recogniser.hear(pcm).words
    edges = [edge for word in words for edge in (word.start_s, word.end_s)]
    assert len(words) > 3
    assert edges == sorted(edges)
    assert 0.2 < edges[0] < 0.4, "the voice begins after a quarter of a second"
    assert edges[-1] <= len(pcm) / 2 / RATE_HZ
    assert all(0 < word.confidence <= 1 for word in words)


def test_one_recording_is_always_heard_alike(
    language: str, recogniser: VoskRecogniser, synthesiser: EspeakSynthesiser
) -> None:
    pcm = called(synthesiser, language, SAID[language][1])
    assert recogniser.hear(pcm) == recogniser.hear(pcm)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_words_are_heard_where_nobody_speaks(kind: str, recogniser: VoskRecogniser) -> None:
    assert recogniser.hear(pcm_of(KINDS[kind](seconds(4), 3))).words == ()


def test_a_damaged_network_says_so(tmp_path: Path) -> None:
    folder = shutil.copytree(MODELS / "en", tmp_path / "en")
    network = folder / "am" / "final.mdl"
    network.write_bytes(network.read_bytes()[:100_000])
    with pytest.raises(ModelUnusable, match=r"Vosk cannot load .*: a file is damaged or missing"):
        VoskRecogniser(folder).loaded  # noqa: B018


def test_a_folder_without_a_network_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "model.conf").write_text("--beam=12\n")
    with pytest.raises(ModelUnusable, match=r"is not a Vosk model: it has no am/final\.mdl$"):
        VoskRecogniser(tmp_path)
