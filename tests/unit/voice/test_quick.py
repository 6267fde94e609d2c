"""The quick way writes what the thorough one writes, row by row, and is the one that ordinary calls take."""

from __future__ import annotations

import random
import re
import uuid
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import func, select

from callqueue import ledger
from callqueue.participation import FIELDS
from ivr.voice import hanging_up
from ivr.voice.conversation import Answered, Webhook
from ivr.voice.parts import VoiceParts
from ptm.models import (
    Attempt,
    Batch,
    Call,
    CallChild,
    CarrierEvent,
    Consent,
    Household,
    ParticipationChange,
    PhoneNumber,
    Recording,
    SchoolClass,
    Suggestion,
)
from tests.callflow.stage import Phone, Stage


class ThoroughParts(VoiceParts):
    def receive(self, webhook: Webhook) -> Answered:
        return self.receive_thoroughly(webhook)


class QuickParts(VoiceParts):
    def receive(self, webhook: Webhook) -> Answered:
        answered = self.quick.receive(webhook, self.runtime.clock.now())
        assert answered is not None, f"{webhook.key} took the other way"
        return answered


def with_parts(stage: Stage, kind: type[VoiceParts]) -> VoiceParts:
    """Let the stage's application work in one way alone from now on; `give_back` ends that."""
    parts = kind(stage.runtime)
    stage.app.extensions["voice"] = parts
    return parts


def give_back(stage: Stage, parts: VoiceParts) -> None:
    parts.close()
    stage.app.extensions["voice"] = stage.parts


def test_an_ordinary_call_goes_the_quick_way_to_its_end(stage: Stage) -> None:
    phone = stage.dial({}, {"attendance": 60})
    parts = with_parts(stage, QuickParts)
    try:
        for act in (phone.ring, phone.answer, lambda: phone.press("5"), lambda: phone.press("*"),
                    lambda: phone.press("2"), lambda: phone.press("1"), phone.silence, phone.silence,
                    lambda: phone.press("1"), phone.silence, lambda: phone.speak(12), phone.recording_ready,
                    lambda: phone.press("2"), phone.hang_up):  # fmt: skip
            delivery = act()
            assert delivery.deliver().text == delivery.deliver().text
    finally:
        give_back(stage, parts)
    assert (phone.row().state, phone.row().reach) == ("ended", "recorded")


def test_a_family_that_rejects_the_call_hangs_up_the_quick_way(stage: Stage) -> None:
    phone = stage.dial({})
    parts = with_parts(stage, QuickParts)
    try:
        phone.ring().deliver()
        phone.hang_up(**REJECTED).deliver()
    finally:
        give_back(stage, parts)
    (call,) = rows_of(phone)["call"]
    assert (call["state"], call["disposition"]) == ("ended", "rejected")


def test_what_changes_while_a_hang_up_is_judged_is_judged_again(stage: Stage) -> None:
    phone = stage.dial({})
    phone.answer().deliver()
    parts = with_parts(stage, VoiceParts)
    judged = hanging_up.ending

    def and_meanwhile(*given: Any) -> Any:
        values = judged(*given)
        with stage.runtime.database.writing() as tx:
            ledger.raise_reach(tx, phone.attempt_id, "heard")
        return values

    try:
        with mock.patch.object(hanging_up, "ending", and_meanwhile):
            phone.hang_up(**REJECTED).deliver()
    finally:
        give_back(stage, parts)
    (call,) = rows_of(phone)["call"]
    assert (call["reach"], call["disposition"]) == ("heard", "completed")


# ---- both ways beside each other ----

ACTS = ["1", "1", "1", "1", "2", "3", "5", "9", "*", "-", "-", "-", "speak", "click", "ring", "ready", "repeat", "h"]
REJECTED = {"CallStatus": "busy", "HangupCauseCode": "3020", "HangupCauseName": "Rejected"}
ENDINGS: dict[str, dict[str, str]] = {
    "h": {},
    "rejected": REJECTED,
    "busy": {"CallStatus": "busy", "HangupCauseCode": "3010"},
    "wrong": {"CallStatus": "failed", "HangupCauseCode": "3050"},
    "failed": {"CallStatus": "failed", "HangupCauseCode": "5010"},
}


def act(phone: Phone, what: str) -> str:
    """Do one thing, as far as it can be done now, and return what was answered."""
    over = phone.document is None or phone.document.action is None
    if what in ENDINGS or what == "ring":
        return (phone.ring() if what == "ring" else phone.hang_up(**ENDINGS[what])).deliver().text
    if what == "ready":
        return phone.recording_ready().deliver().text if phone.recordings else ""
    if over or phone.document is None:
        return ""
    if what == "repeat":
        return phone.answer().deliver().text  # an answer long given: the document goes back to the first menu
    if phone.document.waits == "record" and what in ("speak", "click", "1", "9", "*"):
        return phone.speak(9 if what in ("speak", "9") else 0.3, what if what in "19*" else "").deliver().text
    return (phone.press(what) if what in "12359*" and len(what) == 1 else phone.silence()).deliver().text


def played(stage: Stage, seed: str) -> tuple[dict[str, Any], list[str]]:
    dice = random.Random(seed)
    open_class(stage)
    before = counted(stage)
    children = [{}] * dice.choice([1, 1, 2])
    phone = stage.dial(*children, language=dice.choice(["pa", "hi", "en"]))
    answers = [phone.answer().deliver().text] if dice.random() < 0.95 else []
    acts = [dice.choice(ACTS) for _ in range(dice.randrange(1, 16))]
    answers += [act(phone, what) for what in [*acts, dice.choice([*ENDINGS, "h", "h"]), dice.choice(ACTS)]]
    rows = rows_of(phone) | {"counts": [{name: count - before[name] for name, count in counted(stage).items()}]}
    return rows, [_nameless(phone, answer) for answer in answers]


def open_class(stage: Stage) -> None:
    """Let the next family be the only one of its class: its end is its batch's."""
    with stage.runtime.database.session() as session:
        new = SchoolClass(school_id=stage.school_id, name=uuid.uuid4().hex[:12])
        session.add(new)
        session.flush()
        batch = Batch(
            round_id=stage.round_id, class_id=new.id, form_key=new.name, state="calling", created_at=stage.clock.now()
        )
        session.add(batch)
        session.flush()
        stage.class_id, stage.batch_id = new.id, batch.id


def counted(stage: Stage) -> dict[str, int]:
    columns = ParticipationChange.__table__.c
    names = (*FIELDS, "rang_at_hour", "picked_up")
    with stage.runtime.database.reading() as tx:
        sums = tx.execute(select(*(func.coalesce(func.sum(columns[name]), 0) for name in names))).one()
    return dict(zip(names, sums, strict=True))


def rows_of(phone: Phone) -> dict[str, Any]:
    """Return every row that belongs to a call, whole, without what tells two calls apart."""
    row = phone.row()
    queries = {
        "attempt": select(Attempt.__table__).where(Attempt.id == row.id),
        "call": select(Call.__table__).where(Call.id == row.call_id),
        "household": select(Household.__table__)
        .join(Call, Call.household_id == Household.id)
        .where(Call.id == row.call_id),
        "number": select(PhoneNumber.__table__).where(PhoneNumber.id == row.phone_id),
        "batch": select(Batch.__table__)
        .join(CallChild, CallChild.batch_id == Batch.id)
        .where(CallChild.call_id == row.call_id)
        .distinct(),
        "event": select(CarrierEvent.__table__).where(CarrierEvent.attempt_id == row.id).order_by(CarrierEvent.id),
        "consent": select(Consent.__table__).where(Consent.attempt_id == row.id).order_by(Consent.id),
        "recording": select(Recording.__table__).where(Recording.attempt_id == row.id).order_by(Recording.id),
        "suggestion": select(Suggestion.__table__).where(Suggestion.call_id == row.call_id).order_by(Suggestion.id),
    }
    found: dict[str, Any] = {}
    with phone.stage.runtime.database.reading() as tx:
        for name, query in queries.items():
            rows = [dict(each) for each in tx.execute(query).mappings()]
            found[name] = [
                {key: _nameless(phone, str(value)) for key, value in each.items() if not _is_own(key)} for each in rows
            ]
    return found


def _is_own(column: str) -> bool:
    return (
        column == "id"
        or column.endswith("_id")
        or column in ("facts", "nonce", "body_sha256", "token", "form_key", "sealed_msisdn", "msisdn_index", "last4")
    )


def _nameless(phone: Phone, text: str) -> str:
    for at, own in enumerate([phone.token, phone.call_uuid, phone.request_uuid, *phone.recordings]):
        text = text.replace(own, f"<{at}>").replace(own.replace("-", "")[-30:], f"<{at}>")
    return re.sub(r"\*{8}\d{4}", "<number>", text)


@pytest.mark.parametrize("part", range(4))
def test_both_ways_answer_alike_and_leave_the_same_rows(stage: Stage, part: int) -> None:
    seeds = [f"{part} {number}" for number in range(15)]
    normally = [played(stage, seed) for seed in seeds]
    parts = with_parts(stage, ThoroughParts)
    try:
        for seed, expected in zip(seeds, normally, strict=True):
            thorough = played(stage, seed)
            assert thorough[1] == expected[1], seed
            for table, rows in thorough[0].items():
                assert rows == expected[0][table], f"{seed}: {table}"
    finally:
        give_back(stage, parts)
