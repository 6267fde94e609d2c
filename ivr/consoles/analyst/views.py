"""An analyst's pages: the list of what parents said, one suggestion, its sound."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_from_directory, url_for
from werkzeug.wrappers import Response as BaseResponse

from ivr.access import needs
from ivr.consoles.analyst import changes, forms, queries
from ivr.consoles.looking import record_look
from ivr.consoles.urgent import DEEDS, count_urgent, load_deed, record_deed
from ivr.session import actor, runtime
from ptm.models import User
from ptm.permissions import Permission

blueprint = Blueprint("analyst", __name__, url_prefix="/analyst", template_folder="templates")


@blueprint.get("/")
@needs(Permission.SUGGESTION_READ)
def suggestions() -> str:
    """What parents of my area said, what the machine doubts most first."""
    wanted = forms.parse_filter(request.args)
    with runtime().database.reading_session() as session:
        page = queries.load_page(session, actor(), wanted)
        tally = queries.load_tally(session, actor())
        urgent = count_urgent(session, actor(), Permission.SUGGESTION_READ)
    record_look("suggestions.open", "suggestion", None, {"ids": [item.id for item in page.items]})
    return render_template(
        "analyst/suggestions.html", page=page, tally=tally, wanted=wanted, themes=forms.THEMES, statuses=forms.STATUSES,
        urgent=urgent,
    )  # fmt: skip


@blueprint.get("/suggestions/<int:suggestion_id>")
@needs(Permission.SUGGESTION_READ)
def suggestion(suggestion_id: int) -> str:
    """One suggestion: listen, correct, choose the theme."""
    return _suggestion_page(suggestion_id, None)


@blueprint.post("/suggestions/<int:suggestion_id>")
@needs(Permission.SUGGESTION_REVIEW)
def review(suggestion_id: int) -> BaseResponse | tuple[str, int]:
    """Save theme and words and mark the suggestion as read; where the words changed meanwhile, show both instead."""
    with runtime().database.session() as session:
        changes.hold(session, suggestion_id)
        item = queries.load_item(session, actor(), Permission.SUGGESTION_REVIEW, suggestion_id) or abort(404)
        decided = forms.parse_review(request.form, item.public_text)
        if isinstance(decided, forms.Review):
            changes.save_review(session, actor(), suggestion_id, decided, runtime().clock.now())
    if isinstance(decided, forms.Overtaken):
        return _suggestion_page(suggestion_id, None, overtaken=True), 409
    if isinstance(decided, str):
        return _suggestion_page(suggestion_id, decided), 422
    flash("Saved, and marked as read.")
    return redirect(url_for(".suggestions", **forms.parse_filter(request.args).arguments(1)), 303)


@blueprint.post("/suggestions/<int:suggestion_id>/deed")
@needs(Permission.SUGGESTION_REVIEW)
def deal(suggestion_id: int) -> BaseResponse | tuple[str, int]:
    """Note what was done about an urgent suggestion: from then on it no longer waits at the top."""
    deed = request.form.get("deed", "")
    with runtime().database.session() as session:
        changes.hold(session, suggestion_id)
        item = queries.load_item(session, actor(), Permission.SUGGESTION_REVIEW, suggestion_id) or abort(404)
        if item.waiting and deed in DEEDS:
            record_deed(session, actor(), suggestion_id, deed, runtime().clock.now())
    if item.waiting and deed not in DEEDS:
        return _suggestion_page(suggestion_id, "Choose from the list what was done."), 422
    flash("Noted: somebody has dealt with it.")
    return redirect(url_for(".suggestions", **forms.parse_filter(request.args).arguments(1)), 303)


@blueprint.get("/suggestions/<int:suggestion_id>/audio")
@needs(Permission.SUGGESTION_LISTEN)
def audio(suggestion_id: int) -> Response:
    """Send the sound, whole or in the ranges that a player asks for. Each request is recorded."""
    with runtime().database.reading_session() as session:
        file = queries.load_audio_file(session, actor(), suggestion_id) or abort(404)
    record_look("suggestion.listen", "suggestion", suggestion_id)
    folder = runtime().settings.storage.recordings.absolute()
    return send_from_directory(folder, file, mimetype="audio/wav", conditional=True, max_age=0)


def _suggestion_page(suggestion_id: int, problem: str | None, *, overtaken: bool = False) -> str:
    with runtime().database.reading_session() as session:
        item = queries.load_item(session, actor(), Permission.SUGGESTION_READ, suggestion_id) or abort(404)
        done = load_deed(session, suggestion_id) if item.escalated and not item.waiting else None
        doer = session.get_one(User, done.user_id).name if done and done.user_id else None
    record_look("suggestion.open", "suggestion", suggestion_id)
    return render_template(
        "analyst/suggestion.html", item=item, problem=problem, themes=forms.THEMES, overtaken=overtaken,
        deeds=DEEDS, done=done, doer=doer,
        typed=request.form, seen=forms.fingerprint(item.public_text),
        back=forms.parse_filter(request.args).arguments(1),
    )  # fmt: skip
