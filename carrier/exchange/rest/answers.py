"""How the REST API answers: JSON with an `api_id`, errors with an `error`, lists in pages of at most twenty."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify

T = TypeVar("T")

MOST_PER_PAGE = 20


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


def answer(status: int = 200, **content: Any) -> Response:
    response = jsonify({"api_id": str(uuid.uuid4()), **content})
    response.status_code = status
    return response


def refusal(refused: Refused) -> Response:
    return answer(refused.status, error=refused.error)


def nothing() -> Response:
    """Answer 204, as every successful DELETE."""
    return Response(status=204)


def page(path: str, query: Mapping[str, str], found: Sequence[T], show: Callable[[T], dict[str, Any]]) -> Response:
    """Answer one page of a list, with links to the one before and the one after."""
    limit, offset = whole(query, "limit", 1, MOST_PER_PAGE, MOST_PER_PAGE), whole(query, "offset", 0, 10**9, 0)
    following = offset + limit if offset + limit < len(found) else None
    before = max(0, offset - limit) if offset else None
    meta = {
        "limit": limit,
        "offset": offset,
        "total_count": len(found),
        "next": _link(path, query, limit, following),
        "previous": _link(path, query, limit, before),
    }
    return answer(meta=meta, objects=[show(item) for item in found[offset : offset + limit]])


def whole(query: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    """Read a whole number of the query. Raises Refused."""
    text = query.get(name, str(default))
    if not re.fullmatch(r"\d{1,10}", text) or not low <= int(text) <= high:
        raise Refused(400, f"{name} parameter must be a whole number from {low} to {high}")
    return int(text)


def _link(path: str, query: Mapping[str, str], limit: int, offset: int | None) -> str | None:
    if offset is None:
        return None
    return f"{path}?{urlencode({**query, 'limit': str(limit), 'offset': str(offset)})}"
