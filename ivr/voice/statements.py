"""The SQL of the quick way: what a webhook of a call that goes as calls do reads and writes, in as few words as it can.

It writes what `callqueue.ledger` and `ivr.voice.effects` write for an attempt that is on the line; a test holds both
to the same rows. Nothing of a webhook may be written unless the attempt still is as it was read: on SQLite the first
statement of a transaction tells, on PostgreSQL all of them are one, in which the others hang on the first (`moved`).
Every word of SQL is written here; what a webhook brings goes into parameters alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from callqueue.ladder import REACHES, reach_rank
from callqueue.participation import FIELDS
from ptm.models.call import ATTEMPT_STATES

_ATTEMPT = """
       a.id, a.call_id, a.state, a.step, a.session, a.reach, a.early, a.tree_hash, a.facts, a.account, c.household_id,
       c.school_id, e.answer, n.attempt_id, n.key, n.body_sha256"""
_FOUND = """
FROM attempt a JOIN call c ON c.id = a.call_id {joins}
LEFT JOIN carrier_event e ON e.attempt_id = a.id AND e.key = :key
LEFT JOIN carrier_event n ON n.nonce = :nonce
WHERE a.token = :token"""
READ = f"SELECT {_ATTEMPT} {_FOUND.format(joins='')}"

# For a hang-up, also what its call is judged by.
READ_ENDING = f"""
SELECT {_ATTEMPT}, a.answered_at IS NOT NULL, coalesce(a.ringing_at, a.dial_started_at),
       a.opted_out OR h.opted_out_at IS NOT NULL, c.round_id, c.state, c.tries, c.unplaced, c.reach,
       c.asked_at IS NOT NULL, r.tries, r.ladder,
       (SELECT count(*) FROM attempt o WHERE o.call_id = c.id AND o.outcome = 'not_there'),
       EXISTS (SELECT 1 FROM pace WHERE failures > 0 OR opened_at IS NOT NULL)
{_FOUND.format(joins="JOIN household h ON h.id = c.household_id JOIN round r ON r.id = c.round_id")}"""  # noqa: S608
READ_TREE = "SELECT definition FROM tree_version WHERE hash = :hash"


@dataclass(frozen=True)
class Shape:
    """What a webhook writes: a key of MOVES or none, the reach to raise to or none, keys of PARTS in order."""

    move: str
    reach: str = ""
    parts: tuple[str, ...] = ()


_ADVANCED = "state = {state}, call_uuid = coalesce(call_uuid, :call_uuid), placed_at = coalesce(placed_at, :now)"
_ON_THE_LINE = "id = :attempt_id AND state <> 'ended' AND NOT early"

# A hang-up that was judged: its attempt and its call are still what they were when that was done.
_AS_JUDGED = f"{_ON_THE_LINE} AND step = :was_step AND reach = :was_reach AND NOT opted_out"
_CALL_AS_JUDGED = """
    SELECT id FROM call WHERE id = :call_id AND state = 'open' AND tries = :was_tries AND unplaced = :was_unplaced
    AND reach = :call_reach AND asked_at IS NULL"""

# The change, the state that it advances to, and what must still be so.
MOVES = {
    "ring": (f"{_ADVANCED}, ringing_at = coalesce(ringing_at, :now)", "ringing", _ON_THE_LINE),
    "answer": (
        f"{_ADVANCED}, answered_at = coalesce(answered_at, :now), session = :session, step = :step",
        "answered",
        f"{_ON_THE_LINE} AND session IS NULL",
    ),
    "step": (
        "session = :session, step = :step",
        "",
        f"{_ON_THE_LINE} AND session IS NOT NULL AND step = :was_step",
    ),
    "end": (
        "state = 'ended', ended_at = :now, outcome = :outcome, cause_code = :cause_code, cause_name = :cause_name, "
        "hangup_source = :hangup_source, talk_s = :talk_s, call_uuid = coalesce(call_uuid, :call_uuid)",
        "",
        f"{_AS_JUDGED} AND EXISTS ({{call}})",
    ),
}

_RECORDING = """
    INSERT INTO recording (attempt_id, carrier_id, url, language, state, duration_ms, wanted_at, due_at, tries)
    SELECT :attempt_id, :carrier_id, :url, :spoken, 'wanted', :duration_ms, :now, :now, 0 WHERE {so}
    ON CONFLICT (carrier_id) DO UPDATE SET {known} = excluded.{known} RETURNING id"""
_SUGGESTION = """
    INSERT INTO suggestion (recording_id, call_id, school_id, source, language, public_text, doubt, escalated, status,
                            created_at)
    SELECT {made}, :call_id, :school_id, 'call', :spoken, '', 1.0, false, 'new', :now WHERE {so}
    ON CONFLICT (recording_id) DO UPDATE SET {known} = excluded.{known}"""

_COUNTED = (*FIELDS, "rang_at_hour", "picked_up")

# A recording whose callback comes keeps the language that is known; one that the call stands at settles it.
PARTS = {
    "told": """
    INSERT INTO carrier_event (attempt_id, key, nonce, body_sha256, at, form, answer)
    SELECT :attempt_id, :key, :nonce, :body_sha256, :now, {form}, :answer WHERE {so}""",
    "reached": "UPDATE call SET reach = '{reach}' WHERE id = :call_id AND reach IN ({lower}) AND {so}",
    "consent": """
    INSERT INTO consent (household_id, attempt_id, kind, given, wording, at)
    SELECT :household_id, :attempt_id, 'recording', :given, :wording, :now WHERE {so}""",
    "slot": "UPDATE household SET slot = :slot WHERE id = :household_id AND {so}",
    "language": "UPDATE household SET language = :language WHERE id = :household_id AND {so}",
    "made": _RECORDING.replace("{known}", "language"),
    "suggested": _SUGGESTION.replace("{known}", "language"),
    "made_known": _RECORDING.replace("{known}", "carrier_id"),
    "suggested_known": _SUGGESTION.replace("{known}", "recording_id"),
    "over": """
    UPDATE call SET state = 'ended', disposition = :disposition, ended_at = :now, tries = :tries, unplaced = :unplaced
    WHERE id = :call_id AND {so}""",
    "counted": f"""
    INSERT INTO participation_change (round_id, school_id, {", ".join(_COUNTED)})
    SELECT :round_id, :school_id, {", ".join(f":n_{name}" for name in _COUNTED)} WHERE {{so}}""",
    "done": """
    UPDATE batch SET state = 'done', ended_at = :now WHERE state IN ('calling', 'paused') AND {so}
    AND id IN (SELECT batch_id FROM call_child WHERE call_id = :call_id)
    AND NOT EXISTS (SELECT 1 FROM call_child o JOIN call c ON c.id = o.call_id
                    WHERE o.batch_id = batch.id AND c.state <> 'ended' AND c.id <> :call_id)""",
}
MAKES_A_RECORDING = frozenset({"made", "made_known"})

_ON_SQLITE = {
    "so": "true", "form": ":form", "made": "(SELECT id FROM recording WHERE carrier_id = :carrier_id)",
    "call": _CALL_AS_JUDGED,
}  # fmt: skip


@cache
def on_sqlite(shape: Shape) -> Sequence[str]:
    """Return the statements for one transaction, the move first."""
    return _texts(shape, _ON_SQLITE)


@cache
def on_postgresql(shape: Shape) -> str:
    """Return one statement; it gives a row: how many attempts moved, the recording's id or none."""
    made = next((part for part in shape.parts if part in MAKES_A_RECORDING), "")
    recording = f"(SELECT id FROM {made})" if made else "NULL"  # noqa: S608
    so = "EXISTS (SELECT 1 FROM moved)"
    call = "SELECT 1 FROM judged"
    texts = _texts(shape, {"so": so, "form": "CAST(:form AS jsonb)", "made": recording, "call": call})
    first = f"{texts.pop(0)} RETURNING id" if shape.move else _HELD
    parts = (f"{name} AS ({text})" for name, text in zip(shape.parts, texts, strict=True))
    ctes = ", ".join([*(_HELD_AS_JUDGED if shape.move == "end" else ()), f"moved AS ({first})", *parts])
    return for_psycopg(f"WITH {ctes} SELECT (SELECT count(*) FROM moved), {recording}")  # noqa: S608


# What moves nothing takes the attempt first all the same: the other way does, and would wait for us while we for it.
_HELD = "SELECT id FROM attempt WHERE id = :attempt_id FOR NO KEY UPDATE"
# An ending takes its attempt, then its call, as the other way does.
_HELD_AS_JUDGED = (
    f"held AS (SELECT id FROM attempt WHERE {_AS_JUDGED} FOR NO KEY UPDATE)",  # noqa: S608
    f"judged AS ({_CALL_AS_JUDGED} AND EXISTS (SELECT 1 FROM held) FOR NO KEY UPDATE)",  # noqa: S608
)


@cache
def for_psycopg(sql: str) -> str:
    """Return a statement with its :names as psycopg writes them."""
    return re.sub(r"(?<!:):([a-z_0-9]+)", r"%(\1)s", sql)


def _texts(shape: Shape, filled: Mapping[str, str]) -> list[str]:
    lower = _quoted(REACHES[: reach_rank(shape.reach)]) if shape.reach else ""
    parts = [PARTS[part].format(**filled, reach=shape.reach, lower=lower) for part in shape.parts]
    return [*([_move(shape, lower, filled["call"])] if shape.move else []), *parts]


def _move(shape: Shape, lower: str, call: str) -> str:
    changes, state, where = MOVES[shape.move]
    if state:
        earlier = _quoted(ATTEMPT_STATES[: ATTEMPT_STATES.index(state)])
        changes = changes.format(state=f"CASE WHEN state IN ({earlier}) THEN '{state}' ELSE state END")
    if shape.reach:
        changes += f", reach = CASE WHEN reach IN ({lower}) THEN '{shape.reach}' ELSE reach END"
    return f"UPDATE attempt SET {changes} WHERE {where.format(call=call)}"  # noqa: S608 - all of it is written in this file


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
