"""Somebody who calls one of our numbers: a family, a teacher, a number that nobody knows."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from callqueue import prompt_orders, putting_through
from ivr.trees.facts import Facts
from ivr.trees.load import INBOUND_TREES, load_tree
from ivr.trees.model import Tree
from ivr.voice import teacher_line
from ptm.models import (
    Batch,
    Call,
    CallChild,
    Child,
    Guardianship,
    Household,
    InboundCall,
    InboundEvent,
    Message,
    PhoneNumber,
    PromptOrder,
    SchoolClass,
    TeacherLine,
    User,
)
from ptm.passwords import hash_password
from tests.callflow.stage import (
    MISSED_CALL_NUMBER,
    OUR_NUMBER,
    TEACHER_NUMBER,
    Delivery,
    Document,
    Phone,
    Stage,
)

LINES = {"family": OUR_NUMBER, "missed": MISSED_CALL_NUMBER, "teacher": TEACHER_NUMBER}
STRANGERS = {"withheld": "anonymous", "foreign": "447700900123", "nobody": ""}
PIN = "246810"
_numbers = itertools.count(9_914_000_000)
_hashed: list[str] = []


@dataclass
class Caller(Phone):
    """The carrier's side of a call that comes in. Its token is known from our first answer on."""

    to: str = OUR_NUMBER
    household_id: int | None = None
    child_ids: tuple[int, ...] = ()
    teacher_id: int | None = None
    teacher_number: str = ""
    family_numbers: tuple[str, ...] = ()
    earlier: list[str] = field(default_factory=list)

    def rings(self, child: int) -> str:
        """Return the number that a Dial rings: the teacher's, or the family's own in the place of that child."""
        return self.family_numbers[child - 1] if self.family_numbers else self.teacher_number

    def again(self) -> None:
        """The same number calls once more."""
        self.earlier.append(self.call_uuid)
        self.call_uuid, self.request_uuid = str(uuid.uuid4()), str(uuid.uuid4())
        self.token, self.document = "", None

    def event(self, kind: str, form: Mapping[str, str]) -> Delivery:
        if kind in ("recording", "leg"):
            return self.make(f"/voice/in/{self.token}/{kind}", form)
        return self.make(f"/voice/in/{kind}", form)

    def go_on(self, form: Mapping[str, str]) -> Delivery:
        if self.at is not None:
            return self.make(f"/voice/in/{self.row().token}/step/{self.at}", form)
        return super().go_on(form)

    def make(self, path: str, form: Mapping[str, str], *, nonce: str | None = None) -> Delivery:
        ways = {"Direction": "inbound", "From": self.msisdn, "To": self.to}
        return super().make(path, ways | dict(form), nonce=nonce)

    def took(self, document: Document) -> None:
        if document.action:
            self.token = urlsplit(document.action).path.split("/")[3]

    def tree(self) -> Tree:
        """Return the tree that the call is held with."""
        row = self.row()
        return load_tree(INBOUND_TREES[row.facts.get("line", row.purpose)])

    def told(self) -> Facts:
        row = self.row()
        if row.purpose != "teacher" or "line" in row.facts:
            return dict(row.facts)
        with self.stage.runtime.database.reading() as tx:
            return teacher_line.facts(tx, row.user_id, self.stage.clock.now())

    def row(self) -> Any:
        with self.stage.runtime.database.reading() as tx:
            return tx.execute(select(InboundCall.__table__).where(InboundCall.call_uuid == self.call_uuid)).one()

    def events(self) -> dict[str, str]:
        query = select(InboundEvent.key, InboundEvent.answer).where(InboundEvent.inbound_id == self.row().id)
        with self.stage.runtime.database.reading() as tx:
            return {row.key: row.answer for row in tx.execute(query.order_by(InboundEvent.id))}


def call_in(stage: Stage, call: Mapping[str, Any]) -> Caller:
    """Return somebody who is about to call, as a written call describes them."""
    caller, line = call.get("caller", "family"), call["line"]
    msisdn = STRANGERS.get(caller) if caller in STRANGERS else f"91{next(_numbers)}"
    phone = Caller(stage, 0, "", msisdn or "", {}, to=LINES[line])
    if caller == "family":
        _house(stage, phone, call)
    if caller == "teacher" or ("teacher" in call and caller != "speaker"):
        _employ(stage, phone, call.get("teacher", {}), is_caller=caller == "teacher")
    if caller == "speaker":
        _let_speak(stage, phone, call)
    if "asks_for" in call:
        _ask_for_a_family(stage, phone, call["asks_for"])
    return phone


def _house(stage: Stage, phone: Caller, call: Mapping[str, Any]) -> None:
    """Give a caller a family, and the family a call that stands as `call` says."""
    now, language = stage.clock.now(), call.get("language", "pa")
    standing = call.get("stands", "planned")
    with stage.runtime.database.session() as session:
        class_id = stage.class_id
        if call.get("own_class"):
            own = SchoolClass(school_id=stage.school_id, name=f"6{uuid.uuid4().hex[:6]}")
            session.add(own)
            session.flush()
            class_id = own.id
        household = Household(
            language=language, created_at=now, opted_out_at=now if call.get("opted_out") else None,
            slot=call.get("slot"),
        )  # fmt: skip
        session.add(household)
        session.flush()
        number = stage.runtime.vault.phone_number(phone.msisdn, household_id=household.id, position=0)
        session.add(number)
        children = []
        for told in call.get("children", ({},)):
            child = Child(class_id=class_id, name="Harmanpreet Kaur", admission_no=uuid.uuid4().hex[:12])
            session.add(child)
            session.flush()
            session.add(Guardianship(child_id=child.id, household_id=household.id))
            said = {"attendance": 87, "level": "level.sentences", "praise": "praise.asks_questions"} | told
            session.add(Message(round_id=stage.round_id, child_id=child.id, **said))
            children.append(child.id)
        phone.household_id, phone.child_ids = household.id, tuple(children)
        if standing == "none":
            return
        heard = standing == "heard"
        session.execute(update(Batch).where(Batch.id == stage.batch_id).values(state="calling", ended_at=None))
        planned = Call(
            round_id=stage.round_id, household_id=household.id, school_id=stage.school_id, due_at=now.replace(hour=11),
            state="ended" if heard or standing == "ended" else standing, reach="heard" if heard else "rang", tries=3,
            disposition={"heard": "completed", "ended": "no_answer"}.get(standing),
            ended_at=now if standing in ("heard", "ended") else None,
        )  # fmt: skip
        session.add(planned)
        session.flush()
        session.add_all(
            CallChild(call_id=planned.id, child_id=child_id, batch_id=stage.batch_id) for child_id in children
        )


def _employ(stage: Stage, phone: Caller, told: Mapping[str, Any], *, is_caller: bool) -> None:
    """Give the family's class a teacher with a line, or make the caller the teacher of a class of their own."""
    now = stage.clock.now()
    number = phone.msisdn if is_caller else f"91{next(_numbers)}"
    with stage.runtime.database.session() as session:
        user = User(
            login=uuid.uuid4().hex, name="Teacher", role="teacher", password_hash="", created_at=now,
            school_id=stage.school_id,
        )  # fmt: skip
        session.add(user)
        session.flush()
        for name in told.get("classes", [f"{1 + user.id % 12}{chr(66 + user.id // 12 % 24)}"]) if is_caller else ():
            own = SchoolClass(school_id=stage.school_id, name=f"{name}", teacher_id=user.id)
            session.add(own)
            session.flush()
            _enrol(stage, session, own.id, told.get("families", 2))
        if not is_caller:
            classes = select(Child.class_id).where(Child.id.in_(phone.child_ids))
            session.execute(update(SchoolClass).where(SchoolClass.id.in_(classes)).values(teacher_id=user.id))
        if told.get("line", True):
            session.add(_line(stage, user.id, number, told))
        phone.teacher_id, phone.teacher_number = user.id, number


def _let_speak(stage: Stage, phone: Caller, call: Mapping[str, Any]) -> None:
    """Make the caller somebody who may record prompts and has asked for some, such as "goodbye.thanks pa"."""
    now = stage.clock.now()
    with stage.runtime.database.session() as session:
        user = User(login=uuid.uuid4().hex, name="Operator", role="operator", password_hash="", created_at=now)
        session.add(user)
        session.flush()
        session.add(_line(stage, user.id, phone.msisdn, call.get("teacher", {})))
        phone.teacher_id = user.id
    with stage.runtime.database.writing() as tx:
        for asked in call.get("asked", ()):
            prompt_id, language = asked.split()
            words = stage.parts.studio.recordable(prompt_id, language)[0]
            prompt_orders.ask(tx, user.id, prompt_id, language, words, now)


def _ask_for_a_family(stage: Stage, phone: Caller, told: Mapping[str, Any]) -> None:
    """Let a teacher, some `minutes_ago`, ask on the page for the first family of their class."""
    now = stage.clock.now()
    with stage.runtime.database.session() as session:
        child_id, household_id = session.execute(
            select(Child.id, Guardianship.household_id)
            .join(Guardianship, Guardianship.child_id == Child.id)
            .join(SchoolClass, SchoolClass.id == Child.class_id)
            .where(SchoolClass.teacher_id == phone.teacher_id)
            .order_by(Child.id)
        ).first() or (0, 0)
        if told.get("numbers", 1) == 2:
            other = stage.runtime.vault.phone_number(f"91{next(_numbers)}", household_id=household_id, position=1)
            session.add(other)
            session.flush()
        sealed = select(PhoneNumber.sealed_msisdn).where(PhoneNumber.household_id == household_id)
        numbers = session.scalars(sealed.order_by(PhoneNumber.position))
        phone.family_numbers = tuple(stage.runtime.vault.unseal(number) for number in numbers)
    asked_at = now - timedelta(minutes=told.get("minutes_ago", 1))
    with stage.runtime.database.writing() as tx:
        putting_through.ask(tx, phone.teacher_id or 0, child_id, asked_at)


def take_back(phone: Caller) -> None:
    """Withdraw on the page whatever still waits for the caller."""
    now = phone.stage.clock.now()
    mine = (PromptOrder.user_id == phone.teacher_id, prompt_orders.is_waiting(now))
    with phone.stage.runtime.database.writing() as tx:
        tx.execute(update(PromptOrder).where(*mine).values(withdrawn_at=now))


def _line(stage: Stage, user_id: int, number: str, told: Mapping[str, Any]) -> TeacherLine:
    if not _hashed:
        _hashed.append(hash_password(PIN))
    return TeacherLine(
        user_id=user_id, sealed_msisdn=stage.runtime.vault.seal(number),
        msisdn_index=stage.runtime.vault.index(number), last4=number[-4:],
        pin_hash=_hashed[0] if told.get("pin", True) else None, takes_calls=told.get("takes_calls", True),
        opens_ist=time.fromisoformat(told.get("opens", "09:00")),
        closes_ist=time.fromisoformat(told.get("closes", "17:00")), updated_at=stage.clock.now(),
    )  # fmt: skip


def _enrol(stage: Stage, session: Any, class_id: int, families: int) -> None:
    for _ in range(families):
        household = Household(language="pa", created_at=stage.clock.now())
        child = Child(class_id=class_id, name="Child", admission_no=uuid.uuid4().hex[:12])
        session.add_all([household, child])
        session.flush()
        number = stage.runtime.vault.phone_number(f"91{next(_numbers)}", household_id=household.id, position=0)
        session.add_all([Guardianship(child_id=child.id, household_id=household.id), number])
