"""What a browser is told with every answer, errors included; and what it must prove before anything is changed."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from callqueue.runtime import Runtime
from ivr.access import MACHINE_BLUEPRINTS
from ivr.app import create_app
from ivr.security import CONTENT_SECURITY_POLICY, HEADERS
from ptm.models import Audit, Batch, Switch
from tests.web.browsing import Browser
from tests.web.conftest import Cast, Places
from tests.web.district import District

PAGES = {
    "teacher": ["/teacher/", "/teacher/phone"],
    "analyst": ["/analyst/", "/analyst/?status=all&page=7"],
    "leader": ["/leader/", "/leader/answers"],
    "operator": ["/operator/", "/operator/people", "/prompts/", "/prompts/phone", "/trees/", "/trees/ptm"],
}


def _is_hardened(answer: TestResponse) -> None:
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sign-in", 200), ("/", 303), ("/nowhere", 404), ("/teacher/", 303), ("/healthz", 200)],
)
def test_a_stranger_gets_every_header_errors_included(stranger: Browser, path: str, status: int) -> None:
    answer = stranger.get(path)
    assert answer.status_code == status
    _is_hardened(answer)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_every_role_has_every_header(cast: Cast, role: str) -> None:
    for path in [*PAGES[role], "/analyst/" if role == "teacher" else "/teacher/", "/teacher/batches/999999"]:
        answer = cast.named(role).get(path)
        _is_hardened(answer)
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_forged_webhook_and_a_missing_clip_get_every_header(stranger: Browser) -> None:
    for answer in (stranger.send("POST", "/voice/token/answer"), stranger.get("/audio/nothing.wav")):
        assert answer.status_code in (403, 404)
        _is_hardened(answer)


def test_our_own_fault_is_a_page_with_every_header_and_nothing_about_our_insides(
    app: Flask, teacher: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(**_: object) -> str:
        raise RuntimeError("secret insides")

    monkeypatch.setitem(app.view_functions, "teacher.classes", _like(app, "teacher.classes", fall))
    answer = teacher.get("/teacher/")
    assert answer.status_code == 500
    _is_hardened(answer)
    assert "Something went wrong on our side" in answer.text
    assert "insides" not in answer.text
    assert "Traceback" not in answer.text


def _like(app: Flask, endpoint: str, view: object) -> object:
    view.__dict__.update(app.view_functions[endpoint].__dict__)
    return view


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    for directive in CONTENT_SECURITY_POLICY.split("; "):
        assert directive.split()[1:] in (["'self'"], ["'none'"]), directive


@pytest.mark.parametrize("role", PAGES)
def test_no_page_asks_for_anything_that_the_policy_forbids(cast: Cast, role: str) -> None:
    for path in PAGES[role]:
        page = cast.named(role).get(path).text
        assert not re.search(r"\sstyle=|<style|\son\w+=", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), path


def test_static_files_may_be_kept_and_pages_may_not(stranger: Browser) -> None:
    sheet = re.search(r'href="(/static/style\.css\?v=[0-9a-f]{12})"', stranger.get("/sign-in").text)
    assert sheet
    answer = stranger.get(sheet[1])
    assert answer.status_code == 200
    assert answer.headers.get("Cache-Control") != "no-store"
    _is_hardened(answer)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(stranger: Browser) -> None:
    cookie = stranger.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_behind_https_the_cookie_is_bound_to_this_host_and_plain_http_is_over(runtime: Runtime) -> None:
    web = runtime.settings.web.model_copy(update={"public_url": "https://sunvai.example"})
    runtime.settings = runtime.settings.model_copy(update={"web": web})
    app = create_app(runtime)
    answer = app.test_client().get("/sign-in", base_url="https://sunvai.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sunvai=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    app.extensions["voice"].close()


# What stands in an address where it does not matter which.
OTHERS: dict[str, object] = {
    "suggestion_id": 1, "user_id": 1, "answer_id": 1, "request_id": 1, "message_id": 1, "child_id": 1, "put_id": 1,
    "kind": "school", "language": "en", "prompt_id": "apology", "name": "ptm",
}  # fmt: skip


def test_nothing_is_changed_without_the_token_of_a_page(
    app: Flask, cast: Cast, district: District, places: Places
) -> None:
    """Every unsafe method of every page: as the very person who may do it, but with a form from elsewhere."""
    district.family(places.class_5a)
    batch_id = district.start(places.class_5a)
    for role in PAGES:
        cast.named(role)
    before = district.count(Audit)
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in MACHINE_BLUEPRINTS or "POST" not in (rule.methods or ()):
            continue
        values = OTHERS | {
            "class_id": places.class_5a,
            "batch_id": batch_id,
            "place_id": places.school,
            "verb": "pause",
        }
        if rule.endpoint == "operator.move":
            values["verb"] = "disable"
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        role = rule.endpoint.partition(".")[0].replace("voices", "operator")
        who = cast.named(role if role in PAGES else "teacher")
        for form in ({}, {"csrf_token": "forged"}):
            answer = who.send("POST", address, data=form)
            assert answer.status_code == 400, address
            assert "open for too long" in answer.text
            asked += 1
    assert asked >= 2 * 13
    assert (district.count(Audit), district.count(Switch), district.count(Batch)) == (before, 0, 1)
    assert district.batch_state(batch_id) == "calling"


def test_a_token_of_another_person_is_no_token(cast: Cast, operator: Browser, teacher: Browser) -> None:
    page = teacher.get("/teacher/").text
    stolen = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert stolen
    assert operator.send("POST", "/operator/stop", data={"csrf_token": stolen[1]}).status_code == 400


def test_opening_pages_changes_nothing_but_the_record_of_it(
    app: Flask, cast: Cast, district: District, places: Places
) -> None:
    """No GET changes state: whole tables are compared before and after every page of every role."""
    browsers = [cast.named(role) for role in PAGES]
    family = district.family(places.class_5a)
    batch_id = district.start(places.class_5a)
    suggestion_id = district.suggestion(family, words=[])
    put_id = district.put_through(family)
    before = _everything(district)
    values = OTHERS | {"class_id": places.class_5a, "batch_id": batch_id, "place_id": places.school}
    values |= {"suggestion_id": suggestion_id, "put_id": put_id}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in MACHINE_BLUEPRINTS | {"static"} or "GET" not in (rule.methods or ()):
            continue
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        for who in browsers:
            who.get(address)
    assert _everything(district) == before


def _everything(district: District) -> dict[str, list[str]]:
    from ptm.models import Base

    tables = [table for table in Base.metadata.sorted_tables if table.name != "audit"]
    return {table.name: sorted(repr(tuple(row)) for row in district.rows(table.select())) for table in tables}
