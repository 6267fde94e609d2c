"""A folder of recordings with what was said becomes error rates that can be repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.evaluating import Counted, count, evaluate, rate
from asr.model_store import load_recognisers
from asr.pipeline import Transcript
from asr.recogniser import Word
from prompts.synthesis.espeak import EspeakSynthesiser
from tests.unit.asr.sounds import called, write_wav

MODELS = Path(__file__).parents[3] / "asr" / "models"


def heard(text: str) -> Transcript:
    return Transcript("speech", "m", tuple(Word(word, 0, 1, 1) for word in text.split()))


@pytest.mark.parametrize(
    ("said", "understood", "counted"),
    [
        ("The teacher is good.", "the teacher is good", Counted(0, 4, 0, 19)),
        ("the teacher is good", "the teacher was good", Counted(1, 4, 2, 19)),
        ("ज़रूरी है", "जरूरी है", Counted(0, 2, 0, 8)),
        ("", "imagined words", Counted(2, 0, 14, 0)),
        ("all of it", "", Counted(3, 3, 9, 9)),
    ],
)
def test_errors_are_counted_on_normalised_text(said: str, understood: str, counted: Counted) -> None:
    assert count(said, heard(understood)) == counted


def test_the_interval_holds_the_rate_and_narrows_with_more_recordings() -> None:
    few, many = rate([(1, 10), (0, 10), (3, 10)] * 3), rate([(1, 10), (0, 10), (3, 10)] * 300)
    assert few.value == many.value == pytest.approx(4 / 30)
    assert few.low < many.low < many.value < many.high < few.high
    assert rate([(1, 10), (0, 10)]) == rate([(1, 10), (0, 10)]), "seeded"


def test_a_folder_is_scored_by_language(tmp_path: Path, synthesiser: EspeakSynthesiser) -> None:
    texts = {"en": ["please give more homework", "the water is not clean"], "hi": ["फ़ोन करने के लिए धन्यवाद"]}
    for language, said in texts.items():
        (tmp_path / language).mkdir()
        for number, text in enumerate(said):
            path = write_wav(tmp_path / language / f"{number}.wav", called(synthesiser, language, text))
            path.with_suffix(".txt").write_text(text, encoding="utf-8")
    write_wav(tmp_path / "en" / "nobody_wrote_it_down.wav", b"\0\0" * 8000)
    english, hindi = evaluate(tmp_path, load_recognisers({"en": MODELS / "en", "hi": MODELS / "hi"}))
    assert (english.language, english.recordings, english.words, english.unheard) == ("en", 2, 9, 0)
    assert (hindi.language, hindi.recordings, hindi.words) == ("hi", 1, 5)
    assert english.word_errors.value <= 0.25
    assert 0 < english.real_time < 1
    assert english.memory_bytes > 10_000_000


def test_a_language_without_a_model_is_all_wrong(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", b"\0\0" * 8000)
    (tmp_path / "a.txt").write_text("three words said")
    (score,) = evaluate(tmp_path, {}, usual="pa")
    assert (score.language, score.word_errors.value, score.unheard) == ("pa", 1.0, 1)
