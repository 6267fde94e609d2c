"""Families with a call that was just dialled, in numbers, and what the carrier will post for them, signed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, insert

from callqueue.runtime import Runtime
from carrier.plivo.signature import NONCE_HEADER, SIGNATURE_HEADER, sign_v3
from ivr.trees.engine import start
from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.walk import everything_said
from ivr.voice.parts import studio_of
from ptm.models import (
    Area,
    Attempt,
    Batch,
    Call,
    CallChild,
    Child,
    Household,
    PhoneNumber,
    Round,
    School,
    SchoolClass,
    TreeVersion,
)

FACTS = {
    "language": "pa",
    "school": {"name": "GPS Rampur", "spoken": {}},
    "children": [
        {
            "id": 1, "name": "Harmanpreet Kaur", "class_name": "5A", "attendance": 87, "level": "level.sentences",
            "praise": "praise.asks_questions",
        }
    ],
    "meeting": {"on": "2026-12-05"},
}  # fmt: skip
CLASS_SIZE = 40
CALL_LENGTH = 9
"""Webhooks of one ordinary call."""


@dataclass(frozen=True)
class Family:
    """One call to be played."""

    token: str
    msisdn: str


def prepare(runtime: Runtime) -> None:
    """Render what these families hear."""
    studio = studio_of(runtime)
    studio.prepare(everything_said(load_tree(PTM_TREE), FACTS))
    studio.close()


class Township:
    """A school on an empty database, where families are called in numbers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._tree = runtime, load_tree(PTM_TREE)
        self._families = self._classes = 0
        now = runtime.clock.now()
        with runtime.database.session() as session:
            session.add(TreeVersion(hash=self._tree.hash, definition=self._tree.definition, created_at=now))
            school = School(udise="03000000001", name="GPS Rampur", spoken={})
            school.area = Area(kind="block", code="b-1", name="Rampur")
            session.add(school)
            session.flush()
            the_round = Round(
                area=school.area, name="Bench", starts_on_ist=date(2026, 1, 1), ends_on_ist=date(2099, 1, 1),
                opens_ist=time(9), closes_ist=time(21), weekdays="mon,tue,wed,thu,fri,sat,sun", holidays={"dates": []},
                meeting_on_ist=date(2026, 12, 5), tries=3, ladder={"busy": 15}, tree_hash=self._tree.hash,
            )  # fmt: skip
            session.add(the_round)
            session.flush()
            self._round_id, self._school_id = the_round.id, school.id
        self._call = {"round_id": self._round_id, "school_id": self._school_id, "state": "open", "due_at": now}

    def dial(self, how_many: int, *, answered: bool) -> list[Family]:
        """Write so many new families with a call that was just placed, or `answered` and at its first menu."""
        ids = range(self._families + 1, self._families + how_many + 1)
        self._families += how_many
        families = [Family(uuid.uuid4().hex, f"91{9_800_000_000 + at}") for at in ids]
        now = self._runtime.clock.now()
        with self._runtime.database.writing() as tx:
            classes = range(ids[0] // CLASS_SIZE, ids[-1] // CLASS_SIZE + 1)
            self._open_classes(tx, [at + 1 for at in classes if at + 1 > self._classes], now)
            tx.execute(insert(Household), [{"id": at, "language": "pa", "created_at": now} for at in ids])
            tx.execute(insert(PhoneNumber), [_number(at, family) for at, family in zip(ids, families, strict=True)])
            tx.execute(insert(Call), [self._call | {"id": at, "household_id": at} for at in ids])
            covered = {"covered": True}
            of_class = {at: at // CLASS_SIZE + 1 for at in ids}
            tx.execute(
                insert(CallChild),
                [covered | {"call_id": at, "child_id": of_class[at], "batch_id": of_class[at]} for at in ids],
            )
            common = self._attempt(answered)
            tx.execute(
                insert(Attempt),
                [
                    common | {"id": at, "call_id": at, "phone_id": at, "token": family.token}
                    for at, family in zip(ids, families, strict=True)
                ],
            )
        return families

    def _open_classes(self, tx: Connection, ids: Sequence[int], now: datetime) -> None:
        """Open classes with a batch each: what an ending call looks through is a class, not a state."""
        if not ids:
            return
        self._classes = ids[-1]
        tx.execute(insert(SchoolClass), [{"id": at, "school_id": self._school_id, "name": f"{at}"} for at in ids])
        tx.execute(insert(Child), [{"id": at, "class_id": at, "name": "Harmanpreet Kaur"} for at in ids])
        batch = {"round_id": self._round_id, "state": "calling", "created_at": now}
        tx.execute(insert(Batch), [batch | {"id": at, "class_id": at, "form_key": f"bench-{at}"} for at in ids])

    def _attempt(self, answered: bool) -> dict[str, Any]:
        now = self._runtime.clock.now()
        return {
            "number": 1, "claimed_at": now, "lease_until_at": now, "dial_started_at": now, "placed_at": now,
            "tree_hash": self._tree.hash, "facts": FACTS, "state": "answered" if answered else "placed",
            "session": start(self._tree, FACTS).state.to_json() if answered else None,
            "reach": "answered" if answered else "unreached",
        }  # fmt: skip


def _number(at: int, family: Family) -> dict[str, Any]:
    return {
        "id": at, "household_id": at, "position": 0, "sealed_msisdn": b"-", "msisdn_index": family.msisdn,
        "last4": family.msisdn[-4:],
    }  # fmt: skip


def whole_call(runtime: Runtime, family: Family) -> list[bytes]:
    """Return all that the carrier posts in an ordinary call, in order."""
    recording = str(uuid.uuid4())
    made = {
        "RecordUrl": f"https://media.plivo.example/{recording}.wav", "RecordingID": recording,
        "RecordingDuration": "12", "RecordingDurationMs": "12000",
    }  # fmt: skip
    ended = {
        "CallStatus": "completed", "HangupCauseCode": "4000", "HangupCauseName": "Normal Hangup",
        "HangupSource": "Callee", "HangupCause": "NORMAL_CLEARING", "AnswerTime": "2026-11-25 11:00:05",
        "Duration": "55", "BillDuration": "60",
    }  # fmt: skip
    posts: list[tuple[str, Mapping[str, str]]] = [
        ("ring", {"CallStatus": "ringing", "Event": "Ring"}),
        ("answer", {"Event": "StartApp"}),
        ("step/0", {"Digits": "1"}),
        ("step/1", {}),
        ("step/2", {"Digits": "1"}),
        ("step/3", made),
        ("recording", made),
        ("step/4", {"Digits": "2"}),
        ("hangup", ended | {"Event": "Hangup"}),
    ]
    assert len(posts) == CALL_LENGTH  # noqa: S101
    signer = _Signer(runtime, family)
    return [signer.post(path, form) for path, form in posts]


def one_key(runtime: Runtime, family: Family) -> list[bytes]:
    """Return the one key that a family at its first menu presses."""
    return [_Signer(runtime, family).post("step/0", {"Digits": "1"})]


class _Signer:
    def __init__(self, runtime: Runtime, family: Family) -> None:
        self._public_url = runtime.settings.web.public_url
        self._token = runtime.settings.secrets.auth_token.get_secret_value()
        self._family = family
        call, asked = str(uuid.uuid4()), str(uuid.uuid4())
        self._common = {
            "CallUUID": call, "RequestUUID": asked, "ALegUUID": call, "ALegRequestUUID": asked, "From": "918035731000",
            "To": family.msisdn, "Direction": "outbound", "CallStatus": "in-progress", "CallerName": "",
            "BillRate": "0.005", "CountryCode": "IN", "RouteType": "Domestic_Anchored", "ParentAuthID": "MABENCH",
            "SessionStart": "2026-11-25 05:29:50.219903", "ComplianceStatus": "accepted",
        }  # fmt: skip

    def post(self, path: str, form: Mapping[str, str]) -> bytes:
        fields = self._common | dict(form)
        address = f"/voice/{self._family.token}/{path}"
        nonce, body = uuid.uuid4().hex[:20], urlencode(fields).encode()
        signature = sign_v3("POST", self._public_url + address, nonce, self._token, fields)
        head = (
            f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"{SIGNATURE_HEADER}: {signature}\r\n{NONCE_HEADER}: {nonce}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def in_turns(posts: Iterable[Sequence[bytes]], lines: int) -> list[list[bytes]]:
    """Deal calls out to lines; each line plays its calls one after the other."""
    queues: list[list[bytes]] = [[] for _ in range(lines)]
    for at, call in enumerate(posts):
        queues[at % lines] += call
    return queues
