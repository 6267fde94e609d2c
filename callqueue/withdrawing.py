"""Taking back what waits at the carrier: a pause, a cancel or the stop switch reaches calls that were sent already."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from callqueue import bells, ledger
from callqueue.claiming import dialable_until, still_dialable
from callqueue.runtime import Runtime
from ptm.errors import CarrierUnavailable
from ptm.models import Attempt

# A request to forget a dial that brought no hang-up by then is sent again (clock time).
ASK_AGAIN = timedelta(seconds=15)


def unwanted(tx: Connection, now: datetime) -> list[int]:
    """Return the attempts that wait at the carrier although their phone must not ring any more."""
    waiting = select(Attempt.id).where(
        Attempt.state == "placed",
        Attempt.request_uuid.is_not(None),
        or_(Attempt.withdrawn_at.is_(None), Attempt.withdrawn_at <= now - ASK_AGAIN),
    )
    attempts = tx.scalars(waiting).all()
    wanted = still_dialable(tx, attempts, now) if attempts else {}
    return [attempt_id for attempt_id in attempts if attempt_id not in wanted]


def ring_for_unwanted(runtime: Runtime) -> list[int]:
    """Ring for every dial that should be withdrawn and return them."""
    with runtime.database.reading() as tx:
        attempts = unwanted(tx, runtime.clock.now())
    runtime.bells.ring(bells.WITHDRAW, attempts)
    return attempts


def withdraw(runtime: Runtime, attempt_id: int) -> None:
    """Ask the carrier to forget one dial that has not rung. Its hang-up then gives the call back unspent.

    The note is committed first: the hang-up may arrive before the carrier's answer does.
    """
    now = runtime.clock.now()
    with runtime.database.writing() as tx:
        row = tx.execute(select(Attempt.request_uuid, Attempt.account).where(Attempt.id == attempt_id)).one()
        if row.request_uuid is None or dialable_until(tx, attempt_id, now) is not None:
            return
        if not ledger.withdrawn(tx, attempt_id, now, not_since=now - ASK_AGAIN):
            return
    # No answer proves nothing: the carrier may have forgotten it. The note stays, and in a while it is asked again.
    with suppress(CarrierUnavailable):
        runtime.carrier_of(row.account).cancel(row.request_uuid)
