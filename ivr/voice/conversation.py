"""One verified webhook, in one transaction: is it new, what does it change, what is the answer.

Webhooks come up to three times, at once, late and in any order. Four rules make that harmless:

1. An event has a key within its attempt, and the first of a key decides; a repeat gets the stored answer.
2. A nonce belongs to one body: the same nonce with another body is a forgery made from parts.
3. An input that overtakes the answer that asked for it waits in the table and is applied when its turn comes.
4. Hanging up ends the attempt, not the session: what was pressed before it and comes behind it still counts. What
   hanging up itself means (nine, then nothing, is an opt-out) is asked of the engine each time, and never stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callqueue import ledger
from callqueue.ladder import reach_rank
from callqueue.ledger import CarrierEnd
from carrier.plivo import webhooks, xml
from carrier.plivo.causes import classify
from ivr.trees.engine import advance, start
from ivr.trees.load import parse_tree
from ivr.trees.model import Digits, HungUp, Input, NoInput, Recorded, State, Tree, Turn
from ivr.voice import effects
from ivr.voice.rendering import render_turn
from ivr.voice.urls import step_url
from prompts.studio import Studio
from ptm.errors import SunvaiError
from ptm.models import Attempt, CarrierEvent, Counter, TreeVersion

DONE = xml.response()


class Forged(Exception):
    """Signed, but put together from another webhook's parts: nothing is written."""


@dataclass(frozen=True)
class Webhook:
    """A verified webhook: what it says and what tells it from every other."""

    token: str
    key: str
    nonce: str
    body_sha256: str
    form: Mapping[str, str]
    said: Any  # one of carrier.plivo.webhooks' values
    step: int | None = None


@dataclass(frozen=True)
class Answered:
    """The XML to send, and the recordings that lie ready at the carrier.

    A recording that was only just made is not there yet: its callback will tell, or in the end the sweeper.
    """

    xml: str
    recordings: tuple[int, ...] = ()


# Written down once: putting a statement together costs as much as running it.
_HELD_ATTEMPT = select(Attempt.__table__).where(Attempt.token == bindparam("token")).with_for_update()
_SEEN = select(
    CarrierEvent.attempt_id, CarrierEvent.key, CarrierEvent.nonce, CarrierEvent.body_sha256, CarrierEvent.at,
    CarrierEvent.answer
).where(
    or_(
        and_(CarrierEvent.attempt_id == bindparam("of"), CarrierEvent.key == bindparam("under")),
        CarrierEvent.nonce == bindparam("once"),
    )
)  # fmt: skip
_NOTED = insert(CarrierEvent)


class NeverAsked(SunvaiError):
    """An input still waits for the answer that asked for it, and whoever gave it has listened to nothing for long."""


class Conversation:
    """Handles the webhooks of calls; holds nothing but where to render from, and how long an input may wait."""

    def __init__(self, studio: Studio, public_url: str, patience: timedelta) -> None:
        self._studio, self._public_url, self._patience = studio, public_url, patience

    def receive(self, tx: Connection, webhook: Webhook, now: datetime) -> Answered:
        """Apply a webhook and return its answer. Raises Forged, NeverAsked, MissingClip."""
        attempt = tx.execute(_HELD_ATTEMPT, {"token": webhook.token}).first()
        if attempt is None:
            _count(tx, "webhooks of unknown attempts")
            return Answered(xml.response(xml.hang_up()) if webhook.key == "answer" else DONE)
        stored = self._seen(tx, attempt.id, webhook, now)
        if stored is not None:
            return Answered(stored)
        answered = self._apply(tx, attempt, webhook, now)
        event = {
            "attempt_id": attempt.id, "key": webhook.key, "nonce": webhook.nonce, "body_sha256": webhook.body_sha256,
            "at": now, "form": without_numbers(webhook.form), "answer": answered.xml,
        }  # fmt: skip
        tx.execute(_NOTED, event)
        return answered

    def _seen(self, tx: Connection, attempt_id: int, webhook: Webhook, now: datetime) -> str | None:
        rows = tx.execute(_SEEN, {"of": attempt_id, "under": webhook.key, "once": webhook.nonce}).all()
        for row in rows:
            same = (row.attempt_id, row.key, row.body_sha256) == (attempt_id, webhook.key, webhook.body_sha256)
            if row.nonce == webhook.nonce and not same:
                raise Forged
        known = next((row for row in rows if row.key == webhook.key and row.attempt_id == attempt_id), None)
        if known is not None and is_waiting(known.answer) and now - known.at > self._patience:
            raise NeverAsked(webhook.key)
        return None if known is None else str(known.answer)

    def _apply(self, tx: Connection, attempt: Any, webhook: Webhook, now: datetime) -> Answered:
        said = webhook.said
        if isinstance(said, webhooks.Ring):
            ledger.ringing(tx, attempt.id, call_uuid=said.call_id, now=now)
            return Answered(DONE)
        if isinstance(said, webhooks.Hangup):
            _end(tx, attempt, said, now)
            if attempt.session is not None:
                self._mean_hanging_up(tx, attempt, State.from_json(attempt.session), now)
            return Answered(DONE)
        if isinstance(said, webhooks.RecordingReady):
            made = effects.want_recording(tx, attempt, said, language=language_of(attempt), now=now)
            return Answered(DONE, (made,))
        if isinstance(said, webhooks.Answer):
            ledger.answered(tx, attempt.id, call_uuid=said.call_id, now=now)
            turn = start(_tree(tx, attempt.tree_hash), attempt.facts)
            return self._take(tx, attempt, turn, now)
        return self._step(tx, attempt, webhook, now)

    def _step(self, tx: Connection, attempt: Any, webhook: Webhook, now: datetime) -> Answered:
        if attempt.session is None or webhook.step != attempt.step:
            # Its question was never put, as far as we know: keep the input, let the carrier ask again in a second.
            tx.execute(update(Attempt).where(Attempt.id == attempt.id).values(early=True))
            again = step_url(self._public_url, attempt.token, webhook.step or 0)
            return Answered(xml.response(_ONE_MOMENT, xml.redirect(again)))
        state = State.from_json(attempt.session)
        turn = advance(_tree(tx, attempt.tree_hash), attempt.facts, state, input_of(webhook.said))
        return self._take(tx, attempt, turn, now)

    def _take(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> Answered:
        """Store a turn and its effects, and apply inputs that came before their question."""
        answer = self._render(attempt, turn)
        self._write(tx, attempt, turn, now)
        while attempt.early and not turn.state.over:
            waiting = tx.execute(
                select(CarrierEvent.id, CarrierEvent.form).where(
                    CarrierEvent.attempt_id == attempt.id, CarrierEvent.key == step_key(turn.state.step)
                )
            ).first()
            if waiting is None:
                break
            given = _input_kept_in(waiting.form)
            turn = advance(_tree(tx, attempt.tree_hash), attempt.facts, turn.state, given)
            later = self._render(attempt, turn)
            tx.execute(update(CarrierEvent).where(CarrierEvent.id == waiting.id).values(answer=later))
            self._write(tx, attempt, turn, now)
        if attempt.state == "ended":
            self._mean_hanging_up(tx, attempt, turn.state, now)
        return Answered(answer)

    def _render(self, attempt: Any, turn: Turn) -> str:
        return render_turn(turn, token=attempt.token, public_url=self._public_url, studio=self._studio)

    def _write(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> None:
        state = turn.state
        tx.execute(update(Attempt).where(Attempt.id == attempt.id).values(session=state.to_json(), step=state.step))
        effects.apply(tx, attempt, turn.events, language=state.language, now=now)
        ledger.raise_reach(tx, attempt.id, state.reach)

    def _mean_hanging_up(self, tx: Connection, attempt: Any, state: State, now: datetime) -> None:
        """Do what hanging up here tells, and leave the session where it is."""
        if not state.over:
            turn = advance(_tree(tx, attempt.tree_hash), attempt.facts, state, HungUp())
            effects.apply(tx, attempt, turn.events, language=state.language, now=now)


_ONE_MOMENT = xml.wait(1)


def is_waiting(answer: str) -> bool:
    """Say whether an answer only put the carrier off for a second."""
    return _ONE_MOMENT in answer


def step_key(step: int) -> str:
    return f"step:{step}"


def read_step(form: Mapping[str, str]) -> Any:
    """Read what a step's URL receives: a Record's action carries a recording, everything else keys or nothing."""
    return webhooks.parse_recorded(form) if "RecordingID" in form else webhooks.parse_step(form)


def input_of(said: Any) -> Input:
    """Return what a step's webhook means to the engine."""
    if isinstance(said, webhooks.Recorded):
        return Recorded(said.recording_id, said.url, said.duration_ms, said.digits)
    return Digits(said.digits) if said.digits else NoInput()


def language_of(attempt: Any) -> str:
    """Return the language that a call is in, as far as is known."""
    return str(json.loads(attempt.session)["language"] if attempt.session else attempt.facts["language"])


_is_a_number = re.compile(r"\+?[0-9]{10,15}").fullmatch


def without_numbers(form: Mapping[str, str]) -> dict[str, str]:
    """Keep an event without anybody's number in clear: all but the last four digits become stars.

    A NUL, which a form may hold and PostgreSQL's documents may not, becomes the sign for it.
    """
    return {
        _storable(name): _storable(value) if not _is_a_number(value) else "*" * (len(value) - 4) + value[-4:]
        for name, value in form.items()
    }


def _storable(text: str) -> str:
    return text.replace("\0", "\N{SYMBOL FOR NULL}") if "\0" in text else text


def _input_kept_in(form: Mapping[str, str]) -> Input:
    """Return the input of an event that waited in the table, where numbers are masked: it was checked when it came."""
    known = dict.fromkeys(("CallUUID", "RequestUUID"), "00000000-0000-0000-0000-000000000000")
    return input_of(read_step({**form, **known, "To": "00000", "From": "00000"}))


def _end(tx: Connection, attempt: Any, said: webhooks.Hangup, now: datetime) -> None:
    answered = said.answered or attempt.answered_at is not None
    outcome = classify(said.cause_code, said.call_status, answered)
    if outcome.value == "unknown":
        _count(tx, f"unknown hang-up cause {said.cause_code}")
    end = CarrierEnd(
        outcome.value, now, cause_code=said.cause_code, cause_name=said.cause_name, hangup_source=said.hangup_source,
        talk_s=said.talk_s,
    )  # fmt: skip
    ledger.ended(tx, attempt.id, end, call_uuid=said.call_id)
    if answered and reach_rank(attempt.reach) < reach_rank("answered"):
        ledger.raise_reach(tx, attempt.id, "answered")


@lru_cache(maxsize=64)
def parsed(definition: str) -> Tree:
    """Return a tree that was read before, or read it."""
    return parse_tree(definition)


_definitions: dict[str, str] = {}


def _tree(tx: Connection, tree_hash: str) -> Tree:
    """Return a round's frozen tree; a hash never means another text, so a process reads each once."""
    if tree_hash not in _definitions:
        query = select(TreeVersion.definition).where(TreeVersion.hash == tree_hash)
        _definitions[tree_hash] = tx.execute(query).scalar_one()
    return parsed(_definitions[tree_hash])


def _count(tx: Connection, name: str) -> None:
    upsert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    tx.execute(
        upsert(Counter)
        .values(name=name, value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
    )
