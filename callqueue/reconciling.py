"""What the carrier knows that we do not: dials of unknown outcome, calls whose hang-up never came, lost recordings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from callqueue import ledger
from callqueue.ledger import CarrierEnd
from callqueue.runtime import Runtime
from carrier.contract import CarrierCall
from carrier.plivo.causes import classify
from ptm.errors import CarrierUnavailable
from ptm.models import Attempt, PhoneNumber

# The carrier's clock and ours may differ; its list may round a start to the second.
CLOCK_MARGIN = timedelta(minutes=5)


def reconcile(runtime: Runtime, attempt_id: int) -> None:
    """Ask the carrier about one attempt and write down what it says; do nothing while it cannot be asked.

    A number has at most one open attempt, so a call to it since the claim is this one. Only a clean "not there",
    asked later than the carrier's lists can lag, lets the household be called again.
    """
    with runtime.database.reading() as tx:
        row = tx.execute(
            select(Attempt.__table__, PhoneNumber.sealed_msisdn)
            .join(PhoneNumber, PhoneNumber.id == Attempt.phone_id)
            .where(Attempt.id == attempt_id, Attempt.state != "ended", Attempt.dial_started_at.is_not(None))
        ).first()
    if row is None:
        return
    asked_at = runtime.clock.now()
    try:
        found = _look(runtime, row)
    except CarrierUnavailable:
        return
    with runtime.database.writing() as tx:
        if found is None:
            _write_absence(tx, row, asked_at)
        elif found.state == "ended":
            ledger.ended(tx, row.id, _end_of(found, row, asked_at), call_uuid=found.call_id)
        else:
            ledger.placed(tx, row.id, request_uuid=found.request_id or found.call_id, now=asked_at)


def _look(runtime: Runtime, row: Any) -> CarrierCall | None:
    for known in (row.call_uuid, row.request_uuid):
        found = runtime.carrier.look_up(known) if known else None
        if found is not None:
            return found
    msisdn = runtime.vault.unseal(row.sealed_msisdn)
    calls = runtime.carrier.find(msisdn, row.claimed_at - CLOCK_MARGIN)
    mine = [call for call in calls if call.started_at is None or call.started_at >= row.claimed_at - CLOCK_MARGIN]
    return _newest(mine, row)


def _newest(calls: list[CarrierCall], row: Any) -> CarrierCall | None:
    """Prefer a call that still lives; of ended ones the latest, unless it began before this attempt's own dial."""
    live = [call for call in calls if call.state != "ended"]
    if live:
        return live[0]
    began = [
        call for call in calls if call.started_at and call.started_at >= row.dial_started_at - timedelta(seconds=2)
    ]
    return max(began, key=lambda call: call.started_at or row.claimed_at, default=None)


def _write_absence(tx: Any, row: Any, now: datetime) -> None:
    """The carrier never had this call, or has lost it after telling us of it: then it failed there."""
    outcome = "not_placed" if row.state in ("claimed", "unknown") else "carrier_failed"
    ledger.ended(tx, row.id, CarrierEnd(outcome, now, cause_name="not in the carrier's lists"))


def _end_of(found: CarrierCall, row: Any, now: datetime) -> CarrierEnd:
    answered = found.answered_at is not None or row.answered_at is not None
    return CarrierEnd(
        outcome=classify(found.cause_code, "", answered).value,
        ended_at=found.ended_at or now,
        cause_code=found.cause_code,
        cause_name=found.cause_name,
        hangup_source=found.hangup_source,
        talk_s=found.talk_s,
    )
