"""Reading the body of POST Call/ into orders, with Plivo's defaults and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..call import Order
from ..xml import is_url
from .answers import Refused

MOST_DESTINATIONS = 1000
_NUMBER = re.compile(r"\+?[1-9]\d{6,14}")
_METHODS = ("GET", "POST")
_SIP_HEADERS = re.compile(r"[A-Za-z0-9]+=[A-Za-z0-9]+(,[A-Za-z0-9]+=[A-Za-z0-9]+)*")

Fields = Mapping[str, Any]


def read_orders(fields: Fields, caller_ids: frozenset[str]) -> list[Order]:
    """Return one order for each destination, in their order. Raises Refused."""
    from_number = _caller_id(fields, caller_ids)
    to_numbers = _destinations(fields)
    shared = _shared(fields)
    if len(to_numbers) > 1 and shared["parent_call_uuid"]:
        raise Refused(400, "parent_call_uuid parameter is not allowed with more than one destination")
    return [Order(from_number=from_number, to_number=number, **shared) for number in to_numbers]


def _caller_id(fields: Fields, caller_ids: frozenset[str]) -> str:
    number = _text(fields, "from")
    if not _NUMBER.fullmatch(number):
        raise Refused(400, "from parameter is missing or is not a number in E.164 form")
    digits = number.removeprefix("+")
    if caller_ids and digits not in caller_ids:
        raise Refused(
            400,
            f"from parameter is invalid. +{digits} is not associated with your account. "
            "Use a phone number rented on your account.",
        )
    return digits


def _destinations(fields: Fields) -> list[str]:
    numbers = [part.strip() for part in _text(fields, "to").split("<")]
    if len(numbers) > MOST_DESTINATIONS:
        raise Refused(400, f"to parameter is invalid. At most {MOST_DESTINATIONS} destinations are allowed.")
    for number in numbers:
        if not _NUMBER.fullmatch(number):
            raise Refused(400, "to parameter is invalid. Write E.164 numbers, with < between several.")
    digits = [number.removeprefix("+") for number in numbers]
    if len(set(digits)) != len(digits):
        raise Refused(400, "to parameter is invalid. Destinations must be unique.")
    return digits


def _shared(fields: Fields) -> dict[str, Any]:
    read: dict[str, Any] = {"answer_url": _url(fields, "answer_url", required=True)}
    for name in ("ring_url", "hangup_url", "fallback_url", "machine_detection_url"):
        read[name] = _url(fields, name)
    for name in ("answer", "ring", "hangup", "fallback", "machine_detection"):
        read[f"{name}_method"] = _one_of(fields, f"{name}_method", ("", *_METHODS)) or "POST"
    read["caller_name"] = _matching(fields, "caller_name", re.compile(r".{0,50}"))
    read["send_digits"] = _matching(fields, "send_digits", re.compile(r"([0-9*#wW]+(@\d+)?)?"))
    read["sip_headers"] = _matching(fields, "sip_headers", re.compile(f"({_SIP_HEADERS.pattern})?"))
    read["parent_call_uuid"] = _text(fields, "parent_call_uuid")
    read["time_limit"] = _number(fields, "time_limit", 1, 14400, 14400)
    read["ring_timeout"] = _number(fields, "ring_timeout", 1, 3600, 120)
    read["hangup_on_ring"] = _number(fields, "hangup_on_ring", 0, 3600, None)
    read["machine_detection"] = _one_of(fields, "machine_detection", ("", "false", "true", "hangup"))
    read["machine_detection_time"] = _number(fields, "machine_detection_time", 2000, 10000, 5000)
    return read


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()


def _url(fields: Fields, name: str, *, required: bool = False) -> str:
    text = _text(fields, name)
    if (text or required) and not is_url(text):
        raise Refused(400, f"{name} parameter is {'missing or ' if not text else ''}not a valid URL")
    return text


def _one_of(fields: Fields, name: str, choices: tuple[str, ...]) -> str:
    text = _text(fields, name)
    if text not in choices:
        raise Refused(400, f"{name} parameter must be one of {', '.join(filter(None, choices))}")
    return "" if text == "false" else text


def _matching(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    text = _text(fields, name)
    if not pattern.fullmatch(text):
        raise Refused(400, f"{name} parameter is invalid")
    return text


def _number(fields: Fields, name: str, low: float, high: float, default: float | None) -> float | None:
    text = _text(fields, name)
    if not text:
        return default
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not low <= float(text) <= high:
        raise Refused(400, f"{name} parameter must be a number from {low:g} to {high:g}")
    return float(text)
