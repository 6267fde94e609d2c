"""Sign in, sign out, and the way from the front door to one's own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.access import needs, public
from ivr.consoles.account import guessing
from ivr.session import actor, begin, end, load_actor, runtime
from ptm import audit, passwords
from ptm.permissions import Permission

blueprint = Blueprint("account", __name__, template_folder="templates")

HOMES = {
    "teacher": "teacher.classes",
    "analyst": "analyst.suggestions",
    "leader": "leader.participation",
    "operator": "operator.system",
}


@blueprint.get("/")
@needs(Permission.ACCOUNT_USE)
def home() -> Response:
    return redirect(url_for(HOMES[actor().role]), 303)


@blueprint.get("/sign-in")
@public
def sign_in() -> Response | str:
    if load_actor() is not None:
        return redirect(url_for("account.home"), 303)
    return render_template("account/sign_in.html", next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@public
def sign_in_posted() -> Response | tuple[str, int]:
    """Open a session, or say one and the same thing whatever was wrong."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    back = request.form.get("next", "")
    address = guessing.address_of(request)
    if not guessing.may_guess(runtime().impatient_redis, address):
        return render_template("account/sign_in.html", next=back, login=login, refused=True, crowded=True), 429
    user = passwords.sign_in(runtime().database, runtime().clock, login, password)
    if user is None:
        guessing.note_wrong(runtime().impatient_redis, address)
        return render_template("account/sign_in.html", next=back, login=login, refused=True), 401
    begin(user)
    _record(user.id, "sign_in")
    return redirect(_own_page(back), 303)


@blueprint.post("/sign-out")
@needs(Permission.ACCOUNT_USE)
def sign_out() -> Response:
    """End the session here and on every other device of this person."""
    user_id = actor().user_id
    _record(user_id, "sign_out")
    end(user_id)
    flash("You are signed out.")
    return redirect(url_for("account.sign_in"), 303)


def _own_page(back: str) -> str:
    """Return where to go after signing in: a path of ours, never another site's address."""
    parts = urlsplit(back)
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return back if is_ours and back.isprintable() else url_for("account.home")


def _record(user_id: int, action: str) -> None:
    with runtime().database.writing() as tx:
        audit.record(tx, user_id=user_id, action=action, subject="user", subject_id=user_id, now=runtime().clock.now())
