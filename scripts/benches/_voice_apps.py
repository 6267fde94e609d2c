"""What the webhooks are measured against, served as they are: an answer that never changes, and the textbook's way."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request
from plivo import plivoxml
from plivo.utils import validate_v3_signature
from sqlalchemy import create_engine, select
from sqlalchemy.orm import sessionmaker

from callqueue.runtime import Runtime
from carrier.plivo.signature import NONCE_HEADER, SIGNATURE_HEADER
from ivr.voice.parts import studio_of
from ptm.clock import SystemClock
from ptm.database import Database
from ptm.models import Attempt, CarrierEvent
from ptm.settings import load_settings
from scripts.benches._voice_textbook import Textbook

XML = {"Content-Type": "application/xml; charset=utf-8"}
AUDIO = "http://127.0.0.1:8000/audio/" + "0" * 64 + ".wav"


def _menu(here: str) -> str:
    answer = plivoxml.ResponseElement()
    menu = plivoxml.GetDigitsElement(action=here, method="POST", timeout=4, num_digits=1, retries=1, redirect=True)
    for _ in range(4):
        menu.add(plivoxml.PlayElement(AUDIO))
    answer.add(menu)
    answer.add(plivoxml.RedirectElement(here))
    return str(answer.to_string())


STATIC_ANSWER = _menu("http://127.0.0.1:8000/voice/x/step/1")


def static() -> Flask:
    """Return an application that reads the form and answers the same menu to everybody."""
    app = Flask("static")

    @app.post("/voice/<path:rest>")
    def answer(rest: str) -> Any:
        request.form.get("Digits")
        return STATIC_ANSWER, 200, XML

    return app


def textbook() -> Flask:
    """Return webhooks that do what ours do, as the manuals write them: SDK's check, ORM session, SDK's XML."""
    app = Flask("textbook")
    settings = load_settings(environ=os.environ)
    book = Textbook(
        sessionmaker(_engine(settings.database.url)),
        studio_of(Runtime(settings)),
        auth_token=settings.secrets.auth_token.get_secret_value(),
        public_url=settings.web.public_url,
    )

    @app.post("/voice/<token>/<kind>")
    def event(token: str, kind: str) -> Any:
        return *book.receive(token, kind, None), XML

    @app.post("/voice/<token>/step/<int:step>")
    def step(token: str, step: int) -> Any:
        return *book.receive(token, "step", step), XML

    return app


def bare() -> Flask:
    """Return the least that an ORM webhook can be: check, load, add the event, step a number, commit, one fixed menu.

    It looks for no repeat and walks no tree: less than ours does.
    """
    app = Flask("bare")
    token, public_url = os.environ["PLIVO_AUTH_TOKEN"], os.environ["SUNVAI_WEB__PUBLIC_URL"]
    sessions = sessionmaker(_engine(os.environ["SUNVAI_DATABASE__URL"]))

    @app.post("/voice/<token_>/step/<int:step>")
    def answer(token_: str, step: int) -> Any:
        form, nonce = request.form.to_dict(), request.headers[NONCE_HEADER]
        signature = request.headers[SIGNATURE_HEADER]
        if not validate_v3_signature("POST", public_url + request.path, nonce, token, signature, form):
            return "", 403
        with sessions() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.token == token_)).one()
            event = CarrierEvent(attempt_id=attempt.id, key=f"step:{step}", nonce=nonce, body_sha256="", answer="")
            event.form, event.at = form, SystemClock().now()
            session.add(event)
            attempt.step = step + 1
            session.commit()
        return _menu(f"{public_url}/voice/{token_}/step/{step + 1}"), 200, XML

    return app


def _engine(url: str) -> Any:
    # The house's own engine settings on SQLite: without its transactions a third of the textbook's writes fail.
    return Database(url).engine if url.startswith("sqlite") else create_engine(url, pool_size=10)
