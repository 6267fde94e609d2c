"""The REST API as a WSGI application: who may ask, how often, what goes wrong on purpose, and the routes."""

from __future__ import annotations

import hmac
import logging
import time
from collections import deque

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from ..exchange import Exchange
from ..faults import Fault
from ..phone.routes import phone_blueprint
from .answers import Refused, answer, refusal
from .calls import calls_blueprint
from .control import control_blueprint
from .later import Later
from .recordings import recordings_blueprint

log = logging.getLogger(__name__)

MOST_REQUESTS, WINDOW_S = 300, 5.0  # clock seconds: with faster parents come more requests


def create_app(exchange: Exchange) -> Flask:
    """Return the API of an exchange whose loop runs in another thread."""
    app = Flask(__name__)
    app.url_map.strict_slashes = False
    gate = _Gate(exchange)
    app.before_request(gate.admit)
    app.after_request(gate.spoil)  # the last to be run: whatever is said may go wrong
    app.after_request(Later(exchange).post)
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal_error)
    account = f"/v1/Account/{exchange.plan.account.auth_id}"
    for blueprint in (calls_blueprint(exchange), control_blueprint(exchange), recordings_blueprint(exchange)):
        app.register_blueprint(blueprint, url_prefix=account)

    app.register_blueprint(phone_blueprint(exchange))

    @app.get(f"{account}/")
    def show_account() -> Response:
        return answer(
            account_type="standard",
            auth_id=exchange.plan.account.auth_id,
            auto_recharge=False,
            billing_mode="prepaid",
            cash_credits="1000.00000",
            name="Pocket exchange",
            resource_uri=f"{account}/",
            state="active",
            timezone="Asia/Kolkata",
        )

    @app.get("/healthz")
    def healthz() -> Response:
        return answer(at=exchange.ask(exchange.loop.instant).isoformat())

    return app


class _Gate:
    """What every request to an account passes."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._requests: deque[float] = deque(maxlen=MOST_REQUESTS)

    def admit(self) -> Response | None:
        """Return the refusal of a request, or None if it may go on."""
        if not request.path.startswith("/v1/"):
            return None
        is_audio = request.method == "GET" and request.path.endswith((".wav", ".mp3"))
        is_open = is_audio and not self._exchange.rules.switches.recording_auth
        if not self._is_known() and not is_open:
            return answer(401, error="Could not verify your access level for that URL.")
        if not is_audio and self._exchange.ask(self._is_too_many):  # audio comes from another host at the carrier
            return _too_many()
        g.fault = self._exchange.ask(self._fault)
        return None if g.fault is None else _instead(g.fault)

    def _is_known(self) -> bool:
        given, account = request.authorization, self._exchange.plan.account
        if given is None or given.type != "basic":
            return False
        tokens = (*account.tokens, account.main_token)
        return given.username == account.auth_id and any(_same(given.password or "", token) for token in tokens)

    def _is_too_many(self) -> bool:
        now_s = self._exchange.loop.time()
        if len(self._requests) == MOST_REQUESTS and now_s - self._requests[0] < WINDOW_S:
            return True
        self._requests.append(now_s)
        return False

    def _fault(self) -> Fault | None:
        places_call = request.method == "POST" and request.path.rstrip("/").endswith("/Call")
        return self._exchange.rules.faults.on_rest("call" if places_call else "other")

    @staticmethod
    def spoil(response: Response) -> Response:
        """Let the answer of a request that was carried out go wrong, if a fault says so."""
        fault: Fault | None = g.pop("fault", None)
        if fault is None:
            return response
        if fault.do == "accept_then_error":
            return answer(fault.status, error="internal server error")
        if fault.do == "not_json":
            return Response("<html>It works!</html>", 200, content_type="text/html")
        if fault.do == "timeout_after":
            time.sleep(fault.seconds)
        return response


def _instead(fault: Fault) -> Response | None:
    """Return what a fault answers before anything is carried out."""
    if fault.do == "throttle":
        return _too_many()
    if fault.do == "error":
        return answer(fault.status, error="internal server error")
    if fault.do == "timeout_before":
        time.sleep(fault.seconds)
        return answer(504, error="gateway timeout")
    return None


def _too_many() -> Response:
    return answer(429, error="API rate limit exceeded: at most 300 requests in 5 seconds")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _http_error(error: HTTPException) -> Response:
    words = {404: "not found", 405: "method not allowed"}
    status = error.code or 500
    return answer(status, error=words.get(status, error.name.lower()))


def _internal_error(error: Exception) -> Response:
    log.error("the exchange itself failed at %s %s", request.method, request.path, exc_info=error)
    return answer(500, error="internal server error")
