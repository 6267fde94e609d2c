"""The addresses that the carrier calls. A forged request ends here, before anything is read or written.

Whoever waits on the line hears an answer or an apology, within three seconds and never an error's text. Where nobody
listens (a ring, a hang-up, a finished recording) our trouble is a 503, and the carrier delivers again.
"""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from callqueue import bells
from carrier.plivo import webhooks
from carrier.plivo.signature import NONCE_HEADER
from carrier.plivo.webhooks import MAX_FORM_BYTES, WebhookProblem, read_form
from ivr.voice.conversation import Answered, Forged, Webhook, read_step, step_key
from ivr.voice.parts import VoiceParts

log = logging.getLogger(__name__)
blueprint = Blueprint("voice", __name__, url_prefix="/voice")

_PARSERS = {
    "ring": webhooks.parse_ring,
    "answer": webhooks.parse_answer,
    "hangup": webhooks.parse_hangup,
    "recording": webhooks.parse_recording_ready,
}
# A fail-over takes a second or two; somebody who listens to nothing for longer hangs up.
PAUSES_S = (0.3, 0.7)
PATIENCE_S = 2.0


@blueprint.route(
    "/<token>/<any(ring, answer, hangup, recording):kind>", methods=["POST"], provide_automatic_options=False
)
def event(token: str, kind: str) -> Response:
    """A ring, an answer, a finished recording, a hang-up."""
    form = _verified()
    said = _PARSERS[kind](form)
    # A call may make several recordings: each is an event of its own.
    key = f"recording:{form.get('RecordingID', '').replace('-', '')[-30:]}" if kind == "recording" else kind
    return _receive(token, key, form, said, None)


@blueprint.route("/<token>/step/<int:step>", methods=["POST"], provide_automatic_options=False)
def step(token: str, step: int) -> Response:
    """An input, or none: the carrier comes back for the next document."""
    form = _verified()
    return _receive(token, step_key(step), form, read_step(form), step)


@blueprint.route("/<token>/fallback", methods=["POST"], provide_automatic_options=False)
def fallback(token: str) -> Response:
    """Our answer failed: apologise in the last words we are sure to have, without asking the database anything."""
    _verified()
    return _xml(_parts().apology())


@blueprint.errorhandler(Exception)
def trouble(error: Exception) -> Any:
    """Say sorry to whoever listens; to a carrier that only tells us something, say that it should tell us again."""
    if isinstance(error, HTTPException):
        return error
    # Without the address, the form and the error's own words: they lead to a family, a missing clip by a child's name.
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", request.endpoint, type(error).__name__, where)
    listens = request.endpoint != "voice.event" or (request.view_args or {}).get("kind") == "answer"
    return _xml(_parts().apology(), 200 if listens else 503)


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
    body_sha256 = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    webhook = Webhook(token, key, _kept(request.headers[NONCE_HEADER]), body_sha256, form, said, step)
    try:
        answered = _patiently(webhook)
    except Forged:
        abort(403)
    _parts().runtime.bells.ring(bells.FETCH, answered.recordings)
    return _xml(answered.xml)


def _kept(nonce: str) -> str:
    """Return a nonce as our table keeps it: Plivo's have twenty digits, longer ones are allowed."""
    return nonce if len(nonce) <= 64 else hashlib.sha256(nonce.encode()).hexdigest()


def _patiently(webhook: Webhook) -> Answered:
    """Apply a webhook, and try again while a database that is away may still come back in time."""
    began = time.monotonic()
    for pause_s in PAUSES_S:
        try:
            return _parts().receive(webhook)
        except (DBAPIError, NoConnection) as error:
            # Also a twin that was committed meanwhile: its key is taken, and the next look finds its answer.
            if time.monotonic() - began + pause_s > PATIENCE_S:
                raise
            log.warning("the database did not answer, once more: %s", type(error).__name__)
            time.sleep(pause_s)
    return _parts().receive(webhook)


def _xml(document: str, status: int = 200) -> Response:
    return Response(document, status, content_type="application/xml; charset=utf-8")


def _parts() -> VoiceParts:
    parts: VoiceParts = current_app.extensions["voice"]
    return parts
