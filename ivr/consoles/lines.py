"""Somebody's own phone, as they gave it: the number sealed, the PIN hashed, a teacher's hours for parents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from ptm import audit
from ptm.models import TeacherLine
from ptm.passwords import hash_password
from ptm.permissions import Actor
from ptm.phone import UnusableNumber, parse_msisdn
from ptm.sealing import Vault
from ptm.settings import EARLIEST, LATEST

_PIN = re.compile(r"[0-9]{4,6}")
_RUNS = ("0123456789", "9876543210")
_HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True)
class LineForm:
    """What somebody typed. None for number and PIN leaves those as they are."""

    msisdn: str | None
    pin: str | None
    takes_calls: bool
    opens_ist: time
    closes_ist: time


class NumberTaken(Exception):
    """Somebody else gave this number: a call from it could not tell who is calling."""


def parse_line(form: Mapping[str, str], known: TeacherLine | None) -> tuple[LineForm | None, dict[str, str]]:
    """Return what to keep, and by field what is wrong with it in words for the teacher."""
    problems: dict[str, str] = {}
    msisdn = _number(form.get("number", ""), known, problems)
    last4 = msisdn[-4:] if msisdn else known.last4 if known else ""
    pin = _pin(form.get("pin", "").strip(), last4, problems)
    opens, closes = (_hour(form.get(name, ""), name, problems) for name in ("opens", "closes"))
    if opens and closes and not EARLIEST <= opens < closes <= LATEST:
        problems["opens"] = f"Calls are put through between {EARLIEST:%H:%M} and {LATEST:%H:%M}, from earlier to later."
    if problems or opens is None or closes is None:
        return None, problems
    return LineForm(msisdn, pin, "takes_calls" in form, opens, closes), {}


def parse_phone(form: Mapping[str, str], known: TeacherLine | None) -> tuple[LineForm | None, dict[str, str]]:
    """Read number and PIN of somebody whom no family is put through to. Otherwise as `parse_line`."""
    problems: dict[str, str] = {}
    msisdn = _number(form.get("number", ""), known, problems)
    pin = _pin(form.get("pin", "").strip(), msisdn[-4:] if msisdn else known.last4 if known else "", problems)
    return (None if problems else LineForm(msisdn, pin, False, EARLIEST, LATEST)), problems


def load_line(session: Session, actor: Actor) -> TeacherLine | None:
    return session.get(TeacherLine, actor.user_id)


def save_line(session: Session, actor: Actor, vault: Vault, typed: LineForm, now: datetime) -> None:
    """Keep number, PIN and hours. A new PIN ends the rest after wrong ones. Raises NumberTaken."""
    line = load_line(session, actor)
    if typed.msisdn is not None:
        owner = select(TeacherLine.user_id).where(TeacherLine.msisdn_index == vault.index(typed.msisdn))
        if session.scalar(owner) not in (None, actor.user_id):
            raise NumberTaken
    if line is None:
        line = TeacherLine(user_id=actor.user_id, failed_pins=0)
        session.add(line)
    if typed.msisdn is not None:
        line.sealed_msisdn, line.msisdn_index = vault.seal(typed.msisdn), vault.index(typed.msisdn)
        line.last4 = typed.msisdn[-4:]
    if typed.pin is not None:
        line.pin_hash, line.failed_pins, line.locked_until_at = hash_password(typed.pin), 0, None
    line.takes_calls, line.opens_ist, line.closes_ist = typed.takes_calls, typed.opens_ist, typed.closes_ist
    line.updated_at = now
    _record(session, actor, "line.edit", {"number": typed.msisdn is not None, "pin": typed.pin is not None}, now)


def forget_line(session: Session, actor: Actor, now: datetime) -> bool:
    """Remove number, PIN and hours; return whether there were any."""
    line = load_line(session, actor)
    if line is None:
        return False
    session.delete(line)
    _record(session, actor, "line.forget", {}, now)
    return True


def _number(typed: str, known: TeacherLine | None, problems: dict[str, str]) -> str | None:
    if not typed.strip():
        if known is None:
            problems["number"] = "Write your mobile number."
        return None
    try:
        return parse_msisdn(typed)
    except UnusableNumber as unusable:
        problems["number"] = f"{str(unusable)[:1].upper()}{str(unusable)[1:]}."
        return None


def _pin(typed: str, last4: str, problems: dict[str, str]) -> str | None:
    if not typed:
        return None
    if not _PIN.fullmatch(typed):
        problems["pin"] = "A PIN has four to six digits."
    elif len(set(typed)) == 1 or any(typed in run for run in _RUNS) or (last4 and typed.endswith(last4)):
        problems["pin"] = "That PIN is one of the first that anybody would try. Take digits that mean nothing."
    return typed


def _hour(typed: str, field: str, problems: dict[str, str]) -> time | None:
    if not _HOUR.fullmatch(typed):
        problems[field] = "Write the time as hours and minutes, for instance 16:30."
        return None
    return time.fromisoformat(typed)


def _record(session: Session, actor: Actor, action: str, details: Mapping[str, bool], now: datetime) -> None:
    audit.record(
        session, user_id=actor.user_id, action=action, subject="user", subject_id=actor.user_id, details=details,
        now=now,
    )  # fmt: skip
