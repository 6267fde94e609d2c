"""A teacher's own phone: the number that parents never see, the PIN of the teacher's line, the hours for parents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles import lines
from ivr.consoles.teacher import wishes
from ivr.consoles.teacher.blueprint import blueprint
from ivr.session import actor, runtime
from ptm.permissions import Permission

# Offered to who has no hours yet: after school, before the evening.
USUAL_HOURS = (time(15), time(17))
TAKEN = {"number": "Another teacher has this number."}


@blueprint.get("/phone")
@needs(Permission.LINE_EDIT)
def phone() -> str:
    """My phone."""
    return _phone_page({}, {})


@blueprint.post("/phone")
@needs(Permission.LINE_EDIT)
def save_phone() -> Response | tuple[str, int]:
    """Keep number, PIN and hours: all of it, or with a single wrong value nothing."""
    now, mine = runtime().clock.now(), runtime()
    try:
        with mine.database.session() as session:
            typed, problems = lines.parse_line(request.form, lines.load_line(session, actor()))
            if typed is not None:
                lines.save_line(session, actor(), mine.vault, typed, now)
    except (lines.NumberTaken, IntegrityError):
        # The second is what two teachers meet who send one number at the same moment.
        problems = TAKEN
    if problems:
        return _phone_page(request.form, problems), 422
    flash("Saved.")
    return redirect(url_for(".phone"), 303)


@blueprint.post("/phone/forget")
@needs(Permission.LINE_EDIT)
def forget_phone() -> Response:
    """Remove number, PIN and hours."""
    with runtime().database.session() as session:
        if lines.forget_line(session, actor(), runtime().clock.now()):
            flash("Your number, your PIN and your hours are removed.")
    return redirect(url_for(".phone"), 303)


@blueprint.post("/callbacks/<int:request_id>/done")
@needs(Permission.CALLBACK_CLOSE)
def close_callback(request_id: int) -> Response:
    """This family has been called."""
    with runtime().database.session() as session:
        closed = wishes.close_wish(session, actor(), request_id, runtime().clock.now()) or abort(404)
        class_id = closed.class_id
    return redirect(url_for(".school_class", class_id=class_id, _anchor="wanting"), 303)


def _phone_page(typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    with runtime().database.reading_session() as session:
        line = lines.load_line(session, actor())
    opens, closes = (line.opens_ist, line.closes_ist) if line else USUAL_HOURS
    return render_template(
        "teacher/phone.html", line=line, typed=typed, problems=problems, opens=f"{opens:%H:%M}",
        closes=f"{closes:%H:%M}", line_number=runtime().settings.carrier.teacher_number,
    )  # fmt: skip
