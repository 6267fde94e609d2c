"""Every address x every role x every owner, generated from the application's own map: what is missing here fails.

A cell is what somebody gets who asks for a thing that belongs to a place: `own` is the person's own, `same school`
another class of it, `other school` one near by, `other district` far away. An address that nobody put into the table
fails the test.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from ivr.access import MACHINE_BLUEPRINTS, PUBLIC, needed_by
from prompts.audio import wav_of
from ptm.models import SchoolClass
from ptm.permissions import GRANTS, Permission
from tests.web.browsing import Browser
from tests.web.conftest import Cast, Places
from tests.web.district import District

OWNERS = ("own", "same_school", "other_school", "other_district")
ROLES = ("teacher", "analyst", "leader", "operator", "stranger")
# endpoint -> the one role that gets through, and for which owners.
CLASSES = ("own",)
AREA = ("own", "same_school", "other_school")
ALL = OWNERS
# The leader of this table has a district; what concerns the whole state is for whoever's area is the state.
NOBODY: tuple[str, ...] = ()
REACH: dict[str, tuple[str, tuple[str, ...]]] = {
    "teacher.classes": ("teacher", ALL),
    "teacher.school_class": ("teacher", CLASSES),
    "teacher.save_messages": ("teacher", CLASSES),
    "teacher.confirm": ("teacher", CLASSES),
    "teacher.start": ("teacher", CLASSES),
    "teacher.batch": ("teacher", CLASSES),
    "teacher.control": ("teacher", CLASSES),
    "teacher.confirm_cancel": ("teacher", CLASSES),
    "teacher.unreached": ("teacher", CLASSES),
    "teacher.said": ("teacher", CLASSES),
    "teacher.roster": ("teacher", CLASSES),
    "teacher.bring": ("teacher", CLASSES),
    "teacher.note": ("teacher", CLASSES),
    "teacher.keep_note": ("teacher", CLASSES),
    "teacher.close_callback": ("teacher", CLASSES),
    "teacher.ask_for_family": ("teacher", CLASSES),
    "teacher.speak": ("teacher", CLASSES),
    "teacher.voice": ("teacher", CLASSES),
    "teacher.keep_voice": ("teacher", CLASSES),
    "teacher.withdraw_voice": ("teacher", CLASSES),
    "teacher.phone": ("teacher", ALL),
    "teacher.save_phone": ("teacher", ALL),
    "teacher.forget_phone": ("teacher", ALL),
    "analyst.suggestions": ("analyst", ALL),
    "analyst.suggestion": ("analyst", AREA),
    "analyst.review": ("analyst", AREA),
    "analyst.deal": ("analyst", AREA),
    "analyst.audio": ("analyst", AREA),
    "leader.participation": ("leader", ALL),
    "leader.answers": ("leader", ALL),
    "leader.answers_of": ("leader", AREA),
    "leader.answers_record": ("leader", AREA),
    "leader.withdraw": ("leader", AREA),
    "leader.stop": ("leader", NOBODY),
    "leader.stop_now": ("leader", NOBODY),
    "operator.system": ("operator", ALL),
    "operator.stop": ("operator", ALL),
    "operator.resume": ("operator", ALL),
    "operator.people": ("operator", ALL),
    "operator.add": ("operator", ALL),
    "operator.new_password": ("operator", ALL),
    "operator.move": ("operator", ALL),
    "operator.classes": ("operator", ALL),
    "operator.set_classes_of": ("operator", ALL),
    "voices.catalogue": ("operator", ALL),
    "voices.prompt": ("operator", ALL),
    "voices.heard": ("operator", ALL),
    "voices.record": ("operator", ALL),
    "voices.remove": ("operator", ALL),
    "voices.by_phone": ("operator", ALL),
    "voices.not_by_phone": ("operator", ALL),
    "voices.phone": ("operator", ALL),
    "voices.save_phone": ("operator", ALL),
    "voices.forget_phone": ("operator", ALL),
    "voices.names": ("operator", ALL),
    "voices.record_name": ("operator", ALL),
    "voices.remove_name": ("operator", ALL),
    "trees.trees": ("operator", ALL),
    "trees.tree": ("operator", ALL),
}
EVERYBODY_SIGNED_IN = {"account.home", "account.sign_out"}
ANYBODY = {"account.sign_in", "account.sign_in_posted", "health.healthz", "static"}


@dataclass(frozen=True)
class Things:
    """One of everything, by owner."""

    class_id: int
    batch_id: int
    suggestion_id: int
    school_id: int
    answer_id: int
    request_id: int
    message_id: int
    child_id: int
    put_id: int


@pytest.fixture
def things(app: Flask, district: District, places: Places, cast: Cast) -> dict[str, Things]:
    tone = wav_of(3_000 * np.sin(np.arange(8_000) / 3))
    app.extensions["voice"].studio.record_prompt("apology", "en", tone, recorded_by="x", recorded_at=district.now)
    homes = {
        "own": places.class_5a, "same_school": places.class_5b, "other_school": places.near_class,
        "other_district": places.other_class,
    }  # fmt: skip
    cast.named("teacher")  # who asks for a family is a teacher of its class
    made = {}
    for owner, class_id in homes.items():
        family = district.family(class_id)
        batch_id = district.start(class_id)
        school_id = district.value(select(SchoolClass.school_id).where(SchoolClass.id == class_id))
        made[owner] = Things(
            class_id, batch_id, district.suggestion(family, words=[]), school_id, district.answer(school_id),
            district.wish(family, class_id), district.voice(class_id), family.child_id, district.put_through(family),
        )  # fmt: skip
    return made


def _rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in MACHINE_BLUEPRINTS:
            continue
        for method in sorted(rule.methods or ()):
            if method not in ("OPTIONS", "HEAD"):
                yield rule, method


def _addresses(app: Flask, rule: Rule, things: Things, user_id: int) -> list[str]:
    """Return the addresses of a rule for one owner's things; more than one where a word is chosen."""
    values = {
        "class_id": things.class_id, "batch_id": things.batch_id, "suggestion_id": things.suggestion_id,
        "user_id": user_id, "filename": "style.css", "language": "en",
        "prompt_id": "apology", "name": "ptm", "kind": "school", "place_id": things.school_id,
        "answer_id": things.answer_id, "request_id": things.request_id, "message_id": things.message_id,
        "child_id": things.child_id, "put_id": things.put_id,
    }  # fmt: skip
    verbs = {"teacher.control": ("pause", "resume", "cancel"), "operator.move": ("disable", "enable")}
    with app.test_request_context():
        return [
            app.url_for(rule.endpoint, **{name: (values | {"verb": verb})[name] for name in rule.arguments})
            for verb in verbs.get(rule.endpoint, ("",))
        ]


def test_every_address_stands_in_the_table(app: Flask) -> None:
    known = REACH.keys() | EVERYBODY_SIGNED_IN | ANYBODY
    assert {rule.endpoint for rule, _ in _rules(app)} == known


def test_every_address_declares_what_it_needs(app: Flask) -> None:
    for rule, _ in _rules(app):
        needed = needed_by(app, rule.endpoint)
        if rule.endpoint in ANYBODY:
            assert needed == PUBLIC
        else:
            assert isinstance(needed, Permission), rule.endpoint


def test_the_table_and_the_grants_say_the_same(app: Flask) -> None:
    for endpoint, (role, _) in REACH.items():
        needed = needed_by(app, endpoint)
        assert {name for name, held in GRANTS.items() if needed in held} == {role}, endpoint


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("owner", OWNERS)
def test_nobody_gets_further_than_the_table_says(
    role: str, owner: str, app: Flask, cast: Cast, district: District, things: dict[str, Things],
    stranger: Browser, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    who = stranger if role == "stranger" else cast.named(role)
    somebody = district.person("somebody", "teacher", school_id=things[owner].school_id)
    asked = 0
    for rule, method in _rules(app):
        if rule.endpoint in EVERYBODY_SIGNED_IN | ANYBODY:
            continue
        allowed_role, owners = REACH[rule.endpoint]
        for address in _addresses(app, rule, things[owner], somebody):
            caplog.clear()
            answer = (
                who.send(method, address) if method == "GET" else who.post(address, form_key=f"{1:032x}", reason="why")
            )
            asked += 1
            cell = f"{role} {method} {address} ({owner})"
            if role == "stranger":
                assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), cell
            elif role != allowed_role:
                assert answer.status_code == 403, cell
                assert [record.levelno for record in caplog.records if "denied" in record.message] == [logging.WARNING]
            elif owner not in owners:
                assert answer.status_code == 404, cell
            else:
                # What it does with an empty form is told elsewhere: here it matters that the gate is open.
                assert answer.status_code in (200, 303, 400, 409, 422), cell
    assert asked > 25


def _denials(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.levelno == logging.WARNING and "denied" in record.message for record in caplog.records)


@pytest.mark.parametrize("role", ROLES)
def test_no_address_answers_to_a_method_that_nobody_gave_it(
    role: str, app: Flask, cast: Cast, things: dict[str, Things], stranger: Browser
) -> None:
    who = stranger if role == "stranger" else cast.named(role)
    for rule, _ in _rules(app):
        for address in _addresses(app, rule, things["own"], 1):
            for method in ("PUT", "PATCH", "DELETE"):
                assert who.send(method, address).status_code in (400, 405), (method, address)
