"""The gate before every view: each one declares the permission it needs, and one that declares nothing is shut."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from ivr.session import WHO, load_actor
from ptm.permissions import Permission, grants

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC: Final = "public"
# These prove on their own who asks: a signature of the carrier, a name that cannot be guessed.
MACHINE_BLUEPRINTS = frozenset({"voice", "audio"})
_NEEDS = "_sunvai_needs"


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare the permission that a view needs; its queries narrow that down to rows."""
    return _declare(permission)


def public(view: View) -> View:
    """Declare that anybody may open a view."""
    return _declare(PUBLIC)(view)


def needed_by(app: Flask, endpoint: str) -> Permission | str | None:
    """Return what an endpoint declares: a permission, PUBLIC, or None when nobody decided."""
    if endpoint == "static" or endpoint.partition(".")[0] in MACHINE_BLUEPRINTS:
        return PUBLIC
    declared: Permission | str | None = getattr(app.view_functions.get(endpoint), _NEEDS, None)
    return declared


def check() -> Response | None:
    """Let a request through, send it to the sign-in page, or end it with 403."""
    g.actor = None
    if request.endpoint is None or request.blueprint in MACHINE_BLUEPRINTS or request.endpoint == "static":
        return None
    needed = needed_by(current_app, request.endpoint)
    had_session = WHO in session
    g.actor = load_actor()
    if needed == PUBLIC:
        return None
    if g.actor is None:
        return _ask_to_sign_in(had_session)
    if not isinstance(needed, Permission) or not grants(g.actor, needed):
        log.warning("denied: user %s, %s %s", g.actor.user_id, request.method, request.endpoint)
        abort(403)
    return None


def _ask_to_sign_in(had_session: bool) -> Response:
    if had_session:
        flash("You were signed out because nobody used this page for a while. Please sign in again.", "note")
    # Only a page can be returned to; what a form wanted to do must be asked for again.
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=back), 303)


def _declare(what: Permission | str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _NEEDS, what)
        return view

    return mark
