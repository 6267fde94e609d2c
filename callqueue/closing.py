"""Ending a round before its last day: from now on nobody is called in it, and what waited for its turn has expired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, update

from ptm.models import Round


def close_round(tx: Connection, round_id: int, now: datetime) -> bool:
    """Set a round's deadline to now; return whether it was later. Phones that ring go on.

    Dials that wait at the carrier are taken back by the pacer, and planned calls ended by the sweeper, as at the end of
    the last day: a state has too many to end them here.
    """
    is_later = or_(Round.deadline_at.is_(None), Round.deadline_at > now)
    return bool(tx.execute(update(Round).where(Round.id == round_id, is_later).values(deadline_at=now)).rowcount)
