"""The quick way for webhooks: a call on the line that goes as calls do is read in one statement and written in one.

It answers exactly as `conversation` would, which does everything else: the end of a call that is dialled again, what
comes behind it or before its time, an opt-out, a second recording, a call that nobody knows, and whatever went wrong
here. Nothing is locked between reading and writing: the write finds the attempt as it was read, or does nothing, and
the other way looks again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from callqueue.ladder import reach_rank
from callqueue.wanting import says_something
from carrier.plivo import webhooks
from ivr.trees.engine import advance, start
from ivr.trees.model import Dial, Event, HungUp, State, Tree, Turn
from ivr.voice import hanging_up
from ivr.voice.conversation import (
    DONE,
    Answered,
    Forged,
    Webhook,
    input_of,
    is_waiting,
    language_of,
    parsed,
    without_numbers,
)
from ivr.voice.direct import PATIENCE_MS, Direct, DirectPool
from ivr.voice.effects import Made
from ivr.voice.rendering import render_turn
from ivr.voice.statements import READ, READ_ENDING, READ_TREE, Shape
from prompts.studio import Studio
from ptm.errors import SunvaiError


class DatabaseSlow(SunvaiError):
    """The database did not answer while somebody could be kept waiting."""


class _Attempt(NamedTuple):
    """An attempt as READ gives it, with what is stored under the webhook's key and under its nonce."""

    id: int
    call_id: int
    state: str
    step: int
    session: str | None
    reach: str
    early: bool
    tree_hash: str
    facts: Any
    account: str
    household_id: int
    school_id: int
    answer: str | None
    nonce_attempt_id: int | None
    nonce_key: str | None
    nonce_body_sha256: str | None


@dataclass
class _Change:
    """What a webhook writes, and the answer it gets."""

    move: str
    answer: str
    reach: str = ""
    parts: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def raise_reach(self, attempt: _Attempt, reach: str) -> None:
        if reach_rank(reach) > reach_rank(attempt.reach):
            self.reach = reach
            self.parts.append("reached")

    def make_recording(self, made: Made, language: str, *, is_sure: bool) -> None:
        self.parts += ["made", "suggested"] if is_sure else ["made_known", "suggested_known"]
        self.values |= {
            "carrier_id": made.recording_id, "url": made.url, "duration_ms": made.duration_ms, "spoken": language,
        }  # fmt: skip


class Quick:
    """Handles webhooks where it can; holds connections, and what never changes of what it read."""

    def __init__(self, pool: DirectPool, studio: Studio, public_url: str) -> None:
        self._pool, self._studio, self._public_url = pool, studio, public_url
        self._definitions: dict[str, str] = {}

    def receive(self, webhook: Webhook, now: datetime) -> Answered | None:
        """Apply a webhook, committed, and return its answer; None: nothing was done, take the other way.

        Raises Forged, MissingClip, and DatabaseSlow when there is no time left for the other way.
        """
        began = time.monotonic()
        try:
            with self._pool.connection() as direct:
                return self._receive(direct, webhook, now)
        except self._pool.Error as error:
            # A connection that was lost, or a twin that was first: either is well told from the other side.
            if time.monotonic() - began > PATIENCE_MS / 2_000:
                raise DatabaseSlow(type(error).__name__) from error
            return None

    def _receive(self, direct: Direct, webhook: Webhook, now: datetime) -> Answered | None:
        read = READ_ENDING if isinstance(webhook.said, webhooks.Hangup) else READ
        row = direct.read(read, {"token": webhook.token, "key": webhook.key, "nonce": webhook.nonce})
        if row is None:
            return None
        attempt = _attempt(row)
        webhook.refuse_foreign(attempt.account)
        if attempt.nonce_attempt_id is not None:
            seen = (attempt.nonce_attempt_id, attempt.nonce_key, attempt.nonce_body_sha256)
            if seen != (attempt.id, webhook.key, webhook.body_sha256):
                raise Forged
        if attempt.answer is not None:
            return None if is_waiting(attempt.answer) else Answered(attempt.answer)
        if isinstance(webhook.said, webhooks.Hangup):
            so_far = hanging_up.CallSoFar(*row[len(attempt) :])
            change = self._end(direct, attempt, so_far, webhook.said, now)
        else:
            change = self._change(direct, attempt, webhook)
        return None if change is None else _write(direct, attempt, webhook, change, now)

    def _change(self, direct: Direct, attempt: _Attempt, webhook: Webhook) -> _Change | None:
        said = webhook.said
        if isinstance(said, webhooks.RecordingReady):
            if says_something("suggestion", said.duration_ms, attempt.reach):
                return None  # ahead of its question's answer, or behind a hang-up that left none
            told = _Change("", DONE)
            told.make_recording(said, language_of(attempt), is_sure=False)
            return told
        if attempt.state == "ended" or attempt.early:
            return None
        if isinstance(said, webhooks.Ring):
            rung = _Change("ring", DONE, values={"call_uuid": said.call_id})
            rung.raise_reach(attempt, "rang")
            return rung
        if isinstance(said, webhooks.Answer) and attempt.session is None:
            turn = start(self._tree(direct, attempt), attempt.facts)
            return self._turn(webhook, attempt, turn, "answer")
        if webhook.step != attempt.step or attempt.session is None:
            return None
        state = State.from_json(attempt.session)
        turn = advance(self._tree(direct, attempt), attempt.facts, state, input_of(said))
        return self._turn(webhook, attempt, turn, "step")

    def _end(
        self, direct: Direct, attempt: _Attempt, so_far: hanging_up.CallSoFar, said: webhooks.Hangup, now: datetime
    ) -> _Change | None:
        if attempt.state == "ended" or attempt.early or not self._means_nothing(direct, attempt):
            return None
        values = hanging_up.ending(attempt, so_far, said, now)
        return None if values is None else _Change("end", DONE, parts=["over", "counted", "done"], values=values)

    def _means_nothing(self, direct: Direct, attempt: _Attempt) -> bool:
        """Say whether hanging up here tells no more than that the call is over."""
        if attempt.session is None:
            return True
        state = State.from_json(attempt.session)
        if state.over:
            return True
        turn = advance(self._tree(direct, attempt), attempt.facts, state, HungUp())
        return all(event.kind in _HEARD_ONLY for event in turn.events)

    def _turn(self, webhook: Webhook, attempt: _Attempt, turn: Turn, move: str) -> _Change | None:
        if isinstance(turn.steps[-1], Dial):
            return None  # whether the teacher takes calls now is asked there
        answer = render_turn(turn, token=webhook.token, public_url=self._public_url, studio=self._studio)
        change = _Change(move, answer)
        change.raise_reach(attempt, turn.state.reach)
        change.values |= {"session": turn.state.to_json(), "step": turn.state.step, "was_step": attempt.step}
        change.values["call_uuid"] = webhook.said.call_id
        is_known = all(_add_event(change, event, turn.state.language) for event in turn.events)
        return change if is_known and len(set(change.parts)) == len(change.parts) else None

    def _tree(self, direct: Direct, attempt: _Attempt) -> Tree:
        if attempt.tree_hash not in self._definitions:
            row = direct.read(READ_TREE, {"hash": attempt.tree_hash})
            self._definitions[attempt.tree_hash] = row[0] if row else ""
        return parsed(self._definitions[attempt.tree_hash])


def _attempt(row: tuple[Any, ...]) -> _Attempt:
    attempt = _Attempt(*row[: len(_Attempt._fields)])
    return attempt._replace(facts=json.loads(attempt.facts)) if isinstance(attempt.facts, str) else attempt


def _write(direct: Direct, attempt: _Attempt, webhook: Webhook, change: _Change, now: datetime) -> Answered | None:
    values = change.values | {
        "attempt_id": attempt.id, "call_id": attempt.call_id, "household_id": attempt.household_id,
        "school_id": attempt.school_id, "now": now, "key": webhook.key, "nonce": webhook.nonce,
        "body_sha256": webhook.body_sha256, "answer": change.answer,
        "form": json.dumps(without_numbers(webhook.form), ensure_ascii=False),
    }  # fmt: skip
    shape = Shape(change.move, change.reach, ("told", *change.parts))
    is_written, recording = direct.write(shape, values)
    if not is_written:
        return None
    if recording is not None and isinstance(webhook.said, webhooks.RecordingReady):
        return Answered(change.answer, (recording,))
    return Answered(change.answer)


# Events that leave no row of their own.
_HEARD_ONLY = frozenset({"family_confirmed", "wrong_number", "heard", "responded", "recording_kept", "finished"})


def _add_event(change: _Change, event: Event, language: str) -> bool:
    """Add what an event writes; False for one that the other way must write."""
    values: Mapping[str, Any] = event.values
    if event.kind in _HEARD_ONLY:
        return True
    if event.kind in ("consent_given", "consent_refused"):
        change.parts.append("consent")
        change.values |= {"given": event.kind == "consent_given", "wording": values["wording"]}
    elif event.kind == "slot_chosen":
        change.parts.append("slot")
        change.values["slot"] = values["slot"]
    elif event.kind == "language_chosen":
        change.parts.append("language")
        change.values["language"] = values["language"]
    elif event.kind == "recording_made":
        made = webhooks.RecordingReady("", values["id"], values["url"], values["duration_ms"])
        change.make_recording(made, language, is_sure=True)
    else:
        return False
    return True
