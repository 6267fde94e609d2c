"""One dial: take the right to send it, wait for its start, send one POST, write down what is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from callqueue import ledger, pace
from callqueue.claiming import dialable_until
from callqueue.ledger import CarrierEnd
from callqueue.pacing import Limits
from callqueue.runtime import Runtime
from carrier.contract import Dial
from ptm.accounts import MAIN_ACCOUNT
from ptm.errors import NotPlaced, OutcomeUnknown, Throttled
from ptm.models import Attempt, PhoneNumber

# A dialler that comes so late to its start (machine seconds) takes a new one: two that start together break the pace.
LATE_S = 1.0


@dataclass(frozen=True)
class _Order:
    """What a dial needs to know of its attempt.

    After `not_after_at`, or once `takes_s` machine seconds have passed on the monotonic clock since `took_s`, nothing
    may be sent any more: by the end of the lease somebody else may dial this number.
    """

    attempt_id: int
    account: str
    token: str
    msisdn: str
    starts_at: datetime
    not_after_at: datetime
    took_s: float
    takes_s: float


def dial(
    runtime: Runtime,
    attempt_id: int,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Ring one claimed attempt, at most once in its life however often this is called.

    1. In one transaction: ask again what forbids the call, take the right to dial, take the next start.
    2. Wait for that start: the pace holds for all dialling processes together.
    3. Look at the clocks once more: a process that was stopped in between must not send.
    4. Send one POST.
    5. Write down placed, not placed, or unknown. A process killed between 1 and 5 leaves an attempt that looks as if
       the phone may have rung, which is what `reconcile` settles.
    """
    order = _take(runtime, attempt_id, monotonic())
    if order is not None:
        order = _wait_for_start(runtime, order, sleep, monotonic)
    if order is not None:
        _send(runtime, order)


def lease_of(runtime: Runtime) -> timedelta:
    return runtime.clock.stretch(runtime.settings.machine.lease_s)


def limits_of(runtime: Runtime, account: str = MAIN_ACCOUNT) -> Limits:
    told = runtime.accounts[account]
    return Limits(told.lines, told.reserved_lines, told.calls_per_second)


def limits_together(runtime: Runtime) -> Limits:
    """Return what all accounts together allow."""
    told = runtime.accounts.values()
    return Limits(
        sum(account.lines for account in told), sum(account.reserved_lines for account in told),
        sum(account.calls_per_second for account in told),
    )  # fmt: skip


def acts_within(runtime: Runtime) -> timedelta:
    """The carrier may take the whole time of a request to act on it, and must still act within the hours."""
    told = runtime.settings.carrier
    return runtime.clock.stretch(told.connect_timeout_s + told.read_timeout_s)


def _take(runtime: Runtime, attempt_id: int, took_s: float) -> _Order | None:
    now = runtime.clock.now()
    with runtime.database.writing() as tx:
        closes_at = dialable_until(tx, attempt_id, now)
        account = tx.scalar(select(Attempt.account).where(Attempt.id == attempt_id))
        if closes_at is None or account not in runtime.accounts:
            ledger.give_back(tx, attempt_id, now=now)
            return None
        if not ledger.start_dial(tx, attempt_id, now=now, lease=lease_of(runtime)):
            return None
        order = _order(tx, runtime, attempt_id, closes_at, took_s)
        return _with_start(tx, runtime, order, now)


def _with_start(tx: Connection, runtime: Runtime, order: _Order, now: datetime) -> _Order:
    limits = limits_of(runtime, order.account)
    return replace(order, starts_at=pace.take_start(tx, limits, now, order.not_after_at, order.account))


def _order(tx: Connection, runtime: Runtime, attempt_id: int, closes_at: datetime, took_s: float) -> _Order:
    row = tx.execute(
        select(Attempt.account, Attempt.token, Attempt.lease_until_at, PhoneNumber.sealed_msisdn)
        .join(PhoneNumber, PhoneNumber.id == Attempt.phone_id)
        .where(Attempt.id == attempt_id)
    ).one()
    not_after_at = min(row.lease_until_at - lease_of(runtime) / 2, closes_at - acts_within(runtime))
    msisdn = runtime.vault.unseal(row.sealed_msisdn)
    half_s = runtime.settings.machine.lease_s / 2
    return _Order(attempt_id, row.account, row.token, msisdn, runtime.clock.now(), not_after_at, took_s, half_s)


def _wait_for_start(
    runtime: Runtime, order: _Order, sleep: Callable[[float], None], monotonic: Callable[[], float]
) -> _Order | None:
    """Sleep until the order's start; None when it must not be sent any more, which is written down."""
    late = runtime.clock.stretch(LATE_S)
    while order.starts_at < order.not_after_at:
        sleep(max(0.0, runtime.clock.shrink(order.starts_at - runtime.clock.now())))
        now = runtime.clock.now()
        if now >= order.not_after_at or monotonic() - order.took_s >= order.takes_s:
            break
        if now - order.starts_at <= late:
            if _is_still_wanted(runtime, order, now):
                return order
            break
        with runtime.database.writing() as tx:
            order = _with_start(tx, runtime, order, now)
    with runtime.database.writing() as tx:
        # Nothing was sent, and only this process could have: the call goes back as it was.
        ledger.ended(tx, order.attempt_id, CarrierEnd("not_dialed", runtime.clock.now()))
    return None


def _is_still_wanted(runtime: Runtime, order: _Order, now: datetime) -> bool:
    """Ask once more after the wait, which a rest can make a minute long: people may have said no meanwhile."""
    with runtime.database.reading() as tx:
        return dialable_until(tx, order.attempt_id, now) is not None


def _send(runtime: Runtime, order: _Order) -> None:
    try:
        placed = runtime.carrier_of(order.account).place(_dial_of(runtime, order))
    except NotPlaced as refusal:
        _write_refusal(runtime, order, "refused" if refusal.permanent else "not_placed", refusal.reason)
    except Throttled as throttled:
        _rest(runtime, order.account, throttled.retry_after_s)
        _write_refusal(runtime, order, "throttled", str(throttled))
    except OutcomeUnknown as unknown:
        with runtime.database.writing() as tx:
            ledger.not_known(tx, order.attempt_id, now=runtime.clock.now(), reason=unknown.reason)
    else:
        with runtime.database.writing() as tx:
            ledger.placed(tx, order.attempt_id, request_uuid=placed.request_id, now=runtime.clock.now())


def _rest(runtime: Runtime, account: str, retry_after_s: float) -> None:
    with runtime.database.writing() as tx:
        pace.rest(tx, runtime.clock.now() + runtime.clock.stretch(retry_after_s), account)


def _dial_of(runtime: Runtime, order: _Order) -> Dial:
    base = f"{runtime.settings.web.public_url}/voice/{order.token}"
    # Any failed delivery is worth a repeat: everything behind these URLs answers a repeat as it answered the first.
    retry = "#ct=2000&rt=10000&rc=3&rp=all"
    calling, static = runtime.settings.calling, runtime.settings.carrier.fallback_url
    return Dial(
        to=order.msisdn,
        from_=runtime.accounts[order.account].caller_id,
        answer_url=f"{base}/answer{retry}",
        ring_url=f"{base}/ring{retry}",
        hangup_url=f"{base}/hangup{retry}",
        fallback_url=f"{static or f'{base}/fallback'}{retry}",
        fallback_method="GET" if static else "POST",
        ring_timeout_s=calling.ring_timeout_s,
        time_limit_s=calling.time_limit_s,
    )


def _write_refusal(runtime: Runtime, order: _Order, outcome: str, reason: str) -> None:
    with runtime.database.writing() as tx:
        end = CarrierEnd(outcome, runtime.clock.now(), cause_name=reason[:200])
        ledger.ended(tx, order.attempt_id, end)
