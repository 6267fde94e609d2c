"""A teacher asks for one family and is put through when they call the teacher's line: neither sees a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from callqueue import putting_through
from ivr.access import needs
from ivr.consoles import lines
from ivr.consoles.teacher import queries
from ivr.consoles.teacher.blueprint import blueprint
from ivr.session import actor, runtime
from ptm.models import Child, PutThrough
from ptm.permissions import Permission

NO_LINE = "The teacher’s line has no number yet; your operator sets it up. Then you can be put through to families."


@dataclass(frozen=True)
class Asked:
    """One family that a teacher asked for, and until when it waits for their call."""

    id: int
    child_id: int
    class_id: int
    child: str
    until_at: datetime
    spoken_at: datetime | None


@blueprint.post("/classes/<int:class_id>/children/<int:child_id>/speak")
@needs(Permission.FAMILY_CALL)
def ask_for_family(class_id: int, child_id: int) -> Response:
    """Let this family wait for my call."""
    now = runtime().clock.now()
    with runtime().database.session() as session:
        queries.load_class(session, actor(), Permission.FAMILY_CALL, class_id) or abort(404)
        session.scalar(select(Child.id).where(Child.id == child_id, Child.class_id == class_id)) or abort(404)
        if lines.load_line(session, actor()) is None:
            flash("To speak with a family, first say which phone is yours: you are known by its number.", "note")
            return redirect(url_for(".phone"), 303)
        if not line_number():
            flash(NO_LINE, "note")
            return redirect(url_for(".school_class", class_id=class_id), 303)
        try:
            put_id = putting_through.ask(session.connection(), actor().user_id, child_id, now)
        except putting_through.NotPutThrough as refusal:
            flash(str(refusal), "note")
            return redirect(url_for(".school_class", class_id=class_id), 303)
    return redirect(url_for(".speak", put_id=put_id), 303)


@blueprint.get("/speaking/<int:put_id>")
@needs(Permission.FAMILY_CALL)
def speak(put_id: int) -> str:
    """Which number to call now, from which phone, and what to do afterwards."""
    with runtime().database.reading_session() as session:
        asked = _load_asked(session, put_id) or abort(404)
        line = lines.load_line(session, actor())
    waits = asked.spoken_at is None and asked.until_at > runtime().clock.now()
    return render_template("teacher/speaking.html", asked=asked, line=line, number=line_number(), waits=waits)


def _load_asked(session: Session, put_id: int) -> Asked | None:
    row = session.execute(
        select(PutThrough, Child.name, Child.class_id)
        .join(Child, Child.id == PutThrough.child_id)
        .where(PutThrough.id == put_id, PutThrough.user_id == actor().user_id)
    ).first()
    if row is None:
        return None
    put, name, class_id = row
    until_at = put.asked_at + putting_through.WAITS
    return Asked(put.id, put.child_id, class_id, name, until_at, put.spoken_at)


def line_number() -> str:
    """Return the number of the teacher's line; without one nobody can be put through."""
    return runtime().settings.carrier.teacher_number
