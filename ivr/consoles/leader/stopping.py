"""The leader of the whole installation stops all dialling, with a reason; an operator lets it go on."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles.leader import forms
from ivr.consoles.leader.blueprint import blueprint
from ivr.consoles.operator.changes import stop_dialing
from ivr.consoles.operator.queries import load_switch
from ivr.session import actor, runtime
from ptm.permissions import Permission, may_everywhere


@blueprint.get("/stop")
@needs(Permission.DIALING_STOP)
def stop() -> str:
    """What stopping means, and the button; or since when all is stopped."""
    return _stop_page(None)


@blueprint.post("/stop")
@needs(Permission.DIALING_STOP)
def stop_now() -> Response | tuple[str, int]:
    """Stop all dialling at once: the switch is one for the whole installation."""
    reason = forms.parse_reason(request.form)
    if reason is None:
        return _stop_page("Say why: whoever lets calls start again must know when it is safe."), 422
    with runtime().database.session() as session:
        _refuse_others(session)
        stop_dialing(session, actor(), reason, runtime().clock.now())
    return redirect(url_for(".stop"), 303)


def _stop_page(problem: str | None) -> str:
    with runtime().database.reading_session() as session:
        _refuse_others(session)
        switch = load_switch(session)
    return render_template("leader/stop.html", switch=switch, problem=problem)


def _refuse_others(session: Session) -> None:
    if not may_everywhere(session, actor(), Permission.DIALING_STOP):
        abort(404)
