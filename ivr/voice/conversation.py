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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callqueue import ledger
from callqueue.ladder import reach_rank
from callqueue.ledger import CarrierEnd
from callqueue.wanting import says_something
from carrier.plivo import webhooks, xml
from carrier.plivo.causes import classify
from ivr.trees.engine import advance, start
from ivr.trees.load import parse_tree
from ivr.trees.model import NOT_AVAILABLE, Dial, Dialled, Digits, HungUp, Input, NoInput, Recorded, State, Tree, Turn
from ivr.voice import connecting, effects
from ivr.voice.party import Party, party_of
from ivr.voice.rendering import Resolves, render_turn
from ivr.voice.urls import step_url
from ptm.accounts import MAIN_ACCOUNT
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
    signed_by: frozenset[str] | None = None  # the accounts that may have signed it; None: there is only one

    def refuse_foreign(self, account: str | None) -> None:
        """Raises Forged for a call of another account than those: its own token alone speaks of it.

        Which account a call comes in on nobody wrote down.
        """
        if self.signed_by is not None and account is not None and account not in self.signed_by:
            raise Forged


@dataclass(frozen=True)
class Answered:
    """The XML to send, and the recordings that lie ready at the carrier.

    A recording that was only just made is not there yet: its callback will tell, or in the end the sweeper.
    """

    xml: str
    recordings: tuple[int, ...] = ()


# Written down once: putting a statement together costs as much as running it.
_HELD_ATTEMPT = select(Attempt.__table__).where(Attempt.token == bindparam("token")).with_for_update()


def seen_in(events: Any, of: str) -> Select[Any]:
    """Return the question what a table of events has under a call and a key, or under a nonce."""
    call = getattr(events, of)
    return select(call.label("call"), events.key, events.nonce, events.body_sha256, events.at, events.answer).where(
        or_(and_(call == bindparam("of"), events.key == bindparam("under")), events.nonce == bindparam("once"))
    )


class NeverAsked(SunvaiError):
    """An input still waits for the answer that asked for it, and whoever gave it has listened to nothing for long."""


class Conversation:
    """Handles the webhooks of our calls; `ivr.voice.calling_in` has those of calls that come in.

    Holds nothing but where to render from, the number that is shown, and how long an input may wait.
    """

    _events: Any = CarrierEvent
    _calls: Any = Attempt
    _of = "attempt_id"
    _seen_query = seen_in(CarrierEvent, "attempt_id")

    def __init__(self, studio: Resolves, public_url: str, patience: timedelta, caller_ids: Mapping[str, str]) -> None:
        """`caller_ids` are the numbers that are shown, by the carrier account that dials."""
        self._studio, self._public_url, self._patience, self._caller_ids = studio, public_url, patience, caller_ids

    def receive(self, tx: Connection, webhook: Webhook, now: datetime) -> Answered:
        """Apply a webhook and return its answer. Raises Forged, NeverAsked, MissingClip.

        A number to dial in an answer is a stand-in: `connecting.filled` puts it in.
        """
        attempt = self._hold(tx, webhook, now)
        if attempt is None:
            _count(tx, "webhooks of unknown attempts")
            return Answered(xml.response(xml.hang_up()) if webhook.key == "answer" else DONE)
        webhook.refuse_foreign(getattr(attempt, "account", None))
        stored = self._seen(tx, attempt.id, webhook, now)
        if stored is not None:
            return Answered(stored)
        answered = self._apply(tx, attempt, webhook, now)
        event = {
            self._of: attempt.id, "key": webhook.key, "nonce": webhook.nonce, "body_sha256": webhook.body_sha256,
            "at": now, "form": self._kept_form(attempt, webhook.form), "answer": answered.xml,
        }  # fmt: skip
        tx.execute(insert(self._events), event)
        return answered

    def _seen(self, tx: Connection, attempt_id: int, webhook: Webhook, now: datetime) -> str | None:
        rows = tx.execute(self._seen_query, {"of": attempt_id, "under": webhook.key, "once": webhook.nonce}).all()
        for row in rows:
            same = (row.call, row.key, row.body_sha256) == (attempt_id, webhook.key, webhook.body_sha256)
            if row.nonce == webhook.nonce and not same:
                raise Forged
        known = next((row for row in rows if row.key == webhook.key and row.call == attempt_id), None)
        if known is not None and is_waiting(known.answer) and now - known.at > self._patience:
            raise NeverAsked(webhook.key)
        return None if known is None else str(known.answer)

    def _apply(self, tx: Connection, attempt: Any, webhook: Webhook, now: datetime) -> Answered:
        said = webhook.said
        if isinstance(said, webhooks.Ring):
            ledger.ringing(tx, attempt.id, call_uuid=said.call_id, now=now)
            return Answered(DONE)
        if isinstance(said, webhooks.Hangup):
            self._end(tx, attempt, said, now)
            if attempt.session is not None:
                self._mean_hanging_up(tx, attempt, State.from_json(attempt.session), now)
            return Answered(DONE)
        if isinstance(said, webhooks.RecordingReady):
            made = effects.want_recording(tx, self._party(attempt), said, language=language_of(attempt), now=now)
            if says_something(self._party(attempt).purpose, said.duration_ms, attempt.reach):
                self._raise(tx, attempt, "recorded", now)
            return Answered(DONE, (made,))
        if isinstance(said, webhooks.Leg):
            connecting.note_leg(tx, self._party(attempt), said, now)
            return Answered(DONE)
        if isinstance(said, webhooks.Answer):
            self._begin(tx, attempt, said, now)
            turn = start(tree_of(tx, attempt.tree_hash), self._facts(tx, attempt, now))
            return self._take(tx, attempt, turn, now)
        return self._step(tx, attempt, webhook, now)

    # ---- what a call that comes in does otherwise ----

    def _hold(self, tx: Connection, webhook: Webhook, _now: datetime) -> Any:
        """Return the call of a webhook, locked, or None."""
        return tx.execute(_HELD_ATTEMPT, {"token": webhook.token}).first()

    def _party(self, attempt: Any) -> Party:
        return party_of(attempt)

    def _facts(self, _tx: Connection, attempt: Any, _now: datetime) -> Any:
        return attempt.facts

    def _begin(self, tx: Connection, attempt: Any, said: webhooks.Answer, now: datetime) -> None:
        ledger.answered(tx, attempt.id, call_uuid=said.call_id, now=now)

    def _end(self, tx: Connection, attempt: Any, said: webhooks.Hangup, now: datetime) -> None:
        _end(tx, attempt, said, now)

    def _reached(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> None:
        self._raise(tx, attempt, turn.state.reach, now)

    def _raise(self, tx: Connection, attempt: Any, reach: str, _now: datetime) -> None:
        ledger.raise_reach(tx, attempt.id, reach)

    def _to_dial(self, tx: Connection, _attempt: Any, child: Any, now: datetime) -> str:
        """Return what stands for the number that a Dial is to ring, nothing when it may ring nobody now."""
        teacher_id = connecting.teacher_at(tx, child, now)
        return "" if teacher_id is None else connecting.teachers(teacher_id)

    def _heard(self, _tx: Connection, _attempt: Any, _state: State, said: Any, _now: datetime) -> Input:
        """Return what a step's webhook means to the engine."""
        return input_of(said)

    def _kept_form(self, _attempt: Any, form: Mapping[str, str]) -> dict[str, str]:
        return without_numbers(form)

    # ---- turns ----

    def _step(self, tx: Connection, attempt: Any, webhook: Webhook, now: datetime) -> Answered:
        if attempt.session is None or webhook.step != attempt.step:
            # Its question was never put, as far as we know: keep the input, let the carrier ask again in a second.
            tx.execute(update(self._calls).where(self._calls.id == attempt.id).values(early=True))
            again = step_url(self._public_url, self._address(attempt), webhook.step or 0)
            return Answered(xml.response(_ONE_MOMENT, xml.redirect(again)))
        state = State.from_json(attempt.session)
        given = self._heard(tx, attempt, state, webhook.said, now)
        turn = advance(tree_of(tx, attempt.tree_hash), self._facts(tx, attempt, now), state, given)
        return self._take(tx, attempt, turn, now)

    def _take(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> Answered:
        """Store a turn and its effects, and apply inputs that came before their question."""
        turn, answer = self._settled(tx, attempt, turn, now)
        self._write(tx, attempt, turn, now)
        while attempt.early and not turn.state.over:
            waiting = tx.execute(
                select(self._events.id, self._events.form).where(
                    getattr(self._events, self._of) == attempt.id, self._events.key == step_key(turn.state.step)
                )
            ).first()
            if waiting is None:
                break
            given = self._heard(tx, attempt, turn.state, _said_in(waiting.form), now)
            turn = advance(tree_of(tx, attempt.tree_hash), self._facts(tx, attempt, now), turn.state, given)
            turn, later = self._settled(tx, attempt, turn, now)
            tx.execute(update(self._events).where(self._events.id == waiting.id).values(answer=later))
            self._write(tx, attempt, turn, now)
        if attempt.state == "ended":
            self._mean_hanging_up(tx, attempt, turn.state, now)
        return Answered(answer)

    def _settled(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> tuple[Turn, str]:
        """Return a turn with its document. One that would ring somebody who may not be rung now goes on from there."""
        number = ""
        if isinstance(turn.steps[-1], Dial):
            number = self._to_dial(tx, attempt, turn.steps[-1].child, now)
            if not number:
                given = Dialled(NOT_AVAILABLE)
                facts = self._facts(tx, attempt, now)
                later = advance(tree_of(tx, attempt.tree_hash), facts, turn.state, given)
                return self._settled(tx, attempt, replace(later, events=(*turn.events, *later.events)), now)
        document = render_turn(
            turn, token=self._address(attempt), public_url=self._public_url, studio=self._studio, number=number,
            caller_id=self._shown(attempt),
        )  # fmt: skip
        return turn, document

    def _shown(self, attempt: Any) -> str:
        """Return the number of ours that a teacher sees."""
        return self._caller_ids.get(attempt.account, self._caller_ids[MAIN_ACCOUNT])

    def _address(self, attempt: Any) -> str:
        """Return what stands for a call in its addresses, behind /voice/."""
        return str(attempt.token)

    def _write(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> None:
        state = turn.state
        here = update(self._calls).where(self._calls.id == attempt.id)
        tx.execute(here.values(session=state.to_json(), step=state.step))
        effects.apply(tx, self._party(attempt), turn.events, language=state.language, now=now)
        self._reached(tx, attempt, turn, now)

    def _mean_hanging_up(self, tx: Connection, attempt: Any, state: State, now: datetime) -> None:
        """Do what hanging up here tells, and leave the session where it is."""
        if not state.over:
            turn = advance(tree_of(tx, attempt.tree_hash), attempt.facts, state, HungUp())
            events = [event for event in turn.events if event.kind != "callback_asked" or not self._spoke(tx, attempt)]
            effects.apply(tx, self._party(attempt), events, language=state.language, now=now)

    def _spoke(self, tx: Connection, attempt: Any) -> bool:
        """Say whether the teacher whom a call dialled has answered."""
        told = (f"leg:{action}:%" for action in connecting.ANSWERED)
        of_call = select(self._events.id).where(getattr(self._events, self._of) == attempt.id)
        return tx.scalar(of_call.where(or_(*map(self._events.key.like, told))).limit(1)) is not None


_ONE_MOMENT = xml.wait(1)


def is_waiting(answer: str) -> bool:
    """Say whether an answer only put the carrier off for a second."""
    return _ONE_MOMENT in answer


def step_key(step: int) -> str:
    return f"step:{step}"


def read_step(form: Mapping[str, str], *, came_in: bool = False) -> Any:
    """Read what a step's URL receives: a Record's action carries a recording, a Dial's how it went, all else keys."""
    if "RecordingID" in form:
        return webhooks.parse_recorded(form, came_in=came_in)
    if "DialStatus" in form:
        return webhooks.parse_dialled(form, came_in=came_in)
    return webhooks.parse_step(form, came_in=came_in)


def input_of(said: Any) -> Input:
    """Return what a step's webhook means to the engine."""
    if isinstance(said, webhooks.Recorded):
        return Recorded(said.recording_id, said.url, said.duration_ms, said.digits)
    if isinstance(said, webhooks.Dialled):
        return Dialled(said.status)
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


def _said_in(form: Mapping[str, str]) -> Any:
    """Return what an event said that waited in the table, where numbers are masked: it was checked when it came."""
    known = dict.fromkeys(("CallUUID", "RequestUUID"), "00000000-0000-0000-0000-000000000000")
    return read_step({**form, **known, "To": "00000", "From": "00000"})


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


def tree_of(tx: Connection, tree_hash: str) -> Tree:
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
