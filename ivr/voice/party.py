"""Whose call it is that something is written down for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ptm.models import Call


@dataclass(frozen=True)
class Party:
    """Whose call it is: an attempt of ours or a call that came in, and what is known of who speaks.

    Ids, or queries for them. `purpose` says what becomes of what is recorded.
    """

    attempt_id: Any = None
    inbound_id: Any = None
    household_id: Any = None
    call_id: Any = None
    school_id: Any = None
    user_id: Any = None
    purpose: str = "suggestion"


def party_of(attempt: Any) -> Party:
    """Return the party of a call of ours."""
    household = select(Call.household_id).where(Call.id == attempt.call_id).scalar_subquery()
    school = select(Call.school_id).where(Call.id == attempt.call_id).scalar_subquery()
    return Party(attempt_id=attempt.id, household_id=household, call_id=attempt.call_id, school_id=school)
