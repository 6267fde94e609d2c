"""What was said by phone is checked as an upload is, and then heard in calls; or its page says why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from callqueue import prompt_orders, recordings
from callqueue.sweeping import sweep
from callqueue.wanting import want_recording
from carrier.contract import RecordingRefused
from ivr.prompts_by_phone import say_prompt
from prompts.audio import RATE_HZ, wav_of
from prompts.recorded import Recorded
from ptm.models import Audit, InboundCall, PromptOrder, Recording
from tests.callflow.caller import Caller, call_in
from tests.callflow.stage import NOW, Stage, open_stage

PROMPT, LANGUAGE = "goodbye.thanks", "pa"


@pytest.fixture
def stage(redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    with open_stage(database_url=f"sqlite:///{tmp_path}/sunvai.db", redis_url=redis_url, folder=tmp_path) as stage:
        stage.runtime.redis.flushdb()
        yield stage


def speech(seconds: float = 3, amplitude: float = 6_000) -> bytes:
    """Return something like a voice: a tone that swells and fades."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return wav_of(amplitude * np.sin(2 * np.pi * 220 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at)))


def speaker(stage: Stage, *asked: str) -> Caller:
    return call_in(stage, {"line": "teacher", "caller": "speaker", "asked": asked or (f"{PROMPT} {LANGUAGE}",)})


def said(stage: Stage, phone: Caller, audio: bytes, *, kept: bool = True) -> int:
    """Hold the call, and return the recording of it as if it was fetched."""
    phone.answer().deliver()
    phone.press("246810").deliver()
    phone.press("1").deliver()
    phone.speak(3).deliver()
    if kept:
        phone.press("1").deliver()
    return arrived(stage, phone, audio)


def arrived(stage: Stage, phone: Caller, audio: bytes) -> int:
    folder = stage.runtime.settings.storage.recordings
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "said.wav").write_bytes(audio)
    with stage.runtime.database.writing() as tx:
        tx.execute(update(Recording).where(Recording.state == "wanted").values(state="stored", file="said.wav"))
        return int(tx.scalar(select(Recording.id).order_by(Recording.id.desc()).limit(1)) or 0)


def order(stage: Stage) -> Any:
    with stage.runtime.database.reading() as tx:
        return tx.execute(select(PromptOrder.__table__)).one()


def state_of(stage: Stage, recording_id: int) -> str:
    with stage.runtime.database.reading() as tx:
        return str(tx.scalar(select(Recording.state).where(Recording.id == recording_id)))


def voice(stage: Stage) -> Recorded | None:
    stage.parts.studio.recorded.fresh()
    words = stage.parts.studio.recordable(PROMPT, LANGUAGE)[0]
    return stage.parts.studio.recorded.find(words, LANGUAGE)


def test_what_was_kept_is_heard_in_calls_from_then_on(stage: Stage) -> None:
    number = said(stage, speaker(stage), speech())
    say_prompt(stage.runtime, number)
    say_prompt(stage.runtime, number)
    kept = voice(stage)
    assert kept is not None
    assert (kept.recorded_by, kept.prompt_id, round(kept.seconds)) == ("Operator", PROMPT, 3)
    assert (state_of(stage, number), order(stage).done_at, order(stage).problem) == ("used", NOW, None)
    with stage.runtime.database.reading() as tx:
        actions = tx.scalars(select(Audit.action).where(Audit.subject == "prompt").order_by(Audit.id)).all()
    assert actions == ["prompt.ask", "prompt.say", "prompt.record"]


@pytest.mark.parametrize(
    ("audio", "why"),
    [
        (speech(13), "at most 12 s fit a call"),
        (speech(3, 20), "too quiet"),
        (speech(0.1), "no word"),
        (speech(3, 400_000), "clipped"),
        (wav_of(np.zeros(24_000)), "nothing to hear"),
        (b"RIFF    WAVEnothing", "not a plain (PCM) WAV"),
    ],
)
def test_what_calls_could_not_say_is_refused_with_the_reason_and_the_former_voice_stays(
    stage: Stage, audio: bytes, why: str
) -> None:
    stage.parts.studio.record_prompt(PROMPT, LANGUAGE, speech(2), recorded_by="Before", recorded_at=NOW)
    number = said(stage, speaker(stage), audio)
    say_prompt(stage.runtime, number)
    assert order(stage).problem
    assert why in order(stage).problem
    assert (state_of(stage, number), order(stage).done_at) == ("parked", None)
    kept = voice(stage)
    assert kept is not None
    assert kept.recorded_by == "Before"


def test_what_nobody_kept_is_dropped_when_the_call_is_over(stage: Stage) -> None:
    phone = speaker(stage)
    number = said(stage, phone, speech(), kept=False)
    say_prompt(stage.runtime, number)
    assert state_of(stage, number) == "stored"
    phone.hang_up().deliver()
    say_prompt(stage.runtime, number)
    assert (state_of(stage, number), voice(stage)) == ("discarded", None)


def test_a_recording_that_came_before_it_was_kept_is_looked_at_again(stage: Stage) -> None:
    phone = speaker(stage)
    number = said(stage, phone, speech(), kept=False)
    say_prompt(stage.runtime, number)
    phone.press("1").deliver()
    phone.hang_up().deliver()
    say_prompt(stage.runtime, number)
    assert (state_of(stage, number), voice(stage) is not None) == ("used", True)


def test_a_newer_upload_is_not_replaced_by_what_was_said_before_it(stage: Stage) -> None:
    number = said(stage, speaker(stage), speech())
    later = NOW.replace(minute=45)
    stage.parts.studio.record_prompt(PROMPT, LANGUAGE, speech(2), recorded_by="Later", recorded_at=later)
    say_prompt(stage.runtime, number)
    assert order(stage).problem == "Later recorded it meanwhile, and that one stays"
    kept = voice(stage)
    assert kept is not None
    assert kept.recorded_by == "Later"


def test_words_that_were_changed_meanwhile_are_not_said_by_the_old_ones(stage: Stage) -> None:
    number = said(stage, speaker(stage), speech())
    with stage.runtime.database.writing() as tx:
        tx.execute(update(PromptOrder).values(words="words of an older text"))
    say_prompt(stage.runtime, number)
    assert "the words were changed" in order(stage).problem
    assert voice(stage) is None


def test_a_part_of_a_personal_sentence_is_said_by_phone(stage: Stage) -> None:
    number = said(stage, speaker(stage, "inform.attendance en"), speech())
    say_prompt(stage.runtime, number)
    assert order(stage).done_at == NOW
    words = stage.parts.studio.recordable("inform.attendance", "en")[0]
    stage.parts.studio.recorded.fresh()
    assert stage.parts.studio.recorded.find(words, "en") is not None


def test_a_recording_that_cannot_be_fetched_is_told(stage: Stage) -> None:
    class Refusing:
        def fetch_recording(self, *_: Any, **__: Any) -> None:
            raise RecordingRefused("the carrier does not give it out")

    number = said(stage, speaker(stage), speech())
    with stage.runtime.database.writing() as tx:
        tx.execute(update(Recording).values(state="wanted", file=None))
    stage.runtime.__dict__["carrier"] = Refusing()
    recordings.fetch(stage.runtime, number)
    assert order(stage).problem == "the carrier does not give it out"


def test_the_sweeper_rings_for_what_was_said(stage: Stage) -> None:
    said(stage, speaker(stage), speech())
    stage.runtime.redis.flushdb()
    sweep(stage.runtime)
    rung = stage.runtime.redis.lrange("rq:queue:media", 0, -1)
    jobs = [stage.runtime.redis.hget(f"rq:job:{job.decode()}", "description") or b"" for job in rung]
    assert [job.split(b"(")[0] for job in jobs] == [b"ivr.prompts_by_phone.say"]


def test_a_recording_whose_webhooks_were_lost_says_nothing(stage: Stage) -> None:
    phone = speaker(stage)
    phone.answer().deliver()
    with stage.runtime.database.writing() as tx:
        call = tx.execute(select(InboundCall.__table__)).one()
        want_recording(tx, call, "lost", "https://u/lost.wav", 4_000, language="pa", now=NOW)
    phone.hang_up().deliver()
    number = arrived(stage, phone, speech())
    say_prompt(stage.runtime, number)
    assert (state_of(stage, number), voice(stage)) == ("discarded", None)


def test_asked_for_twice_it_waits_once(stage: Stage) -> None:
    phone = speaker(stage, "goodbye.thanks pa", "goodbye.thanks pa", "goodbye.thanks hi")
    with stage.runtime.database.reading() as tx:
        waiting = prompt_orders.waiting_for(tx, phone.teacher_id or 0, NOW)
    assert [row.language for row in waiting] == ["pa", "hi"]


def test_somebody_else_s_wish_is_not_said_by_whoever_calls(stage: Stage) -> None:
    speaker(stage)
    other = speaker(stage, "listen.speak pa")
    with stage.runtime.database.reading() as tx:
        mine = prompt_orders.waiting_for(tx, other.teacher_id or 0, NOW)
        first = tx.scalar(select(PromptOrder.id).order_by(PromptOrder.id).limit(1))
    assert len(mine) == 1
    said(stage, other, speech())
    with stage.runtime.database.writing() as tx:
        carrier_id = tx.scalar(select(Recording.carrier_id))
        assert not prompt_orders.keep(tx, other.teacher_id, first, str(carrier_id), NOW)
