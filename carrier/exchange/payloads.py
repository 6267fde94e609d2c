"""What the exchange says about calls and recordings: webhook parameters and REST objects."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from .call import Call, Recording
from .causes import call_status
from .switches import Switches

Params = dict[str, str]
ACCOUNT_ZONE = timezone(timedelta(hours=5, minutes=30))


def ring_params(call: Call, auth_id: str) -> Params:
    return {
        "CallStatus": "ringing",
        "CallUUID": call.uuid,
        "CallerName": call.order.caller_name,
        "Direction": call.direction,
        "Event": "Ring",
        "From": f"+{call.order.from_number}",
        "ParentAuthID": auth_id,
        "RequestUUID": call.request_uuid,
        "SessionStart": _session_start(call),
        "To": f"+{call.order.to_number}",
    }


def common_params(call: Call, auth_id: str, event: str) -> Params:
    """Return what every request about an answered call carries."""
    params = {
        "ALegRequestUUID": call.request_uuid,
        "ALegUUID": call.uuid,
        "BillRate": call.rate,
        "CallStatus": "in-progress" if call.answered_at else "ringing",
        "CallUUID": call.uuid,
        "ComplianceApplicationId": "00000000-0000-0000-0000-000000000000",
        "ComplianceStatus": "accepted",
        "CountryCode": "IN",
        "Direction": call.direction,
        "From": call.order.from_number,
        "ParentAuthID": auth_id,
        "RequestUUID": call.request_uuid,
        "RouteType": "Domestic_Anchored",
        "STIRAttestation": "Not Applicable",
        "STIRVerification": "Not Applicable",
        "SessionStart": _session_start(call),
        "To": call.order.to_number,
    }
    if call.machine is not None and not call.order.machine_detection_url:
        params["Machine"] = str(call.machine).lower()
    return params | ({"Event": event} if event else {}) | _sip_params(call)


def hangup_params(call: Call, auth_id: str, switches: Switches) -> Params:
    assert call.verdict is not None and call.ended_at is not None  # noqa: S101 - the caller has just ended it
    answered = call.answered_at is not None
    status, cause = call_status(call.verdict.code, answered=answered, ring_timeout_status=switches.ring_timeout_status)
    params = common_params(call, auth_id, "Hangup") | {
        "CallStatus": status,
        "EndTime": _local(call.ended_at),
        "HangupCause": cause,
        "HangupCauseCode": str(call.verdict.code),
        "HangupCauseName": call.verdict.name,
        "HangupSource": source_name(call, switches),
        "StartTime": _local(call.dialled_at or call.accepted_at),
    }
    if answered or not switches.omit_unanswered_fields:
        params |= {
            "AnswerTime": _local(call.answered_at) if call.answered_at else "",
            "BillDuration": str(call.billed_s),
            "Duration": str(call.duration_s),
            "TotalCost": call.cost,
        }
    return params


def source_name(call: Call, switches: Switches) -> str:
    """Return the hang-up source in the words chosen for the person called."""
    source = call.verdict.source if call.verdict else ""
    return switches.callee_source if source == "Callee" else source


def record_params(recording: Recording, url: str) -> Params:
    return {
        "RecordUrl": url,
        "RecordingID": recording.id,
        "RecordingDuration": str(math.ceil(recording.duration_ms / 1000)),
        "RecordingDurationMs": str(recording.duration_ms),
        "RecordingStartMs": str(recording.begin_ms),
        "RecordingEndMs": str(recording.end_ms),
    }


def api_record_params(recording: Recording, url: str) -> Params:
    """Return what the callback of a recording begun by the API says; its names are those of the API."""
    return {
        "api_id": str(uuid.uuid4()),
        "call_uuid": recording.call_uuid,
        "record_url": url,
        "recording_duration": str(math.ceil(recording.duration_ms / 1000)),
        "recording_duration_ms": str(recording.duration_ms),
        "recording_end_ms": str(recording.end_ms),
        "recording_id": recording.id,
        "recording_start_ms": str(recording.begin_ms),
    }


def dial_leg_params(leg: Call, action: str) -> Params:
    """Return what a Dial's callback says of its second leg."""
    params = {
        "DialBLegUUID": leg.uuid,
        "DialBLegFrom": leg.order.from_number,
        "DialBLegTo": leg.order.to_number,
        "DialBLegStatus": action,
    }
    if action == "hangup" and leg.verdict is not None:
        params |= {
            "DialBLegDuration": str(leg.duration_s),
            "DialBLegBillDuration": str(leg.billed_s),
            "DialBLegHangupCause": "NORMAL_CLEARING",
            "DialBLegHangupCauseCode": str(leg.verdict.code),
            "DialBLegHangupCauseName": leg.verdict.name,
            "DialBLegHangupSource": leg.verdict.source,
        }
    return params


def call_object(call: Call, auth_id: str, switches: Switches) -> dict[str, Any]:
    """Return the detail record of a finished call."""
    assert call.verdict is not None and call.ended_at is not None  # noqa: S101 - the caller lists finished calls only
    return {
        "answer_time": _zoned(call.answered_at) if call.answered_at else None,
        "bill_duration": call.duration_s,
        "billed_duration": call.billed_s,
        "call_direction": call.direction,
        "call_duration": call.duration_s,
        "call_state": "ANSWER" if call.answered_at else "NO_ANSWER",
        "call_uuid": call.uuid,
        "conference_uuid": None,
        "end_time": _zoned(call.ended_at),
        "from_number": f"+{call.order.from_number}",
        "hangup_cause_code": call.verdict.code,
        "hangup_cause_name": call.verdict.name,
        "hangup_source": source_name(call, switches),
        "initiation_time": _zoned(call.accepted_at),
        "parent_call_uuid": call.order.parent_call_uuid or None,
        "resource_uri": f"/v1/Account/{auth_id}/Call/{call.uuid}/",
        "source_ip": None,
        "stir_attestation": "Not Applicable",
        "stir_verification": "Not Applicable",
        "to_number": f"+{call.order.to_number}",
        "total_amount": call.cost,
        "total_rate": call.rate,
        "voice_network_group": "",
    }


def live_object(call: Call) -> dict[str, Any]:
    return {
        "call_status": call.state,
        "call_uuid": call.uuid,
        "caller_name": call.order.caller_name,
        "direction": call.direction,
        "from": call.order.from_number,
        "request_uuid": call.request_uuid,
        "session_start": _session_start(call),
        "stir_attestation": "Not Applicable",
        "stir_verification": "Not Applicable",
        "to": call.order.to_number,
    }


def recording_object(recording: Recording, auth_id: str, url: str) -> dict[str, Any]:
    return {
        "add_time": _zoned(recording.add_at),
        "call_uuid": recording.call_uuid,
        "conference_name": "",
        "from_number": recording.from_number,
        "monthly_recording_storage_amount": "0.00000",
        "recording_duration_ms": f"{recording.duration_ms:.5f}",
        "recording_end_ms": f"{recording.end_ms:.5f}",
        "recording_format": recording.file_format,
        "recording_id": recording.id,
        "recording_start_ms": f"{recording.begin_ms:.5f}",
        "recording_storage_duration": 0,
        "recording_storage_rate": "0.00000",
        "recording_type": recording.kind,
        "recording_url": url,
        "resource_uri": f"/v1/Account/{auth_id}/Recording/{recording.id}/",
        "rounded_recording_duration": math.ceil(recording.duration_ms / 60000) * 60,
        "to_number": recording.to_number,
    }


def _sip_params(call: Call) -> Params:
    pairs = (item.partition("=") for item in call.order.sip_headers.split(",") if "=" in item)
    return {f"X-PH-{name.strip()}": value.strip() for name, _, value in pairs}


def _session_start(call: Call) -> str:
    return call.accepted_at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _local(at: datetime) -> str:
    return at.astimezone(ACCOUNT_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _zoned(at: datetime) -> str:
    return at.astimezone(ACCOUNT_ZONE).strftime("%Y-%m-%d %H:%M:%S+05:30")
