"""The webhooks of a call that comes in: as in a call of ours, with nobody's plan behind it.

The carrier knows one address for all of our numbers, so the first webhook of a call has no token: its CallUUID tells
which call it is, and gets a token for all that follows.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callqueue import calling_in, putting_through
from callqueue.calling_in import Caller
from carrier.plivo import webhooks, xml
from ivr.trees.load import INBOUND_TREES, load_tree
from ivr.trees.model import AskNode, Checked, Input, State, Tree, Turn
from ivr.voice import prompt_line, speaking_line, teacher_line
from ivr.voice.conversation import Answered, Conversation, Webhook, seen_in, tree_of, without_numbers
from ivr.voice.party import Party
from ivr.voice.rendering import Resolves
from prompts.clips import Clip
from prompts.errors import MissingClip
from prompts.studio import Studio, Wanted
from ptm.accounts import MAIN_ACCOUNT
from ptm.models import Call, InboundCall, InboundEvent, TreeVersion
from ptm.sealing import Vault
from ptm.settings import CarrierSettings

# Somebody who listens and presses keys for so long holds a line that another family may need.
LONGEST = timedelta(minutes=15)
# While a family is on the line its phone is busy for us.
ON_THE_LINE = timedelta(minutes=5)
_HELD = select(InboundCall.__table__).where(InboundCall.token == bindparam("token")).with_for_update()
_HELD_BY_CARRIER = select(InboundCall.__table__).where(InboundCall.call_uuid == bindparam("uuid")).with_for_update()


class Willing:
    """A studio that renders what nobody prepared: any family may call at any time, and numbers change while they do."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def resolve(self, *wanted: Wanted) -> tuple[Clip, ...]:
        try:
            return self._studio.resolve(*wanted)
        except MissingClip:
            return tuple(clip for each in wanted for clip in self._studio.playlist(each))


class CallsIn(Conversation):
    """Handles the webhooks of calls that come in."""

    _events: Any = InboundEvent
    _calls: Any = InboundCall
    _of = "inbound_id"
    _seen_query = seen_in(InboundEvent, "inbound_id")

    def __init__(
        self, studio: Resolves, public_url: str, patience: timedelta, carrier: CarrierSettings, vault: Vault
    ) -> None:
        super().__init__(studio, public_url, patience, {MAIN_ACCOUNT: carrier.caller_id})
        self._carrier, self._vault = carrier, vault

    # ---- a call begins ----

    def _hold(self, tx: Connection, webhook: Webhook, now: datetime) -> Any:
        if webhook.token:
            return tx.execute(_HELD, {"token": webhook.token}).first()
        known = {"uuid": webhook.said.call_id}
        row = tx.execute(_HELD_BY_CARRIER, known).first()
        if row is None:
            self._open(tx, webhook.said, now)
            row = tx.execute(_HELD_BY_CARRIER, known).first()
        return row

    def _open(self, tx: Connection, said: Any, now: datetime) -> None:
        """Note a call with what it will be told; of two webhooks at once the first makes the row."""
        line = calling_in.line_called(self._carrier, said.to)
        caller = calling_in.recognise(tx, self._vault, line, said.from_)
        wanted = putting_through.waiting_for(tx, caller.user_id, now) if caller.user_id is not None else None
        household_id = caller.household_id if wanted is None else wanted.household_id
        call = calling_in.call_of(tx, household_id, now) if household_id is not None else None
        purpose = "unknown" if line == "family" and caller.household_id is None else line
        if wanted is not None:  # a family that calls back is to meet its own line
            told = speaking_line.facts(tx, wanted) | {"shown": self._carrier.caller_id}
        else:
            told = self._told(tx, purpose, caller, call, now) | {"shown": said.to}
        tree = _keep_tree(tx, told.get("line", purpose), now) if purpose != "missed" else None
        inserted = _upsert(tx, InboundCall).values(
            call_uuid=said.call_id, token=secrets.token_hex(16), purpose=purpose, state="ringing",
            caller_index=caller.index, last4=caller.last4, household_id=caller.household_id, user_id=caller.user_id,
            call_id=call.call_id if call is not None else None, tree_hash=tree, step=0, early=False, reach="rang",
            facts=told, began_at=now,
        )  # fmt: skip
        row = tx.execute(inserted.on_conflict_do_nothing().returning(InboundCall.id)).first()
        if row is not None and wanted is not None:
            putting_through.begin(tx, wanted.id, row.id)
        if row is not None and purpose == "missed":
            outcome = calling_in.missed(tx, caller, row.id, now)
            tx.execute(update(InboundCall).where(InboundCall.id == row.id).values(outcome=outcome))
        elif row is not None and call is not None:
            calling_in.hold_back(tx, call.call_id, now + ON_THE_LINE)

    def _told(self, tx: Connection, purpose: str, caller: Caller, call: Any, now: datetime) -> dict[str, Any]:
        if purpose == "teacher" and caller.user_id is not None and prompt_line.may_say(tx, caller.user_id):
            return prompt_line.facts(tx, caller.user_id, now) | {"line": "prompts"}
        if purpose == "teacher":
            return teacher_line.facts(tx, caller.user_id, now)
        if purpose == "family" and caller.household_id is not None:
            return calling_in.family_facts(tx, caller.household_id, call, now)
        return calling_in.unknown_facts()

    # ---- and goes on ----

    def _apply(self, tx: Connection, attempt: Any, webhook: Webhook, now: datetime) -> Answered:
        if attempt.purpose == "missed" and not isinstance(webhook.said, webhooks.Hangup):
            return Answered(xml.response(xml.reject()))
        answered = super()._apply(tx, attempt, webhook, now)
        if now - attempt.began_at > LONGEST and webhook.step is not None:
            return Answered(xml.response(xml.hang_up()), answered.recordings)
        return answered

    def _party(self, attempt: Any) -> Party:
        school = None
        if attempt.household_id is not None:
            school = calling_in_school(attempt)
        return Party(
            inbound_id=attempt.id, household_id=attempt.household_id, call_id=attempt.call_id, school_id=school,
            user_id=attempt.user_id, purpose=calling_in.purpose_of_recording(attempt),
        )  # fmt: skip

    def _facts(self, tx: Connection, attempt: Any, now: datetime) -> Any:
        """Return what the call is told; a teacher's figures are those of this moment."""
        if attempt.purpose == "teacher" and "line" not in attempt.facts:
            return teacher_line.facts(tx, attempt.user_id, now)
        return attempt.facts

    def _begin(self, tx: Connection, attempt: Any, said: webhooks.Answer, now: datetime) -> None:
        begun = update(InboundCall).where(InboundCall.id == attempt.id)
        tx.execute(begun.where(InboundCall.answered_at.is_(None)).values(answered_at=now))
        tx.execute(begun.where(InboundCall.state == "ringing").values(state="answered"))

    def _end(self, tx: Connection, attempt: Any, said: webhooks.Hangup, now: datetime) -> None:
        ended = update(InboundCall).where(InboundCall.id == attempt.id, InboundCall.state != "ended")
        tx.execute(
            ended.values(
                state="ended", ended_at=now, cause_code=said.cause_code, cause_name=said.cause_name, talk_s=said.talk_s
            )
        )

    def _reached(self, tx: Connection, attempt: Any, turn: Turn, now: datetime) -> None:
        """Note how far a call got. What fulfils the planned one is that its message was heard, not what was said."""
        here = update(InboundCall).where(InboundCall.id == attempt.id)
        if any(event.kind == "heard" for event in turn.events):
            tx.execute(here.values(outcome="heard"))
        self._raise(tx, attempt, turn.state.reach, now)

    def _raise(self, tx: Connection, attempt: Any, reach: str, now: datetime) -> None:
        calling_in.raise_reach(tx, attempt, reach, now)

    def _to_dial(self, tx: Connection, attempt: Any, child: Any, now: datetime) -> str:
        if attempt.facts.get("line") == speaking_line.LINE:
            return speaking_line.to_dial(tx, child, now)
        return super()._to_dial(tx, attempt, child, now)

    def _heard(self, tx: Connection, attempt: Any, state: State, said: Any, now: datetime) -> Input:
        given = super()._heard(tx, attempt, state, said, now)
        node = tree_of(tx, attempt.tree_hash).nodes[state.node]
        digits = getattr(given, "keys", "")
        if isinstance(node, AskNode) and digits.isdecimal():
            return Checked("right" if teacher_line.is_right(tx, attempt.user_id, digits, now) else "wrong")
        return given

    def _kept_form(self, attempt: Any, form: Mapping[str, str]) -> dict[str, str]:
        kept = without_numbers(form)
        if attempt.purpose == "teacher" and len(kept.get("Digits", "")) > 1:
            kept["Digits"] = ""  # a PIN; asked for again if it came before its question
        return kept

    def _shown(self, attempt: Any) -> str:
        """Return the number that was called: it is ours, and of the account that the call came in on."""
        return str(attempt.facts.get("shown") or self._carrier.caller_id)

    def _address(self, attempt: Any) -> str:
        return f"in/{attempt.token}"


def calling_in_school(attempt: Any) -> Any:
    """Return the school of a call that came in: of its planned call, else of the family's first child."""
    if attempt.call_id is not None:
        return select(Call.school_id).where(Call.id == attempt.call_id).scalar_subquery()
    return calling_in.school_of(attempt.household_id).scalar_subquery()


@cache
def _tree(path: Path) -> Tree:
    return load_tree(path)


def _keep_tree(tx: Connection, line: str, now: datetime) -> str:
    """Keep the tree that calls on this line begin with today: a call under way stays with it."""
    tree = _tree(INBOUND_TREES[line])
    kept = _upsert(tx, TreeVersion).values(hash=tree.hash, definition=tree.definition, created_at=now)
    tx.execute(kept.on_conflict_do_nothing())
    return tree.hash


def _upsert(tx: Connection, table: Any) -> Any:
    return (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(table)
