"""Where documents come from and what becomes of a call whose documents fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carrier.exchange.transport import Reply
from tests.unit.exchange.rehearsal import ANSWERS, HOME, Rehearsal

BROKEN = Reply(500, {}, b"")
MENU = f'<GetDigits action="{HOME}/step" timeout="4" numDigits="1"/>'


def hangup_code(exchange: Rehearsal) -> str:
    return exchange.customer.got("hangup")[0]["HangupCauseCode"]


def test_no_answer_document_is_7011(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = lambda form: BROKEN
    exchange.call(ANSWERS)
    assert (hangup_code(exchange), exchange.customer.got("hangup")[0]["HangupSource"]) == ("7011", "Error")


def test_bad_answer_xml_is_8011(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Reject/>"
    exchange.call(ANSWERS)
    assert hangup_code(exchange) == "8011"
    assert "Reject" in exchange.journal("bad_xml")[0]["reason"]


def test_the_fallback_answers_when_the_answer_url_fails(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = lambda form: BROKEN
    exchange.customer.documents["sorry"] = f"<Play>{HOME}/sorry.wav</Play>"
    exchange.call(ANSWERS, fallback_url=f"{HOME}/sorry")
    assert hangup_code(exchange) == "4010"
    assert exchange.journal("played")[0]["url"] == f"{HOME}/sorry.wav"


@pytest.mark.parametrize(("uses", "code"), [(False, "8011"), (True, "4010")])
def test_whether_bad_xml_uses_the_fallback_is_a_switch(exchange: Rehearsal, uses: bool, code: str) -> None:
    exchange.switch(bad_xml_uses_fallback=uses)
    exchange.customer.documents["answer"] = "<Reject/>"
    exchange.call(ANSWERS, fallback_url=f"{HOME}/sorry")
    assert hangup_code(exchange) == code


@pytest.mark.parametrize(("whose", "code"), [("answer", "7012"), ("any", "4010")])
def test_whose_failure_makes_the_fallback_be_asked_is_a_switch(exchange: Rehearsal, whose: str, code: str) -> None:
    exchange.switch(fallback_for=whose)
    exchange.customer.documents |= {"answer": MENU, "step": lambda form: BROKEN}
    exchange.call(replace(ANSWERS, keys=("1",)), fallback_url=f"{HOME}/sorry")
    assert hangup_code(exchange) == code


def test_a_fallback_that_fails_too_ends_the_call(exchange: Rehearsal) -> None:
    exchange.switch(fallback_for="any")
    exchange.customer.documents |= {"answer": lambda form: BROKEN, "sorry": lambda form: BROKEN}
    exchange.call(ANSWERS, fallback_url=f"{HOME}/sorry")
    assert hangup_code(exchange) == "7011"


def test_unknown_elements_may_be_skipped(exchange: Rehearsal) -> None:
    exchange.switch(strict_unknown=False)
    exchange.customer.documents["answer"] = "<Reject/><Hangup/>"
    exchange.call(ANSWERS)
    assert hangup_code(exchange) == "4000"


@pytest.mark.parametrize(
    ("document", "step", "code"),
    [
        (MENU, BROKEN, "7012"),
        (MENU, "<Reject/>", "8012"),
        (MENU.replace(HOME, ""), "", "7022"),
        (MENU.replace("action", 'method="PUT" action'), "", "7032"),
        (f"<Redirect>{HOME}/step</Redirect>", BROKEN, "7014"),
        (f"<Redirect>{HOME}/step</Redirect>", "<Reject/>", "8014"),
        ("<Redirect>/step</Redirect>", "", "7024"),
        (f'<Redirect method="PUT">{HOME}/step</Redirect>', "", "7034"),
    ],
)
def test_a_failing_step_has_its_own_code(exchange: Rehearsal, document: str, step: str | Reply, code: str) -> None:
    exchange.customer.documents |= {"answer": document, "step": lambda form: step}
    exchange.call(replace(ANSWERS, keys=("1",)))
    assert hangup_code(exchange) == code


def test_an_action_that_is_only_told_may_fail(exchange: Rehearsal) -> None:
    exchange.customer.documents |= {
        "answer": MENU.replace("action", 'redirect="false" action'),
        "step": lambda form: BROKEN,
    }
    exchange.call(replace(ANSWERS, keys=("1",)))
    assert hangup_code(exchange) == "4010"
    assert exchange.journal("action_failed")


def test_a_mistake_of_the_exchange_itself_ends_the_call_and_is_owned_up_to(
    exchange: Rehearsal, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(form: dict[str, str]) -> Reply:
        raise ZeroDivisionError

    exchange.customer.documents["answer"] = break_down
    exchange.call(ANSWERS)
    assert hangup_code(exchange) == "5010"
    assert "the exchange itself failed" in caplog.text


def test_action_and_redirect_requests_carry_the_common_parameters(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = MENU
    call = exchange.call(replace(ANSWERS, keys=("1",)))
    (step,) = exchange.customer.got("step")
    assert (step["CallUUID"], step["CallStatus"], step["Event"]) == (call.uuid, "in-progress", "Redirect")


def test_the_event_of_an_action_is_a_switch(exchange: Rehearsal) -> None:
    exchange.switch(action_event="")
    exchange.customer.documents["answer"] = MENU
    exchange.call(replace(ANSWERS, keys=("1",)))
    assert "Event" not in exchange.customer.got("step")[0]


def test_get_callbacks_have_their_parameters_in_the_query(exchange: Rehearsal) -> None:
    exchange.call(ANSWERS, answer_url=f"{HOME}/answer?t=4f1c", answer_method="GET")
    (answer,) = exchange.customer.got("answer")
    assert (answer["t"], answer["Event"]) == ("4f1c", "StartApp")
