"""The addresses that the carrier calls. A forged request ends here, before anything is read or written.

Whoever waits on the line hears an answer or an apology, within three seconds and never an error's text. Where nobody
listens (a ring, a hang-up, a finished recording) our trouble is a 503, and the carrier delivers again.
"""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, g, request
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

_PARSERS: Mapping[str, Callable[[Mapping[str, str]], Any]] = {
    "ring": webhooks.parse_ring,
    "answer": webhooks.parse_answer,
    "hangup": webhooks.parse_hangup,
    "recording": webhooks.parse_recording_ready,
    "leg": webhooks.parse_leg,
}
# A fail-over takes a second or two; somebody who listens to nothing for longer hangs up.
PAUSES_S = (0.3, 0.7)
PATIENCE_S = 2.0


@blueprint.route(
    "/<token>/<any(ring, answer, hangup, recording, leg):kind>", methods=["POST"], provide_automatic_options=False
)
def event(token: str, kind: str) -> Response:
    """A ring, an answer, a finished recording, news of the teacher's leg, a hang-up."""
    form = verified()
    said = _PARSERS[kind](form)
    return receive(token, event_key(kind, form), form, said, None)


@blueprint.route("/<token>/step/<int:step>", methods=["POST"], provide_automatic_options=False)
def step(token: str, step: int) -> Response:
    """An input, or none: the carrier comes back for the next document."""
    form = verified()
    return receive(token, step_key(step), form, read_step(form), step)


@blueprint.route("/<token>/fallback", methods=["POST"], provide_automatic_options=False)
def fallback(token: str) -> Response:
    """Our answer failed: apologise in the last words we are sure to have, without asking the database anything."""
    verified()
    return apologise()


@blueprint.errorhandler(Exception)
def trouble(error: Exception) -> Any:
    """Say sorry to whoever listens; to a carrier that only tells us something, say that it should tell us again."""
    if isinstance(error, HTTPException):
        return error
    # Without the address, the form and the error's own words: they lead to a family, a missing clip by a child's name.
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", request.endpoint, type(error).__name__, where)
    is_event = (request.endpoint or "").endswith("event")
    listens = not is_event or (request.view_args or {}).get("kind") == "answer"
    return _xml(parts().apology(), 200 if listens else 503)


def apologise() -> Response:
    return _xml(parts().apology())


def event_key(kind: str, form: Mapping[str, str]) -> str:
    """Return the key of an event: one call may make several recordings, and its second leg has several news."""
    if kind == "recording":
        return f"recording:{_tail(form.get('RecordingID', ''), 30)}"
    if kind == "leg":
        return f"leg:{form.get('DialAction', '')[:10]}:{_tail(form.get('DialBLegUUID', ''), 25)}"
    return kind


def _tail(uuid: str, characters: int) -> str:
    return uuid.replace("-", "")[-characters:]


def verified() -> dict[str, str]:
    """Return the form of a request that the carrier signed; end any other with 403."""
    if (request.content_length or 0) > MAX_FORM_BYTES:
        abort(403)
    form = read_form(request.get_data(cache=True))
    path = request.full_path.removesuffix("?")
    ours = parts()
    if isinstance(form, WebhookProblem):
        abort(403)
    headers = cast(Mapping[str, str], request.headers)
    signers = ours.verifier.signers("POST", ours.public_url + path, headers, form)
    if not signers:
        abort(403)
    if len(ours.accounts) > 1:
        g.signed_by = frozenset(ours.accounts[at] for at in signers)
    return form


def receive(
    token: str, key: str, form: dict[str, str], said: Any, step: int | None, *, came_in: bool = False
) -> Response:
    """Apply a webhook of one of our calls, or of one that `came_in`, and answer it."""
    if isinstance(said, WebhookProblem):
        log.warning("refused a signed webhook: %s %s", said.field, said.reason)
        abort(403)
    body_sha256 = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    webhook = Webhook(
        token, key, _kept(request.headers[NONCE_HEADER]), body_sha256, form, said, step, g.get("signed_by")
    )
    try:
        answered = _patiently(webhook, parts().receive_called_in if came_in else parts().receive)
    except Forged:
        abort(403)
    parts().runtime.bells.ring(bells.FETCH, answered.recordings)
    return _xml(parts().filled(answered.xml))


def _kept(nonce: str) -> str:
    """Return a nonce as our table keeps it: Plivo's have twenty digits, longer ones are allowed."""
    return nonce if len(nonce) <= 64 else hashlib.sha256(nonce.encode()).hexdigest()


def _patiently(webhook: Webhook, receive: Callable[[Webhook], Answered]) -> Answered:
    """Apply a webhook, and try again while a database that is away may still come back in time."""
    began = time.monotonic()
    for pause_s in PAUSES_S:
        try:
            return receive(webhook)
        except (DBAPIError, NoConnection) as error:
            # Also a twin that was committed meanwhile: its key is taken, and the next look finds its answer.
            if time.monotonic() - began + pause_s > PATIENCE_S:
                raise
            log.warning("the database did not answer, once more: %s", type(error).__name__)
            time.sleep(pause_s)
    return receive(webhook)


def _xml(document: str, status: int = 200) -> Response:
    return Response(document, status, content_type="application/xml; charset=utf-8")


def parts() -> VoiceParts:
    """Return this process's parts."""
    ours: VoiceParts = current_app.extensions["voice"]
    return ours
