"""The phone's page and what it asks for. Its events come as a stream; whatever it does is one small POST."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, Response, request, send_from_directory

from ..errors import BadSettings
from ..exchange import Exchange
from ..handset import Handset
from ..rest.answers import Refused, nothing

T = TypeVar("T")

_STATIC = Path(__file__).parent / "static"
_BEAT_S = 2.0  # machine seconds; a page that is gone is noticed by then
_MOST_VOICE_BYTES = 8000 * 2 * 120

# The page needs nothing from anywhere else, and nobody else may frame it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def phone_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes of the page and of the handsets."""
    blueprint = Blueprint("phone", __name__, url_prefix="/phone")
    desk = _Desk(exchange)

    @blueprint.after_request
    def harden(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @blueprint.get("/")
    def page() -> Response:
        return send_from_directory(_STATIC, "phone.html")

    @blueprint.get("/<any('phone.css', 'phone.js', 'sound.js', 'microphone.js', 'tree.js'):name>")
    def static(name: str) -> Response:
        return send_from_directory(_STATIC, name)

    @blueprint.get("/trees/<name>.svg")
    def drawing(name: str) -> Response:
        if exchange.plan.trees is None or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise Refused(404, "there is no such drawing: start the exchange with --trees FOLDER")
        return send_from_directory(exchange.plan.trees.absolute(), f"{name}.svg", mimetype="image/svg+xml")

    @blueprint.get("/account")
    def account() -> dict[str, object]:
        plan = exchange.plan
        return {
            "speed": exchange.loop.pace.speed,
            "numbers": sorted(plan.caller_ids),
            "calls_in": bool(plan.inbound_answer_url),
            "trees": plan.trees is not None,
        }

    @blueprint.get("/<number>/events")
    def events(number: str) -> Response:
        return Response(desk.events(_digits(number)), content_type="text/event-stream")

    @blueprint.get("/<number>/sound/<int:sound>.wav")
    def sound(number: str, sound: int) -> Response:
        content = desk.on_handset(number, lambda handset: handset.sound(sound))
        if content is None:
            raise Refused(404, "that sound is gone")
        return Response(content, content_type="audio/wav")

    @blueprint.post("/<number>/<any(answer, reject, hang_up):deed>")
    def decide(number: str, deed: str) -> Response:
        _only_from_our_page()
        desk.on_handset(number, lambda handset: getattr(handset, deed)())
        return nothing()

    @blueprint.post("/<number>/key/<key>")
    def press(number: str, key: str) -> Response:
        _only_from_our_page()
        if not re.fullmatch(r"[0-9*#]", key):
            raise Refused(400, "a key is one of 0-9, * and #")
        desk.on_handset(number, lambda handset: handset.press(key))
        return nothing()

    @blueprint.post("/<number>/voice")
    def speak(number: str) -> Response:
        _only_from_our_page()
        if (request.content_length or 0) > _MOST_VOICE_BYTES:
            raise Refused(413, "at most two minutes of voice")
        pcm = request.get_data()
        desk.on_handset(number, lambda handset: handset.speak(pcm))
        return nothing()

    @blueprint.post("/<number>/call/<to>")
    def call_in(number: str, to: str) -> Response:
        _only_from_our_page()
        caller, called = _digits(number), _digits(to)
        desk.on_handset(number, lambda handset: _call_in(exchange, handset, caller, called))
        return nothing()

    return blueprint


class _Desk:
    """Reaches handsets on the loop's own thread."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def on_handset(self, number: str, act: Callable[[Handset], T]) -> T:
        """Act on a phone that somebody holds. Raises Refused."""

        def on_loop() -> T:
            handset = self._exchange.office.handsets.get(number)
            if handset is None:
                raise Refused(404, "nobody holds this phone; open its page")
            return act(handset)

        return self._exchange.ask(on_loop)

    def events(self, number: str) -> Iterator[str]:
        """Hold the phone as long as the page reads, and tell the page all that happens to it."""
        handsets = self._exchange.office.handsets
        handset = self._exchange.ask(lambda: handsets.take_up(number))
        position = handset.position
        try:
            yield ": here\n\n"
            while not self._exchange.closing.is_set():
                news = handset.events(position, _BEAT_S)
                position = news[-1][0] + 1 if news else position
                yield "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for _, event in news) or ": beat\n\n"
        finally:
            if not self._exchange.closing.is_set():
                self._exchange.ask(lambda: handsets.put_down(number))


def _call_in(exchange: Exchange, handset: Handset, caller: str, called: str) -> None:
    if handset.is_taken:
        raise Refused(409, "this phone is in a call")
    try:
        exchange.call_in(caller, called)
    except BadSettings as error:
        raise Refused(409, str(error)) from None


def _digits(number: str) -> str:
    digits = number.removeprefix("+")
    if not re.fullmatch(r"\d{5,15}", digits):
        raise Refused(400, "write the number with its country code, like 919812345678")
    return digits


def _only_from_our_page() -> None:
    """A page of somebody else's cannot set this header without being asked first, and nobody answers that question."""
    if request.headers.get("X-Phone") != "1":
        raise Refused(403, "phones are used from their page")
