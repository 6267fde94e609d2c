"""Who did or saw what. Rows are added and never changed: this module knows no other verb."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from ptm.models import Audit


def record(
    tx: Session | Connection, *, user_id: int | None, action: str, subject: str, subject_id: int | None,
    details: Mapping[str, Any] | None = None, now: datetime,
) -> None:  # fmt: skip
    """Add one row in the caller's transaction, so that a deed and its record are committed together or not at all.

    `details` are ids and small facts, never names, numbers or what somebody said: the audit outlives what it is about.
    """
    tx.execute(
        insert(Audit).values(
            at=now, user_id=user_id, action=action, subject=subject, subject_id=subject_id, details=dict(details or {})
        )
    )
