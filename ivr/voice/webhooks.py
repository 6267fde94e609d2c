"""The addresses that the carrier calls. A forged request ends here, before anything is read or written."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import OperationalError

from callqueue import bells
from carrier.plivo import webhooks
from carrier.plivo.signature import NONCE_HEADER
from carrier.plivo.webhooks import MAX_FORM_BYTES, WebhookProblem, read_form
from ivr.voice.conversation import Forged, Webhook, read_step, step_key
from ivr.voice.parts import VoiceParts
from prompts.errors import MissingClip

log = logging.getLogger(__name__)
blueprint = Blueprint("voice", __name__, url_prefix="/voice")

_PARSERS = {
    "ring": webhooks.parse_ring,
    "answer": webhooks.parse_answer,
    "hangup": webhooks.parse_hangup,
    "recording": webhooks.parse_recording_ready,
}


@blueprint.post("/<token>/<any(ring, answer, hangup, recording):kind>")
def event(token: str, kind: str) -> Response:
    """A ring, an answer, a finished recording, a hang-up."""
    form = _verified()
    said = _PARSERS[kind](form)
    # A call may make several recordings: each is an event of its own.
    key = f"recording:{form.get('RecordingID', '')}" if kind == "recording" else kind
    return _receive(token, key, form, said, None)


@blueprint.post("/<token>/step/<int:step>")
def step(token: str, step: int) -> Response:
    """An input, or none: the carrier comes back for the next document."""
    form = _verified()
    return _receive(token, step_key(step), form, read_step(form), step)


@blueprint.post("/<token>/fallback")
def fallback(token: str) -> Response:
    """Our answer failed: apologise in the last words we are sure to have, without asking the database anything."""
    _verified()
    return _xml(_parts().apology())


def _verified() -> dict[str, str]:
    """Return the form of a request that the carrier signed; end any other with 403."""
    if (request.content_length or 0) > MAX_FORM_BYTES:
        abort(403)
    form = read_form(request.get_data(cache=True))
    path = request.full_path.removesuffix("?")
    parts = _parts()
    if isinstance(form, WebhookProblem) or not parts.verifier.accepts(
        "POST", parts.public_url + path, cast(Mapping[str, str], request.headers), form
    ):
        abort(403)
    return form


def _receive(token: str, key: str, form: dict[str, str], said: Any, step: int | None) -> Response:
    if isinstance(said, WebhookProblem):
        log.warning("refused a signed webhook: %s %s", said.field, said.reason)
        abort(403)
    parts = _parts()
    body_sha256 = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    webhook = Webhook(token, key, request.headers[NONCE_HEADER], body_sha256, form, said, step)
    try:
        with parts.runtime.database.writing() as tx:
            answered = parts.conversation.receive(tx, webhook, parts.runtime.clock.now())
    except Forged:
        abort(403)
    except MissingClip as missing:
        # Nothing is committed: the call ends with an apology and is planned again as our fault.
        log.error("a prompt is missing in mid-call: %s", missing)
        return _xml(parts.apology())
    except OperationalError:
        # The carrier asks again; by then the database may be back.
        log.exception("the database did not answer")
        return _xml(parts.apology(), status=503)
    parts.runtime.bells.ring(bells.FETCH, answered.recordings)
    return _xml(answered.xml)


def _xml(document: str, status: int = 200) -> Response:
    return Response(document, status, content_type="application/xml; charset=utf-8")


def _parts() -> VoiceParts:
    parts: VoiceParts = current_app.extensions["voice"]
    return parts
