"""The carrier's webhooks as the manuals of Flask, SQLAlchemy and the carrier's SDK would have them written.

It does what ours do for an ordinary call, no more and no less, so that what is compared is the way and not the work:
check the signature, look for a repeat, walk the tree, store the event with its answer and without numbers, write what
follows from it, judge the call when it ends. What decides is the same code (engine, ladder, window, studio); what is
the textbook's is how it gets there: the SDK's validator and XML builder, a session for each request, objects loaded,
changed and flushed one after the other. It is spared what ours does besides: locks, inputs that come before their
question, nonces that are used twice, late news, learnt hours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request
from plivo import plivoxml
from plivo.utils import validate_v3_signature
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callqueue.ladder import Again, Ending, Standing, cost_of, decide, reach_rank
from callqueue.pulses import pulses_of
from callqueue.rounds import window_of
from callqueue.windows import next_open
from carrier.plivo import webhooks
from carrier.plivo.causes import classify
from carrier.plivo.signature import NONCE_HEADER, SIGNATURE_HEADER
from ivr.trees.engine import advance, start
from ivr.trees.model import Continue, Menu, Record, State, Tree, Turn
from ivr.voice.conversation import input_of, parsed, read_step, without_numbers
from ivr.voice.rendering import ALL_KEYS
from prompts.studio import Studio
from ptm.clock import SystemClock
from ptm.models import (
    Attempt,
    Batch,
    Call,
    CallChild,
    CarrierEvent,
    Consent,
    ParticipationChange,
    PhoneNumber,
    Recording,
    Round,
    Suggestion,
    TreeVersion,
)


class Textbook:
    """One process's webhooks."""

    def __init__(self, sessions: Callable[[], Session], studio: Studio, *, auth_token: str, public_url: str) -> None:
        self._sessions, self._studio = sessions, studio
        self._auth_token, self._public_url = auth_token, public_url
        self._trees: dict[str, Tree] = {}

    def receive(self, token: str, kind: str, step: int | None) -> tuple[str, int]:
        """Apply the webhook of the present request; return document and status."""
        form = request.form.to_dict()
        nonce, signature = request.headers[NONCE_HEADER], request.headers[SIGNATURE_HEADER]
        url = self._public_url + request.path
        if not validate_v3_signature("POST", url, nonce, self._auth_token, signature, form):
            return "", 403
        key = kind if step is None else f"step:{step}"
        if kind == "recording":
            key += f":{form['RecordingID'].replace('-', '')[-30:]}"
        with self._sessions() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.token == token)).one()
            same = (CarrierEvent.attempt_id == attempt.id, CarrierEvent.key == key)
            repeated = session.scalar(select(CarrierEvent).where(*same))
            if repeated is not None:
                return repeated.answer, 200
            answer = self._apply(session, attempt, kind, step, form)
            event = CarrierEvent(attempt_id=attempt.id, key=key, nonce=nonce, at=SystemClock().now(), answer=answer)
            event.form, event.body_sha256 = without_numbers(form), hashlib.sha256(request.get_data()).hexdigest()
            session.add(event)
            session.commit()
        return answer, 200

    def _apply(self, session: Session, attempt: Attempt, kind: str, step: int | None, form: dict[str, str]) -> str:
        now = SystemClock().now()
        if kind == "step" and step == attempt.step:
            given = input_of(read_step(form))
            tree = self._tree(session, attempt)
            return self._take(
                session, attempt, advance(tree, attempt.facts, State.from_json(attempt.session or ""), given)
            )
        attempt.call_uuid = attempt.call_uuid or form["CallUUID"]
        if kind == "ring":
            attempt.state, attempt.ringing_at = "ringing", now
            _raise_reach(attempt, "rang")
        elif kind == "answer":
            attempt.state, attempt.answered_at = "answered", now
            return self._take(session, attempt, start(self._tree(session, attempt), attempt.facts))
        elif kind == "recording":
            _want(session, attempt, form["RecordingID"], form["RecordUrl"], int(form["RecordingDurationMs"]), now)
        elif kind == "hangup" and attempt.state != "ended":
            _end(session, attempt, webhooks.parse_hangup(form), now)
        return str(plivoxml.ResponseElement().to_string())

    def _tree(self, session: Session, attempt: Attempt) -> Tree:
        if attempt.tree_hash not in self._trees:
            self._trees[attempt.tree_hash] = parsed(session.get_one(TreeVersion, attempt.tree_hash).definition)
        return self._trees[attempt.tree_hash]

    def _take(self, session: Session, attempt: Attempt, turn: Turn) -> str:
        attempt.session, attempt.step = turn.state.to_json(), turn.state.step
        _raise_reach(attempt, turn.state.reach)
        now = SystemClock().now()
        for event in turn.events:
            if event.kind in ("consent_given", "consent_refused"):
                given, wording = event.kind == "consent_given", event.values["wording"]
                session.add(
                    Consent(
                        household_id=attempt.call.household_id, attempt_id=attempt.id, kind="recording", given=given,
                        wording=wording, at=now,
                    )
                )  # fmt: skip
            elif event.kind == "recording_made":
                _want(session, attempt, event.values["id"], event.values["url"], event.values["duration_ms"], now)
        return self._document(attempt.token, turn)

    def _document(self, token: str, turn: Turn) -> str:
        """Write with the SDK's builder what ours write as text: the same elements, attributes and addresses."""
        *says, last = turn.steps
        here = f"{self._public_url}/voice/{token}/step/{turn.state.step}"
        nested = last.says if isinstance(last, Menu) else ()
        answer = plivoxml.ResponseElement()
        inside = answer
        if isinstance(last, Menu):
            inside = plivoxml.GetDigitsElement(
                action=here, method="POST", timeout=last.timeout_s, digit_timeout=2, finish_on_key="none",
                num_digits=1, retries=1, redirect=True, play_beep=False, valid_digits=ALL_KEYS,
            )  # fmt: skip
        for clip in self._studio.resolve(*says, *nested):  # type: ignore[arg-type]
            inside.add(plivoxml.PlayElement(f"{self._public_url}/audio/{clip.name}", loop=1))
        if isinstance(last, Menu):
            answer.add(inside)
        if isinstance(last, Record):
            answer.add(
                plivoxml.RecordElement(
                    action=here, method="POST", file_format="wav", redirect=True, timeout=last.silence_s,
                    max_length=last.max_length_s, play_beep=True, finish_on_key=last.finish_keys,
                    callback_url=f"{self._public_url}/voice/{token}/recording", callback_method="POST",
                )
            )  # fmt: skip
        goes_on = isinstance(last, Menu | Record | Continue)
        answer.add(plivoxml.RedirectElement(here, method="POST") if goes_on else plivoxml.HangupElement())
        return str(answer.to_string())


def _raise_reach(attempt: Attempt, reach: str) -> None:
    if reach_rank(reach) > reach_rank(attempt.reach):
        attempt.reach = reach
        if reach_rank(reach) > reach_rank(attempt.call.reach):
            attempt.call.reach = reach


def _want(session: Session, attempt: Attempt, carrier_id: str, url: str, duration_ms: int, now: datetime) -> None:
    if session.scalar(select(Recording).where(Recording.carrier_id == carrier_id)) is not None:
        return
    language = State.from_json(attempt.session or "").language
    recording = Recording(
        attempt_id=attempt.id, carrier_id=carrier_id, url=url, language=language, state="wanted",
        duration_ms=duration_ms, wanted_at=now, due_at=now, tries=0,
    )  # fmt: skip
    session.add(recording)
    session.flush()
    session.add(
        Suggestion(
            recording_id=recording.id, call_id=attempt.call_id, school_id=attempt.call.school_id, source="call",
            language=language, public_text="", doubt=1.0, escalated=False, status="new", created_at=now,
        )
    )  # fmt: skip


def _end(session: Session, attempt: Attempt, said: Any, now: datetime) -> None:
    """End an attempt and judge its call as the ledger does."""
    outcome = classify(said.cause_code, said.call_status, attempt.answered_at is not None).value
    attempt.state, attempt.ended_at, attempt.outcome, attempt.talk_s = "ended", now, outcome, said.talk_s
    attempt.cause_code, attempt.cause_name, attempt.hangup_source = said.cause_code, said.cause_name, said.hangup_source
    call = attempt.call
    the_round = session.get_one(Round, call.round_id)
    ending = Ending(outcome, attempt.reach, call.household.opted_out_at is not None)
    decision = decide(the_round.ladder, ending, _standing(session, call, the_round, ending))
    is_try = cost_of(ending) == "try"
    call.tries += is_try
    change = ParticipationChange(round_id=call.round_id, school_id=call.school_id, dials=int(is_try))
    change.pulses = pulses_of(attempt.talk_s)
    due_at = None
    if isinstance(decision, Again):
        due_at = next_open(window_of(vars(the_round)), now + decision.wait)
    if due_at is not None:
        call.state, call.due_at = "planned", due_at
    else:
        call.state, call.disposition, call.ended_at = "ended", getattr(decision, "disposition", "late"), now
        change.ended = 1
        setattr(change, call.reach, 1)
        _finish_batches(session, call, now)
    session.add(change)


def _standing(session: Session, call: Call, the_round: Round, ending: Ending) -> Standing:
    numbers = select(PhoneNumber).where(PhoneNumber.household_id == call.household_id, PhoneNumber.retired_at.is_(None))
    others = select(Attempt.outcome).where(Attempt.call_id == call.id)
    return Standing(
        tries=call.tries + (cost_of(ending) == "try"), most_tries=the_round.tries, unplaced=call.unplaced,
        not_there=session.scalars(others).all().count("not_there"), numbers=len(session.scalars(numbers).all()),
        heard=reach_rank(call.reach) >= reach_rank("heard"),
    )  # fmt: skip


def _finish_batches(session: Session, call: Call, now: datetime) -> None:
    batches = select(Batch).join(CallChild, CallChild.batch_id == Batch.id).where(CallChild.call_id == call.id)
    for batch in session.scalars(batches):
        unfinished = (
            select(func.count())
            .select_from(CallChild)
            .join(Call, Call.id == CallChild.call_id)
            .where(CallChild.batch_id == batch.id, Call.state != "ended")
        )
        if not session.scalar(unfinished):
            batch.state, batch.ended_at = "done", now
