"""Asynchronous requests: with a `callback_url` the answer comes at once and says little; the result is posted there."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from ..exchange import Exchange
from .answers import answer
from .fields import one_of, url


class Later:
    """Turns the answer to such a request into a webhook."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def post(self, response: Response) -> Response:
        """Return the answer to give at once: the response itself, unless the request asked for it later."""
        fields = _fields()
        if response.status_code >= 400 or not fields.get("callback_url") or not request.path.startswith("/v1/"):
            return response
        # A recording's callback_url is told when the recording is there; a list's would be no callback of ours.
        if request.path.rstrip("/").endswith("/Record") or request.method == "GET":
            return response
        target, method = url(fields, "callback_url"), one_of(fields, "callback_method", ("", "GET", "POST")) or "POST"
        content = response.get_json(silent=True) or {}
        params = {name: value if isinstance(value, str) else str(value) for name, value in content.items()}
        self._exchange.ask(lambda: self._exchange.office.tell("", "api", target, method, params))
        return answer(202, message="async api spawned")


def _fields() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else request.form.to_dict()
