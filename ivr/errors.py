"""Pages for what went wrong, in words that say what to do next and nothing about our insides."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ivr.access import MACHINE_BLUEPRINTS

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_fault)


def _stale_form(_error: CSRFError) -> Response:
    return _page(400, "stale_form")


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    if request.blueprint in MACHINE_BLUEPRINTS:
        return make_response(f"{code}\n", code, {"Content-Type": "text/plain; charset=utf-8"})
    if code == 404 and request.endpoint and (actor := g.get("actor")):
        # Somebody signed in asks for what is not there or not theirs: the page tells them no difference, the log may.
        log.warning("denied: user %s, %s %s: not there or not theirs", actor.user_id, request.method, request.endpoint)
    response = _page(code, str(code))
    if isinstance(allowed := getattr(error, "valid_methods", None), list):
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _our_fault(error: Exception) -> Response:
    # Without the URL's arguments and the form: both may hold names.
    log.error("%s %s failed", request.method, request.endpoint, exc_info=error)
    return _page(500, "500")


def _page(code: int, kind: str) -> Response:
    g.setdefault("actor", None)
    return make_response(render_template("error.html", code=code, kind=kind), code)
