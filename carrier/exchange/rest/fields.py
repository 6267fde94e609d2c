"""Reading the fields of a request's body, one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request

from ..xml import is_url
from .answers import Refused

Fields = Mapping[str, Any]


def read_body() -> Fields:
    """Return the body: JSON, as the SDK sends it, or a form. Raises Refused."""
    if request.mimetype == "application/json":
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise Refused(400, "the body is not a JSON object")
        return body
    return request.form.to_dict()


def text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()


def url(fields: Fields, name: str, *, required: bool = False) -> str:
    """Return a URL, "" where it is absent. Raises Refused."""
    found = text(fields, name)
    if (found or required) and not is_url(found):
        raise Refused(400, f"{name} parameter is {'missing or ' if not found else ''}not a valid URL")
    return found


def one_of(fields: Fields, name: str, choices: tuple[str, ...]) -> str:
    """Raises Refused."""
    found = text(fields, name)
    if found not in choices:
        raise Refused(400, f"{name} parameter must be one of {', '.join(filter(None, choices))}")
    return found


def flag(fields: Fields, name: str) -> bool:
    """Raises Refused."""
    return one_of(fields, name, ("", "true", "false")) == "true"


def matching(fields: Fields, name: str, pattern: str) -> str:
    """Raises Refused."""
    found = text(fields, name)
    if not re.fullmatch(pattern, found):
        raise Refused(400, f"{name} parameter is invalid")
    return found


def number(fields: Fields, name: str, low: float, high: float, default: float | None) -> float | None:
    """Raises Refused."""
    found = text(fields, name)
    if not found:
        return default
    if not re.fullmatch(r"\d+(\.\d+)?", found) or not low <= float(found) <= high:
        raise Refused(400, f"{name} parameter must be a number from {low:g} to {high:g}")
    return float(found)
