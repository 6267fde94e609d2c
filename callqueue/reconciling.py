"""What the carrier knows that we do not: dials of unknown outcome, and calls whose hang-up never came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from callqueue import ledger
from callqueue.ledger import CarrierEnd
from callqueue.runtime import Runtime
from carrier.contract import CarrierCall
from carrier.plivo.causes import classify
from ptm.errors import CarrierUnavailable
from ptm.models import Attempt, PhoneNumber

# The carrier's clock and ours may differ; its list may round a start to the second.
CLOCK_MARGIN = timedelta(minutes=5)
ABSENT = "not in the carrier's lists"


def reconcile(runtime: Runtime, attempt_id: int) -> None:
    """Ask the carrier about one attempt and write down what it says; do nothing while it cannot be asked.

    A number has at most one open attempt, so a call to it since the claim that belongs to no other attempt is this
    one. Only a clean "not there", asked later than the carrier's lists can lag, lets the household be called again.
    """
    with runtime.database.reading() as tx:
        row = tx.execute(
            select(Attempt.__table__, PhoneNumber.sealed_msisdn)
            .join(PhoneNumber, PhoneNumber.id == Attempt.phone_id)
            .where(Attempt.id == attempt_id, Attempt.state != "ended", Attempt.dial_started_at.is_not(None))
        ).first()
        others = _known_calls(tx, row) if row is not None else set()
    if row is None:
        return
    asked_at = runtime.clock.now()
    try:
        found = _look(runtime, row, others)
    except CarrierUnavailable:
        return
    with runtime.database.writing() as tx:
        _write(tx, row, found, asked_at)


def _known_calls(tx: Connection, row: Any) -> set[str]:
    """Return the carrier's ids of the calls that belong to other attempts on the same number."""
    others = tx.execute(
        select(Attempt.call_uuid, Attempt.request_uuid).where(
            Attempt.phone_id == row.phone_id, Attempt.id != row.id,
            or_(Attempt.call_uuid.is_not(None), Attempt.request_uuid.is_not(None)),
        )
    )  # fmt: skip
    return {known for other in others for known in other if known}


def _look(runtime: Runtime, row: Any, others: set[str]) -> CarrierCall | None:
    carrier = runtime.carrier_of(row.account)
    for known in (row.call_uuid, row.request_uuid):
        found = carrier.look_up(known) if known else None
        if found is not None:
            return found
    msisdn = runtime.vault.unseal(row.sealed_msisdn)
    since = row.claimed_at - CLOCK_MARGIN
    calls = [
        call
        for call in carrier.find(msisdn, since)
        if call.call_id not in others and (call.started_at is None or call.started_at >= since)
    ]
    return _likeliest(calls, row)


def _likeliest(calls: list[CarrierCall], row: Any) -> CarrierCall | None:
    """Prefer a call that still lives; of ended ones the latest.

    No call that nobody else claims is left out for beginning too early: clocks differ, and a call taken for absent is
    dialled again.
    """
    live = [call for call in calls if call.state != "ended"]
    if live:
        return live[0]
    return max(calls, key=lambda call: call.started_at or row.claimed_at, default=None)


def _write(tx: Connection, row: Any, found: CarrierCall | None, asked_at: datetime) -> None:
    if found is None:
        # What was told while we asked counts for more than the lists.
        ledger.ended(tx, row.id, CarrierEnd(_absent(row), asked_at, cause_name=ABSENT), was=row.state)
        return
    if found.state != "ended":
        request_uuid = found.request_id or found.call_id
        ledger.placed(tx, row.id, request_uuid=request_uuid, now=asked_at, call_uuid=found.call_id)
        return
    if found.answered_at is not None:
        ledger.raise_reach(tx, row.id, "answered")
    ledger.ended(tx, row.id, _end_of(found, row, asked_at), call_uuid=found.call_id)


def _absent(row: Any) -> str:
    """Say how a call ended that is in none of the carrier's lists.

    It never had this call, forgot it as we asked, or has lost it after telling us of it: then it failed there.
    """
    if row.state in ("claimed", "unknown"):
        return "not_there"
    return "canceled" if row.withdrawn_at is not None and row.reach == "unreached" else "carrier_failed"


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
