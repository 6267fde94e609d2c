"""What the carrier's lists say is cut to what a database can hold: an odd entry must not stop the repair of others."""

from __future__ import annotations

import pytest

from carrier.plivo.causes import UNREADABLE
from carrier.plivo.records import read_ended, read_recording
from carrier.plivo.webhooks import Hangup, parse_hangup


def test_an_over_long_hang_up_cause_is_cut() -> None:
    call = read_ended({"call_uuid": "one", "hangup_cause_name": "Busy\0 " * 100, "hangup_source": "x" * 500})
    assert len(call.cause_name) == len(call.hangup_source) == 200
    assert "\0" not in call.cause_name
    assert call.cause_name.startswith("Busy Busy")


@pytest.mark.parametrize("code", [2**31, -(2**31), "99999999999", "1e400", "nan", True, None, [], "busy"])
def test_a_code_that_is_no_code_is_not_known(code: object) -> None:
    assert read_ended({"call_uuid": "one", "hangup_cause_code": code}).cause_code is None


@pytest.mark.parametrize("code", [4000, "4000", 4000.0])
def test_a_code_is_read_however_it_is_written(code: object) -> None:
    assert read_ended({"call_uuid": "one", "hangup_cause_code": code}).cause_code == 4000


def test_a_recording_of_a_length_that_nobody_could_speak_has_no_length() -> None:
    assert read_recording({"recording_id": "one", "recording_duration_ms": "7e30"}).duration_ms is None


@pytest.mark.parametrize(("code", "kept"), [("4000", 4000), ("99999999999", UNREADABLE)])
def test_a_hang_up_with_an_odd_code_still_ends_its_call(code: str, kept: int) -> None:
    form = {
        "CallUUID": "c0a80101-0000-4000-8000-000000000001", "RequestUUID": "c0a80101-0000-4000-8000-000000000002",
        "From": "918035731000", "To": "919814012345", "CallStatus": "completed", "Event": "Hangup",
        "HangupCauseCode": code,
    }  # fmt: skip
    hangup = parse_hangup(form)
    assert isinstance(hangup, Hangup), hangup
    assert hangup.cause_code == kept
