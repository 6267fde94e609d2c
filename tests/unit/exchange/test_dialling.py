"""From the first ring to the end of a call, as the customer is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plivo.utils import validate_v3_signature

from carrier.exchange.population import KINDS, Behaviour
from tests.unit.exchange.rehearsal import ANSWERS, AUTH_ID, HOME, PARENT, SCHOOL, TOKEN, Rehearsal


def test_an_answered_call_is_told_in_order(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='20'/>"
    call = exchange.call(ANSWERS)
    assert exchange.customer.kinds == ["ring", "answer", "hangup"]
    (ring,), (answer,), (hangup,) = (exchange.customer.got(kind) for kind in ("ring", "answer", "hangup"))
    assert (ring["Event"], ring["CallStatus"], ring["From"]) == ("Ring", "ringing", f"+{SCHOOL}")
    assert (answer["Event"], answer["CallStatus"], answer["To"]) == ("StartApp", "in-progress", PARENT)
    assert answer["ParentAuthID"] == AUTH_ID
    assert {answer[key] for key in ("CallUUID", "RequestUUID", "ALegUUID", "ALegRequestUUID")} == {call.uuid}
    assert (hangup["Event"], hangup["CallStatus"], hangup["HangupCause"]) == ("Hangup", "completed", "NORMAL_CLEARING")
    assert (hangup["HangupCauseCode"], hangup["HangupSource"]) == ("4010", "Answer XML")
    assert (hangup["Duration"], hangup["BillDuration"], hangup["TotalCost"]) == ("20", "60", "0.00475")
    assert hangup["AnswerTime"] == "2026-11-25 11:00:07"


@pytest.mark.parametrize(
    ("kind", "code", "status", "cause", "source"),
    [
        ("no_answer", "3000", "no-answer", "NO_ANSWER", "Carrier"),
        ("busy", "3010", "busy", "USER_BUSY", "Callee"),
        ("rejected", "3020", "failed", "CALL_REJECTED", "Callee"),
        ("switched_off", "2010", "failed", "SUBSCRIBER_ABSENT", "Carrier"),
        ("invalid", "3050", "failed", "UNALLOCATED_NUMBER", "Carrier"),
        ("network_error", "5000", "failed", "NETWORK_OUT_OF_ORDER", "Carrier"),
    ],
)
def test_an_unanswered_call_says_why(
    exchange: Rehearsal, kind: str, code: str, status: str, cause: str, source: str
) -> None:
    exchange.call(Behaviour(kind, KINDS[kind], 5.0))
    (hangup,) = exchange.customer.got("hangup")
    told = (hangup["HangupCauseCode"], hangup["CallStatus"], hangup["HangupCause"], hangup["HangupSource"])
    assert told == (code, status, cause, source)
    assert (hangup["AnswerTime"], hangup["Duration"], hangup["TotalCost"]) == ("", "0", "0.00000")
    assert not exchange.customer.got("answer")
    assert bool(exchange.customer.got("ring")) == (kind in ("no_answer", "rejected"))


def test_a_phone_that_rings_too_long_ends_by_our_time_out(exchange: Rehearsal) -> None:
    call = exchange.call(replace(ANSWERS, ring_s=50.0), ring_timeout=30)
    (hangup,) = exchange.customer.got("hangup")
    assert (hangup["HangupCauseCode"], hangup["CallStatus"]) == ("6010", "no-answer")
    assert call.ended_at is not None
    assert call.ringing_at is not None
    assert (call.ended_at - call.ringing_at).total_seconds() == 30


def test_the_status_of_a_ring_time_out_is_a_switch(exchange: Rehearsal) -> None:
    exchange.switch(ring_timeout_status="timeout")
    exchange.call(replace(ANSWERS, ring_s=50.0), ring_timeout=30)
    assert exchange.customer.got("hangup")[0]["CallStatus"] == "timeout"


def test_who_the_person_called_is_in_the_documents_words(exchange: Rehearsal) -> None:
    exchange.switch(callee_source="Call recipient")
    exchange.call(Behaviour("busy", 3010, 0.0))
    assert exchange.customer.got("hangup")[0]["HangupSource"] == "Call recipient"


def test_unanswered_fields_may_be_left_out(exchange: Rehearsal) -> None:
    exchange.switch(omit_unanswered_fields=True)
    exchange.call(Behaviour("busy", 3010, 0.0))
    assert not {"AnswerTime", "Duration", "BillDuration", "TotalCost"} & set(exchange.customer.got("hangup")[0])


def test_hangup_on_ring_ends_a_call_that_rings(exchange: Rehearsal) -> None:
    exchange.call(replace(ANSWERS, ring_s=20.0), hangup_on_ring=5)
    assert exchange.customer.got("hangup")[0]["HangupCauseCode"] == "6000"


def test_the_time_limit_counts_from_the_answer(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='600'/>"
    call = exchange.call(ANSWERS, time_limit=90)
    assert exchange.customer.got("hangup")[0]["HangupCauseCode"] == "6000"
    assert call.talk_s == 90


def test_a_parent_hangs_up_when_patience_ends(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='600'/>"
    call = exchange.call(replace(ANSWERS, hang_up_after_s=12.0))
    (hangup,) = exchange.customer.got("hangup")
    assert (hangup["HangupCauseCode"], hangup["HangupSource"]) == ("4000", "Callee")
    assert call.talk_s == 12


def test_a_machine_is_found_and_told_of(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='20'/>"
    url = f"{HOME}/machine"
    exchange.call(replace(ANSWERS, machine=True), machine_detection="true", machine_detection_url=url)
    (machine,) = exchange.customer.got("machine")
    assert (machine["Machine"], machine["IfMachine"], machine["Event"]) == ("true", "continue", "MachineDetection")


def test_a_machine_may_be_hung_up_on(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='20'/>"
    exchange.call(replace(ANSWERS, machine=True), machine_detection="hangup")
    assert exchange.customer.got("hangup")[0]["HangupCauseCode"] == "9100"


def test_without_a_url_the_verdict_comes_with_the_other_webhooks(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='20'/>"
    exchange.call(replace(ANSWERS, machine=True), machine_detection="true")
    assert "Machine" not in exchange.customer.got("answer")[0]
    assert exchange.customer.got("hangup")[0]["Machine"] == "true"


@pytest.mark.parametrize(("machine", "told"), [(True, "true"), (False, "false")])
def test_the_answer_url_may_have_to_wait_for_the_verdict(exchange: Rehearsal, machine: bool, told: str) -> None:
    exchange.switch(machine_detection_waits=True)
    exchange.call(replace(ANSWERS, machine=machine), machine_detection="true", machine_detection_time=3000)
    assert exchange.customer.got("answer")[0]["Machine"] == told
    ring, answer, _ = exchange.customer.heard
    assert answer.at_s - ring.at_s == 6 + 3


def test_parameters_that_no_text_mentions_are_signed_like_the_others(exchange: Rehearsal) -> None:
    exchange.switch(unknown_params=True)
    exchange.call(ANSWERS)
    hangup = exchange.customer.heard[-1]
    nonce, signature = (hangup.headers[f"X-Plivo-Signature-V3{suffix}"] for suffix in ("-Nonce", ""))
    assert hangup.form["XFuture"] == "ਨਵਾਂ"
    assert validate_v3_signature("POST", f"{HOME}/hangup", nonce, TOKEN, signature, dict(hangup.form))


def test_the_uuids_of_request_and_call_may_differ(exchange: Rehearsal) -> None:
    exchange.switch(distinct_uuids=True)
    exchange.call(ANSWERS)
    (hangup,) = exchange.customer.got("hangup")
    assert hangup["RequestUUID"] != hangup["CallUUID"]


def test_sip_headers_come_back(exchange: Rehearsal) -> None:
    exchange.call(ANSWERS, sip_headers="class=5A,lang=pa")
    assert exchange.customer.got("answer")[0]["X-PH-class"] == "5A"


def test_a_parent_who_missed_us_answers_the_second_time(exchange: Rehearsal) -> None:
    exchange.people(**{PARENT: (Behaviour("no_answer", 3000, 10.0), ANSWERS)})
    assert exchange.call().answered_at is None
    assert exchange.call().answered_at is not None
    assert [entry["ring"] for entry in exchange.journal("dialled")] == [0, 1]
