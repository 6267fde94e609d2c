"""What an operator types."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prompts.synthesis.espeak import EspeakSynthesiser
from scripts.cli import sunvai
from tests.unit.asr.sounds import called, write_wav

MODELS = Path(__file__).parents[3] / "asr" / "models"


def run(*words: object) -> Result:
    return CliRunner().invoke(sunvai, ["asr", *map(str, words)])


@pytest.fixture
def voice(tmp_path: Path, synthesiser: EspeakSynthesiser) -> Path:
    return write_wav(tmp_path / "en.wav", called(synthesiser, "en", "please give more homework in mathematics"))


def test_a_file_is_transcribed_with_its_words(voice: Path) -> None:
    said = run("transcribe", voice, "-l", "en", "--models", MODELS)
    assert said.exit_code == 0, said.output
    assert "please give more homework in mathematics" in said.output
    assert "homework" in said.output.split("Confidence")[1]


def test_a_file_without_words_is_exit_code_one(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no recording")
    said = run("transcribe", tmp_path / "text.wav", "-l", "en", "--models", MODELS)
    assert said.exit_code == 1
    assert "text, not audio" in said.output


def test_a_language_without_a_model_is_refused_naming_those_there_are(voice: Path) -> None:
    said = run("transcribe", voice, "-l", "xx", "--models", MODELS)
    assert said.exit_code == 2
    assert "no model for 'xx'; there are" in said.output and "en" in said.output


def test_a_folder_is_evaluated(voice: Path) -> None:
    (voice.parent / "en.txt").write_text("please give more homework in mathematics")
    said = run("evaluate", voice.parent, "-l", "en", "--models", MODELS)
    assert said.exit_code == 0, said.output
    assert said.output.splitlines()[1].split()[:3] == ["en", "1", "6"]


def test_a_folder_without_texts_is_explained(voice: Path) -> None:
    said = run("evaluate", voice.parent, "--models", MODELS)
    assert said.exit_code == 2
    assert "no .wav with a .txt beside it" in said.output


def test_models_are_listed_with_their_state(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "en", tmp_path / "en")
    shutil.copytree(MODELS / "en", tmp_path / "hi")
    (tmp_path / "hi" / "graph" / "words.txt").write_text("spoilt")
    (tmp_path / "pa" / "conf").mkdir(parents=True)
    said = run("models", "--models", tmp_path)
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert "for tests and demonstrations" in lines[1]
    assert "DAMAGED: graph/words.txt" in lines[2]
    assert "is not a Vosk model" in lines[3]


def test_a_wrong_checksum_is_explained_before_anything_is_asked(tmp_path: Path) -> None:
    said = run("fetch", "small", "--url", "http://127.0.0.1:9/x", "--sha256", "12", "--into", tmp_path)
    assert "64 hexadecimal digits" in str(said.exception)


def test_training_without_its_extra_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asr.training.train", None)
    said = run("train", "en")
    assert said.exit_code == 2
    assert "pip install 'sunvai[training]'" in said.output
