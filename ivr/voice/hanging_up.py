"""The quick way for a hang-up: whoever was spoken to, or gave a final answer, and whose call is over by that.

It judges with the ledger's own rules, of what was read in one statement. A call that is to be dialled again, one whose
number is retired, one that the family asked for, a carrier in trouble: the thorough way does those.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from callqueue import pace
from callqueue.cases import Case, case_of
from callqueue.ladder import Final, decide, reach_rank
from callqueue.ledger import changes_of, counts_of
from callqueue.participation import FIELDS
from carrier.plivo import webhooks
from carrier.plivo.causes import classify


class CallSoFar(NamedTuple):
    """What READ_ENDING gives behind an attempt: where its call stands."""

    was_answered: bool
    rang_at: Any
    opted_out: bool
    round_id: int
    state: str
    tries: int
    unplaced: int
    reach: str
    asked: bool
    most_tries: int
    ladder: Any
    not_there: int
    carrier_ails: bool


def ending(attempt: Any, so_far: CallSoFar, said: webhooks.Hangup, now: datetime) -> dict[str, Any] | None:
    """Return the values of the statement's parts `over`, `counted` and `done`; None: the other way must judge."""
    answered = said.answered or bool(so_far.was_answered)
    outcome = classify(said.cause_code, said.call_status, answered).value
    if (
        so_far.state != "open"
        or so_far.asked
        or so_far.opted_out
        or so_far.carrier_ails
        or outcome not in pace.HEALTHY
        or (answered and reach_rank(attempt.reach) < reach_rank("answered"))
    ):
        return None
    case_ = _case(attempt, so_far, outcome, said.talk_s, now)
    decision = decide(case_.ladder, case_.ending, case_.standing)
    if not isinstance(decision, Final) or decision.retire_number:
        return None
    changes = changes_of(case_, decision)
    counts = dict.fromkeys(FIELDS, 0) | {"rang_at_hour": None, "picked_up": 0} | counts_of(case_)
    counts |= {"ended": 1, so_far.reach: 1}
    return {
        "outcome": outcome, "cause_code": said.cause_code, "cause_name": said.cause_name, "talk_s": said.talk_s,
        "hangup_source": said.hangup_source, "call_uuid": said.call_id, "round_id": so_far.round_id,
        "was_step": attempt.step, "was_reach": attempt.reach, "was_tries": so_far.tries,
        "was_unplaced": so_far.unplaced, "call_reach": so_far.reach, "tries": changes["tries"],
        "unplaced": changes["unplaced"], "disposition": changes["disposition"],
    } | {f"n_{name}": count for name, count in counts.items()}  # fmt: skip


def _case(attempt: Any, so_far: CallSoFar, outcome: str, talk_s: int | None, now: datetime) -> Case:
    call = SimpleNamespace(
        id=attempt.call_id, tries=so_far.tries, unplaced=so_far.unplaced, reach=so_far.reach, asked_at=None,
        ended_at=None,
    )  # fmt: skip
    ended = SimpleNamespace(
        outcome=outcome, reach=attempt.reach, opted_out=False, opted_out_at=None, ended_at=now, talk_s=talk_s,
        rang_at=_as_instant(so_far.rang_at), not_there=so_far.not_there, numbers=1,
    )  # fmt: skip
    ladder = json.loads(so_far.ladder) if isinstance(so_far.ladder, str) else so_far.ladder
    return case_of(call, ended, {"tries": so_far.most_tries, "ladder": ladder}, first=True)


def _as_instant(at: Any) -> datetime | None:
    """Read an instant as SQLAlchemy keeps it in SQLite; PostgreSQL's driver gives one."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
