"""Only what the carrier signed is heard, and only whole: everything else changes nothing."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from carrier.plivo import webhooks
from carrier.plivo.signature import MAIN_ACCOUNT_SIGNATURE_HEADER, NONCE_HEADER, SIGNATURE_HEADER, sign_v3
from ivr.voice.conversation import read_step
from ptm.models import (
    Attempt,
    CallbackRequest,
    CarrierEvent,
    Consent,
    Counter,
    InboundCall,
    InboundEvent,
    ParticipationChange,
    Recording,
    TeacherLine,
)
from tests.callflow.caller import PIN, call_in
from tests.callflow.stage import Delivery, Phone, Stage

PARSERS: dict[str, Callable[[Mapping[str, str]], object]] = {
    "ring": webhooks.parse_ring,
    "hangup": webhooks.parse_hangup,
    "leg": webhooks.parse_leg,
    "recording": webhooks.parse_recording_ready,
}
CAME_IN: dict[str, Callable[[Mapping[str, str]], object]] = {
    "answer": partial(webhooks.parse_answer, came_in=True),
    "hangup": partial(webhooks.parse_hangup, came_in=True),
    "leg": webhooks.parse_leg,
    "recording": webhooks.parse_recording_ready,
}
TABLES = (
    Attempt, CarrierEvent, InboundCall, InboundEvent, Consent, Recording, Counter, CallbackRequest, TeacherLine,
    ParticipationChange,
)  # fmt: skip


@pytest.fixture
def phone(stage: Stage) -> Phone:
    phone = stage.dial()
    phone.answer().deliver()
    return phone


def written(stage: Stage) -> dict[str, Any]:
    with stage.runtime.database.reading() as tx:
        return {str(table.__tablename__): tx.execute(select(table.__table__)).all() for table in TABLES}


@dataclass(frozen=True)
class Request:
    """A webhook in pieces, each of which somebody may have changed."""

    method: str
    path: str
    body: str
    headers: Mapping[str, str | None]

    @classmethod
    def of(cls, delivery: Delivery) -> Request:
        return cls("POST", delivery.path, delivery.body, delivery.headers())

    def means_what(self, other: Request) -> bool:
        """Say whether two requests differ in the order of their fields at most."""
        forms = [sorted(parse_qsl(each.body, keep_blank_values=True)) for each in (self, other)]
        paths = [each.path.removesuffix("?") for each in (self, other)]  # an empty query is none
        return forms[0] == forms[1] and paths[0] == paths[1] and self.headers == other.headers

    def send(self, stage: Stage) -> TestResponse:
        headers = {name: value for name, value in self.headers.items() if value is not None}
        return stage.client().open(self.path, method=self.method, data=self.body, headers=headers)


def refused(stage: Stage, request: Request) -> None:
    before = written(stage)
    response = request.send(stage)
    assert response.status_code == 403, response.text
    assert "Response" not in response.text
    assert written(stage) == before


def test_what_is_not_signed_is_refused(stage: Stage, phone: Phone) -> None:
    request = Request.of(phone.press("1"))
    refused(stage, replace(request, headers={"Content-Type": "application/x-www-form-urlencoded"}))
    refused(stage, replace(request, headers={**request.headers, SIGNATURE_HEADER: None}))
    refused(stage, replace(request, headers={**request.headers, SIGNATURE_HEADER: ""}))
    refused(stage, replace(request, headers={**request.headers, NONCE_HEADER: None}))


def test_another_accounts_signature_is_refused(stage: Stage, phone: Phone) -> None:
    delivery = phone.press("1")
    forged = sign_v3("POST", delivery.url, delivery.nonce, "the-token-of-somebody-else", delivery.form)
    refused(stage, replace(Request.of(delivery), headers={SIGNATURE_HEADER: forged, NONCE_HEADER: delivery.nonce}))
    empty = sign_v3("POST", delivery.url, delivery.nonce, "", delivery.form)
    refused(stage, replace(Request.of(delivery), headers={SIGNATURE_HEADER: empty, NONCE_HEADER: delivery.nonce}))


def test_the_main_accounts_signature_counts(stage: Stage, phone: Phone) -> None:
    request = Request.of(phone.press("1"))
    main = {
        MAIN_ACCOUNT_SIGNATURE_HEADER: request.headers[SIGNATURE_HEADER],
        NONCE_HEADER: request.headers[NONCE_HEADER],
    }
    assert replace(request, headers=main).send(stage).status_code == 200


def test_one_of_several_signatures_is_enough_while_tokens_rotate(stage: Stage, phone: Phone) -> None:
    request = Request.of(phone.press("1"))
    both = f"bm90IG91cnM=, {request.headers[SIGNATURE_HEADER]}"
    assert replace(request, headers={**request.headers, SIGNATURE_HEADER: both}).send(stage).status_code == 200


def test_a_signature_of_another_address_is_refused(stage: Stage, phone: Phone) -> None:
    request = Request.of(phone.press("1"))
    other = stage.dial()
    refused(stage, replace(request, path=request.path.replace(phone.token, other.token)))
    refused(stage, replace(request, path=request.path.replace("step/0", "step/1")))
    refused(stage, replace(request, path=request.path.replace("step/0", "answer")))
    refused(stage, replace(request, path=request.path + "?x=1"))


def test_a_replay_with_another_body_is_refused_although_it_is_signed(stage: Stage, phone: Phone) -> None:
    """Whoever holds the token could sign it, but the carrier never uses a nonce for two bodies."""
    first = phone.press("1")
    first.deliver()
    refused(stage, Request.of(replace(first, form={**first.form, "Digits": "2"})))
    refused(stage, Request.of(replace(phone.silence(), nonce=first.nonce)))
    other = stage.dial()
    refused(stage, Request.of(replace(other.answer(), nonce=first.nonce)))


def test_a_replay_with_the_same_body_gets_the_same_answer(stage: Stage, phone: Phone) -> None:
    first = phone.press("1")
    answer = first.deliver().text
    before = written(stage)
    assert first.deliver().text == answer
    assert written(stage) == before


def test_pieces_that_were_moved_into_other_fields_are_refused_although_the_signature_fits(
    stage: Stage, phone: Phone
) -> None:
    delivery = phone.press("1")
    text = "".join(name + delivery.form[name] for name in sorted(delivery.form))
    moved = {name: value for name, value in delivery.form.items() if name not in ("Digits", "Direction")}
    moved["Digits1Direction"] = "outbound"
    assert "".join(name + moved[name] for name in sorted(moved)) == text
    request = Request.of(delivery)
    assert sign_v3("POST", delivery.url, delivery.nonce, _token(stage), moved) == request.headers[SIGNATURE_HEADER]
    refused(stage, replace(request, body=urlencode(moved)))


def test_a_hang_up_whose_cause_was_moved_into_its_neighbour_is_refused(stage: Stage, phone: Phone) -> None:
    delivery = phone.hang_up()
    moved = {name: value for name, value in delivery.form.items() if name != "HangupCauseCode"}
    moved["HangupCause"] = "Code4000"
    assert sign_v3("POST", delivery.url, delivery.nonce, _token(stage), moved) == delivery.headers()[SIGNATURE_HEADER]
    refused(stage, replace(Request.of(delivery), body=urlencode(moved)))


def test_a_recording_is_not_hidden_as_if_nothing_had_been_said(stage: Stage, phone: Phone) -> None:
    """The cut runs through the name that tells a recording from a key: the signature still fits."""
    phone.press("1").deliver()
    phone.silence().deliver()
    phone.press("1").deliver()
    delivery = phone.speak(12)
    hidden = {name: value for name, value in delivery.form.items() if name != "RecordingID"}
    recording = delivery.form["RecordingID"]
    hidden[f"RecordingID{recording[:4]}"] = recording[4:]
    assert sign_v3("POST", delivery.url, delivery.nonce, _token(stage), hidden) == delivery.headers()[SIGNATURE_HEADER]
    refused(stage, replace(Request.of(delivery), body=urlencode(hidden)))


def test_a_length_of_a_leg_that_is_no_number_is_refused(stage: Stage, phone: Phone) -> None:
    refused(
        stage,
        Request.of(phone.make(phone.leg("hangup").path, {**phone.leg("hangup", 61).form, "DialBLegDuration": "61x"})),
    )


def test_a_form_that_lacks_what_the_carrier_sends_is_refused(stage: Stage, phone: Phone) -> None:
    for lost in ("CallUUID", "RequestUUID", "To", "From"):
        form = {name: value for name, value in phone.press("1").form.items() if name != lost}
        refused(stage, Request.of(replace(phone.press("1"), form=form)))


@pytest.mark.parametrize(
    "odd",
    [
        {"Digits": "1; DROP TABLE attempt"},
        {"Digits": "1<Dial>"},
        {"To": "919814000001<919814000002"},
        {"To": "sip:x@example.org"},
        {"CallUUID": "../../etc/passwd"},
        {"CallUUID": "{{7*7}}"},
    ],
)
def test_a_signed_form_with_what_the_carrier_never_sends_is_refused(
    stage: Stage, phone: Phone, odd: dict[str, str]
) -> None:
    refused(stage, Request.of(replace(phone.press("1"), form={**phone.press("1").form, **odd})))


@pytest.mark.parametrize(
    "body", ["Digits=1&Digits=2", "Digits=%ff", "a=" + "x" * 40_000, "&".join(f"a{n}=" for n in range(200))]
)
def test_a_body_that_cannot_be_read_is_refused(stage: Stage, phone: Phone, body: str) -> None:
    refused(stage, replace(Request.of(phone.press("1")), body=body))


def test_only_posts_are_heard(stage: Stage, phone: Phone) -> None:
    before = written(stage)
    request = Request.of(phone.press("1"))
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert replace(request, method=method).send(stage).status_code == 405
    assert written(stage) == before


def test_an_attempt_that_nobody_knows_is_answered_and_counted(stage: Stage) -> None:
    stranger = stage.dial()
    stranger.token = "0" * 32
    before = written(stage)
    answers = [stranger.answer(), stranger.make(f"/voice/{stranger.token}/step/3", {"Digits": "1"}), stranger.hang_up()]
    assert [delivery.send().status_code for delivery in answers] == [200, 200, 200]
    assert "<Hangup/>" in stranger.answer().send().text
    after = written(stage)
    assert {name: rows for name, rows in after.items() if name != "counter"} == {
        name: rows for name, rows in before.items() if name != "counter"
    }
    counted = {row.name: row.value for row in after["counter"]}
    already = {row.name: row.value for row in before["counter"]}
    unknown = "webhooks of unknown attempts"
    assert counted[unknown] - already.get(unknown, 0) == 4


def test_what_a_form_holds_besides_is_kept_without_anybodys_number(stage: Stage, phone: Phone) -> None:
    form = {**phone.press("1").form, "ForwardedFrom": f"+{phone.msisdn}", "X-PH-Odd": "a\0b <x> ਸਤ"}
    assert replace(phone.press("1"), form=form).send().status_code == 200
    with stage.runtime.database.reading() as tx:
        kept = tx.scalars(select(CarrierEvent.form).where(CarrierEvent.attempt_id == phone.attempt_id)).all()
    assert phone.msisdn not in str(kept)
    assert phone.msisdn[-4:] in kept[-1]["To"]
    assert kept[-1]["X-PH-Odd"] == "a\N{SYMBOL FOR NULL}b <x> ਸਤ"


# ---- as many forgeries as one likes ----


def _token(stage: Stage) -> str:
    return stage.runtime.settings.secrets.auth_token.get_secret_value()


def _change_a_character(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    new = dice.choice(string.ascii_letters + string.digits + "&=%+/#?.-")
    return dice.choice([text[:at] + new + text[at:], text[:at] + new + text[at + 1 :], text[:at] + text[at + 1 :]])


def _change_field(request: Request, form: dict[str, str], dice: random.Random) -> Request:
    name = dice.choice(sorted(form))
    value = form.pop(name)
    changed = dice.choice([{name: _change_a_character(value, dice)}, {_change_a_character(name, dice): value}, {}])
    return replace(request, body=urlencode({**form, **changed}))


def _change_header(request: Request, _form: dict[str, str], dice: random.Random) -> Request:
    name = dice.choice([SIGNATURE_HEADER, NONCE_HEADER])
    old = request.headers[name] or ""
    new = dice.choice([None, "", "," + old[::-1], old[:-1], old + "=", _change_a_character(old, dice)])
    return replace(request, headers={**request.headers, name: new})


def _change_path(request: Request, _form: dict[str, str], dice: random.Random) -> Request:
    changed = _change_a_character(request.path, dice)
    return replace(request, path="/" + quote(changed, safe="/?=&").lstrip("/"))


def _move_a_boundary(request: Request, form: dict[str, str], dice: random.Random) -> Request:
    """Cut the signed text elsewhere: the signature still fits, the fields do not.

    What then still says the same in every field that we act on is no forgery, and left as it was.
    """
    first, second = dice.choice(list(pairwise(sorted(form))))
    original = dict(form)
    text = first + form.pop(first) + second + form.pop(second)
    cuts = sorted(dice.sample(range(1, len(text)), 3))
    moved = [text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] : cuts[2]], text[cuts[2] :]]
    changed = {**form, moved[0]: moved[1], moved[2]: moved[3]}
    kind, came_in = request.path.rpartition("/")[2], "/in/" in request.path
    parse = (CAME_IN if came_in else PARSERS).get(kind, partial(read_step, came_in=came_in))
    same = _acted_on(parse(changed)) == _acted_on(parse(original))
    return request if same else replace(request, body=urlencode(changed))


def _acted_on(said: object) -> object:
    """Return a hang-up without the two texts that are only kept."""
    return replace(said, cause_name="", hangup_source="") if isinstance(said, webhooks.Hangup) else said


def _sign_with_another_token(request: Request, form: dict[str, str], dice: random.Random) -> Request:
    token = "".join(dice.choices(string.ascii_letters, k=24))
    signature = sign_v3("POST", f"http://127.0.0.1:8000{request.path}", str(request.headers[NONCE_HEADER]), token, form)
    return replace(request, headers={**request.headers, SIGNATURE_HEADER: signature})


MUTATIONS: list[Callable[[Request, dict[str, str], random.Random], Request]] = [
    _change_field,
    _change_header,
    _change_path,
    _move_a_boundary,
    _sign_with_another_token,
]


def of_our_calls(stage: Stage) -> list[Delivery]:
    """Return what is still to come of a call of ours."""
    phone = stage.dial()
    phone.answer().deliver()
    phone.press("1").deliver()
    speaker = stage.dial()
    for step in (speaker.answer, lambda: speaker.press("1"), speaker.silence, lambda: speaker.press("1")):
        step().deliver()
    spoken = speaker.speak(12)
    return [phone.silence(), phone.hang_up(), phone.ring(), spoken, speaker.recording_ready()]


def of_calls_that_come_in(stage: Stage) -> list[Delivery]:
    """Return what is still to come of a family that is put through, of one that speaks, and of a teacher at the PIN."""
    family = call_in(stage, {"line": "family", "own_class": True, "teacher": {}})
    for step in (family.answer, lambda: family.press("1"), family.silence, lambda: family.press("2")):
        step().deliver()
    family.press("1").deliver()
    speaker = call_in(stage, {"line": "family"})
    for step in (speaker.answer, lambda: speaker.press("1"), speaker.silence, lambda: speaker.press("1")):
        step().deliver()
    teacher = call_in(stage, {"line": "teacher", "caller": "teacher"})
    teacher.answer().deliver()
    spoken = speaker.speak(12)
    stranger = call_in(stage, {"line": "missed", "caller": "stranger"})
    return [
        family.dialled("completed"), family.leg("hangup", 61), family.hang_up(), spoken, speaker.recording_ready(),
        teacher.press(PIN), stranger.answer(),
    ]  # fmt: skip


def _forge(stage: Stage, targets: list[Delivery], how_many: int, seed: int) -> None:
    """Change one thing in a good delivery, so many times; none is accepted, and the good ones still are."""
    dice = random.Random(seed)
    before = written(stage)
    for _ in range(how_many):
        target = dice.choice(targets)
        good = Request.of(target)
        bad = dice.choice(MUTATIONS)(good, dict(target.form), dice)
        if bad.means_what(good):
            continue
        response = bad.send(stage)
        # 308: two slashes; the carrier follows to an address that it then signs, or fails. 405: a page's address.
        assert response.status_code in (403, 404, 405, 308), (response.status_code, bad)
    assert written(stage) == before
    for target in targets:
        assert target.send().status_code == 200


SIDES = pytest.mark.parametrize("side", [of_our_calls, of_calls_that_come_in], ids=["ours", "come in"])


@SIDES
def test_a_thousand_forgeries_do_nothing(stage: Stage, side: Callable[[Stage], list[Delivery]]) -> None:
    _forge(stage, side(stage), 1_000, seed=1)


@SIDES
@pytest.mark.long
def test_a_hundred_thousand_forgeries_do_nothing(stage: Stage, side: Callable[[Stage], list[Delivery]]) -> None:
    _forge(stage, side(stage), 100_000, seed=2)
