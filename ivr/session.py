"""Who is signed in: what the cookie holds, when it ends, and the person behind it.

The cookie is signed and says little: who, which version of their sessions, since when, seen when. Everything that can
end a session at once (disabled, signed out elsewhere, role changed) is read from the database on every request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface
from sqlalchemy import select, update

from callqueue.runtime import Runtime
from ptm.models import User
from ptm.permissions import Actor

# Seconds of machine time: the person sits before a machine, however fast a demo's calls run (ASVS 5.0, 7.3).
IDLE_S, ABSOLUTE_S = 30 * 60, 12 * 3600
# How old "seen" may grow before the cookie is sent again: a page need not set a cookie each time.
TOUCH_S = 60

WHO, VERSION, SINCE, SEEN = "who", "version", "since", "seen"


class PageSessions(SecureCookieSessionInterface):
    """Sessions for pages alone: the carrier brings no cookie, and its webhooks are too many to look for one in each."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(("/voice/", "/audio/")):
            return NullSession()
        return super().open_session(app, request)


def runtime() -> Runtime:
    """Return this application's parts."""
    return cast(Runtime, current_app.extensions["runtime"])


def actor() -> Actor:
    """Return the person who asks. Only for views that need a permission: elsewhere there may be nobody."""
    return cast(Actor, g.actor)


def begin(user: User) -> None:
    """Start a session of `user` in a fresh cookie: nothing that stood in the old one lives on."""
    now = runtime().clock.now().timestamp()
    session.clear()
    session.update({WHO: user.id, VERSION: user.session_version, SINCE: now, SEEN: now})


def end(user_id: int) -> None:
    """End every session of a person: a copy of the cookie somewhere else is worth nothing from now on."""
    with runtime().database.writing() as tx:
        tx.execute(update(User).where(User.id == user_id).values(session_version=User.session_version + 1))
    session.clear()


def load_actor() -> Actor | None:
    """Return who is signed in, and note that they are here; an expired session is cleared."""
    if WHO not in session:
        return None
    now = runtime().clock.now()
    if _has_expired(now) or (user := _load_user()) is None:
        session.clear()
        return None
    _touch(now)
    return Actor.of(user)


def _has_expired(now: datetime) -> bool:
    clock = runtime().clock
    since, seen = (datetime.fromtimestamp(session.get(key, 0), UTC) for key in (SINCE, SEEN))
    return now - seen >= clock.stretch(IDLE_S) or now - since >= clock.stretch(ABSOLUTE_S)


def _load_user() -> User | None:
    with runtime().database.reading_session() as db:
        return db.scalar(
            select(User).where(
                User.id == session[WHO], User.session_version == session.get(VERSION), User.disabled_at.is_(None)
            )
        )


def _touch(now: datetime) -> None:
    """Note that the person is here. A page that refreshes itself proves nothing about anybody sitting before it."""
    if "quiet" in request.args:
        return
    if now - datetime.fromtimestamp(session[SEEN], UTC) >= runtime().clock.stretch(TOUCH_S):
        session[SEEN] = now.timestamp()
