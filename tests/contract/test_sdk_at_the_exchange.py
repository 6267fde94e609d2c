"""The carrier's own client at the exchange: it must not notice that it is not at the carrier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import plivo
import pytest
import requests
from plivo.exceptions import (
    AuthenticationError,
    InvalidRequestError,
    PlivoRestError,
    PlivoServerError,
    ResourceNotFoundError,
    ValidationError,
)

from tests.contract.conftest import SdkClient
from tests.contract.customer import Customer
from tests.contract.exchange import AUTH_ID, PARENT, PATIENT, SCHOOL, OpenExchange, opened_exchange

RECORD = '<Record action="{0}/done" timeout="4" maxLength="30" fileFormat="wav" callbackUrl="{0}/ready"/>'


def place(sdk: plivo.RestClient, customer: Customer, to: str = PATIENT, **options: Any) -> Any:
    urls = {f"{name}_url": f"{customer.url}/{name}" for name in ("answer", "ring", "hangup")}
    return sdk.calls.create(from_=SCHOOL, to_=to, **{**urls, **options})


def test_the_sdk_places_a_call_and_sees_it_live(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    placed = place(sdk, customer)
    assert placed.message == "call fired"
    assert placed.api_id
    exchange.until("ringing")
    assert placed.request_uuid in sdk.calls.live_call_list_ids().calls
    live = sdk.calls.live_call_get(placed.request_uuid)
    assert (live.call_status, live.to, live.direction) == ("ringing", PATIENT, "outbound")
    assert sdk.calls.queued_call_list_ids().calls == []


def test_the_sdk_hangs_up(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    placed = place(sdk, customer)
    exchange.until("ringing")
    assert sdk.calls.hangup(placed.request_uuid) is None
    exchange.until("ended")
    record = sdk.calls.get(placed.request_uuid)
    assert (record.hangup_cause_code, record.hangup_source) == (1000, "API Request")
    with pytest.raises(ResourceNotFoundError):
        sdk.calls.hangup(placed.request_uuid)
    with pytest.raises(ResourceNotFoundError):
        sdk.calls.live_call_get(placed.request_uuid)


def test_the_sdk_reads_call_detail_records_page_by_page(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    numbers = [str(919800000000 + index) for index in range(45)]
    placed = place(sdk, customer, to="<".join(numbers))
    assert placed.message == "calls fired"
    assert len(placed.request_uuid) == 45
    exchange.until("ended", 45)
    page = sdk.calls.list(limit=20, offset=40)
    assert (len(page.objects), page.meta.total_count, page.meta.next) == (5, 45, None)
    assert {call.to_number for call in sdk.calls} == {f"+{number}" for number in numbers}
    (one,) = sdk.calls.list(to_number=numbers[7]).objects
    assert (one.hangup_cause_name, one.call_uuid) == ("Unallocated number", placed.request_uuid[7])
    assert sdk.calls.list(hangup_cause_code=4000).objects == []
    assert sdk.calls.list(end_time__gt="2100-01-01 00:00:00").objects == []


def test_a_call_that_waits_is_listed_and_cancelled(tmp_path: Path, customer: Customer) -> None:
    with opened_exchange(tmp_path, {}, cps=0.001) as exchange, SdkClient(exchange.url) as sdk:
        place(sdk, customer, to=PARENT)
        waiting = place(sdk, customer)
        assert waiting.message == "call queued"
        assert sdk.calls.queued_call_list_ids().calls == [waiting.request_uuid]
        assert sdk.calls.queued_call_get(waiting.request_uuid).call_status == "queued"
        sdk.calls.cancel(waiting.request_uuid)
        assert sdk.calls.queued_call_list_ids().calls == []
        assert sdk.calls.get(waiting.request_uuid).hangup_cause_code == 1000


def test_the_sdk_lists_and_deletes_recordings(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    customer.documents["answer"] = RECORD.format(customer.url)
    placed = place(sdk, customer, to=PARENT)
    exchange.until("ended")
    (listed,) = sdk.recordings.list(call_uuid=placed.request_uuid).objects
    got = sdk.recordings.get(listed.recording_id)
    assert (got.recording_url, got.recording_format) == (listed.recording_url, "wav")
    assert float(got.recording_duration_ms) == pytest.approx(9500, abs=100)
    assert sdk.recordings.list(add_time__gt="2100-01-01 00:00:00").objects == []
    sdk.recordings.delete(listed.recording_id)
    assert sdk.recordings.list().objects == []
    with pytest.raises(ResourceNotFoundError):
        sdk.recordings.get(listed.recording_id)


def test_the_account_answers(sdk: Any) -> None:
    assert sdk.account.get().auth_id == AUTH_ID


def test_another_token_is_refused(exchange: OpenExchange) -> None:
    with SdkClient(exchange.url, "forged-token") as forger, pytest.raises(AuthenticationError, match="verify"):
        forger.calls.live_call_list_ids()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"from_": "918035731999"}, "not associated with your account"),
        ({"to_": "12"}, "to parameter is invalid"),
        ({"to_": f"{PARENT}<{PARENT}"}, "unique"),
        ({"to_": "<".join(str(919800000000 + n) for n in range(1001))}, "1000"),
        ({"to_": f"{PARENT}<{PATIENT}", "parent_call_uuid": "x"}, "parent_call_uuid"),
        ({"caller_name": "x" * 51}, "caller_name"),
        ({"sip_headers": "a b=c"}, "sip_headers"),
    ],
)
def test_a_bad_parameter_is_a_validation_error(
    sdk: Any, customer: Customer, options: dict[str, str], reason: str
) -> None:
    urls = {"answer_url": f"{customer.url}/answer"}
    with pytest.raises(ValidationError, match=reason):
        sdk.calls.create(**{"from_": SCHOOL, "to_": PARENT, **urls, **options})


def test_an_answer_url_is_needed(sdk: Any) -> None:
    with pytest.raises(ValidationError, match="answer_url"):
        sdk.request("POST", ("Call",), {"from": SCHOOL, "to": PARENT}, is_voice_request=True)


def test_paths_and_methods_that_do_not_exist(sdk: Any) -> None:
    with pytest.raises(ResourceNotFoundError):
        sdk.request("GET", ("Nothing",), is_voice_request=True)
    with pytest.raises(InvalidRequestError, match="not allowed"):
        sdk.request("PUT", ("Call",), {}, is_voice_request=True)


def test_too_many_requests_are_429(tmp_path: Path) -> None:
    with opened_exchange(tmp_path, {}, speed=0.001) as exchange, SdkClient(exchange.url) as sdk:
        for _ in range(300):
            sdk.calls.live_call_list_ids()
        with pytest.raises(PlivoRestError, match="429"):
            sdk.calls.live_call_list_ids()


def test_a_500_after_accepting_makes_the_sdk_ring_three_times(
    sdk: Any, customer: Customer, exchange: OpenExchange
) -> None:
    """Why our own client never dials by the SDK."""
    exchange.fault(on="call", do="accept_then_error")
    with pytest.raises(PlivoServerError):
        place(sdk, customer)
    assert len(exchange.story("accepted")) == 3


def test_a_200_that_is_no_json_is_nothing_to_the_sdk(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    exchange.fault(on="call", do="not_json")
    assert place(sdk, customer) is None
    assert len(exchange.story("accepted")) == 1


def test_a_fresh_call_and_a_fresh_record_may_be_listed_late(
    sdk: Any, customer: Customer, exchange: OpenExchange
) -> None:
    late = {"list_delay_s": 1000.0, "cdr_delay_s": 1000.0}  # ten seconds of the machine
    exchange.rules.switches = exchange.rules.switches.changed(late, "test")
    placed = place(sdk, customer)
    exchange.until("ringing")
    assert sdk.calls.live_call_list_ids().calls == []
    sdk.calls.hangup(placed.request_uuid)
    exchange.until("ended")
    assert sdk.calls.list().objects == []
    with pytest.raises(ResourceNotFoundError):
        sdk.calls.get(placed.request_uuid)
    exchange.rules.switches = exchange.rules.switches.changed({"cdr_delay_s": 0}, "test")
    assert sdk.calls.get(placed.request_uuid).hangup_cause_code == 1000


@pytest.mark.parametrize(("asked", "status"), [(True, 401), (False, 200)])
def test_whether_a_recording_needs_credentials_is_a_switch(
    sdk: Any, customer: Customer, exchange: OpenExchange, asked: bool, status: int
) -> None:
    exchange.rules.switches = exchange.rules.switches.changed({"recording_auth": asked}, "test")
    customer.documents["answer"] = RECORD.format(customer.url)
    place(sdk, customer, to=PARENT)
    exchange.until("ended")
    (listed,) = sdk.recordings.list().objects
    assert requests.get(listed.recording_url, timeout=5).status_code == status
    assert requests.get(f"{exchange.url}/v1/Account/{AUTH_ID}/Recording/", timeout=5).status_code == 401


def test_the_status_of_a_placed_call_is_a_switch(sdk: Any, customer: Customer, exchange: OpenExchange) -> None:
    exchange.rules.switches = exchange.rules.switches.changed({"placed_status": 200}, "test")
    assert place(sdk, customer).message == "call fired"
