"""Every look at what families are or said is written down: who, what, when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, session

from ivr.session import actor, runtime
from ptm import audit

_WATCHING = "watching"


def record_look(action: str, subject: str, subject_id: int | None, details: Mapping[str, Any] | None = None) -> None:
    """Commit the record before the page leaves: what could not be recorded is not shown.

    In a transaction of its own, so that reading a page never holds the one lock that writers share on SQLite.
    """
    with runtime().database.writing() as tx:
        audit.record(
            tx, user_id=actor().user_id, action=action, subject=subject, subject_id=subject_id, details=details,
            now=runtime().clock.now(),
        )  # fmt: skip


def record_watching(action: str, subject: str, subject_id: int) -> None:
    """Record a look at a page that refreshes itself once, not every few seconds.

    Only a refresh of what this very session was recorded to have opened goes without a record of its own.
    """
    watched = f"{subject} {subject_id}"
    if "quiet" in request.args and session.get(_WATCHING) == watched:
        return
    record_look(action, subject, subject_id)
    session[_WATCHING] = watched
