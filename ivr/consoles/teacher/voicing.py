"""A teacher speaks to a class: every family hears it in the place of the chosen praise."""

from __future__ import annotations

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles.teacher import messages, queries
from ivr.consoles.teacher.blueprint import blueprint
from ivr.security import let_use_the_microphone
from ivr.session import actor, runtime
from ivr.trees.timing import LONGEST_VOICE_S
from prompts.clips import Clip
from prompts.errors import AudioRejected
from prompts.recorded import finished
from prompts.studio import Studio
from ptm.models import Round, SchoolClass
from ptm.permissions import Permission


@blueprint.get("/classes/<int:class_id>/voice")
@needs(Permission.VOICE_WRITE)
def voice(class_id: int) -> Response:
    """Hear the present message, record another."""
    return _voice_page(class_id, None)


@blueprint.post("/classes/<int:class_id>/voice")
@needs(Permission.VOICE_WRITE)
def keep_voice(class_id: int) -> Response:
    """Keep what the teacher said. It is checked first, so that no family hears silence."""
    try:
        clip = _keep_clip()
    except AudioRejected as rejected:
        return _voice_page(class_id, f"{str(rejected)[:1].upper()}{str(rejected)[1:]}.")
    now = runtime().clock.now()
    with runtime().database.session() as session:
        one, the_round = _class_and_round(session, class_id)
        if the_round is None:
            abort(404)
        messages.keep_message(
            session, actor(), class_id=one.id, round_id=the_round.id, clip=clip.name,
            length_ms=round(clip.seconds * 1000), now=now,
        )  # fmt: skip
    flash("Kept. Families hear it in their call, from the next one on.")
    return redirect(url_for(".voice", class_id=class_id), 303)


@blueprint.post("/voices/<int:message_id>/withdraw")
@needs(Permission.VOICE_WRITE)
def withdraw_voice(message_id: int) -> Response:
    """Take it back: families hear the chosen praise again."""
    with runtime().database.session() as session:
        taken = messages.withdraw_message(session, actor(), message_id, runtime().clock.now()) or abort(404)
        class_id = taken.class_id
    flash("Taken back. Families hear the praise that you chose for each child.")
    return redirect(url_for(".voice", class_id=class_id), 303)


def _keep_clip() -> Clip:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise AudioRejected("there is no sound yet: record one with the microphone, or choose a WAV file")
    studio: Studio = current_app.extensions["voice"].studio
    return studio.store.add(finished(file.read(), LONGEST_VOICE_S), durable=True)


def _voice_page(class_id: int, problem: str | None) -> Response:
    with runtime().database.reading_session() as session:
        one, the_round = _class_and_round(session, class_id)
        message = messages.load_message(session, one.id, the_round.id if the_round else None)
    page = render_template(
        "teacher/voice.html", one=one, round=the_round, message=message, problem=problem, most_s=LONGEST_VOICE_S
    )
    return let_use_the_microphone(make_response(page, 422 if problem else 200))


def _class_and_round(session: Session, class_id: int) -> tuple[SchoolClass, Round | None]:
    """Return a class of this teacher and the round that runs or comes; a round that is over has nobody to speak to."""
    now = runtime().clock.now()
    one = queries.load_class(session, actor(), Permission.VOICE_WRITE, class_id) or abort(404)
    the_round = queries.load_round(session, one.school_id, now)
    return one, the_round if the_round and the_round.ends_on_ist >= queries.today(now) else None
