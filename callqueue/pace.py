"""The one row per carrier account at which its diallers queue: the last start, the rest asked for, the breaker."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from callqueue.pacing import Breaker, Limits, after_failure, next_start
from ptm.accounts import MAIN_ACCOUNT
from ptm.models import Pace

# A line limit met at the carrier (cause 5030) comes without a time to wait.
REST = timedelta(seconds=5)

# What these outcomes say of the carrier and of us: nothing is wrong with either.
HEALTHY = frozenset(
    {"ended_after_answer", "no_answer", "busy", "rejected", "switched_off", "machine", "invalid_number"}
)
FAILURES = frozenset({"carrier_failed", "our_fault", "not_placed"})


@dataclass(frozen=True)
class Standing:
    """How an account stands with the carrier."""

    breaker: Breaker = field(default_factory=Breaker)
    rests_until_at: datetime | None = None


def standings(tx: Connection) -> dict[str, Standing]:
    """Return how the accounts stand; one that never dialled is not among them, and all is well with it."""
    rows = tx.execute(select(Pace.__table__))
    return {
        row.account: Standing(Breaker(row.failures, row.opened_at, row.probe_at), row.rests_until_at) for row in rows
    }


def take_start(
    tx: Connection, limits: Limits, now: datetime, not_after_at: datetime, account: str = MAIN_ACCOUNT
) -> datetime:
    """Take the next place in the row of starts of an account; one from `not_after_at` on is only shown.

    Nobody would use it, and taken all the same it would push the row further off each time than time passes.
    """
    row = _locked(tx, account)
    starts_at = next_start(limits, last_start_at=row.last_start_at, now=now, rests_until_at=row.rests_until_at)
    if starts_at < not_after_at:
        _write(tx, account, last_start_at=starts_at)
    return starts_at


def rest(tx: Connection, until: datetime, account: str = MAIN_ACCOUNT) -> None:
    """Let no dial of an account start before the carrier wants to hear from us again."""
    _locked(tx, account)
    later = or_(Pace.rests_until_at.is_(None), Pace.rests_until_at < until)
    tx.execute(update(Pace).where(Pace.account == account, later).values(rests_until_at=until))


def note(tx: Connection, outcome: str, now: datetime, reason: str | None, account: ColumnElement[str]) -> None:
    """Let the end of an attempt tell the pace and the breaker of its account what it says of the carrier.

    `account` may be a question: it is asked within the statement where nothing is wrong, which is nearly always.
    """
    if outcome in HEALTHY:
        unhealthy = or_(Pace.failures > 0, Pace.opened_at.is_not(None))
        healed = {"failures": 0, "opened_at": None, "probe_at": None, "reason": None}
        tx.execute(update(Pace).where(Pace.account == account, unhealthy).values(**healed))
    elif outcome == "throttled":
        rest(tx, now + REST, _named(tx, account))
    elif outcome in FAILURES:
        note_failure(tx, now, reason or outcome, account)


def note_failure(tx: Connection, now: datetime, reason: str, account: ColumnElement[str]) -> None:
    name = _named(tx, account)
    row = _locked(tx, name)
    after = after_failure(Breaker(row.failures, row.opened_at, row.probe_at), now)
    _write(tx, name, failures=after.failures, opened_at=after.opened_at, probe_at=after.probe_at, reason=reason[:200])


def probe_again_at(tx: Connection, at: datetime, account: str = MAIN_ACCOUNT) -> None:
    """Let the call that asks whether the carrier is back be the account's only one until `at`."""
    _write(tx, account, probe_at=at)


def named(account: str) -> ColumnElement[str]:
    """Return an account that is known by name as one that may be asked for."""
    return literal(account)


def _named(tx: Connection, account: ColumnElement[str]) -> str:
    return tx.scalar(select(account)) or MAIN_ACCOUNT


def _locked(tx: Connection, account: str) -> Any:
    query = select(Pace.__table__).where(Pace.account == account).with_for_update()
    row = tx.execute(query).first()
    if row is None:
        # Two may both find no row yet; the second waits for the first and then uses its row.
        try:
            with tx.begin_nested():
                tx.execute(insert(Pace).values(account=account, failures=0))
        except IntegrityError:
            pass
        row = tx.execute(query).one()
    return row


def _write(tx: Connection, account: str, **values: Any) -> None:
    tx.execute(update(Pace).where(Pace.account == account).values(**values))
