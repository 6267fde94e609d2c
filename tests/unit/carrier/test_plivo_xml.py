"""What we answer is XML that Plivo's own builder would have written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plivo import plivoxml
from plivo.exceptions import PlivoXMLError

from carrier.plivo import xml
from carrier.plivo.xml import Prompt, Verb

STEP = "https://ivr.example.org/voice/step?t=4f1c&s=2#rp=all&rc=3"
CLIP = "https://ivr.example.org/clips/9f86d081.wav"


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _typed(value: str) -> Any:
    return {"true": True, "false": False}.get(value, value)


def rebuilt(element: ElementTree.Element) -> Any:
    """Build the same element with the SDK, which refuses unknown attributes and forbidden nesting."""
    make = getattr(plivoxml, f"{element.tag}Element")
    attributes = {_snake(name): _typed(value) for name, value in element.attrib.items()}
    built = (
        make(element.text, **attributes)
        if element.tag in ("Play", "Speak", "Redirect", "Number")
        else make(**attributes)
    )
    for child in element:
        built.add(rebuilt(child))
    return built


def assert_the_sdk_writes_the_same(document: str) -> None:
    theirs = rebuilt(ElementTree.fromstring(document)).to_string(pretty=False)
    assert ElementTree.canonicalize(document) == ElementTree.canonicalize(theirs)


MENU = xml.get_digits(
    xml.play(CLIP),
    xml.wait(1),
    xml.speak("दबाएँ 1 & 2", voice="Polly.Aditi", language="hi-IN"),
    action=STEP,
    timeout_s=5,
)
VERBS: dict[str, Prompt | Verb] = {
    "play": xml.play(CLIP),
    "speak": xml.speak("We are sorry", voice="WOMAN", language="en-US"),
    "wait": xml.wait(2),
    "menu": MENU,
    "record": xml.record(action=STEP, callback=STEP, max_length_s=45, silence_s=4),
    "redirect": xml.redirect(STEP),
    "hang up": xml.hang_up(),
    "reject": xml.reject(),
    "pin": xml.get_digits(xml.play(CLIP), action=STEP, timeout_s=8, num_digits=6, finish_on_key="#"),
    "dial": xml.dial("919812345670", caller_id="918035731000", action=STEP, callback=STEP, timeout_s=25, limit_s=600),
}


@pytest.mark.parametrize("name", VERBS)
def test_the_sdk_accepts_every_element(name: str) -> None:
    assert_the_sdk_writes_the_same(xml.response(VERBS[name]))


def test_the_sdk_accepts_a_whole_answer() -> None:
    assert_the_sdk_writes_the_same(xml.response(*VERBS.values()))


def test_the_sdk_refuses_what_may_not_stand_in_a_menu() -> None:
    """Our types say so too: the wrong nesting below needs a cast."""
    menu = xml.get_digits(Prompt(xml.hang_up()), action=STEP, timeout_s=5)
    with pytest.raises(PlivoXMLError, match="not nestable"):
        rebuilt(ElementTree.fromstring(xml.response(menu)))


def test_a_menu_says_everything_that_has_a_doubtful_default() -> None:
    [menu] = ElementTree.fromstring(
        xml.response(xml.get_digits(action=STEP, timeout_s=7, num_digits=1, valid_digits="129*"))
    )
    assert menu.attrib == {
        "action": STEP,
        "method": "POST",
        "timeout": "7",
        "digitTimeout": "2",
        "finishOnKey": "none",
        "numDigits": "1",
        "retries": "1",
        "redirect": "true",
        "playBeep": "false",
        "validDigits": "129*",
    }


def test_a_recording_says_everything_that_has_a_doubtful_default() -> None:
    [record] = ElementTree.fromstring(xml.response(VERBS["record"]))
    assert record.attrib == {
        "action": STEP,
        "method": "POST",
        "fileFormat": "wav",
        "redirect": "true",
        "timeout": "4",
        "maxLength": "45",
        "playBeep": "true",
        "finishOnKey": "#",
        "recordSession": "false",
        "startOnDialAnswer": "false",
        "recordChannelType": "mono",
        "callbackUrl": STEP,
        "callbackMethod": "POST",
    }


def test_an_empty_answer_is_a_document() -> None:
    assert xml.response() == "<Response></Response>"


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_no_text_breaks_out_of_its_element(text: str) -> None:
    document = xml.response(xml.speak(text, voice=text, language=text), xml.hang_up())
    speak, hang_up = ElementTree.fromstring(document.encode())
    assert (speak.tag, hang_up.tag, set(speak.attrib)) == ("Speak", "Hangup", {"voice", "language", "loop"})
    assert list(speak) == []


@pytest.mark.parametrize("text", ["ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "हाँ & <ठीक>", 'O\'Neil "Jr"', "a\tb", "😀"])
def test_a_name_in_any_script_is_spoken_as_written(text: str) -> None:
    [speak] = ElementTree.fromstring(xml.response(xml.speak(text, voice="WOMAN", language="en-US")))
    assert speak.text == text


def test_characters_that_no_xml_may_hold_are_dropped() -> None:
    [speak] = ElementTree.fromstring(xml.response(xml.speak("Si\x00m\x0bran\ud800\uffff", voice="W", language="pa")))
    assert speak.text == "Simran"


@pytest.mark.parametrize("url", ["", "/voice/step", "https://ivr.example.org/सुनवाई", "javascript:x", "https://a b"])
@pytest.mark.parametrize(
    "element",
    [
        xml.play,
        xml.redirect,
        lambda url: xml.get_digits(action=url, timeout_s=5),
        lambda url: xml.record(action=url, callback=STEP, max_length_s=45, silence_s=4),
        lambda url: xml.record(action=STEP, callback=url, max_length_s=45, silence_s=4),
    ],
)
def test_a_url_that_plivo_cannot_fetch_is_refused(element: Callable[[str], str], url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        element(url)


@pytest.mark.parametrize(
    "element",
    [
        lambda: xml.wait(0),
        lambda: xml.get_digits(action=STEP, timeout_s=0),
        lambda: xml.get_digits(action=STEP, timeout_s=5, num_digits=0),
        lambda: xml.get_digits(action=STEP, timeout_s=5, retries=0),
        lambda: xml.get_digits(action=STEP, timeout_s=5, valid_digits=""),
        lambda: xml.get_digits(action=STEP, timeout_s=5, valid_digits="1a"),
        lambda: xml.get_digits(action=STEP, timeout_s=5, finish_on_key='"'),
        lambda: xml.record(action=STEP, callback=STEP, max_length_s=1, silence_s=4),
        lambda: xml.record(action=STEP, callback=STEP, max_length_s=9, silence_s=4, finish_on_key="x"),
    ],
)
def test_a_value_that_plivo_does_not_take_is_refused(element: Callable[[], str]) -> None:
    with pytest.raises(ValueError, match=r"at least|keys"):
        element()


def test_an_answer_is_at_most_as_large_as_plivo_takes() -> None:
    largest = "ਸ" * ((xml.MAX_XML_BYTES - len(xml.response(_spoken("")))) // 3)
    assert len(xml.response(_spoken(largest)).encode()) > xml.MAX_XML_BYTES - 3
    with pytest.raises(ValueError, match="larger"):
        xml.response(_spoken(largest + "ਸ"))


def _spoken(text: str) -> Prompt:
    return xml.speak(text, voice="Polly.Aditi", language="hi-IN")
