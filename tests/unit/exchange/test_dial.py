"""The parent is connected with the teacher, and neither sees the other's number."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carrier.exchange.call import Call
from carrier.exchange.population import KINDS, Behaviour, Speech
from carrier.exchange.xml import BadXml, parse
from tests.unit.exchange.rehearsal import ANSWERS, HOME, PARENT, SCHOOL, Rehearsal
from tests.unit.exchange.sounds import tone, write_tone

TEACHER, OTHER_TEACHER = "919812345670", "919812345671"


def dialling(attributes: str = "", *numbers: str) -> str:
    children = "".join(f"<Number>+{number}</Number>" for number in numbers or (TEACHER,))
    return f'<Dial action="{HOME}/done" callbackUrl="{HOME}/dialled" {attributes}>{children}</Dial>'


def connect(exchange: Rehearsal, *behaviours: Behaviour, document: str = "", parent: Behaviour = ANSWERS) -> Call:
    """Call a parent whose call is connected with teachers who behave so."""
    people = dict(zip((TEACHER, OTHER_TEACHER), ((one,) for one in behaviours), strict=False))
    exchange.people(**people)
    exchange.customer.documents["answer"] = document or dialling()
    return exchange.call(parent)


def outcome(exchange: Rehearsal) -> dict[str, str]:
    return exchange.customer.got("done")[0]


def legs(exchange: Rehearsal) -> list[Call]:
    return [call for call in exchange.exchange.switchboard.calls.values() if call.order.parent_call_uuid]


def test_the_teacher_answers_talks_and_hangs_up(exchange: Rehearsal) -> None:
    call = connect(exchange, replace(ANSWERS, hang_up_after_s=30.0))
    told, (leg,) = outcome(exchange), legs(exchange)
    assert (told["DialStatus"], told["DialRingStatus"]) == ("completed", "true")
    assert (told["DialHangupCause"], told["DialALegUUID"]) == ("NORMAL_CLEARING", call.uuid)
    assert told["DialBLegUUID"] == leg.uuid
    assert (leg.talk_s, leg.duration_s, leg.order.parent_call_uuid) == (30.0, 30, call.uuid)
    assert call.talk_s > 30
    assert exchange.customer.kinds[-1] == "hangup"  # the first leg's alone: the second has no webhooks of its own


def test_both_numbers_stay_hidden(exchange: Rehearsal) -> None:
    connect(exchange, ANSWERS)
    (leg,) = exchange.journal("leg")
    assert (leg["from"], leg["to"]) == (SCHOOL, TEACHER)


def test_the_callback_tells_of_answer_connection_and_end(exchange: Rehearsal) -> None:
    connect(exchange, replace(ANSWERS, hang_up_after_s=61.0))
    answer, connected, hangup = exchange.customer.got("dialled")
    assert [one["DialAction"] for one in (answer, connected, hangup)] == ["answer", "connected", "hangup"]
    assert (answer["DialBLegTo"], answer["DialBLegFrom"]) == (TEACHER, SCHOOL)
    assert (hangup["DialBLegDuration"], hangup["DialBLegBillDuration"]) == ("61", "120")
    assert (hangup["DialBLegHangupCauseCode"], hangup["DialBLegHangupSource"]) == ("4000", "Callee")


@pytest.mark.parametrize(
    ("kind", "status", "rang"),
    [
        ("no_answer", "no-answer", "true"),
        ("busy", "busy", "false"),
        ("rejected", "failed", "true"),
        ("switched_off", "failed", "false"),
        ("invalid", "failed", "false"),
    ],
)
def test_a_teacher_who_cannot_be_reached(exchange: Rehearsal, kind: str, status: str, rang: str) -> None:
    exchange.customer.documents["done"] = f"<Redirect>{HOME}/callback</Redirect>"
    connect(exchange, Behaviour(kind, KINDS[kind], 5.0))
    assert (outcome(exchange)["DialStatus"], outcome(exchange)["DialRingStatus"]) == (status, rang)
    assert exchange.customer.got("callback")


def test_the_time_out_of_the_dial_counts(exchange: Rehearsal) -> None:
    connect(exchange, replace(ANSWERS, ring_s=60.0), document=dialling('timeout="20"'))
    assert outcome(exchange)["DialStatus"] == "no-answer"
    exchange.switch(ring_timeout_status="timeout")
    exchange.customer.heard.clear()
    connect(exchange, replace(ANSWERS, ring_s=60.0), document=dialling('timeout="20"'))
    assert outcome(exchange)["DialStatus"] == "timeout"


def test_the_first_of_two_to_answer_wins(exchange: Rehearsal) -> None:
    slow, quick = replace(ANSWERS, ring_s=20.0), replace(ANSWERS, ring_s=4.0)
    connect(exchange, slow, quick, document=dialling("", TEACHER, OTHER_TEACHER))
    codes = {leg.order.to_number: leg.verdict.code for leg in legs(exchange) if leg.verdict}
    assert codes == {TEACHER: 9000, OTHER_TEACHER: 4000}
    assert outcome(exchange)["DialStatus"] == "completed"


def test_the_time_limit_ends_the_conversation(exchange: Rehearsal) -> None:
    connect(exchange, replace(ANSWERS, hang_up_after_s=600.0), document=dialling('timeLimit="45"'))
    (leg,) = legs(exchange)
    assert leg.talk_s == pytest.approx(45, abs=0.1)


def test_a_parent_who_hangs_up_ends_both(exchange: Rehearsal) -> None:
    for after_s, code in ((12.0, 1000), (40.0, 4000)):
        connect(exchange, replace(ANSWERS, ring_s=20.0), parent=replace(ANSWERS, hang_up_after_s=after_s))
        leg = legs(exchange)[-1]
        assert leg.verdict is not None
        assert (leg.verdict.code, leg.verdict.source) == (code, "Caller")
    assert not exchange.exchange.switchboard.live
    assert not exchange.customer.got("done")


@pytest.mark.parametrize(
    ("plan", "document", "code"),
    [
        ({"lines": 1}, dialling(), 5030),
        ({}, dialling("", "4915112345678"), 2070),
        ({"caller_ids": frozenset({SCHOOL})}, dialling(f'callerId="{PARENT}"'), 3030),
    ],
)
def test_a_leg_that_cannot_be_tried(
    opened: Callable[..., Rehearsal], plan: dict[str, Any], document: str, code: int
) -> None:
    exchange = opened(**plan)
    connect(exchange, ANSWERS, document=document)
    (leg,) = legs(exchange)
    assert leg.verdict is not None
    assert leg.verdict.code == code
    assert outcome(exchange)["DialStatus"] == "failed"


def test_what_the_teacher_says_the_parent_hears(exchange: Rehearsal, tmp_path: Path) -> None:
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "namaste")
    call = connect(exchange, replace(ANSWERS, speeches=(said,), hang_up_after_s=20.0))
    with wave.open(str(tmp_path / "calls" / call.uuid / "heard.wav")) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)[:, 0]
    loud = np.abs(sound.astype(np.int32)) > 3500  # the teacher's tone; the ringing is quieter
    assert loud.sum() > 8000 * 5 * 0.3


def test_with_redirect_false_the_next_element_runs(exchange: Rehearsal) -> None:
    document = dialling('redirect="false"') + f"<Redirect>{HOME}/next</Redirect>"
    connect(exchange, ANSWERS, document=document)
    assert exchange.customer.got("done")
    assert exchange.customer.got("next")


def test_a_person_presses_the_star_to_leave(exchange: Rehearsal) -> None:
    handset = exchange.exchange.office.handsets.take_up(PARENT)
    exchange.people(**{TEACHER: (replace(ANSWERS, hang_up_after_s=600.0),)})
    exchange.customer.documents["answer"] = dialling('hangupOnStar="true"')

    async def person() -> None:
        await exchange.place()
        await asyncio.sleep(5)
        handset.answer()
        await asyncio.sleep(20)
        handset.press("1")
        handset.speak(tone(1.0).tobytes())
        handset.press("*")

    exchange.run(person())
    exchange.run(exchange.quiet())
    assert outcome(exchange)["DialStatus"] == "completed"
    assert legs(exchange)[0].talk_s < 30
    kinds = [event["kind"] for _, event in handset.events(0, 0)]
    assert kinds.index("sound") < kinds.index("hush")  # the ringing, until it was answered


def test_two_people_talk_over_two_handsets(exchange: Rehearsal) -> None:
    parent = exchange.exchange.office.handsets.take_up(PARENT)
    teacher = exchange.exchange.office.handsets.take_up(TEACHER)
    exchange.customer.documents["answer"] = dialling()

    async def people() -> None:
        await exchange.place()
        await asyncio.sleep(5)
        parent.answer()
        await asyncio.sleep(5)
        teacher.answer()
        await asyncio.sleep(5)
        parent.speak(tone(1.0).tobytes())
        await asyncio.sleep(5)
        teacher.hang_up()

    exchange.run(people())
    exchange.run(exchange.quiet())
    heard = [event["kind"] for _, event in teacher.events(0, 0)]
    assert heard == ["ringing", "answered", "sound", "over"]
    assert [event["shown"] for _, event in teacher.events(0, 0) if event["kind"] == "ringing"] == [SCHOOL]


def test_a_kill_ends_both_legs_honestly(opened: Callable[..., Rehearsal]) -> None:
    exchange = opened()
    exchange.people(**{PARENT: (ANSWERS,), TEACHER: (replace(ANSWERS, hang_up_after_s=600.0),)})
    exchange.customer.documents["answer"] = dialling()

    async def place() -> None:
        await exchange.place()
        await asyncio.sleep(30)

    exchange.run(place())
    told = exchange.exchange.plan.journal.read_bytes()
    exchange.close()
    exchange.exchange.plan.journal.write_bytes(told)  # as a kill leaves it: without the words of a stop
    exchange = opened()
    exchange.run(exchange.quiet())
    assert {call.verdict.code for call in exchange.exchange.switchboard.calls.values() if call.verdict} == {5000}
    assert len(exchange.customer.got("hangup")) == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<Dial/>", "at least one"),
        (f'<Dial confirmKey="1"><Number>{TEACHER}</Number></Dial>', "does not play it"),
        ("<Dial><User>sip:teacher@example.org</User></Dial>", "does not play it"),
        (f'<Dial><Number sendDigits="1">{TEACHER}</Number></Dial>', "does not play it"),
        ("<Dial><Number>the teacher</Number></Dial>", "not what it may hold"),
        ("<Stream>wss://x.example.org</Stream>", "does not play it"),
    ],
)
def test_what_is_not_played_is_refused_clearly(document: str, reason: str) -> None:
    with pytest.raises(BadXml, match=reason):
        parse(f"<Response>{document}</Response>".encode(), "application/xml", strict=False)
