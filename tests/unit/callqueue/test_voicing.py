"""What teachers and families leave when they call us: fetched, checked, heard; and calls that never ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select

from callqueue import calling_in, recordings, transcribing, voicing
from callqueue.briefing import brief
from callqueue.runtime import Runtime
from callqueue.sweeping import sweep
from callqueue.wanting import want_recording
from carrier.contract import RecordingRefused
from prompts.audio import RATE_HZ, wav_of
from prompts.clips import ClipStore
from ptm.clock import ManualClock
from ptm.models import Child, InboundCall, Recording, Round, Suggestion, User, VoiceMessage
from tests.unit.callqueue.village import Village


def speech(seconds: float, amplitude: float = 6_000) -> bytes:
    """Return something like a voice: a tone that swells and fades."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return wav_of(amplitude * np.sin(2 * np.pi * 220 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at)))


class Office:
    """A teacher's call with a recording in it."""

    def __init__(self, runtime: Runtime, village: Village) -> None:
        self.runtime, self.village = runtime, village
        self.household_id = village.family()
        self.round_id = village.open_round()
        village.start(self.round_id)
        self.teacher = village.insert(
            User, login="teacher", name="Teacher", role="teacher", password_hash="", created_at=village.now
        )

    def call(self, purpose: str = "teacher", **values: Any) -> int:
        told = {
            "state": "answered",
            "facts": {"language": "pa"},
            "caller_index": "",
            "last4": "",
            "began_at": self.village.now,
        }
        uuid = f"call-{self.village.count(InboundCall)}"
        return self.village.insert(InboundCall, call_uuid=uuid, token=uuid, purpose=purpose, **told | values)

    def record(self, inbound_id: int, audio: bytes = b"", *, kept: bool = True, purpose: str = "message") -> int:
        state = "stored" if audio else "wanted"
        now = self.village.now
        number = self.village.insert(
            Recording, inbound_id=inbound_id, carrier_id=f"r{inbound_id}", url="https://u/r.wav", language="pa",
            purpose=purpose, state=state, duration_ms=1000, wanted_at=now, due_at=now, tries=0,
            file="one.wav" if audio else None,
        )  # fmt: skip
        if audio:
            folder = self.runtime.settings.storage.recordings
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "one.wav").write_bytes(audio)
        if kept:
            self.village.insert(
                VoiceMessage, round_id=self.round_id, class_id=self.village.school_class, user_id=self.teacher,
                recording_id=number, created_at=now,
            )  # fmt: skip
        return number

    def message(self) -> Any:
        return self.village.row(select(VoiceMessage.__table__).order_by(VoiceMessage.id.desc()).limit(1))

    def state_of(self, recording_id: int) -> str:
        return str(self.village.row(select(Recording.state).where(Recording.id == recording_id)).state)

    def child_facts(self) -> dict[str, Any]:
        with self.runtime.database.reading() as tx:
            the_round = tx.execute(select(Round.__table__)).mappings().one()
            return dict(brief(tx, 1, the_round, language="pa", school_id=self.village.school)["children"][0])


@pytest.fixture
def office(runtime: Runtime, village: Village) -> Office:
    return Office(runtime, village)


def test_a_message_that_was_kept_is_what_families_hear(office: Office) -> None:
    assert "voice" not in office.child_facts()
    number = office.record(office.call(), speech(4))
    voicing.finish(office.runtime, number)
    message = office.message()
    assert office.state_of(number) == "used"
    assert office.child_facts()["voice"] == message.clip
    assert 3_500 < message.length_ms < 4_500
    assert ClipStore(office.runtime.settings.storage.clips).described(message.clip).seconds > 3.5


def test_of_two_messages_the_newer_is_heard_unless_it_is_withdrawn(office: Office) -> None:
    voicing.finish(office.runtime, office.record(office.call(), speech(3)))
    first = office.message().clip
    voicing.finish(office.runtime, office.record(office.call(), speech(5)))
    second = office.message()
    assert office.child_facts()["voice"] == second.clip != first
    office.village.set(VoiceMessage, second.id, withdrawn_at=office.village.now)
    assert office.child_facts()["voice"] == first


@pytest.mark.parametrize(
    ("audio", "why"), [(speech(8), "at most 5.5 s"), (speech(4, 20), "too quiet"), (speech(0.1), "no word")]
)
def test_a_message_that_families_could_not_hear_is_refused_with_the_reason(
    office: Office, audio: bytes, why: str
) -> None:
    number = office.record(office.call(), audio)
    voicing.finish(office.runtime, number)
    assert why in office.message().problem
    assert (office.message().clip, office.state_of(number)) == (None, "parked")
    assert "voice" not in office.child_facts()


def test_a_message_that_nobody_kept_is_dropped_when_its_call_is_over(office: Office, clock: ManualClock) -> None:
    inbound = office.call()
    number = office.record(inbound, speech(4), kept=False)
    voicing.finish(office.runtime, number)
    assert office.state_of(number) == "stored"
    office.village.set(InboundCall, inbound, state="ended")
    voicing.finish(office.runtime, number)
    assert office.state_of(number) == "discarded"


def test_a_message_is_nothing_for_the_recogniser(office: Office) -> None:
    number = office.record(office.call(), speech(4))
    transcribing.transcribe(office.runtime, number)
    assert office.state_of(number) == "stored"


def test_a_message_that_cannot_be_fetched_is_told(office: Office) -> None:
    class Refusing:
        def fetch_recording(self, *_: Any, **__: Any) -> None:
            raise RecordingRefused("the carrier does not give it out")

    office.runtime.__dict__["carrier"] = Refusing()
    recordings.fetch(office.runtime, office.record(office.call()))
    assert office.message().problem == "the carrier does not give it out"


def test_the_sweeper_rings_for_messages_apart_from_suggestions(office: Office) -> None:
    office.record(office.call(), speech(4))
    office.record(office.call("family"), speech(4), kept=False, purpose="suggestion")
    office.runtime.redis.flushdb()
    sweep(office.runtime)
    jobs = [job.decode() for name in ("media", "asr") for job in office.runtime.redis.lrange(f"rq:queue:{name}", 0, -1)]
    rung = [office.runtime.redis.hget(f"rq:job:{job}", "description") or b"" for job in jobs]
    assert sorted(name.split(b"(")[0].rpartition(b".")[2] for name in rung) == [b"transcribe", b"voice"]


def test_a_call_whose_hang_up_never_came_holds_its_line_half_an_hour_at_most(
    office: Office, clock: ManualClock
) -> None:
    office.call("family")
    clock.advance(timedelta(minutes=29))
    sweep(office.runtime)
    assert office.village.count(InboundCall, InboundCall.state != "ended") == 1
    clock.advance(timedelta(minutes=1))
    sweep(office.runtime)
    ended = office.village.row(select(InboundCall.__table__))
    assert (ended.state, ended.cause_name) == ("ended", "no hang-up came")


def test_whoever_calls_in_may_name_the_whole_family(office: Office) -> None:
    office.village.set(Child, 1, name="Harman", guardian_name="Somebody")
    inbound = office.call("family", household_id=office.household_id)
    number = office.record(inbound, speech(4), kept=False, purpose="suggestion")
    assert set(transcribing._names(office.runtime, number)) == {"Harman", "Somebody"}


@pytest.mark.parametrize(("purpose", "school"), [("family", 1), ("unknown", None), ("teacher", "no suggestion")])
def test_a_recording_whose_webhooks_were_lost_finds_its_call(office: Office, purpose: str, school: Any) -> None:
    household = office.household_id if purpose == "family" else None
    office.call(purpose, household_id=household)
    with office.village.writing() as tx:
        call = tx.execute(select(InboundCall.__table__)).one()
        want_recording(tx, call, "lost", "https://u/lost.wav", 4_000, language="hi", now=office.village.now)
    row = office.village.row(select(Recording.purpose, Recording.inbound_id))
    assert row.inbound_id == 1
    if purpose == "teacher":
        assert (row.purpose, office.village.count(Suggestion)) == ("message", 0)
        return
    said = office.village.row(select(Suggestion.school_id, Suggestion.call_id, Suggestion.source))
    assert (said.school_id, said.call_id, said.source) == (school, None, "call_in")


def test_a_missed_call_is_one_wish_for_ten_minutes(office: Office) -> None:
    caller = calling_in.Caller("index", "0001", office.household_id, 1)
    with office.village.writing() as tx:
        assert calling_in.missed(tx, caller, 0, office.village.now) == "called_back"
        tx.execute(
            insert(InboundCall).values(
                call_uuid="m", token="m", purpose="missed", caller_index="index", last4="0001", facts={},
                state="ended", outcome="called_back", began_at=office.village.now,
            )
        )  # fmt: skip
        assert calling_in.missed(tx, caller, 0, office.village.now + timedelta(minutes=9)) == "again"
        assert calling_in.missed(tx, caller, 0, office.village.now + timedelta(minutes=11)) == "called_back"
