"""The review queue begins with what is most doubtful."""

from __future__ import annotations

from asr.doubt import doubt
from asr.recogniser import Heard, Word


def heard(*confidences: float) -> Heard:
    return Heard(tuple(Word("word", at, at + 0.4, confidence) for at, confidence in enumerate(confidences)))


def test_sure_words_at_a_human_pace_leave_no_doubt() -> None:
    assert doubt(heard(1.0, 1.0, 1.0), speech_s=1.2) == 0.0


def test_no_words_leave_nothing_but_doubt() -> None:
    assert doubt(Heard(()), speech_s=3.0) == 1.0


def test_less_confidence_is_more_doubt() -> None:
    assert doubt(heard(0.9, 0.9), 1.0) < doubt(heard(0.7, 0.7), 1.0) < doubt(heard(0.4, 0.4), 1.0) <= 1.0


def test_one_unsure_word_counts_for_more_than_its_share() -> None:
    assert doubt(heard(1.0, 1.0, 1.0, 0.4), 1.5) > doubt(heard(0.85, 0.85, 0.85, 0.85), 1.5)


def test_few_words_in_much_speech_are_doubtful() -> None:
    assert doubt(heard(1.0, 1.0), speech_s=10.0) > 0.5


def test_more_words_than_anybody_speaks_are_doubtful() -> None:
    assert doubt(heard(*[1.0] * 30), speech_s=1.0) > 0.5
