"""Prompts said by phone: what waits for somebody's call, and the phone and PIN that they call with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from callqueue import prompt_orders
from ivr.access import needs
from ivr.consoles import lines
from ivr.consoles.voices.blueprint import blueprint
from ivr.consoles.voices.forms import parse_part
from ivr.session import actor, runtime
from prompts.studio import Studio
from ptm.models import PromptOrder, User
from ptm.permissions import Permission

LANGUAGE = "<any(pa, hi, en):language>"
TAKEN = {"number": "Somebody else has this number."}


@dataclass(frozen=True)
class Asked:
    """Words that somebody asked to say by phone. `state` is one of waiting, coming, refused, done."""

    by: str
    is_mine: bool
    state: str
    expires_at: datetime
    said_at: datetime | None
    problem: str | None


@blueprint.post(f"/{LANGUAGE}/<prompt_id>/phone")
@needs(Permission.PROMPT_RECORD)
def by_phone(language: str, prompt_id: str) -> Response:
    """Let a prompt wait for my call; who has no phone and PIN here gives them first."""
    back = url_for(".prompt", language=language, prompt_id=prompt_id)
    if not _can_call():
        flash("First give the phone that you will call from, and a PIN. Then ask for the prompt again.", "note")
        return redirect(url_for(".phone"), 303)
    words = _words(language, prompt_id)
    if words is not None:
        with runtime().database.writing() as tx:
            prompt_orders.ask(tx, actor().user_id, prompt_id, language, words, runtime().clock.now())
    return redirect(back, 303)


@blueprint.post(f"/{LANGUAGE}/<prompt_id>/phone/forget")
@needs(Permission.PROMPT_RECORD)
def not_by_phone(language: str, prompt_id: str) -> Response:
    """Let it wait no longer."""
    words = _words(language, prompt_id)
    if words is not None:
        with runtime().database.writing() as tx:
            prompt_orders.withdraw(tx, actor().user_id, prompt_id, language, words, runtime().clock.now())
    return redirect(url_for(".prompt", language=language, prompt_id=prompt_id), 303)


@blueprint.get("/phone")
@needs(Permission.PROMPT_RECORD)
def phone() -> str:
    """My phone, and what waits for its call."""
    return _phone_page({}, {})


@blueprint.post("/phone")
@needs(Permission.PROMPT_RECORD)
def save_phone() -> Response | tuple[str, int]:
    """Keep number and PIN: both, or with a wrong value neither."""
    now, mine = runtime().clock.now(), runtime()
    try:
        with mine.database.session() as session:
            typed, problems = lines.parse_phone(request.form, lines.load_line(session, actor()))
            if typed is not None:
                lines.save_line(session, actor(), mine.vault, typed, now)
    except (lines.NumberTaken, IntegrityError):
        problems = TAKEN
    if problems:
        return _phone_page(request.form, problems), 422
    flash("Saved.")
    return redirect(url_for(".phone"), 303)


@blueprint.post("/phone/forget")
@needs(Permission.PROMPT_RECORD)
def forget_phone() -> Response:
    """Remove number and PIN."""
    with runtime().database.session() as session:
        if lines.forget_line(session, actor(), runtime().clock.now()):
            flash("Your number and your PIN are removed.")
    return redirect(url_for(".phone"), 303)


def load_asked(session: Session, language: str, prompt_id: str) -> dict[str, Asked]:
    """Return, by the words of a prompt, how the newest wish to say them by phone stands."""
    now = runtime().clock.now()
    rows = session.execute(
        select(PromptOrder, User.name)
        .join(User, User.id == PromptOrder.user_id)
        .where(PromptOrder.prompt_id == prompt_id, PromptOrder.language == language, prompt_orders.standing(now))
        .order_by(PromptOrder.id)
    )
    return {order.words: _asked(order, name) for order, name in rows}


def count_waiting(session: Session) -> int:
    """Return how many prompts wait for my call."""
    mine = (PromptOrder.user_id == actor().user_id, prompt_orders.is_waiting(runtime().clock.now()))
    return session.scalar(select(func.count()).select_from(PromptOrder).where(*mine)) or 0


def number_to_call() -> str:
    """Return the number of the line, or nothing while it has none."""
    return runtime().settings.carrier.teacher_number


def _asked(order: PromptOrder, name: str) -> Asked:
    said = "refused" if order.problem else "done" if order.done_at else "coming"
    state = said if order.recording_id else "waiting"
    is_mine = order.user_id == actor().user_id
    return Asked(name, is_mine, state, order.expires_at, order.said_at, order.problem)


def _can_call() -> bool:
    with runtime().database.reading_session() as session:
        line = lines.load_line(session, actor())
        return line is not None and line.pin_hash is not None


def _words(language: str, prompt_id: str) -> str | None:
    """Return the words of the part that a form speaks of, the first where it names none."""
    studio: Studio = current_app.extensions["voice"].studio
    pieces = studio.recordable(prompt_id, language)
    part = parse_part(request.form) or 1
    return pieces[part - 1] if 1 <= part <= len(pieces) else None


def _phone_page(typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    with runtime().database.reading_session() as session:
        line = lines.load_line(session, actor())
        mine = (PromptOrder.user_id == actor().user_id, prompt_orders.is_waiting(runtime().clock.now()))
        waiting = session.scalars(select(PromptOrder).where(*mine).order_by(PromptOrder.id)).all()
        return render_template(
            "voices/phone.html", line=line, typed=typed, problems=problems, waiting=waiting, call=number_to_call()
        )
