"""The carrier's own client takes hold of a live call: transfer, speak, play, keys, recording, and later answers."""

from __future__ import annotations

import wave
from typing import Any

import pytest
from plivo.exceptions import ResourceNotFoundError, ValidationError

from tests.contract.customer import Customer
from tests.contract.exchange import PARENT, PATIENT, OpenExchange
from tests.contract.test_sdk_at_the_exchange import place
from tests.unit.exchange.sounds import tone, wav


@pytest.fixture
def live(sdk: Any, customer: Customer, exchange: OpenExchange) -> str:
    """The uuid of a call that has been answered and waits."""
    customer.documents["answer"] = '<Wait length="600"/>'
    placed = place(sdk, customer, PARENT)
    exchange.until("webhook", 2)
    return str(placed.request_uuid)


def test_a_call_is_sent_to_another_document(live: str, sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    customer.documents["elsewhere"] = "<Hangup/>"
    moved = sdk.calls.transfer(live, legs="aleg", aleg_url=f"{customer.url}/elsewhere")
    assert moved.message == "call transferred"
    (ended,) = exchange.until("ended")
    assert (ended["code"], ended["source"]) == (4000, "Answer XML")
    assert len(customer.got("elsewhere")) == 1


def test_a_transfer_to_bad_xml_ends_with_8013(live: str, sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    customer.documents["elsewhere"] = "<Reject/>"
    sdk.calls.transfer(live, legs="aleg", aleg_url=f"{customer.url}/elsewhere")
    assert exchange.until("ended")[0]["code"] == 8013


def test_too_many_transfers_are_a_loop(live: str, sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    customer.documents["elsewhere"] = '<Wait length="600"/>'
    for _ in range(71):
        sdk.calls.transfer(live, legs="aleg", aleg_url=f"{customer.url}/elsewhere")
    assert exchange.until("ended")[0]["code"] == 2060


def test_only_the_first_leg_is_transferred(live: str, sdk: Any, customer: Customer) -> None:
    with pytest.raises(ValidationError, match="aleg alone"):
        sdk.calls.transfer(live, legs="bleg", bleg_url=f"{customer.url}/elsewhere")


def test_a_call_is_spoken_to_and_played_to(live: str, sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    customer.sounds["hello.wav"] = wav(tone(2.0))
    assert sdk.calls.speak(live, "Namaste").message == "speak started"
    assert sdk.calls.play(live, f"{customer.url}/hello.wav").message == "play started"
    spoken, played = exchange.until("played", 2)
    assert (spoken["text"], played["url"]) == ("Namaste", f"{customer.url}/hello.wav")
    assert sdk.calls.speak_stop(live) is None
    assert sdk.calls.play_stop(live) is None
    sdk.calls.hangup(live)
    exchange.until("ended")
    with wave.open(str(exchange.journal.parent / "calls" / live / "heard.wav")) as heard:
        assert any(heard.readframes(heard.getnframes()))


def test_keys_are_sent(live: str, sdk: Any, exchange: OpenExchange) -> None:
    assert sdk.calls.send_digits(live, "12#").message == "digits sent"
    assert exchange.until("sent_digits")[0]["digits"] == "12#"


def test_a_call_is_recorded_from_outside(live: str, sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    started = sdk.calls.record(live, time_limit=600, file_format="wav", callback_url=f"{customer.url}/recorded")
    assert started.message == "call recording started"
    assert started.url.endswith(f"/Recording/{started.recording_id}.wav")
    sdk.calls.record_stop(live)
    exchange.until("recording")
    sdk.calls.hangup(live)
    exchange.until("webhook", 4)
    (recorded,) = customer.got("recorded")
    assert (recorded["recording_id"], recorded["call_uuid"]) == (started.recording_id, live)
    assert sdk.recordings.get(started.recording_id).recording_url == started.url


def test_only_an_answered_call_can_be_taken_hold_of(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    ringing = place(sdk, customer, PATIENT).request_uuid
    exchange.until("ringing")
    for uuid in (ringing, "4d04c52e-cea3-4458-bbdb-0bfc314ee7cd"):
        with pytest.raises(ResourceNotFoundError):
            sdk.calls.speak(uuid, "Namaste")


def test_with_a_callback_url_the_result_comes_later(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    answered = place(sdk, customer, PATIENT, callback_url=f"{customer.url}/later")
    assert answered.message == "async api spawned"
    exchange.until("webhook", 2)
    (later,) = customer.got("later")
    assert later["message"] == "call fired"
    assert later["request_uuid"] == exchange.story("accepted")[0]["request"]
