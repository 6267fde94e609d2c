"""One recording in, one transcript out."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.model_store import load_recognisers
from asr.pipeline import transcribe
from asr.recogniser import Heard, Recogniser, Word
from asr.resampling import resample_pcm
from prompts.synthesis.espeak import EspeakSynthesiser
from tests.unit.asr.sounds import called, hiss, pcm_of, seconds, write_wav

MODELS = Path(__file__).parents[3] / "asr" / "models"


class Told:
    """Hears what it was told, and remembers how much audio it was given at which rate."""

    model = "told"

    def __init__(self, text: str, confidence: float = 1.0, rate_hz: int = 8000) -> None:
        self.rate_hz = rate_hz
        self.given: list[int] = []
        self._words = tuple(Word(word, at, at + 0.5, confidence) for at, word in enumerate(text.split()))

    def hear(self, pcm: bytes) -> Heard:
        self.given.append(len(pcm) // 2)
        return Heard(self._words)

    def guesses(self, pcm: bytes, most: int) -> tuple[str, ...]:
        return ("call nine eight one four", "cold nine ate one four")[:most]


@pytest.fixture(scope="module")
def english() -> dict[str, Recogniser]:
    return load_recognisers({"en": MODELS / "en"})


@pytest.fixture
def voice(tmp_path: Path, synthesiser: EspeakSynthesiser) -> Path:
    return write_wav(tmp_path / "voice.wav", called(synthesiser, "en", "the toilets in the school are not clean"))


def test_a_suggestion_is_heard_timed_themed_and_judged(voice: Path, english: dict[str, Recogniser]) -> None:
    heard = transcribe(voice, "en", english)
    assert (heard.verdict, heard.model, heard.note) == ("speech", "vosk/en", "")
    assert heard.text == heard.public_text == "the toilets in the school are not clean"
    assert heard.theme == "buildings"
    assert heard.doubt < 0.3
    assert heard.speech_s < heard.duration_s
    assert heard.words[0].start_s > 0.2


def test_a_language_without_a_model_goes_to_a_person(voice: Path, english: dict[str, Recogniser]) -> None:
    heard = transcribe(voice, "pa", english)
    assert (heard.verdict, heard.model, heard.words, heard.doubt) == ("no_model", "none", (), 1.0)
    assert heard.note == "no model for pa"
    assert heard.speech_s > 1


def test_numbers_and_names_are_hidden_in_what_leaves_and_kept_in_the_transcript(voice: Path) -> None:
    told = Told("simran is in class five call nine eight one four")
    heard = transcribe(voice, "en", {"en": told}, ["Simran Kaur"])
    assert heard.text == "simran is in class five call nine eight one four"
    assert heard.public_text == "[name] is in class five call [number]"


def test_a_doubtful_recording_has_other_readings_without_numbers(voice: Path) -> None:
    heard = transcribe(voice, "en", {"en": Told("call nine eight one four", confidence=0.4)})
    assert heard.guesses == ("call [number]", "cold nine ate one four")
    assert heard.doubt > 0.5
    assert transcribe(voice, "en", {"en": Told("all is well here today", confidence=1.0)}).guesses == ()


@pytest.mark.parametrize(
    ("recorded_hz", "model_hz", "note"),
    [
        (8000, 8000, ""),
        (8000, 16_000, "resampled from 8000 to 16000 Hz for the model"),
        (16_000, 8000, "resampled from 16000 to 8000 Hz for the model"),
        (16_000, 16_000, ""),
    ],
)
def test_audio_is_resampled_once_and_the_transcript_says_so(
    tmp_path: Path, synthesiser: EspeakSynthesiser, recorded_hz: int, model_hz: int, note: str
) -> None:
    pcm = resample_pcm(called(synthesiser, "en", "good morning teacher"), 8000, recorded_hz)
    told = Told("good morning teacher", rate_hz=model_hz)
    heard = transcribe(write_wav(tmp_path / "a.wav", pcm, recorded_hz), "en", {"en": told})
    assert heard.note == note
    assert told.given[0] / model_hz == pytest.approx(heard.duration_s, abs=0.01)


def test_wide_audio_is_understood_by_a_telephone_model(
    tmp_path: Path, synthesiser: EspeakSynthesiser, english: dict[str, Recogniser]
) -> None:
    pcm = resample_pcm(called(synthesiser, "en", "please give more homework in mathematics"), 8000, 16_000)
    heard = transcribe(write_wav(tmp_path / "a.wav", pcm, 16_000), "en", english)
    assert heard.text == "please give more homework in mathematics"


def test_noise_never_reaches_the_recogniser(tmp_path: Path) -> None:
    told = Told("imagined words")
    heard = transcribe(write_wav(tmp_path / "a.wav", pcm_of(hiss(seconds(4), 1))), "en", {"en": told})
    assert (heard.verdict, heard.note, told.given) == ("no_speech", "silence or noise", [])


def test_a_voice_without_words_says_so(voice: Path) -> None:
    heard = transcribe(voice, "en", {"en": Told("")})
    assert (heard.verdict, heard.note, heard.doubt) == ("no_speech", "sound, but no words", 1.0)
