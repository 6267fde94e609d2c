"""A school, its families, and the carrier that calls our webhooks for them, signed as Plivo signs."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from callqueue.runtime import Runtime
from carrier.plivo.signature import NONCE_HEADER, SIGNATURE_HEADER, sign_v3
from ivr.app import create_app
from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.model import Tree
from ivr.trees.walk import everything_said
from ivr.voice.parts import VoiceParts
from ptm import schema
from ptm.clock import ManualClock
from ptm.models import (
    Area,
    Attempt,
    Batch,
    Call,
    CallChild,
    CarrierEvent,
    Child,
    Household,
    PhoneNumber,
    Round,
    School,
    SchoolClass,
    TreeVersion,
)
from ptm.settings import load_settings

ROOT = Path(__file__).parent.parent.parent
# A Wednesday, eleven in the morning in India.
NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
SECRETS = {
    "PLIVO_AUTH_ID": "MATESTTESTTESTTESTTE",
    "PLIVO_AUTH_TOKEN": "a-token-for-tests-that-opens-nothing",
    "SUNVAI_SECRET_KEY": "a-secret-key-for-tests-alone",
    "SUNVAI_DATA_KEY": "a-data-key-for-tests-alone-0",
}
OUR_NUMBER, MISSED_CALL_NUMBER, TEACHER_NUMBER = "918035731000", "918035731001", "918035731002"
NORMAL = {"CallStatus": "completed", "HangupCauseCode": "4000", "HangupCauseName": "Normal Hangup"}
_numbers = itertools.count(9_814_000_000)


class StandingRuntime(Runtime):
    """The real parts, with a clock that stands still until it is told."""

    def __init__(self, *, database_url: str, redis_url: str, folder: Path) -> None:
        environ = SECRETS | {
            "SUNVAI_DATABASE__URL": database_url,
            "SUNVAI_REDIS__URL": redis_url,
            "SUNVAI_STORAGE__FOLDER": str(folder),
            "SUNVAI_CARRIER__MISSED_CALL_NUMBER": MISSED_CALL_NUMBER,
            "SUNVAI_CARRIER__TEACHER_NUMBER": TEACHER_NUMBER,
        }
        super().__init__(load_settings(ROOT / "config.toml", environ))
        self.__dict__["clock"] = ManualClock(NOW)


@contextmanager
def open_stage(*, database_url: str, redis_url: str, folder: Path) -> Iterator[Stage]:
    """Give a stage on an empty database, and close what it opened."""
    runtime = StandingRuntime(database_url=database_url, redis_url=redis_url, folder=folder)
    schema.upgrade(runtime.database)
    stage = Stage(runtime)
    yield stage
    stage.parts.close()
    runtime.redis.close()
    runtime.database.dispose()


class Stage:
    """One school in one round, on one database."""

    def __init__(self, runtime: Runtime, tree_file: Path = PTM_TREE) -> None:
        self.runtime = runtime
        self.app = create_app(runtime)
        self.parts: VoiceParts = self.app.extensions["voice"]
        self.tree: Tree = load_tree(tree_file)
        self._prepared: set[str] = set()
        self._open_round()

    @property
    def clock(self) -> ManualClock:
        clock = self.runtime.clock
        assert isinstance(clock, ManualClock)
        return clock

    def _open_round(self) -> None:
        now = self.runtime.clock.now()
        with self.runtime.database.session() as session:
            area = Area(kind="block", code="b-1", name="Rampur")
            school = School(udise="03000000001", name="GPS Rampur", spoken={}, area=area)
            a_class = SchoolClass(school=school, name="5A")
            session.add(TreeVersion(hash=self.tree.hash, definition=self.tree.definition, created_at=now))
            session.flush()
            the_round = Round(
                area=area, name="Winter", starts_on_ist=date(2026, 11, 23), ends_on_ist=date(2026, 12, 5),
                opens_ist=time(10), closes_ist=time(19), weekdays="mon,tue,wed,thu,fri,sat", holidays={"dates": []},
                meeting_on_ist=date(2026, 12, 5), tries=3, tree_hash=self.tree.hash,
                ladder={"busy": 15, "no_answer": 180, "carrier_failed": 10, "hung_up_early": 120},
            )  # fmt: skip
            session.add_all([a_class, the_round])
            session.flush()
            batch = Batch(round_id=the_round.id, class_id=a_class.id, form_key="first", state="calling", created_at=now)
            session.add(batch)
            session.flush()
            self.school_id, self.round_id, self.class_id, self.batch_id = (
                school.id, the_round.id, a_class.id, batch.id,
            )  # fmt: skip

    def dial(
        self, *children: Mapping[str, Any], language: str = "pa", prepared: bool = True,
        answer: Mapping[str, str] | None = None,
    ) -> Phone:  # fmt: skip
        """Give a new family a call that was just dialled, with everything it may hear prepared."""
        msisdn = f"91{next(_numbers)}"
        facts = self._facts(children or ({},), language) | ({"answer": {"texts": dict(answer)}} if answer else {})
        attempt_id, token = self._open_attempt(facts, msisdn)
        if prepared:
            self._prepare(facts)
        return Phone(self, attempt_id, token, msisdn, facts)

    def _prepare(self, facts: dict[str, Any]) -> None:
        known = json.dumps([{**child, "id": 0} for child in facts["children"]] + [facts.get("answer")])
        if known not in self._prepared:
            self.parts.studio.prepare(everything_said(self.tree, facts))
            self._prepared.add(known)

    def _facts(self, children: tuple[Mapping[str, Any], ...], language: str) -> dict[str, Any]:
        ordinary = {
            "name": "Harmanpreet Kaur", "class_name": "5A", "attendance": 87, "level": "level.sentences",
            "praise": "praise.asks_questions",
        }  # fmt: skip
        return {
            "language": language,
            "school": {"name": "GPS Rampur", "spoken": {}},
            "children": [ordinary | _without_lacks(child) for child in children],
            "meeting": {"on": "2026-12-05"},
        }

    def _open_attempt(self, facts: dict[str, Any], msisdn: str) -> tuple[int, str]:
        now = self.runtime.clock.now()
        with self.runtime.database.session() as session:
            # The call before this one may have been the batch's last, and nobody dials for a batch that is done.
            session.execute(update(Batch).where(Batch.state == "done").values(state="calling", ended_at=None))
            household = Household(language=facts["language"], created_at=now)
            phone = PhoneNumber(
                position=0, sealed_msisdn=self.runtime.vault.seal(msisdn), msisdn_index=msisdn, last4=msisdn[-4:]
            )
            household.numbers = [phone]
            session.add(household)
            session.flush()
            call = Call(
                round_id=self.round_id, household_id=household.id, school_id=self.school_id, state="open", due_at=now
            )
            session.add(call)
            session.flush()
            for child in facts["children"]:
                row = Child(class_id=self.class_id, name=child["name"], admission_no=uuid.uuid4().hex[:12])
                session.add(row)
                session.flush()
                child["id"] = row.id
                session.add(CallChild(call_id=call.id, child_id=row.id, batch_id=self.batch_id, covered=True))
            attempt = Attempt(
                call_id=call.id, number=1, phone_id=phone.id, token=uuid.uuid4().hex, state="placed", claimed_at=now,
                lease_until_at=now, dial_started_at=now, placed_at=now, tree_hash=self.tree.hash, facts=facts,
            )  # fmt: skip
            session.add(attempt)
            session.flush()
            return attempt.id, attempt.token

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def counted(self, table: Any) -> int:
        with self.runtime.database.reading() as tx:
            return tx.scalar(select(func.count()).select_from(table.__table__)) or 0


def _without_lacks(child: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of a child, where `lacks` names what is not known of it."""
    told = {name: value for name, value in child.items() if name != "lacks"}
    return told | dict.fromkeys(child.get("lacks", ()))


@dataclass(frozen=True)
class Document:
    """An answer as the carrier reads it: clips in order, what it waits for, and where it goes on.

    `nested` clips stand inside what waits: a key stops them.
    """

    text: str
    plays: tuple[str, ...]
    nested: int
    waits: str
    action: str | None
    attributes: Mapping[str, str]
    number: str = ""

    @classmethod
    def read(cls, text: str) -> Document:
        root = ElementTree.fromstring(text)
        assert root.tag == "Response", text
        *before, last = list(root) or [ElementTree.Element("Nothing")]
        clips = [(each.text or "").rpartition("/")[2] for each in root.iter("Play")]
        asks = before and before[-1].tag in ("GetDigits", "Record", "Dial")
        main = before[-1] if last.tag == "Redirect" and asks else last
        waits = {
            "GetDigits": "menu" if main.get("numDigits") == "1" else "pin", "Record": "record", "Dial": "dial",
            "Redirect": "continue", "Hangup": "reject" if main.get("reason") else "hang up",
        }  # fmt: skip
        action = main.get("action") or (last.text if last.tag == "Redirect" else None)
        said = waits.get(main.tag, "nothing")
        if any(each.tag == "Wait" for each in root):
            said = "wait"
        number = main.findtext("Number") or ""
        return cls(text, tuple(clips), len(main.findall("Play")), said, action, dict(main.attrib), number)


@dataclass
class Phone:
    """The carrier's side of one call, step by step: what it posts to us and what it reads in our answers."""

    stage: Stage
    attempt_id: int
    token: str
    msisdn: str
    facts: dict[str, Any]
    call_uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    request_uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    document: Document | None = None
    recordings: list[str] = field(default_factory=list)
    told_early: list[str] = field(default_factory=list)
    at: int | None = None
    leg_uuid: str = ""

    # ---- what happens on the line ----

    def ring(self) -> Delivery:
        return self.event("ring", {"CallStatus": "ringing", "Event": "Ring", "From": f"+{OUR_NUMBER}"})

    def answer(self) -> Delivery:
        return self.event("answer", {"CallStatus": "in-progress", "Event": "StartApp", "CountryCode": "IN"})

    def press(self, keys: str) -> Delivery:
        return self.go_on({"Digits": keys})

    def silence(self) -> Delivery:
        return self.go_on({})

    def speak(self, seconds: float, key: str = "") -> Delivery:
        self.recordings.append(self.told_early.pop() if self.told_early else str(uuid.uuid4()))
        return self.go_on(self._recording(self.recordings[-1], seconds) | ({"Digits": key} if key else {}))

    def recording_ready(self, which: int = -1, seconds: float = 12) -> Delivery:
        return self.event("recording", self._recording(self.recordings[which], seconds))

    def recording_ready_early(self) -> Delivery:
        """Return the callback of a recording whose action is still on its way."""
        self.told_early.append(str(uuid.uuid4()))
        return self.event("recording", self._recording(self.told_early[-1], 12))

    def hang_up(self, **ending: str) -> Delivery:
        times = {"AnswerTime": "2026-11-25 11:00:05", "Duration": "40", "BillDuration": "60"}
        end = NORMAL | (times if ending.get("CallStatus", "completed") == "completed" else {"Duration": "0"}) | ending
        return self.event("hangup", {"Event": "Hangup", "HangupSource": "Callee", **end})

    def dialled(self, status: str) -> Delivery:
        """Return what the carrier posts when a Dial is over."""
        leg = {"DialALegUUID": self.call_uuid, "DialBLegUUID": str(uuid.uuid4()), "DialHangupCause": "NORMAL_CLEARING"}
        return self.go_on(leg | {"DialStatus": status, "DialRingStatus": "true"})

    def leg(self, action: str, talk_s: int | None = None) -> Delivery:
        """Return what the carrier posts of the teacher's leg."""
        self.leg_uuid = self.leg_uuid or str(uuid.uuid4())
        told = {"DialAction": action, "DialALegUUID": self.call_uuid, "DialBLegUUID": self.leg_uuid,
                "DialBLegFrom": OUR_NUMBER, "DialBLegTo": "919814000000", "DialBLegStatus": action}  # fmt: skip
        if talk_s is not None:
            told |= {"DialBLegDuration": str(talk_s), "DialBLegBillDuration": "60", "DialBLegHangupCauseCode": "4000"}
        return self.event("leg", told)

    # ---- the posts themselves ----

    def took(self, document: Document) -> None:
        """Read what an answer tells of the call."""

    def event(self, kind: str, form: Mapping[str, str]) -> Delivery:
        return self.make(f"/voice/{self.token}/{kind}", form)

    def go_on(self, form: Mapping[str, str]) -> Delivery:
        """Return what the carrier posts to the address that the last answer gave, or to step `at` where that is set."""
        if self.at is not None:
            return self.make(f"/voice/{self.token}/step/{self.at}", form)
        assert self.document is not None, "nothing was answered yet"
        assert self.document.action is not None, f"the call is over: {self.document.text}"
        return self.make(urlsplit(self.document.action).path, form)

    def make(self, path: str, form: Mapping[str, str], *, nonce: str | None = None) -> Delivery:
        common = {
            "CallUUID": self.call_uuid, "RequestUUID": self.request_uuid, "ALegUUID": self.call_uuid,
            "ALegRequestUUID": self.request_uuid, "Direction": "outbound", "CallStatus": "in-progress",
            "From": OUR_NUMBER, "To": self.msisdn, "CallerName": "", "SessionStart": "2026-11-25 05:29:50.219903",
        }  # fmt: skip
        return Delivery(self, path, common | dict(form), nonce or uuid.uuid4().hex[:20])

    def _recording(self, recording_id: str, seconds: float) -> dict[str, str]:
        return {
            "RecordUrl": f"https://media.plivo.example/{recording_id}.wav", "RecordingID": recording_id,
            "RecordingDuration": str(int(seconds)), "RecordingDurationMs": str(int(seconds * 1000)),
        }  # fmt: skip

    # ---- what stands in the tables afterwards ----

    def row(self) -> Any:
        with self.stage.runtime.database.reading() as tx:
            return tx.execute(select(Attempt.__table__).where(Attempt.id == self.attempt_id)).one()

    def state(self) -> dict[str, Any]:
        session = self.row().session
        return dict(json.loads(session)) if session else {}

    def events(self) -> dict[str, str]:
        """Return the answers that are stored, by event."""
        query = select(CarrierEvent.key, CarrierEvent.answer).where(CarrierEvent.attempt_id == self.attempt_id)
        with self.stage.runtime.database.reading() as tx:
            return {row.key: row.answer for row in tx.execute(query.order_by(CarrierEvent.id))}


@dataclass(frozen=True)
class Delivery:
    """One webhook, ready to be delivered as often as one likes."""

    phone: Phone
    path: str
    form: Mapping[str, str]
    nonce: str

    @property
    def url(self) -> str:
        return self.phone.stage.parts.public_url + self.path

    @property
    def body(self) -> str:
        return urlencode(self.form)

    def headers(self) -> dict[str, str]:
        token = self.phone.stage.runtime.settings.secrets.auth_token.get_secret_value()
        return {
            SIGNATURE_HEADER: sign_v3("POST", self.url, self.nonce, token, self.form),
            NONCE_HEADER: self.nonce,
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def send(self, client: FlaskClient | None = None) -> TestResponse:
        """Deliver it, whatever the answer is."""
        client = client or self.phone.stage.client()
        return client.post(self.path, data=self.body, headers=self.headers())

    def deliver(self) -> Document:
        """Deliver it and read the answer, which is where the call goes on."""
        response = self.send()
        assert response.status_code == 200, (response.status_code, response.text)
        assert response.content_type == "application/xml; charset=utf-8"
        document = Document.read(response.text)
        if "/step/" in self.path or self.path.endswith("/answer"):
            self.phone.document = document
            self.phone.took(document)
        return document
