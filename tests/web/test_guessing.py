"""One address that guesses at many accounts is stopped; nobody else is, and no header makes it another address."""

from __future__ import annotations

import pytest
import redis
from flask import Flask, Request, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder

from callqueue.runtime import Runtime
from ivr.app import create_app
from ivr.consoles.account import guessing
from ivr.proxies import trust
from ptm import passwords
from tests.web.browsing import Browser


def asked_from(peer: str, forwarded: str = "") -> Request:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return Request(EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": peer}).get_environ())


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        # Whoever comes straight to us may claim what they like.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        # Behind our own proxy its own entry counts, which is the last, and not what the client put before it.
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_an_address_is_what_we_saw_and_not_what_was_claimed(peer: str, forwarded: str, address: str) -> None:
    assert guessing.address_of(asked_from(peer, forwarded)) == address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "10.0.0.2"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        # One entry too few: somebody came past the outer proxy, and is known by nothing but the inner one.
        (2, "198.51.100.1", "10.0.0.2"),
        (1, "", "10.0.0.2"),
    ],
)
def test_behind_trusted_proxies_the_entry_of_the_outermost_counts(proxies: int, forwarded: str, address: str) -> None:
    app = Flask(__name__)
    app.add_url_rule("/who", "who", lambda: guessing.address_of(request))
    trust(app, proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = app.test_client().get("/who", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert answer.text == address


def test_the_application_trusts_as_many_proxies_as_its_settings_say(app: Flask, runtime: Runtime) -> None:
    assert runtime.settings.web.trusted_proxies == 0
    assert not isinstance(app.wsgi_app, ProxyFix)
    web = runtime.settings.web.model_copy(update={"trusted_proxies": 2})
    runtime.settings = runtime.settings.model_copy(update={"web": web})
    behind = create_app(runtime)
    behind.extensions["voice"].close()
    assert isinstance(behind.wsgi_app, ProxyFix)
    assert behind.wsgi_app.x_for == 2


def test_after_sixty_wrong_tries_at_many_accounts_an_address_is_stopped(
    app: Flask, teacher: Browser, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A comparison is slow on purpose; how often one is made is what matters here.
    compared: list[str] = []
    monkeypatch.setattr(passwords, "verify_password", lambda hashed, _: compared.append(hashed) or False)
    statuses = [stranger.sign_in(login=f"somebody-{at}").status_code for at in range(guessing.MOST_WRONG + 5)]
    assert statuses == [401] * guessing.MOST_WRONG + [429] * 5
    assert len(compared) == guessing.MOST_WRONG
    monkeypatch.undo()
    blocked = stranger.sign_in(login=teacher.login)
    assert blocked.status_code == 429
    assert "Too many wrong tries have come from your network" in blocked.text
    # Elsewhere, and for who is signed in already, nothing changed.
    stranger.get("/sign-in")
    elsewhere = {"X-Forwarded-For": "198.51.100.9"}
    form = {"login": teacher.login, "password": "three words are easy", "csrf_token": stranger._token}
    assert stranger.send("POST", "/sign-in", data=form, headers=elsewhere).status_code == 303
    assert teacher.get("/teacher/").status_code == 200


def test_the_count_ends_a_quarter_of_an_hour_after_the_first_wrong_try(runtime: Runtime) -> None:
    guessing.note_wrong(runtime.redis, "203.0.113.7")
    guessing.note_wrong(runtime.redis, "203.0.113.7")
    (key,) = runtime.redis.keys("sunvai:wrong-sign-ins:*")
    assert 0 < runtime.redis.ttl(key) <= guessing.WITHIN_S
    assert b"203.0.113.7" not in key


def test_without_redis_people_still_sign_in(teacher: Browser, runtime: Runtime) -> None:
    runtime.__dict__["impatient_redis"] = redis.Redis.from_url("unix:///nowhere/redis.sock")
    teacher.press("/sign-out", button_on="/teacher/")
    assert teacher.sign_in("a wrong password").status_code == 401
    assert teacher.sign_in().status_code == 303
