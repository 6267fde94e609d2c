"""What an operator changes: the switch that stops all dialling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from callqueue.claiming import STOP_DIALING
from ptm import audit
from ptm.models import Switch
from ptm.permissions import Actor


def stop_dialing(session: Session, actor: Actor, reason: str | None, now: datetime) -> bool:
    """Throw the switch: from its commit on no claim and no dial goes through. Return whether it was off."""
    switch = session.get(Switch, STOP_DIALING, with_for_update=True)
    if switch is None:
        switch = Switch(name=STOP_DIALING)
        session.add(switch)
    elif switch.on_since_at is not None:
        return False
    switch.on_since_at, switch.reason = now, reason
    # The reason is free text, which the audit must not keep: the switch shows it while it matters.
    audit.record(session, user_id=actor.user_id, action="dialing.stop", subject="switch", subject_id=None, now=now)
    return True


def resume_dialing(session: Session, actor: Actor, now: datetime) -> bool:
    """Release the switch; return whether it was on."""
    switch = session.get(Switch, STOP_DIALING, with_for_update=True)
    if switch is None or switch.on_since_at is None:
        return False
    switch.on_since_at = switch.reason = None
    audit.record(session, user_id=actor.user_id, action="dialing.resume", subject="switch", subject_id=None, now=now)
    return True
