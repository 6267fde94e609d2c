"""The one row per carrier account at which all diallers queue: the last start, the rest asked for, the breaker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from callqueue.pacing import Breaker, Limits, after_failure, next_start
from ptm.models import Pace

ACCOUNT = "main"
# A line limit met at the carrier (cause 5030) comes without a time to wait.
REST = timedelta(seconds=5)

# What these outcomes say of the carrier and of us: nothing is wrong with either.
HEALTHY = frozenset(
    {"ended_after_answer", "no_answer", "busy", "rejected", "switched_off", "machine", "invalid_number"}
)
FAILURES = frozenset({"carrier_failed", "our_fault", "not_placed"})


def breaker(tx: Connection) -> Breaker:
    row = tx.execute(select(Pace.failures, Pace.opened_at, Pace.probe_at).where(Pace.account == ACCOUNT)).first()
    return Breaker() if row is None else Breaker(*row)


def rests_until(tx: Connection) -> datetime | None:
    return tx.scalar(select(Pace.rests_until_at).where(Pace.account == ACCOUNT))


def take_start(tx: Connection, limits: Limits, now: datetime, not_after_at: datetime) -> datetime:
    """Take the next place in the row of starts that all diallers share; one from `not_after_at` on is only shown.

    Nobody would use it, and taken all the same it would push the row further off each time than time passes.
    """
    row = _locked(tx)
    starts_at = next_start(limits, last_start_at=row.last_start_at, now=now, rests_until_at=row.rests_until_at)
    if starts_at < not_after_at:
        _write(tx, last_start_at=starts_at)
    return starts_at


def rest(tx: Connection, until: datetime) -> None:
    """Let no dial start before the carrier wants to hear from us again."""
    _locked(tx)
    later = or_(Pace.rests_until_at.is_(None), Pace.rests_until_at < until)
    tx.execute(update(Pace).where(Pace.account == ACCOUNT, later).values(rests_until_at=until))


def note(tx: Connection, outcome: str, now: datetime, reason: str | None) -> None:
    """Let the end of an attempt tell the pace and the breaker what it says of the carrier."""
    if outcome == "throttled":
        rest(tx, now + REST)
    elif outcome in FAILURES:
        note_failure(tx, now, reason or outcome)
    elif outcome in HEALTHY:
        unhealthy = or_(Pace.failures > 0, Pace.opened_at.is_not(None))
        healed = {"failures": 0, "opened_at": None, "probe_at": None, "reason": None}
        tx.execute(update(Pace).where(Pace.account == ACCOUNT, unhealthy).values(**healed))


def note_failure(tx: Connection, now: datetime, reason: str) -> None:
    row = _locked(tx)
    after = after_failure(Breaker(row.failures, row.opened_at, row.probe_at), now)
    _write(tx, failures=after.failures, opened_at=after.opened_at, probe_at=after.probe_at, reason=reason[:200])


def probe_again_at(tx: Connection, at: datetime) -> None:
    """Let the call that asks whether the carrier is back be the only one until `at`."""
    _write(tx, probe_at=at)


def _locked(tx: Connection) -> Any:
    query = select(Pace.__table__).where(Pace.account == ACCOUNT).with_for_update()
    row = tx.execute(query).first()
    if row is None:
        # Two may both find no row yet; the second waits for the first and then uses its row.
        try:
            with tx.begin_nested():
                tx.execute(insert(Pace).values(account=ACCOUNT, failures=0))
        except IntegrityError:
            pass
        row = tx.execute(query).one()
    return row


def _write(tx: Connection, **values: Any) -> None:
    tx.execute(update(Pace).where(Pace.account == ACCOUNT).values(**values))
