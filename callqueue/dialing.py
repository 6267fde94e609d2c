"""One dial: take the right to send it, wait for its start, send one POST, write down what is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from callqueue import ledger
from callqueue.claiming import may_still_be_called
from callqueue.ledger import CarrierEnd
from callqueue.pacing import Limits, next_start
from callqueue.runtime import Runtime
from carrier.contract import Dial
from ptm.errors import NotPlaced, OutcomeUnknown, Throttled
from ptm.models import Attempt, Pace, PhoneNumber

ACCOUNT = "main"


@dataclass(frozen=True)
class _Order:
    """What a dial needs to know of its attempt."""

    attempt_id: int
    token: str
    msisdn: str
    starts_at: datetime


def dial(runtime: Runtime, attempt_id: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Ring one claimed attempt, at most once in its life however often this is called.

    1. In one transaction: ask again what forbids the call, take the right to dial, take the next start.
    2. Wait for that start: the pace holds for all dialling processes together.
    3. Send one POST.
    4. Write down placed, not placed, or unknown. A process killed between 1 and 4 leaves an attempt that looks as if
       the phone may have rung, which is what `reconcile` settles.
    """
    order = _take(runtime, attempt_id)
    if order is None:
        return
    sleep(max(0.0, runtime.clock.shrink(order.starts_at - runtime.clock.now())))
    try:
        placed = runtime.carrier.place(_dial_of(runtime, order))
    except NotPlaced as refusal:
        _write_refusal(runtime, order, "refused" if refusal.permanent else "not_placed", refusal.reason)
    except Throttled as throttled:
        _rest(runtime, throttled.retry_after_s)
        _write_refusal(runtime, order, "throttled", str(throttled))
    except OutcomeUnknown:
        with runtime.database.writing() as tx:
            ledger.not_known(tx, attempt_id)
    else:
        with runtime.database.writing() as tx:
            ledger.placed(tx, attempt_id, request_uuid=placed.request_id, now=runtime.clock.now())


def lease_of(runtime: Runtime) -> timedelta:
    return runtime.clock.stretch(runtime.settings.machine.lease_s)


def limits_of(runtime: Runtime) -> Limits:
    told = runtime.settings.carrier
    return Limits(told.lines, told.reserved_lines, told.calls_per_second)


def _take(runtime: Runtime, attempt_id: int) -> _Order | None:
    now = runtime.clock.now()
    with runtime.database.writing() as tx:
        if not may_still_be_called(tx, attempt_id, now):
            _give_back(tx, attempt_id, now)
            return None
        if not ledger.start_dial(tx, attempt_id, now=now, lease=lease_of(runtime)):
            return None
        row = tx.execute(
            select(Attempt.token, PhoneNumber.sealed_msisdn)
            .join(PhoneNumber, PhoneNumber.id == Attempt.phone_id)
            .where(Attempt.id == attempt_id)
        ).one()
        starts_at = _next_start(tx, limits_of(runtime), now)
    return _Order(attempt_id, row.token, runtime.vault.unseal(row.sealed_msisdn), starts_at)


def _next_start(tx: Connection, limits: Limits, now: datetime) -> datetime:
    """Take the next place in the row of starts that all diallers share."""
    row = tx.execute(
        select(Pace.last_start_at, Pace.rests_until_at).where(Pace.account == ACCOUNT).with_for_update()
    ).first()
    if row is None:
        # Two diallers may both find no row yet; the second waits for the first and then uses its row.
        try:
            with tx.begin_nested():
                tx.execute(insert(Pace).values(account=ACCOUNT, last_start_at=now))
            return now
        except IntegrityError:
            return _next_start(tx, limits, now)
    starts_at = max(next_start(limits, last_start_at=row.last_start_at, now=now), row.rests_until_at or now)
    tx.execute(update(Pace).where(Pace.account == ACCOUNT).values(last_start_at=starts_at))
    return starts_at


def _rest(runtime: Runtime, retry_after_s: float) -> None:
    """Let no dial start before the carrier wants to hear from us again."""
    until = runtime.clock.now() + runtime.clock.stretch(retry_after_s)
    with runtime.database.writing() as tx:
        later = func.coalesce(Pace.rests_until_at, until)
        tx.execute(update(Pace).where(Pace.account == ACCOUNT, later <= until).values(rests_until_at=until))


def _dial_of(runtime: Runtime, order: _Order) -> Dial:
    base = f"{runtime.settings.web.public_url}/voice/{order.token}"
    # Any failed delivery is worth a repeat: everything behind these URLs answers a repeat as it answered the first.
    retry = "#ct=2000&rt=10000&rc=3&rp=all"
    calling = runtime.settings.calling
    return Dial(
        to=order.msisdn,
        from_=runtime.settings.carrier.caller_id,
        answer_url=f"{base}/answer{retry}",
        ring_url=f"{base}/ring{retry}",
        hangup_url=f"{base}/hangup{retry}",
        fallback_url=f"{base}/fallback{retry}",
        ring_timeout_s=calling.ring_timeout_s,
        time_limit_s=calling.time_limit_s,
    )


def _write_refusal(runtime: Runtime, order: _Order, outcome: str, reason: str) -> None:
    with runtime.database.writing() as tx:
        end = CarrierEnd(outcome, runtime.clock.now(), cause_name=reason[:200])
        ledger.ended(tx, order.attempt_id, end)


def _give_back(tx: Connection, attempt_id: int, now: datetime) -> None:
    """End a claim that was never dialled; its call is planned again and has lost nothing."""
    ours = select(Attempt.id).where(
        Attempt.id == attempt_id, Attempt.state == "claimed", Attempt.dial_started_at.is_(None)
    )
    if tx.scalar(ours) is not None:
        ledger.ended(tx, attempt_id, CarrierEnd("not_dialed", now))
