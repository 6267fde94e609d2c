"""A teacher's pages: my classes, one class, call it, watch it, who still needs a person, what parents said."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from callqueue import bells
from callqueue.dialing import limits_together
from callqueue.planning import BatchRefused, start_batch
from callqueue.rounds import window_of
from ivr.access import needs
from ivr.consoles.looking import record_look, record_watching
from ivr.consoles.operator.queries import load_switch
from ivr.consoles.teacher import changes, forms, messages, queries, wishes
from ivr.consoles.teacher.blueprint import blueprint
from ivr.consoles.teacher.finishing import first_pass_ends
from ivr.consoles.teacher.phrases import load_phrases
from ivr.consoles.teacher.progress import load_progress, needing_a_person
from ivr.consoles.teacher.speaking import line_number
from ivr.launching import NotFit, refuse_unfit_round
from ivr.session import actor, runtime
from ptm import audit
from ptm.models import Batch, Round, SchoolClass
from ptm.permissions import Permission

log = logging.getLogger(__name__)

NOT_FIT = "Some of what the calls say is not ready to be heard, so nobody can be called yet. Please tell your operator."


@blueprint.get("/")
@needs(Permission.CLASS_SEE)
def classes() -> str:
    """My classes."""
    with runtime().database.reading_session() as session:
        cards = queries.load_cards(session, actor(), runtime().clock.now())
        wanting = wishes.count_wishes(session, [card.id for card in cards])
    return render_template("teacher/classes.html", cards=cards, wanting=wanting)


@blueprint.get("/classes/<int:class_id>")
@needs(Permission.CLASS_SEE)
def school_class(class_id: int) -> str:
    """One class: its children, and what will be said of each."""
    return _class_page(class_id, {}, {})


@blueprint.post("/classes/<int:class_id>/messages")
@needs(Permission.MESSAGE_WRITE)
def save_messages(class_id: int) -> Response | str | tuple[str, int]:
    """Save what will be said of each child: all of it, or with a single wrong value nothing."""
    now = runtime().clock.now()
    with runtime().database.session() as session:
        one, the_round = _class_and_round(session, Permission.MESSAGE_WRITE, class_id, now)
        if the_round is None:
            abort(404)
        batch = queries.load_batch_of(session, one.id, the_round.id)
        if batch is not None and batch.state in changes.LOCKED_STATES:
            flash("Calling is under way: pause it before you change what is said.", "note")
            return redirect(url_for(".batch", batch_id=batch.id), 303)
        ids = [child.id for child in queries.load_children(session, one.id, the_round.id)]
        said, problems = forms.parse_messages(request.form, ids, load_phrases().choices)
        if not problems:
            changed = changes.save_messages(
                session, actor(), class_id=one.id, round_id=the_round.id, said=said, now=now
            )
    if problems:
        return _class_page(class_id, problems, request.form), 422
    # "Call my class" is a button of the same form, so that nothing typed is left behind.
    calls = request.form.get("then") == "call"
    if changed or not calls:
        flash(*(("Saved.",) if changed else ("Nothing was changed.", "note")))
    return redirect(url_for(".confirm" if calls else ".school_class", class_id=class_id), 303)


@blueprint.get("/classes/<int:class_id>/call")
@needs(Permission.BATCH_START)
def confirm(class_id: int) -> str | Response:
    """Before the button: how many families, how long, what is still missing."""
    return _confirm_page(class_id, None)


@blueprint.post("/classes/<int:class_id>/call")
@needs(Permission.BATCH_START)
def start(class_id: int) -> Response | tuple[str | Response, int]:
    """Call my class. Pressed twice, or on two phones, it starts once."""
    form_key = request.form.get("form_key", "")
    if not forms.FORM_KEY.fullmatch(form_key):
        abort(400)
    try:
        batch_id = _start(class_id, form_key)
    except BatchRefused as refusal:
        return _confirm_page(class_id, str(refusal)), 409
    except NotFit as unfit:
        log.error("no batch can start: %s", unfit)
        return _confirm_page(class_id, NOT_FIT), 409
    runtime().bells.ring(bells.PREPARE, [batch_id])
    return redirect(url_for(".batch", batch_id=batch_id), 303)


@blueprint.get("/batches/<int:batch_id>")
@needs(Permission.BATCH_SEE)
def batch(batch_id: int) -> str:
    """Watch it: every child's call in plain words."""
    now = runtime().clock.now()
    with runtime().database.reading_session() as session:
        found = _batch(session, Permission.BATCH_SEE, batch_id)
        progress = load_progress(session, found, now)
        stopped = load_switch(session)
    record_watching("batch.open", "batch", batch_id)
    live = found.state in ("preparing", "calling", "paused")
    return render_template(
        "teacher/batch.html", batch=found, progress=progress, live=live, now=now, stopped=stopped if live else None
    )


@blueprint.post("/batches/<int:batch_id>/<any(pause, resume, cancel):verb>")
@needs(Permission.BATCH_CONTROL)
def control(batch_id: int, verb: str) -> Response:
    """Pause, go on, or stop for good."""
    now = runtime().clock.now()
    with runtime().database.session() as session:
        found = _batch(session, Permission.BATCH_CONTROL, batch_id)
        changed = changes.control_batch(session, actor(), found, verb, now)
    if changed and verb == "resume":
        runtime().bells.ring(bells.PREPARE, [batch_id])
    return redirect(url_for(".batch", batch_id=batch_id), 303)


@blueprint.get("/batches/<int:batch_id>/cancel")
@needs(Permission.BATCH_CONTROL)
def confirm_cancel(batch_id: int) -> str:
    """Stopping for good cannot be taken back, so it is asked twice."""
    with runtime().database.reading_session() as session:
        found = _batch(session, Permission.BATCH_CONTROL, batch_id)
        progress = load_progress(session, found, runtime().clock.now())
    return render_template("teacher/cancel.html", batch=found, progress=progress)


@blueprint.get("/batches/<int:batch_id>/unreached")
@needs(Permission.BATCH_SEE)
def unreached(batch_id: int) -> str:
    """Who still needs a person's call, and why."""
    now = runtime().clock.now()
    with runtime().database.reading_session() as session:
        found = _batch(session, Permission.BATCH_SEE, batch_id)
        progress = load_progress(session, found, now)
    record_look("unreached.open", "batch", batch_id)
    families = needing_a_person(progress.lines)
    return render_template(
        "teacher/unreached.html", batch=found, families=families, progress=progress,
        speaks=bool(line_number()),
    )  # fmt: skip


@blueprint.get("/classes/<int:class_id>/said")
@needs(Permission.FEEDBACK_READ)
def said(class_id: int) -> str:
    """What parents of my class said: words made public, without names."""
    with runtime().database.reading_session() as session:
        one = queries.load_class(session, actor(), Permission.FEEDBACK_READ, class_id) or abort(404)
        messages, waiting = queries.load_said(session, class_id)
    record_look("feedback.open", "class", class_id)
    return render_template("teacher/said.html", one=one, messages=messages, waiting=waiting)


def _class_page(class_id: int, problems: dict[int, str], typed: Mapping[str, str]) -> str:
    now = runtime().clock.now()
    with runtime().database.reading_session() as session:
        one, the_round = _class_and_round(session, Permission.CLASS_SEE, class_id, now)
        children = queries.load_children(session, class_id, the_round.id if the_round else None)
        found = queries.load_batch_of(session, class_id, the_round.id) if the_round else None
        wanting = wishes.load_wishes(session, class_id)
        message = messages.load_message(session, class_id, the_round.id if the_round else None)
    record_look("class.open", "class", class_id)
    return render_template(
        "teacher/class.html", one=one, round=the_round, children=children, batch=found, phrases=load_phrases(),
        problems=problems, typed=typed, wanting=wanting, message=message, speaks=bool(line_number()),
        locked=found is not None and found.state in changes.LOCKED_STATES,
    )  # fmt: skip


def _confirm_page(class_id: int, refusal: str | None) -> str | Response:
    now = runtime().clock.now()
    with runtime().database.reading_session() as session:
        one, the_round = _class_and_round(session, Permission.BATCH_START, class_id, now)
        found = queries.load_batch_of(session, class_id, the_round.id) if the_round else None
        if found is not None:
            return redirect(url_for(".batch", batch_id=found.id), 303)
        plan = queries.load_plan(session, class_id, the_round.id if the_round else None, now)
    ends_at = _ends_at(the_round, plan, now) if the_round and not refusal else None
    return render_template(
        "teacher/confirm.html", one=one, round=the_round, plan=plan, ends_at=ends_at, refusal=refusal,
        form_key=uuid.uuid4().hex,
    )  # fmt: skip


def _ends_at(the_round: Round, plan: queries.Plan, now: datetime) -> datetime | None:
    window = window_of({key: getattr(the_round, key) for key in queries.WINDOW_COLUMNS})
    return first_pass_ends(window, limits_together(runtime()), calls=plan.families, ahead=plan.ahead, now=now)


def _start(class_id: int, form_key: str) -> int:
    now = runtime().clock.now()
    with runtime().database.session() as session:
        one, the_round = _class_and_round(session, Permission.BATCH_START, class_id, now)
        if the_round is None:
            raise BatchRefused("No round has been opened for this school yet.")
        was_there = queries.load_batch_of(session, one.id, the_round.id) is not None
        if not was_there:
            refuse_unfit_round(runtime(), current_app.extensions["voice"].studio, the_round.id)
        begun = start_batch(
            session, round_id=the_round.id, class_id=one.id, user_id=actor().user_id, form_key=form_key, now=now
        )
        if not was_there and begun.form_key == form_key:
            audit.record(
                session, user_id=actor().user_id, action="batch.start", subject="batch", subject_id=begun.id, now=now
            )
        return begun.id


def _class_and_round(
    session: Session, permission: Permission, class_id: int, now: datetime
) -> tuple[SchoolClass, Round | None]:
    one = queries.load_class(session, actor(), permission, class_id) or abort(404)
    return one, queries.load_round(session, one.school_id, now)


def _batch(session: Session, permission: Permission, batch_id: int) -> Batch:
    return queries.load_batch(session, actor(), permission, batch_id) or abort(404)
