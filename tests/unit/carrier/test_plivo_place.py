"""One dial is one POST, whatever the carrier does with it."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from dataclasses import replace

import pytest

from carrier.contract import Dial, Placed
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from ptm.errors import NotPlaced, OutcomeUnknown, SettingsError, Throttled
from tests.unit.carrier.phone_company import (
    ACCOUNT,
    AUTH_ID,
    AUTH_TOKEN,
    CALL,
    Behaviour,
    PhoneCompany,
    answers,
    drips,
    falls_silent,
    resets,
    says,
)

FIRED = json.dumps({"message": "call fired", "request_uuid": CALL, "api_id": "97ceeb52"})
QUEUED = json.dumps({"message": "call queued", "request_uuid": CALL, "api_id": "97ceeb52"})


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_fired_call_is_placed(company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, status: int) -> None:
    company.will(answers(status, FIRED))
    assert carrier.place(dial) == Placed(CALL, queued=False)


def test_a_queued_call_is_placed_but_does_not_ring_yet(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial
) -> None:
    company.will(answers(201, QUEUED))
    assert carrier.place(dial) == Placed(CALL, queued=True)


def test_the_post_says_everything_plivo_needs(company: PhoneCompany, carrier: PlivoCarrier, dial: Dial) -> None:
    company.will(answers(201, FIRED))
    carrier.place(dial)
    [seen] = company.seen
    assert (seen.method, seen.path) == ("POST", f"{ACCOUNT}/Call/")
    assert seen.headers["authorization"] == "Basic " + b64encode(f"{AUTH_ID}:{AUTH_TOKEN}".encode()).decode()
    assert seen.headers["content-type"] == "application/json"
    assert json.loads(seen.body) == {
        "from": "918047100000",
        "to": "919876543210",
        "answer_url": "https://ivr.example.org/voice/answer?t=4f1c#rp=all&rc=3",
        "answer_method": "POST",
        "ring_url": "https://ivr.example.org/voice/ring?t=4f1c",
        "ring_method": "POST",
        "hangup_url": "https://ivr.example.org/voice/hangup?t=4f1c",
        "hangup_method": "POST",
        "fallback_url": "https://ivr.example.org/voice/fallback?t=4f1c",
        "fallback_method": "POST",
        "ring_timeout": 30,
        "time_limit": 180,
    }


UNKNOWN: dict[str, Behaviour] = {
    "500": answers(500, '{"error": "server error"}'),
    "502": answers(502, "<html>"),
    "503 with Retry-After": answers(503, Retry_After="1"),
    "504": answers(504),
    "408": answers(408),
    "redirect": answers(307, Location="/v1/elsewhere/"),
    "see other": answers(303, Location="/v1/elsewhere/"),
    "created without a body": answers(201),
    "no content": answers(204),
    "created, not JSON": answers(201, "<html>call fired</html>"),
    "created, a list": answers(201, f'["{CALL}"]'),
    "created, deep garbage": answers(201, "[" * 60_000),
    "created, no id": answers(201, '{"message": "call fired"}'),
    "created, an error": answers(200, '{"error": "oops"}'),
    "created, several ids": answers(201, json.dumps({"request_uuid": [CALL, CALL]})),
    "created, an id that is a path": answers(201, '{"request_uuid": "../../Subaccount"}'),
    "created, too large": answers(201, FIRED + " " * 70_000),
    "created, cut in the body": says(b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n" + FIRED.encode()),
    "created, cut in a chunk": says(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"),
    "garbage chunk": says(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"),
    "closed without a word": lambda line: None,
    "reset": resets,
    "not HTTP": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "garbage": says(bytes(range(128, 256)) * 8),
    "endless header": says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000),
    "too many headers": says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_when_the_phone_may_have_rung_it_is_not_asked_again(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, case: str
) -> None:
    company.will(UNKNOWN[case])
    with pytest.raises(OutcomeUnknown):
        carrier.place(dial)
    assert [seen.method for seen in company.seen] == ["POST"]
    assert company.connections == 1


def test_a_silent_carrier_is_not_waited_for_longer_than_the_budget(company: PhoneCompany, dial: Dial) -> None:
    company.will(falls_silent(company))
    with pytest.raises(OutcomeUnknown):
        _hasty(company).place(dial)
    assert len(company.seen) == 1


@pytest.mark.parametrize("raw", [b"HTTP/1.1 201 Created\r\nServer: slow\r\n", b"HTTP/1.1 201 X\r\n\r\n" + b" " * 400])
def test_a_dripping_carrier_is_not_waited_for_longer_than_the_budget(
    company: PhoneCompany, dial: Dial, raw: bytes
) -> None:
    company.will(drips(company, raw, 0.02))
    with pytest.raises(OutcomeUnknown, match="time"):
        _hasty(company).place(dial)
    assert len(company.seen) == 1


def _hasty(company: PhoneCompany) -> PlivoCarrier:
    return PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=company.url, limits=Limits(dial=Budget(1.0, 0.2)))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 451])
def test_a_refusal_was_certainly_not_dialled_and_is_not_the_parents_fault(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, status: int
) -> None:
    company.will(answers(status, '{"api_id": "1", "error": "from parameter is invalid."}'))
    with pytest.raises(NotPlaced, match=str(status)) as refused:
        carrier.place(dial)
    assert not refused.value.permanent
    assert len(company.seen) == 1


@pytest.mark.parametrize(
    "error",
    [
        "to parameter is invalid",
        "'to' is not valid",
        "destination number is not supported",
        "The dst is blocked",
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_only_a_refusal_that_blames_the_destination_condemns_the_number(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, status: int, error: str
) -> None:
    company.will(answers(status, json.dumps({"error": error})))
    with pytest.raises(NotPlaced) as refused:
        carrier.place(dial)
    assert refused.value.permanent


@pytest.mark.parametrize(
    "error",
    [
        "from parameter is invalid. +918047100000 is not associated with your account. Use a number rented to call.",
        "from number +918047100000 cannot place calls as its compliance application is not in 'accepted' status."
        " Refer to rent-india-numbers for next steps.",
        "answer_url parameter is invalid",
        "time_limit is not valid. Refer to the docs",
        "unable to process the request: the answer_url is invalid",
        "To is a word, and ring_timeout no number. It is invalid",
    ],
)
def test_a_refused_caller_id_or_url_condemns_no_number(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, error: str
) -> None:
    company.will(answers(400, json.dumps({"error": error})))
    with pytest.raises(NotPlaced) as refused:
        carrier.place(dial)
    assert not refused.value.permanent


def test_a_reason_shows_no_whole_number_and_no_secret(company: PhoneCompany, carrier: PlivoCarrier, dial: Dial) -> None:
    company.will(answers(400, json.dumps({"error": f"bad +{dial.to} <a\nb> {'x' * 500}"})))
    with pytest.raises(NotPlaced) as refused:
        carrier.place(dial)
    assert dial.to not in refused.value.reason
    assert "...3210 <a b>" in refused.value.reason
    assert len(refused.value.reason) < 260
    assert AUTH_TOKEN not in refused.value.reason


def test_bad_credentials_tell_the_operator_where_to_look(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial
) -> None:
    company.will(answers(401))
    with pytest.raises(NotPlaced, match="PLIVO_AUTH_TOKEN"):
        carrier.place(dial)


DATE = "Mon, 24 Nov 2025 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, 5),
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "0"}, 1),
        ({"Retry_After": "2.5"}, 2.5),
        ({"Retry_After": "86400"}, 300),
        ({"Retry_After": "-4"}, 5),
        ({"Retry_After": "nan"}, 5),
        ({"Retry_After": "inf"}, 5),
        ({"Retry_After": "soon"}, 5),
        ({"Retry_After": "Mon, 24 Nov 2025 10:00:12 GMT", "Date": DATE}, 12),
        ({"Retry_After": "Mon, 24 Nov 2025 10:00:12 GMT"}, 5),
        ({"Retry_After": "Mon, 24 Nov 2025 10:00:12 -0000", "Date": DATE}, 5),
        ({"Retry_After": "Mon, 24 Nov 2025 09:00:00 GMT", "Date": DATE}, 5),
    ],
)
def test_too_fast_is_throttled_for_as_long_as_the_carrier_says(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, headers: dict[str, str], wait_s: float
) -> None:
    company.will(answers(429, '{"error": "rate limit"}', **headers))
    with pytest.raises(Throttled) as throttled:
        carrier.place(dial)
    assert throttled.value.retry_after_s == wait_s
    assert len(company.seen) == 1


def test_nobody_listens(dial: Dial) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotPlaced, match="cannot be reached") as refused:
        PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=f"http://127.0.0.1:{port}").place(dial)
    assert not refused.value.permanent


def test_nobody_accepts(dial: Dial) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [_knock(listener.getsockname()) for _ in range(4)]
        carrier = PlivoCarrier(
            AUTH_ID,
            AUTH_TOKEN,
            api_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            limits=Limits(dial=Budget(0.2, 5.0)),
        )
        with pytest.raises(NotPlaced) as refused:
            carrier.place(dial)
        for knock in waiting:
            knock.close()
    assert not refused.value.permanent


def _knock(address: tuple[str, int]) -> socket.socket:
    knock = socket.socket()
    knock.setblocking(False)
    knock.connect_ex(address)
    return knock


def test_a_name_that_nobody_has(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotPlaced, match="not known") as refused:
        PlivoCarrier(AUTH_ID, AUTH_TOKEN).place(dial)
    assert not refused.value.permanent


def test_a_connection_that_took_too_long_carries_no_dial(company: PhoneCompany, dial: Dial) -> None:
    """A process that was stopped between two statements must not dial after its lease is over."""
    company.will(answers(201, FIRED))
    carrier = PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=company.url, limits=Limits(dial=Budget(connect_s=1e-9)))
    with pytest.raises(NotPlaced):
        carrier.place(dial)
    assert company.seen == []


def test_a_broken_handshake_carries_no_dial(company: PhoneCompany, dial: Dial) -> None:
    company.will(says(b"HTTP/1.1 400 Not TLS\r\n\r\n"))
    carrier = PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=company.url.replace("http:", "https:"))
    company.behave = lambda line: line.sendall(b"not TLS")  # type: ignore[method-assign]
    with pytest.raises(NotPlaced) as refused:
        carrier.place(dial)
    assert not refused.value.permanent
    assert company.seen == []


@pytest.mark.parametrize(
    "to",
    [
        "",
        "9876543210",
        "+919876543210",
        "915876543210",
        "91987654321",
        "9198765432100",
        "919876543210<919876543211",
        "<919876543210",
        "sip:919876543210@example.org",
        "919876543210\n",
        " 919876543210",
        "19005550100",
        "91९876543210",
        "919876543210;ext=1",
    ],
)
def test_nothing_but_one_indian_mobile_number_is_ever_dialled(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, to: str
) -> None:
    with pytest.raises(NotPlaced) as refused:
        carrier.place(replace(dial, to=to))
    assert refused.value.permanent
    assert company.connections == 0


@pytest.mark.parametrize("from_", ["", "SCHOOL", "sip:1@example.org", "91804710<918047100001", "0" * 12])
def test_a_wrong_caller_id_is_ours_to_mend(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, from_: str
) -> None:
    with pytest.raises(NotPlaced) as refused:
        carrier.place(replace(dial, from_=from_))
    assert not refused.value.permanent
    assert company.connections == 0


@pytest.mark.parametrize("url", ["", "/voice/answer", "https://ivr.example.org/सुनवाई", "https://ivr.example.org/ a"])
def test_a_callback_that_plivo_cannot_sign_is_ours_to_mend(
    company: PhoneCompany, carrier: PlivoCarrier, dial: Dial, url: str
) -> None:
    changed = [
        replace(dial, answer_url=url),
        replace(dial, ring_url=url),
        replace(dial, hangup_url=url),
        replace(dial, fallback_url=url),
    ]
    for unsignable in changed:
        with pytest.raises(NotPlaced) as refused:
            carrier.place(unsignable)
        assert not refused.value.permanent
    assert company.connections == 0


@pytest.mark.parametrize("auth_id", ["", "MAEXCHANGE", "XXEXCHANGE0000000000", "MA/../../..000000000"])
def test_a_wrong_account_id_stops_the_start(auth_id: str) -> None:
    with pytest.raises(SettingsError, match="PLIVO_AUTH_ID"):
        PlivoCarrier(auth_id, AUTH_TOKEN)


@pytest.mark.parametrize("auth_token", ["", "  "])
def test_an_empty_token_stops_the_start(auth_token: str) -> None:
    with pytest.raises(SettingsError, match="PLIVO_AUTH_TOKEN"):
        PlivoCarrier(AUTH_ID, auth_token)


@pytest.mark.parametrize(
    "api_url",
    [
        "",
        "api.plivo.com",
        "ftp://api.plivo.com",
        "http://api.plivo.com",
        "https://api.plivo.com/v1",
        "https://api.plivo.com?x",
        "https://name:word@api.plivo.com",
        "http://127.0.0.1:port",
    ],
)
def test_a_wrong_address_of_the_api_stops_the_start(api_url: str) -> None:
    with pytest.raises(SettingsError, match=r"carrier\.api_url"):
        PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=api_url)
