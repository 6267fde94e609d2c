"""Connecting a parent with a teacher, or a teacher with a family: neither sees the other's number.

No number stands in a table in clear, so the answers that are kept have a stand-in, and the number is put in when an
answer goes out.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from callqueue import callbacks, participation, putting_through, teacher_hours
from callqueue.pulses import pulses_of
from callqueue.runtime import Runtime
from carrier.plivo.webhooks import Leg
from ivr.voice.party import Party
from ptm.errors import SunvaiError
from ptm.models import Call, PhoneNumber, TeacherLine

# News of a second leg after which the two have spoken.
ANSWERED = ("answer", "connected")
_NUMBER = re.compile(r"(?<=<Number>)(teacher|family)-([0-9]+)(?=</Number>)")


class NobodyThere(SunvaiError):
    """A number was taken away between two moments of a call."""


def teacher_at(tx: Connection, child_id: Any, now: datetime) -> int | None:
    """Return the teacher of a child who takes calls at `now`, or None."""
    return teacher_hours.teacher_taking_calls(tx, child_id, now)


def teachers(teacher_id: int) -> str:
    """Return what stands for a teacher's number."""
    return f"teacher-{teacher_id}"


def familys(phone_id: int) -> str:
    """Return what stands for one number of a family."""
    return f"family-{phone_id}"


def note_leg(tx: Connection, party: Party, leg: Leg, now: datetime) -> None:
    """Count what the second leg costs, once it is over: it is billed by started minutes as the call itself is.

    A family that was told to have hung up before its teacher answered has spoken, if the teacher did answer.
    """
    if leg.action in ANSWERED:
        if party.inbound_id is not None:
            putting_through.spoken(tx, party.inbound_id, now)
        callbacks.withdraw_hung_up(tx, attempt_id=party.attempt_id, inbound_id=party.inbound_id)
    if leg.action != "hangup" or party.call_id is None:
        return
    call = tx.execute(select(Call.round_id, Call.school_id).where(Call.id == party.call_id)).one()
    if pulses := pulses_of(leg.talk_s):
        participation.count(tx, call.round_id, call.school_id, pulses=pulses)


def filled(runtime: Runtime, document: str) -> str:
    """Return an answer with the number that it is to dial. Raises NobodyThere."""
    found = _NUMBER.search(document) if "<Number>" in document else None
    if found is None:
        return document
    whose, number_id = found[1], int(found[2])
    with runtime.database.reading() as tx:
        if whose == "teacher":
            sealed = tx.scalar(select(TeacherLine.sealed_msisdn).where(TeacherLine.user_id == number_id))
        else:
            sealed = tx.scalar(select(PhoneNumber.sealed_msisdn).where(PhoneNumber.id == number_id))
    if sealed is None:
        raise NobodyThere(f"the {whose} has no such number any more")
    return _NUMBER.sub(runtime.vault.unseal(sealed), document)
