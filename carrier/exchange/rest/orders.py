"""Reading the body of POST Call/ into orders, with Plivo's defaults and limits."""

from __future__ import annotations

import re
from typing import Any

from ..call import Order
from .answers import Refused
from .fields import Fields, matching, number, one_of, text, url

MOST_DESTINATIONS = 1000
_NUMBER = re.compile(r"\+?[1-9]\d{6,14}")
_SIP_HEADER = "[A-Za-z0-9]+=[A-Za-z0-9]+"


def read_orders(fields: Fields, caller_ids: frozenset[str]) -> list[Order]:
    """Return one order for each destination, in their order. Raises Refused."""
    from_number = _caller_id(fields, caller_ids)
    to_numbers = _destinations(fields)
    shared = _shared(fields)
    if len(to_numbers) > 1 and shared["parent_call_uuid"]:
        raise Refused(400, "parent_call_uuid parameter is not allowed with more than one destination")
    return [Order(from_number=from_number, to_number=one, **shared) for one in to_numbers]


def _caller_id(fields: Fields, caller_ids: frozenset[str]) -> str:
    found = text(fields, "from")
    if not _NUMBER.fullmatch(found):
        raise Refused(400, "from parameter is missing or is not a number in E.164 form")
    digits = found.removeprefix("+")
    if caller_ids and digits not in caller_ids:
        raise Refused(
            400,
            f"from parameter is invalid. +{digits} is not associated with your account. "
            "Use a phone number rented on your account.",
        )
    return digits


def _destinations(fields: Fields) -> list[str]:
    numbers = [part.strip() for part in text(fields, "to").split("<")]
    if len(numbers) > MOST_DESTINATIONS:
        raise Refused(400, f"to parameter is invalid. At most {MOST_DESTINATIONS} destinations are allowed.")
    for one in numbers:
        if not _NUMBER.fullmatch(one):
            raise Refused(400, "to parameter is invalid. Write E.164 numbers, with < between several.")
    digits = [one.removeprefix("+") for one in numbers]
    if len(set(digits)) != len(digits):
        raise Refused(400, "to parameter is invalid. Destinations must be unique.")
    return digits


def _shared(fields: Fields) -> dict[str, Any]:
    read: dict[str, Any] = {"answer_url": url(fields, "answer_url", required=True)}
    for name in ("ring_url", "hangup_url", "fallback_url", "machine_detection_url"):
        read[name] = url(fields, name)
    for name in ("answer", "ring", "hangup", "fallback", "machine_detection"):
        read[f"{name}_method"] = one_of(fields, f"{name}_method", ("", "GET", "POST")) or "POST"
    read["caller_name"] = matching(fields, "caller_name", ".{0,50}")
    read["send_digits"] = matching(fields, "send_digits", r"([0-9*#wW]+(@\d+)?)?")
    read["sip_headers"] = matching(fields, "sip_headers", f"({_SIP_HEADER}(,{_SIP_HEADER})*)?")
    read["parent_call_uuid"] = text(fields, "parent_call_uuid")
    read["time_limit"] = number(fields, "time_limit", 1, 14400, 14400)
    read["ring_timeout"] = number(fields, "ring_timeout", 1, 3600, 120)
    read["hangup_on_ring"] = number(fields, "hangup_on_ring", 0, 3600, None)
    detection = one_of(fields, "machine_detection", ("", "false", "true", "hangup"))
    read["machine_detection"] = "" if detection == "false" else detection
    read["machine_detection_time"] = number(fields, "machine_detection_time", 2000, 10000, 5000)
    return read
