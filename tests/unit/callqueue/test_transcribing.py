"""A stored recording becomes words that an analyst reads, or waits for a person; nothing is lost and nothing blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from callqueue import transcribing
from callqueue.runtime import Runtime
from callqueue.transcribing import transcribe, warm
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm.clock import ManualClock
from ptm.models import Call, Child, Recording, Suggestion, Transcript
from tests.unit.asr.sounds import called, hiss, pcm_of, seconds, wav
from tests.unit.callqueue.village import Village

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def synthesiser() -> Iterator[EspeakSynthesiser]:
    voice = EspeakSynthesiser()
    yield voice
    voice.close()


@pytest.fixture(autouse=True)
def models_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


class Line:
    """Puts recordings where the fetching job would have put them."""

    def __init__(self, runtime: Runtime, village: Village) -> None:
        self._runtime, self._village = runtime, village
        village.family()
        village.start(village.open_round())
        (self.attempt_id,) = village.claim()

    def record(self, audio: bytes, language: str = "en") -> int:
        folder = self._runtime.settings.storage.recordings
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "one.wav").write_bytes(audio)
        now = self._village.now
        number = self._village.insert(
            Recording, attempt_id=self.attempt_id, carrier_id="r1", url="u", language=language, state="stored",
            duration_ms=1000, wanted_at=now, due_at=now, tries=0, file="one.wav",
        )  # fmt: skip
        with self._village.writing() as tx:
            call = tx.execute(select(Call.id, Call.school_id)).one()
            tx.execute(
                insert(Suggestion).values(
                    recording_id=number, call_id=call.id, school_id=call.school_id, source="call", language=language,
                    public_text="", doubt=1.0, escalated=False, status="new", created_at=now,
                )
            )  # fmt: skip
        return number

    def row(self, table: Any) -> Any:
        return self._village.row(select(table.__table__))


@pytest.fixture
def line(runtime: Runtime, village: Village) -> Line:
    return Line(runtime, village)


def test_a_suggestion_gets_words_a_theme_and_a_doubt(
    runtime: Runtime, line: Line, synthesiser: EspeakSynthesiser
) -> None:
    number = line.record(wav(called(synthesiser, "en", "the toilets in the school are not clean")))
    transcribe(runtime, number)
    transcript, suggestion = line.row(Transcript), line.row(Suggestion)
    assert transcript.text == suggestion.public_text == "the toilets in the school are not clean"
    assert (transcript.verdict, transcript.model) == ("speech", "vosk/en")
    assert [word["text"] for word in transcript.words][:2] == ["the", "toilets"]
    assert (suggestion.theme, suggestion.status) == ("buildings", "new")
    assert 0 <= suggestion.doubt < 0.3
    assert line.row(Recording).state == "transcribed"


def test_numbers_and_the_households_names_are_not_public(
    runtime: Runtime, line: Line, synthesiser: EspeakSynthesiser, village: Village
) -> None:
    village.set(Child, 1, name="Library Kaur")  # a name that the model knows as a word
    said = "my child likes the library please call nine eight one four zero one"
    transcribe(runtime, line.record(wav(called(synthesiser, "en", said))))
    transcript, suggestion = line.row(Transcript), line.row(Suggestion)
    assert "library" in transcript.text
    assert "nine eight one four" in transcript.text
    assert "library" not in suggestion.public_text
    assert "[name]" in suggestion.public_text
    assert suggestion.public_text.endswith("[number]")


@pytest.mark.parametrize(
    ("audio", "language", "verdict", "note"),
    [
        (wav(pcm_of(hiss(seconds(2), 1))), "en", "no_speech", "silence or noise"),
        (b"<html>404</html>", "en", "unreadable", "a page or a document, not audio"),
        (wav(pcm_of(hiss(seconds(2), 1))), "ta", "no_model", "no model for ta"),
    ],
)
def test_what_has_no_words_waits_for_a_persons_ear(
    runtime: Runtime, line: Line, audio: bytes, language: str, verdict: str, note: str
) -> None:
    transcribe(runtime, line.record(audio, language))
    transcript, suggestion = line.row(Transcript), line.row(Suggestion)
    assert (transcript.verdict, transcript.details["note"], transcript.text) == (verdict, note, "")
    assert (suggestion.status, suggestion.doubt, suggestion.theme) == ("needs_listening", 1.0, None)


def test_the_second_bell_for_a_recording_changes_nothing(
    runtime: Runtime, line: Line, synthesiser: EspeakSynthesiser
) -> None:
    number = line.record(wav(called(synthesiser, "en", "good morning")))
    transcribe(runtime, number)
    first = (line.row(Transcript), line.row(Suggestion))
    transcribe(runtime, number)
    assert (line.row(Transcript), line.row(Suggestion)) == first


def test_a_recording_that_kills_its_process_twice_is_parked(
    runtime: Runtime, line: Line, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = line.record(wav(pcm_of(hiss(seconds(1), 1))))
    for _ in range(transcribing.MOST_TRIES):
        assert dies(runtime, number, monkeypatch)
        assert line.row(Recording).state == "stored"
        clock.advance(timedelta(seconds=runtime.settings.machine.job_timeout_s + 1))
    transcribe(runtime, number)
    assert (line.row(Recording).state, line.row(Suggestion).status) == ("parked", "needs_listening")
    transcribe(runtime, number)
    assert line.row(Recording).tries == transcribing.MOST_TRIES


def dies(runtime: Runtime, number: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Say whether the try ended as a crash of the recogniser would end it: after the try was counted."""
    with monkeypatch.context() as patch:
        patch.setattr(transcribing, "listen", crash)
        with pytest.raises(SystemError):
            transcribe(runtime, number)
    return True


def crash(*_anything: object) -> None:
    raise SystemError("the library is gone")


def test_a_forked_worker_hears_with_the_model_its_parent_loaded(
    runtime: Runtime, synthesiser: EspeakSynthesiser, tmp_path: Path
) -> None:
    warm(runtime.settings)
    assert set(transcribing._recognisers) == {"en", "hi", "pa"}
    pcm = called(synthesiser, "en", "please repair the fans")
    child = os.fork()
    if child == 0:
        heard = transcribing._recognisers["en"].hear(pcm).text
        (tmp_path / "heard").write_text(heard)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (tmp_path / "heard").read_text() == "please repair the fans"
