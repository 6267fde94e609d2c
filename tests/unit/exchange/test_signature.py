"""The exchange signs what the carrier would sign: vectors made once with the carrier's own SDK."""

from __future__ import annotations

import pytest
from plivo.utils import validate_signature, validate_v3_signature  # the third witness

from carrier.exchange.signature import fresh_nonce, headers, sign_v2, sign_v3

TOKEN = "ZmFrZS1hdXRoLXRva2VuLWZvci10ZXN0cw"
NONCE = "12345678901234567890"
HOME = "https://ivr.example.org"
FORM = [
    ("CallUUID", "4d04c52e-cea3-4458-bbdb-0bfc314ee7cd"),
    ("From", "918000000002"),
    ("To", "919876543210"),
    ("Digits", "1"),
    ("CallStatus", "in-progress"),
    ("Event", "Digits"),
    ("Direction", "outbound"),
]
HINDI = [("From", "+918000000002"), ("Speech", "हाँ ठीक है"), ("CallerName", "")]


@pytest.mark.parametrize(
    ("method", "url", "form", "signature"),
    [
        ("GET", f"{HOME}/voice/answer", [], "GF07qLuS/zOAivKhaafcl2CK+hLPXAqovlHYsejjxJg="),
        ("GET", f"{HOME}/voice/answer?call=42&Digits=1", [], "7q/B2RMWt+DFIluH895PhNgVVe5opE3HBAqa3H1cisY="),
        ("GET", f"{HOME}/voice/answer?b=&a=2&a=1&t=%2B91%2098", [], "e0JIHFtbWNcUh7lFUBMkjlS3mwlb3rjOQbOmmK9UBiY="),
        ("POST", f"{HOME}/voice/hangup", [], "IGbC/Q23o/WLhvlnuFOqlxMd7H8uf657aPsN/uSbljo="),
        ("POST", f"{HOME}/voice/hangup?call=42", [], "hzhv6RLdmqkn3F240wYbzAaHYoDUe+zGbB0++PZaXvc="),
        ("POST", f"{HOME}/voice/answer", FORM, "mjVpU9Vxnqwd4bmR4aG0v9NYNoOhreOFGED1PTs+6rY="),
        ("POST", f"{HOME}/voice/answer?call=42&lang=hi", FORM, "NVmkg7AT3K6cDJXm+ja1tz6O1ytfzIiQ8ZMvY2ugdjQ="),
        ("POST", f"{HOME}/voice/answer?lang=hi&call=42", FORM, "NVmkg7AT3K6cDJXm+ja1tz6O1ytfzIiQ8ZMvY2ugdjQ="),
        ("POST", f"{HOME}/voice/answer?call=42#ct=2000", FORM, "gWe73Ge2fjjrSVfnyXRJ6mD1VYgQQoRQN0Z8rX/MyQY="),
        ("POST", "http://127.0.0.1:5000/voice/input?c=1", HINDI, "6584qJEv6/x7SAyb3aMvDDiO/xsKNOK0rX0gDqzYXx4="),
        (
            "POST",
            "https://ivr.example.org:443/voice/answer",
            [("A", "1")],
            "O7Km/Seosr/VQ5/ImeOdUsIkCEf6TbKg9VYJfMaeCUo=",
        ),
    ],
)
def test_v3_equals_the_known_vectors(method: str, url: str, form: list[tuple[str, str]], signature: str) -> None:
    assert sign_v3(method, url, form, TOKEN, NONCE) == signature


@pytest.mark.parametrize("url", [f"{HOME}/voice/answer", f"{HOME}/voice/answer?call=42"])
def test_v2_ignores_the_query(url: str) -> None:
    assert sign_v2(url, TOKEN, NONCE) == "aNi625udPElcB/fLKkAdEWQn+zeHk37A9Qkk+8eOqBA="


def test_the_sdk_accepts_all_headers_while_tokens_rotate() -> None:
    url, nonce = f"{HOME}/voice/answer?call=42", fresh_nonce()
    signed = headers("POST", url, FORM, ("old-token", "new-token"), "main-token", nonce)
    v3, ma_v3 = signed["X-Plivo-Signature-V3"], signed["X-Plivo-Signature-Ma-V3"]
    for token in ("old-token", "new-token"):
        assert validate_v3_signature("POST", url, nonce, token, v3, dict(FORM))
    assert validate_v3_signature("POST", url, nonce, "main-token", ma_v3, dict(FORM))
    assert not validate_v3_signature("POST", url, nonce, "forger-token", v3, dict(FORM))
    assert validate_signature(url, nonce, signed["X-Plivo-Signature-Ma-V2"], "main-token")


def test_nonces_are_twenty_digits_and_differ() -> None:
    nonces = {fresh_nonce() for _ in range(50)}
    assert len(nonces) == 50
    assert all(len(nonce) == 20 and nonce.isdecimal() for nonce in nonces)
