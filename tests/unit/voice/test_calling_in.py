"""The addresses for calls that come in keep the rules of all others: signed, whole, repeated without harm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, update

from carrier.plivo.signature import NONCE_HEADER, SIGNATURE_HEADER, sign_v3
from ivr.voice import teacher_line
from ptm.models import Base, Call, InboundCall, InboundEvent, Recording, TeacherLine
from tests.callflow.caller import PIN, Caller, call_in
from tests.callflow.stage import Delivery, Stage, open_stage


@pytest.fixture(scope="module")
def stage(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("in")
    shared = tmp_path_factory.getbasetemp() / "stage"
    with open_stage(database_url=f"sqlite:///{folder}/sunvai.db", redis_url=redis_url, folder=shared) as stage:
        yield stage


@pytest.fixture
def family(stage: Stage) -> Caller:
    return call_in(stage, {"line": "family"})


@pytest.fixture
def teacher(stage: Stage) -> Caller:
    return call_in(stage, {"line": "teacher", "caller": "teacher"})


def everything(stage: Stage) -> dict[str, int]:
    with stage.runtime.database.reading() as tx:
        counts = {
            table.name: tx.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }
        sessions = tx.execute(select(InboundCall.session, InboundCall.step, InboundCall.state)).all()
    return {name: count or 0 for name, count in counts.items()} | {"sessions": hash(tuple(map(tuple, sessions)))}


def refused(stage: Stage, delivery: Delivery, **changed: Any) -> None:
    before = everything(stage)
    told = {"path": delivery.path, "body": delivery.body, "headers": delivery.headers()} | changed
    response = stage.client().post(told["path"], data=told["body"], headers=told["headers"])
    assert response.status_code == 403, response.text
    assert everything(stage) == before


def test_nobody_but_the_carrier_calls_in(stage: Stage, family: Caller) -> None:
    for delivery in (family.answer(), family.hang_up(), family.make("/voice/in/fallback", {})):
        refused(stage, delivery, headers={"Content-Type": "application/x-www-form-urlencoded"})
        forged = sign_v3("POST", delivery.url, delivery.nonce, "the-token-of-somebody-else", delivery.form)
        refused(stage, delivery, headers=delivery.headers() | {SIGNATURE_HEADER: forged})
        refused(stage, delivery, headers=delivery.headers() | {NONCE_HEADER: "1"})
        refused(stage, delivery, body=delivery.body.replace("919", "918"))
        refused(stage, delivery, path="/voice/in/answer?x=1")


def test_a_step_is_signed_for_its_call_and_its_place(stage: Stage, family: Caller) -> None:
    family.answer().deliver()
    step = family.press("1")
    other = call_in(stage, {"line": "family"})
    other.answer().deliver()
    refused(stage, step, path=step.path.replace(family.token, other.token))
    refused(stage, step, path=step.path.replace("step/0", "step/1"))
    step.deliver()
    refused(stage, replace(step, form={**step.form, "Digits": "9"}))
    refused(stage, replace(family.silence(), nonce=step.nonce))


def test_pieces_that_were_moved_are_refused_although_the_signature_fits(stage: Stage, family: Caller) -> None:
    family.answer().deliver()
    step = family.press("1")
    moved = {name: value for name, value in step.form.items() if name not in ("Digits", "Direction")}
    moved["Digits1Direction"] = "inbound"
    refused(stage, step, body=urlencode(moved))
    talk = family.dialled("completed")
    hidden = {name: value for name, value in talk.form.items() if name != "DialStatus"}
    hidden["DialRingStatus"] += "DialStatuscompleted"
    refused(stage, talk, body=urlencode(hidden))


@pytest.mark.parametrize("number", ["<script>", "0" * 16, "ਨੰਬਰ", "a" * 81])
def test_a_caller_who_is_neither_a_number_nor_a_word_is_refused(stage: Stage, number: str) -> None:
    caller = call_in(stage, {"line": "family", "caller": "withheld"})
    caller.msisdn = number
    refused(stage, caller.answer())


@pytest.mark.parametrize("number", ["anonymous", "Restricted", "", "sip:+9198@example.org", "447700900123", "1800123"])
def test_whatever_networks_say_of_a_caller_is_answered(stage: Stage, number: str) -> None:
    caller = call_in(stage, {"line": "family", "caller": "withheld"})
    caller.msisdn = number
    assert caller.answer().deliver().waits == "menu"
    assert caller.row().purpose == "unknown"


def test_a_family_is_known_in_whatever_form_its_number_comes(stage: Stage, family: Caller) -> None:
    national = family.msisdn[2:]
    for written in (f"+91{national}", f"0{national}", national):
        family.again()
        family.msisdn = written
        family.answer().deliver()
        assert family.row().household_id == family.household_id


def test_a_step_of_a_call_that_nobody_knows_is_answered_and_writes_nothing(stage: Stage, family: Caller) -> None:
    family.answer().deliver()
    token, before = family.token, stage.counted(InboundEvent)
    family.token = "0" * 32
    stranger = family.make(f"/voice/in/{family.token}/step/0", {"Digits": "1"})
    assert stranger.send().status_code == 200
    assert stage.counted(InboundEvent) == before
    family.token = token


def test_when_our_answer_fails_the_caller_hears_an_apology(stage: Stage, family: Caller) -> None:
    stage.parts.studio.prepare(())
    answered = family.make("/voice/in/fallback", {}).send()
    assert answered.status_code == 200
    assert "<Hangup/>" in answered.text


def test_a_pin_stands_in_no_table(stage: Stage, teacher: Caller) -> None:
    teacher.answer().deliver()
    teacher.press(PIN).deliver()
    with stage.runtime.database.reading() as tx:
        forms = tx.scalars(select(InboundEvent.form).where(InboundEvent.inbound_id == teacher.row().id)).all()
    assert PIN not in str(forms)
    assert PIN not in str(teacher.row())


def test_a_pin_that_overtakes_its_question_is_asked_for_again(stage: Stage, teacher: Caller) -> None:
    teacher.hang_up().deliver()
    teacher.token = teacher.row().token
    teacher.at = 0
    assert teacher.press(PIN).deliver().waits == "wait"
    teacher.at = None
    assert teacher.answer().deliver().waits == "pin"
    assert teacher.row().step == 1
    assert teacher.state()["reprompts"] == 1


def test_guesses_at_the_same_time_are_as_many_guesses(stage: Stage, teacher: Caller) -> None:
    with stage.runtime.database.writing() as tx:
        now = stage.clock.now()
        for _ in range(3):
            assert not teacher_line.is_right(tx, teacher.teacher_id, "1111", now)
        assert not teacher_line.is_right(tx, teacher.teacher_id, PIN, now)
        assert not teacher_line.is_right(tx, teacher.teacher_id, "1111", now)
        assert teacher_line.is_right(tx, teacher.teacher_id, PIN, now + teacher_line.REST)
        assert not teacher_line.is_right(tx, None, PIN, now)


def test_only_the_call_itself_hears_its_recording_back(stage: Stage, teacher: Caller) -> None:
    teacher.answer().deliver()
    teacher.press(PIN).deliver()
    teacher.press("1").deliver()
    teacher.speak(4).deliver()
    path = f"/voice/in/{teacher.token}/said/{teacher.recordings[-1]}.wav"
    sound = stage.runtime.settings.storage.recordings / "said.wav"
    sound.parent.mkdir(parents=True, exist_ok=True)
    sound.write_bytes(b"RIFF")
    with stage.runtime.database.writing() as tx:
        of_call = update(Recording).where(Recording.carrier_id == teacher.recordings[-1])
        tx.execute(of_call.values(file="said.wav"))
    heard = stage.client().get(path)
    assert (heard.status_code, heard.data, heard.headers["Cache-Control"]) == (200, b"RIFF", "no-cache, no-store")
    assert stage.client().get(path.replace(teacher.token, "0" * 32)).status_code == 404
    assert stage.client().post(path).status_code == 405


def test_a_teacher_who_took_the_number_away_meanwhile_is_not_dialled(stage: Stage) -> None:
    caller = call_in(stage, {"line": "family", "own_class": True, "teacher": {}})
    caller.answer().deliver()
    for key in ("1", "", "2"):
        (caller.press(key) if key else caller.silence()).deliver()
    ringing = caller.press("1")
    assert caller.teacher_number in ringing.send().text
    with stage.runtime.database.session() as session:
        session.delete(session.get_one(TeacherLine, caller.teacher_id))
    again = ringing.send()
    assert (again.status_code, "<Dial" in again.text) == (200, False)


def test_a_call_that_goes_on_for_ever_gives_its_line_back(stage: Stage, family: Caller) -> None:
    family.answer().deliver()
    stage.clock.advance(timedelta(minutes=16))
    assert family.press("1").deliver().waits == "hang up"


def test_a_family_on_the_line_is_not_dialled_meanwhile(stage: Stage, family: Caller) -> None:
    family.answer().deliver()
    with stage.runtime.database.reading() as tx:
        due = tx.scalar(select(Call.due_at).where(Call.household_id == family.household_id))
    assert due is not None and due > stage.clock.now()
