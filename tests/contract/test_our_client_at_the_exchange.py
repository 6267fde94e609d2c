"""Our own client of the carrier, at the exchange: the same contract as the SDK's, and what we ask beyond it."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from carrier.contract import Dial, RecordingMissing
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from ptm.errors import NotPlaced, OutcomeUnknown, Throttled
from tests.contract.customer import Customer
from tests.contract.exchange import AUTH_ID, AUTH_TOKEN, PARENT, PATIENT, OpenExchange, opened_exchange

MANY_BYTES = 8_000_000


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def test_a_call_is_found_from_ring_to_end(carrier: PlivoCarrier, dial: Dial, exchange: OpenExchange) -> None:
    placed = carrier.place(dial)
    assert not placed.queued
    exchange.until("ringing")
    (live,) = carrier.find(PATIENT, recently())
    assert (live.call_id, live.state, live.to) == (placed.request_id, "live", PATIENT)
    carrier.hang_up(live.call_id)
    exchange.until("ended")
    (ended,) = carrier.find(PATIENT, recently())
    assert (ended.state, ended.cause_code) == ("ended", 1000)
    assert carrier.look_up(live.call_id) == ended
    assert carrier.find(PARENT, recently()) == ()
    carrier.hang_up(live.call_id)  # one that is over already is no error


def test_a_call_that_waits_is_withdrawn(tmp_path: Path, dial: Dial) -> None:
    with opened_exchange(tmp_path, {}, cps=0.001) as exchange:
        carrier = PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=exchange.url)
        carrier.place(replace(dial, to=PARENT))
        placed = carrier.place(dial)
        assert placed.queued
        (waiting,) = carrier.find(PATIENT, recently())
        assert waiting.state == "queued"
        carrier.cancel(placed.request_id)
        assert [call.state for call in carrier.find(PATIENT, recently())] == ["ended"]
        assert PATIENT not in [entry["to"] for entry in exchange.story("dialled")]


def test_a_call_nobody_placed_is_a_clean_not_there(carrier: PlivoCarrier) -> None:
    assert carrier.look_up("4d04c52e-cea3-4458-bbdb-0bfc314ee7cd") is None
    assert carrier.find(PATIENT, recently()) == ()


def test_a_caller_id_that_is_not_ours_condemns_no_number(carrier: PlivoCarrier, dial: Dial) -> None:
    with pytest.raises(NotPlaced, match="not associated") as refused:
        carrier.place(replace(dial, from_="918035731999"))
    assert not refused.value.permanent


@pytest.mark.parametrize("fault", ["accept_then_error", "not_json"])
def test_after_an_unclear_answer_the_call_is_found_and_rang_once(
    carrier: PlivoCarrier, dial: Dial, exchange: OpenExchange, fault: str
) -> None:
    exchange.fault(on="call", do=fault)
    with pytest.raises(OutcomeUnknown):
        carrier.place(dial)
    exchange.until("dialled")
    assert [call.state for call in carrier.find(PATIENT, recently())] == ["live"]
    assert len(exchange.story("accepted")) == 1


@pytest.mark.parametrize(("fault", "calls"), [("timeout_after", 1), ("timeout_before", 0)])
def test_after_a_time_out_the_lists_say_whether_it_rang(
    exchange: OpenExchange, dial: Dial, fault: str, calls: int
) -> None:
    exchange.fault(on="call", do=fault, seconds=0.5)
    carrier = PlivoCarrier(
        AUTH_ID, AUTH_TOKEN, api_url=exchange.url, limits=Limits(dial=Budget(connect_s=0.2, total_s=0.2))
    )
    with pytest.raises(OutcomeUnknown):
        carrier.place(dial)
    assert len(carrier.find(PATIENT, recently())) == calls


def test_throttling_is_not_a_dial(carrier: PlivoCarrier, dial: Dial, exchange: OpenExchange) -> None:
    exchange.fault(on="call", do="throttle")
    with pytest.raises(Throttled):
        carrier.place(dial)
    assert not exchange.story("accepted")


def test_a_recording_is_listed_fetched_and_deleted(
    carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange
) -> None:
    customer.documents["answer"] = (
        f'<Record action="{customer.url}/done" fileFormat="wav" recordChannelType="mono" timeout="4" maxLength="30"/>'
    )
    carrier.place(replace(dial, to=PARENT))
    exchange.until("ended")
    (listed,) = carrier.recordings(recently())
    target = io.BytesIO()
    size = carrier.fetch_recording(listed.url, target, max_bytes=MANY_BYTES)
    assert size == len(target.getvalue())
    with wave.open(io.BytesIO(target.getvalue())) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (1, 8000, 2)
        assert sound.getnframes() / 8 == listed.duration_ms
    assert [entry["id"] for entry in exchange.until("recording_fetched")] == [listed.recording_id]
    carrier.delete_recording(listed.recording_id)
    carrier.delete_recording(listed.recording_id)
    assert list(carrier.recordings(recently())) == []
    with pytest.raises(RecordingMissing):
        carrier.fetch_recording(listed.url, io.BytesIO(), max_bytes=MANY_BYTES)


def test_more_recordings_than_a_page_are_all_listed(
    carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange
) -> None:
    customer.documents["answer"] = f'<Record action="{customer.url}/done" timeout="2" maxLength="2"/>' * 25
    customer.documents["answer"] = customer.documents["answer"].replace("<Record", '<Record redirect="false"')
    carrier.place(replace(dial, to=PARENT))
    exchange.until("ended")
    assert len({recording.recording_id for recording in carrier.recordings(recently())}) == 25
