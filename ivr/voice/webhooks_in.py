"""The addresses that the carrier calls for calls to our numbers, under the same rules as those of our own calls.

POST /voice/in/answer, /voice/in/hangup, /voice/in/fallback      one for all of our numbers: what an account has
POST /voice/in/<token>/step/<n>, /voice/in/<token>/recording, /voice/in/<token>/leg     of one call
GET  /voice/in/<token>/said/<recording>.wav                      what was just recorded, played back to who said it
"""

from __future__ import annotations

import io

from flask import Response, abort, send_file
from sqlalchemy import select

from callqueue.recordings import MAX_RECORDING_BYTES
from carrier.plivo import webhooks
from ivr.voice.conversation import read_step, step_key
from ivr.voice.webhooks import apologise, blueprint, event_key, parts, receive, verified
from ptm.errors import CarrierError
from ptm.models import InboundCall, Recording

__all__ = ["blueprint"]


@blueprint.post("/in/answer", endpoint="in_answer", provide_automatic_options=False)
def answer() -> Response:
    """Somebody calls one of our numbers."""
    form = verified()
    return receive("", "answer", form, webhooks.parse_answer(form, came_in=True), None, came_in=True)


@blueprint.post("/in/hangup", endpoint="in_event", provide_automatic_options=False)
def hangup() -> Response:
    """A call that came in is over."""
    form = verified()
    return receive("", "hangup", form, webhooks.parse_hangup(form, came_in=True), None, came_in=True)


@blueprint.post("/in/fallback", endpoint="in_fallback", provide_automatic_options=False)
def fallback() -> Response:
    """Our answer failed."""
    verified()
    return apologise()


@blueprint.post("/in/<token>/step/<int:step>", endpoint="in_step", provide_automatic_options=False)
def step(token: str, step: int) -> Response:
    """An input, or none."""
    form = verified()
    return receive(token, step_key(step), form, read_step(form, came_in=True), step, came_in=True)


@blueprint.post("/in/<token>/recording", endpoint="in_recording_event", provide_automatic_options=False)
def recording(token: str) -> Response:
    """A recording lies ready."""
    form = verified()
    return receive(token, event_key("recording", form), form, webhooks.parse_recording_ready(form), None, came_in=True)


@blueprint.post("/in/<token>/leg", endpoint="in_leg_event", provide_automatic_options=False)
def leg(token: str) -> Response:
    """The teacher has answered, or has hung up."""
    form = verified()
    return receive(token, event_key("leg", form), form, webhooks.parse_leg(form), None, came_in=True)


@blueprint.get("/in/<token>/said/<uuid:recording_id>.wav", endpoint="in_said", provide_automatic_options=False)
def said(token: str, recording_id: object) -> Response:
    """Send what was recorded in a call to the carrier that plays it there: only it and we know the call's token."""
    runtime = parts().runtime
    query = (
        select(Recording.url, Recording.file)
        .join(InboundCall, InboundCall.id == Recording.inbound_id)
        .where(InboundCall.token == token, Recording.carrier_id == str(recording_id))
    )
    with runtime.database.reading() as tx:
        row = tx.execute(query).first()
    if row is None:
        abort(404)
    sound = io.BytesIO()
    try:
        if row.file is None:
            runtime.carrier_behind(row.url).fetch_recording(row.url, sound, max_bytes=MAX_RECORDING_BYTES)
        else:
            sound.write((runtime.settings.storage.recordings / row.file).read_bytes())
    except (CarrierError, OSError):
        abort(404)  # the carrier goes on without it
    sound.seek(0)
    response = send_file(sound, mimetype="audio/wav")
    response.cache_control.no_store = True
    return response
