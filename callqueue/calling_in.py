"""Who calls us, on which of our numbers, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from callqueue import callbacks, ledger, wishes
from callqueue.briefing import Facts, brief
from callqueue.ladder import REACHES, reach_rank
from ptm.clock import IST
from ptm.errors import PhoneNumberError
from ptm.models import (
    Call,
    Child,
    Guardianship,
    Household,
    InboundCall,
    PhoneNumber,
    Round,
    School,
    SchoolClass,
    TeacherLine,
    User,
)
from ptm.phone import parse_msisdn
from ptm.sealing import Vault
from ptm.settings import CarrierSettings

Line = Literal["family", "missed", "teacher"]
# A number's next missed call within this time is the same wish.
ONE_WISH = timedelta(minutes=10)
# A quarter of an hour of keys and prompts and ten minutes with the teacher end sooner.
LONGEST = timedelta(minutes=30)
# What was recorded in a call is, by the line whose tree it was held with; on every other it is a suggestion.
RECORDED = {"teacher": "message", "prompts": "prompt"}
# Outcomes of a missed call that something was done for.
DONE_FOR = ("called_back", "noted")


@dataclass(frozen=True)
class Caller:
    """Whose number calls. `index` finds the number's other calls, whoever has it; a withheld one has none."""

    index: str
    last4: str
    household_id: int | None = None
    phone_id: int | None = None
    user_id: int | None = None


def purpose_of_recording(call: Any) -> str:
    """Return what becomes of a recording that was made in a call that came in."""
    return RECORDED.get(str(call.facts.get("line") or call.purpose), "suggestion")


def raise_reach(tx: Connection, call: Any, reach: str, now: datetime) -> None:
    """Note that a call that came in got at least this far; with its message heard, so did the planned one."""
    lower = REACHES[: reach_rank(reach)]
    raised = update(InboundCall).where(InboundCall.id == call.id, InboundCall.reach.in_(lower))
    row = tx.execute(raised.values(reach=reach).returning(InboundCall.outcome)).first()
    if row is not None and row.outcome == "heard" and call.call_id is not None:
        wishes.called_in(tx, call.call_id, reach, [child["id"] for child in call.facts["children"]], now=now)


def line_called(carrier: CarrierSettings, to: str) -> Line:
    """Return which of our lines has this number; every other one is the family line."""
    if to and to == carrier.missed_call_number:
        return "missed"
    return "teacher" if to and to == carrier.teacher_number else "family"


def recognise(tx: Connection, vault: Vault, line: Line, number: str) -> Caller:
    """Return who calls: a teacher on the teacher's line, a family on the others; else only the number's own mark."""
    msisdn = _msisdn(number)
    index = vault.index(msisdn) if msisdn else ""
    plain = Caller(index, msisdn[-4:])
    if not msisdn:
        return plain
    if line == "teacher":
        whose = select(TeacherLine.user_id).join(User, User.id == TeacherLine.user_id)
        user_id = tx.scalar(whose.where(TeacherLine.msisdn_index == index, User.disabled_at.is_(None)))
        return Caller(index, msisdn[-4:], user_id=user_id)
    row = tx.execute(select(PhoneNumber.id, PhoneNumber.household_id).where(PhoneNumber.msisdn_index == index)).first()
    return plain if row is None else Caller(index, msisdn[-4:], row.household_id, row.id)


def _msisdn(number: str) -> str:
    """Return a caller's number as we index it: an Indian one in our own form, a foreign one by its digits."""
    try:
        return parse_msisdn(number)
    except PhoneNumberError:
        return number if number.isascii() and number.isdecimal() else ""


def call_of(tx: Connection, household_id: int, now: datetime) -> Any:
    """Return a household's call of the round that is open, with the round's columns, or None."""
    today = now.astimezone(IST).date()
    return tx.execute(
        select(Round.__table__, Call.id.label("call_id"), Call.school_id)
        .join(Call, Call.round_id == Round.id)
        .where(Call.household_id == household_id, Round.starts_on_ist <= today, Round.ends_on_ist >= today)
        .order_by(Round.starts_on_ist.desc(), Call.id.desc())
        .limit(1)
    ).first()


def hold_back(tx: Connection, call_id: int, until: datetime) -> None:
    """Do not dial a family while it is on the line with us: its phone would be busy, and what it hears may do."""
    if tx.scalar(select(Call.id).where(Call.id == call_id, Call.state == "planned", Call.due_at < until)) is not None:
        ledger.postpone(tx, [call_id], until)


def family_facts(tx: Connection, household_id: int, call: Any, now: datetime) -> Facts:
    """Return what a call from this family is told: its message, if one waits, else whose family it is."""
    home = tx.execute(select(Household.language, Household.opted_out_at).where(Household.id == household_id)).one()
    facts: Facts = {}
    if call is not None:
        columns = call._mapping
        facts = brief(tx, call.call_id, columns, language=home.language, school_id=call.school_id, now=now)
    caller = {"waiting": "yes"} if facts.get("children") else {}
    if not facts.get("children"):
        facts = _known(tx, household_id, home.language)
    return facts | {"caller": caller | ({"opted_out": "yes"} if home.opted_out_at is not None else {})}


def unknown_facts() -> Facts:
    """Return what a call from a number that we do not know is told: nothing."""
    return {"language": "pa", "school": {}, "children": [{}], "caller": {}}


def school_of(household_id: int) -> Any:
    """Return the query for the school of a household's first child."""
    return (
        select(SchoolClass.school_id)
        .join(Child, Child.class_id == SchoolClass.id)
        .join(Guardianship, Guardianship.child_id == Child.id)
        .where(Guardianship.household_id == household_id)
        .order_by(Child.id)
        .limit(1)
    )


def _known(tx: Connection, household_id: int, language: str) -> Facts:
    rows = tx.execute(
        select(Child.id, Child.name, School.name.label("school"), School.spoken)
        .join(Guardianship, Guardianship.child_id == Child.id)
        .join(SchoolClass, SchoolClass.id == Child.class_id)
        .join(School, School.id == SchoolClass.school_id)
        .where(Guardianship.household_id == household_id)
        .order_by(Child.id)
    ).all()
    if not rows:
        return unknown_facts() | {"language": language}
    school = {"name": rows[0].school, "spoken": rows[0].spoken}
    return {"language": language, "school": school, "children": [{"id": row.id, "name": row.name} for row in rows]}


def end_overdue(tx: Connection, now: datetime) -> int:
    """End calls that are older than any can be; return how many."""
    overdue = update(InboundCall).where(InboundCall.state != "ended", InboundCall.began_at <= now - LONGEST)
    return int(tx.execute(overdue.values(state="ended", ended_at=now, cause_name="no hang-up came")).rowcount)


def missed(tx: Connection, caller: Caller, inbound_id: int, now: datetime) -> str:
    """Do what a missed call asks for and return what came of it (docs/decisions/006-missed-calls.md)."""
    if caller.household_id is None or caller.phone_id is None:
        return "unknown"
    recently = select(InboundCall.id).where(
        InboundCall.caller_index == caller.index, InboundCall.began_at > now - ONE_WISH, InboundCall.id != inbound_id,
        InboundCall.purpose == "missed", InboundCall.outcome.in_(DONE_FOR),
    )  # fmt: skip
    if tx.scalar(recently.limit(1)) is not None:
        return "again"
    if tx.scalar(select(Household.opted_out_at).where(Household.id == caller.household_id)) is not None:
        return "opted_out"
    call = call_of(tx, caller.household_id, now)
    due_at = wishes.asked_again(tx, call.call_id, phone_id=caller.phone_id, now=now) if call is not None else None
    if due_at == now:
        return "called_back"
    callbacks.ask(tx, caller.household_id, reason="missed_call", now=now, inbound_id=inbound_id)
    return "noted"
