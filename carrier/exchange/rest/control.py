"""Call/U/ and below it: transfer, speak, play, send keys and record on a live call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, Response

from ..dialling import Dialling
from ..exchange import Exchange
from ..leg import Leg
from ..overlay import Overlay
from ..taping import Tape
from .answers import Refused, answer, nothing
from .fields import flag, matching, number, one_of, read_body, text, url

T = TypeVar("T")

_MOST_SPOKEN = 3000


def control_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes below an account."""
    blueprint = Blueprint("control", __name__)
    live = _Live(exchange)

    @blueprint.post("/Call/<uuid>/")
    def transfer(uuid: str) -> Response:
        fields = read_body()
        if (one_of(fields, "legs", ("", "aleg", "bleg", "both")) or "aleg") != "aleg":
            raise Refused(400, "legs parameter: this exchange transfers the aleg alone")
        target, method = url(fields, "aleg_url", required=True), one_of(fields, "aleg_method", ("", "GET", "POST"))
        live.on_call(uuid, lambda dialling: dialling.transfer(target, method or "POST"))
        return answer(202, message="call transferred")

    @blueprint.post("/Call/<uuid>/Speak/")
    def speak(uuid: str) -> Response:
        fields = read_body()
        words, language = _spoken(fields), text(fields, "language") or "en-US"
        endless = flag(fields, "loop")
        live.on_overlay(uuid, lambda overlay: overlay.speak(words, language, endless=endless))
        return answer(202, message="speak started")

    @blueprint.delete("/Call/<uuid>/Speak/")
    def stop_speaking(uuid: str) -> Response:
        live.on_overlay(uuid, lambda overlay: overlay.stop("speak"))
        return nothing()

    @blueprint.post("/Call/<uuid>/Play/")
    def play(uuid: str) -> Response:
        fields = read_body()
        urls = [url({"urls": one}, "urls", required=True) for one in text(fields, "urls").split(",")]
        endless, length_s = flag(fields, "loop"), number(fields, "length", 1, 14400, None)
        live.on_overlay(uuid, lambda overlay: overlay.play(urls, endless=endless, length_s=length_s))
        return answer(202, message="play started")

    @blueprint.delete("/Call/<uuid>/Play/")
    def stop_playing(uuid: str) -> Response:
        live.on_overlay(uuid, lambda overlay: overlay.stop("play"))
        return nothing()

    @blueprint.post("/Call/<uuid>/DTMF/")
    def send_digits(uuid: str) -> Response:
        digits = matching(read_body(), "digits", r"[0-9*#wW]{1,100}")
        live.on_overlay(uuid, lambda overlay: overlay.send_digits(digits))
        return answer(202, message="digits sent")

    @blueprint.post("/Call/<uuid>/Record/")
    def record(uuid: str) -> Response:
        fields = read_body()
        limit_s = number(fields, "time_limit", 1, 14400, 60) or 60
        recording, where = live.on_overlay(uuid, lambda overlay: overlay.record(_tape(exchange, fields), limit_s))
        return answer(202, message="call recording started", recording_id=recording, url=where)

    @blueprint.delete("/Call/<uuid>/Record/")
    def stop_recording(uuid: str) -> Response:
        live.on_overlay(uuid, lambda overlay: overlay.stop_recording())
        return nothing()

    return blueprint


class _Live:
    """Finds live calls, on the loop's own thread."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def on_call(self, uuid: str, act: Callable[[Dialling | Leg], T]) -> T:
        """Act on an answered call. Raises Refused when there is none."""

        def on_loop() -> T:
            call = self._exchange.switchboard.find(uuid)
            dialling = self._exchange.switchboard.live.get(call.uuid) if call else None
            if dialling is None or dialling.overlay is None:
                raise Refused(404, "call not found")
            return act(dialling)

        return self._exchange.ask(on_loop)

    def on_overlay(self, uuid: str, act: Callable[[Overlay], T]) -> T:
        """Act over an answered call. Raises Refused when there is none."""

        def on_dialling(dialling: Dialling | Leg) -> T:
            assert dialling.overlay is not None  # noqa: S101 - on_call has looked
            return act(dialling.overlay)

        return self.on_call(uuid, on_dialling)


def _spoken(fields: Mapping[str, Any]) -> str:
    words = text(fields, "text")
    if not 0 < len(words) <= _MOST_SPOKEN:
        raise Refused(400, f"text parameter must have 1 to {_MOST_SPOKEN} characters")
    return words


def _tape(exchange: Exchange, fields: Mapping[str, Any]) -> Tape:
    return Tape(
        exchange.loop.time(),
        one_of(fields, "file_format", ("", "mp3", "wav")) or "mp3",
        one_of(fields, "record_channel_type", ("", "stereo", "mono")) == "mono",
        url(fields, "callback_url"),
        one_of(fields, "callback_method", ("", "GET", "POST")) or "POST",
        "api_record",
    )
