"""Filters of the lists: equal values, and ranges such as `end_time__gte` whose times are UTC."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from .answers import Refused

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "__lt": operator.lt,
    "__lte": operator.le,
    "__gt": operator.gt,
    "__gte": operator.ge,
}


def number_suits(query: Mapping[str, str], name: str, digits: str) -> bool:
    """Does a phone number equal the one asked for, with or without a plus?"""
    return query.get(name, digits).strip().removeprefix("+") == digits


def text_suits(query: Mapping[str, str], name: str, value: str) -> bool:
    return query.get(name, value) == value


def value_suits(query: Mapping[str, str], name: str, value: float) -> bool:
    """Does a number lie in every range asked for? Raises Refused."""
    return all(compare(value, asked) for compare, asked in _asked(query, name, _number))


def time_suits(query: Mapping[str, str], name: str, at: datetime) -> bool:
    """Does an instant lie in every range asked for? Lists hold whole seconds. Raises Refused."""
    second = at.replace(microsecond=0)
    return all(compare(second, asked) for compare, asked in _asked(query, name, _time))


def _asked(
    query: Mapping[str, str], name: str, read: Callable[[str, str], Any]
) -> list[tuple[Callable[[Any, Any], bool], Any]]:
    return [
        (compare, read(query[name + suffix], name + suffix))
        for suffix, compare in _COMPARISONS.items()
        if name + suffix in query
    ]


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused(400, f"{name} parameter must be a number") from None


def _time(text: str, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, f"{name} parameter must be a time such as 2026-11-25 05:30:00") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
