"""What the carrier would refuse, the exchange refuses first."""

from __future__ import annotations

import pytest

from carrier.exchange.xml import MAX_BYTES, BadXml, parse

URL = "https://ivr.example.org/step"


def read(inner: str, **options: bool) -> tuple[object, ...]:
    return parse(f"<Response>{inner}</Response>".encode(), "application/xml; charset=utf-8", **options)


def test_defaults_are_the_carriers() -> None:
    (menu,) = parse(
        f'<Response><GetDigits action="{URL}"><Play>{URL}.wav</Play></GetDigits></Response>'.encode(), "text/xml"
    )
    assert (menu.number("timeout"), menu.number("digitTimeout"), menu.number("numDigits")) == (5, 2, 99)
    assert menu.attributes["finishOnKey"] == "#"
    assert menu.flag("redirect")
    assert [child.name for child in menu.children] == ["Play"]


def test_an_empty_response_is_a_document() -> None:
    assert read("") == ()


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<Reject/>", "Reject"),
        ("<play>https://x/a.wav</play>", "play"),
        ('<Play loops="2">https://x/a.wav</Play>', "loops"),
        ('<GetDigits numDigits="none"/>', "numDigits"),
        ("<GetDigits><Record/></GetDigits>", "cannot stand in"),
        ("<Play>/relative.wav</Play>", "relative"),
        ("<Play></Play>", "Play"),
        ("words", "text"),
        ('<GetInput inputType="dtmf"/>', "action"),
        ('<Record maxLength="1"/>', "maxLength"),
        ('<Speak language="hi-IN">x</Speak>', "Polly"),
        ("<Speak>x<break/></Speak>", "SSML"),
        ("<Speak>a & b</Speak>", "well-formed"),
        ('<Hangup schedule="0"/>', "schedule"),
    ],
)
def test_what_the_carrier_does_not_know_is_refused(inner: str, reason: str) -> None:
    with pytest.raises(BadXml, match=reason):
        read(inner)


def test_unknown_elements_and_attributes_are_skipped_where_that_is_switched_on() -> None:
    assert len(read('<Reject/><Play loops="2">https://x/a.wav</Play>', strict=False)) == 1


def test_hindi_by_the_basic_voice_is_a_switch() -> None:
    assert len(read('<Speak language="hi-IN">x</Speak>', woman_hindi=True)) == 1


@pytest.mark.parametrize("kind", ["", "text/html", "application/json"])
def test_another_content_type_is_refused(kind: str) -> None:
    with pytest.raises(BadXml, match="Content-Type"):
        parse(b"<Response/>", kind)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<Answer/>", "root"),
        (b"", "well-formed"),
        (b"<Response>" + b" " * MAX_BYTES + b"</Response>", "bytes"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><Response/>', "well-formed"),
        (b"<Response><Speak>\xff</Speak></Response>", "well-formed"),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(BadXml, match=reason):
        parse(body, "application/xml")
