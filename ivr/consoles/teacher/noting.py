"""A teacher writes down what a parent said in person: it stands beside what others said on the phone."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles.teacher import changes, forms, queries
from ivr.consoles.teacher.blueprint import blueprint
from ivr.session import actor, runtime
from ptm.permissions import Permission

# A teacher's page shows what families of the class said in its calls; without one, nothing tells the class.
WITHOUT_CALL = (
    "Written down. Thank you for listening. An analyst reads it; it does not stand on this page, because this family "
    "has not been called yet."
)


@blueprint.get("/classes/<int:class_id>/note")
@needs(Permission.FEEDBACK_WRITE)
def note(class_id: int) -> str:
    """Choose the family, write the words."""
    return _note_page(class_id, request.args, None)


@blueprint.post("/classes/<int:class_id>/note")
@needs(Permission.FEEDBACK_WRITE)
def keep_note(class_id: int) -> Response | tuple[str, int]:
    """Keep the words as a suggestion. The same words of the same family twice are one suggestion."""
    with runtime().database.session() as session:
        queries.load_class(session, actor(), Permission.FEEDBACK_WRITE, class_id) or abort(404)
        children = {child.id: child for child in queries.load_notable_children(session, class_id)}
        noted = forms.parse_note(request.form, children)
        if isinstance(noted, forms.Note):
            changes.keep_note(session, actor(), children[noted.child_id], noted, runtime().clock.now())
    if isinstance(noted, str):
        return _note_page(class_id, request.form, noted), 422
    flash("Written down. Thank you for listening." if children[noted.child_id].call_id else WITHOUT_CALL)
    return redirect(url_for(".said", class_id=class_id), 303)


def _note_page(class_id: int, typed: Mapping[str, str], problem: str | None) -> str:
    with runtime().database.reading_session() as session:
        one = queries.load_class(session, actor(), Permission.FEEDBACK_WRITE, class_id) or abort(404)
        children = queries.load_notable_children(session, class_id)
    return render_template("teacher/note.html", one=one, children=children, typed=typed, problem=problem)
