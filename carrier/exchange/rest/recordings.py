"""Recording/: list, look up, delete, and the audio itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, send_file

from ..call import Recording
from ..exchange import Exchange
from ..payloads import recording_object
from .answers import Refused, answer, nothing, page
from .filters import number_suits, text_suits, time_suits, value_suits


def recordings_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes below an account."""
    blueprint = Blueprint("recordings", __name__)
    shelf = exchange.office.recordings

    @blueprint.get("/Recording/")
    def recordings() -> Response:
        query = request.args.to_dict()
        found = [item for item in reversed(exchange.ask(shelf.all)) if _suits(item, query)]
        return page(f"/v1/Account/{exchange.plan.account.auth_id}/Recording/", query, found, show)

    @blueprint.get("/Recording/<uuid>/")
    def recording(uuid: str) -> Response:
        return answer(**show(get(uuid)))

    @blueprint.delete("/Recording/<uuid>/")
    def delete(uuid: str) -> Response:
        get(uuid)
        exchange.ask(lambda: forget(uuid))
        return nothing()

    @blueprint.get("/Recording/<uuid>.<any(mp3, wav):form>")
    def audio(uuid: str, form: str) -> Response:
        path = shelf.path(get(uuid).id)
        if not path.exists():
            raise Refused(404, "recording not found")
        exchange.ask(lambda: exchange.office.note(exchange.loop.time(), "recording_fetched", id=uuid))
        # Whatever the name says the sound is PCM: the exchange carries no MP3 encoder.
        return send_file(path.resolve(), mimetype="audio/x-wav")

    def get(uuid: str) -> Recording:
        found = exchange.ask(lambda: shelf.get(uuid))
        if found is None:
            raise Refused(404, "recording not found")
        return found

    def forget(uuid: str) -> None:
        exchange.office.note(exchange.loop.time(), "recording_deleted", id=uuid)
        shelf.forget(uuid)

    def show(item: Recording) -> dict[str, Any]:
        return recording_object(item, exchange.plan.account.auth_id, shelf.url(item))

    return blueprint


def _suits(item: Recording, query: Mapping[str, str]) -> bool:
    return (
        text_suits(query, "call_uuid", item.call_uuid)
        and number_suits(query, "from_number", item.from_number)
        and number_suits(query, "to_number", item.to_number)
        and time_suits(query, "add_time", item.add_at)
        and value_suits(query, "recording_storage_duration", 0)
    )
