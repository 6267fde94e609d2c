"""What the carrier's SDK builds and what our client writes, the exchange reads; it knows the same names and nesting."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from plivo import plivoxml

from carrier.exchange.xml import RULES, UNPLAYED, Element, parse
from carrier.plivo import xml

URL = "https://ivr.example.org/voice/step?t=4f1c"

# Documented, but without an argument in the SDK's builder.
ONLY_DOCUMENTED = {"GetInput": {"retries", "startInputTimeout"}}


def sdk(name: str) -> Any:
    return getattr(plivoxml, f"{name}Element")


def camel(name: str) -> str:
    first, *others = name.strip("_").split("_")
    return first + "".join(other.capitalize() for other in others)


def read(document: str) -> tuple[Element, ...]:
    return parse(document.encode(), "application/xml")


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_element_has_the_attributes_that_the_sdk_gives_it(name: str) -> None:
    arguments = set(inspect.signature(sdk(name).__init__).parameters) - {"self", "content"}
    known = set(RULES[name].attributes) | set(RULES[name].unplayed)
    assert known == {camel(argument) for argument in arguments} | ONLY_DOCUMENTED.get(name, set())


@pytest.mark.parametrize("name", sorted(set(RULES) - {"Speak"}))
def test_every_element_holds_what_the_sdk_lets_it_hold(name: str) -> None:
    assert set(RULES[name].children) | (set(sdk(name)._nestable) & UNPLAYED) == set(sdk(name)._nestable)


def test_what_the_sdk_builds_is_read() -> None:
    menu = plivoxml.GetDigitsElement(action=URL, method="POST", timeout=4, num_digits=1, valid_digits="12")
    menu.add_speak("नमस्ते & आदाब", voice="Polly.Aditi", language="hi-IN").add_play(f"{URL}/a.wav", loop=2).add_wait(1)
    response = plivoxml.ResponseElement()
    response.add(plivoxml.PreAnswerElement().add_play(f"{URL}/early.wav"))
    response.add(menu)
    response.add_get_input(action=URL, input_type="dtmf speech", digit_end_timeout=3, execution_timeout=20)
    response.add(plivoxml.RecordElement(action=URL, max_length=45, file_format="wav", record_channel_type="mono"))
    response.add(plivoxml.DialElement(action=URL, caller_id="918035731000", time_limit=300).add_number("919812345670"))
    response.add_dtmf("1w2", async_=False).add_redirect(URL, method="POST").add_hangup(schedule=60, reason="busy")
    names = [element.name for element in read(response.to_string())]
    assert names == ["PreAnswer", "GetDigits", "GetInput", "Record", "Dial", "DTMF", "Redirect", "Hangup"]


def test_ssml_of_a_polly_voice_is_read() -> None:
    speak = plivoxml.SpeakElement("Attendance: ", voice="Polly.Aditi", language="en-IN")
    speak.add_break(time="300ms").add_say_as("92", interpret_as="cardinal")
    (element,) = read(plivoxml.ResponseElement().add(speak).to_string())
    assert element.text.startswith("Attendance")


def test_what_our_client_writes_is_read() -> None:
    document = xml.response(
        xml.play(f"{URL}/a.wav"),
        xml.get_digits(xml.speak("Press 1", voice="WOMAN", language="en-US"), xml.wait(1), action=URL, timeout_s=4),
        xml.record(action=URL, callback=URL, max_length_s=45, silence_s=4),
        xml.redirect(URL),
        xml.hang_up(),
    )
    assert [element.name for element in read(document)] == ["Play", "GetDigits", "Record", "Redirect", "Hangup"]


def test_a_pin_a_teacher_and_a_missed_call_are_read() -> None:
    pin = xml.get_digits(
        xml.play(f"{URL}/a.wav"), action=URL, timeout_s=8, num_digits=6, digit_timeout_s=4, finish_on_key="#"
    )
    dial = xml.dial("919812345670", caller_id="918035731000", action=URL, callback=URL, timeout_s=25, limit_s=600)
    (keys, ringing) = read(xml.response(pin, dial))
    assert (keys.attributes["numDigits"], keys.attributes["finishOnKey"]) == ("6", "#")
    assert (ringing.attributes["callerId"], ringing.children[0].text) == ("918035731000", "919812345670")
    (rejected,) = read(xml.response(xml.reject()))
    assert rejected.attributes["reason"] == "rejected"
