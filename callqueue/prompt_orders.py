"""Prompts that somebody asked to say by phone: what waits, what a call kept, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from ptm import audit
from ptm.models import PromptOrder, Recording

# Who asks for it in the evening may say it the next morning; what nobody says for a day is not wanted any more.
WAITS = timedelta(hours=24)
# One call; who has more to say calls again.
MOST_AT_ONCE = 20


def ask(tx: Connection, user_id: int, prompt_id: str, language: str, words: str, now: datetime) -> None:
    """Let these words wait for the person's call. Asked for again they wait anew, in the same place."""
    mine = _same(prompt_id, language, words), PromptOrder.user_id == user_id
    waiting = update(PromptOrder).where(*mine, is_waiting(now))
    if not tx.execute(waiting.values(expires_at=now + WAITS)).rowcount:
        wanted = {"user_id": user_id, "prompt_id": prompt_id, "language": language, "words": words}
        tx.execute(insert(PromptOrder).values(**wanted, asked_at=now, expires_at=now + WAITS))
    _note(tx, user_id, "prompt.ask", None, now, {"prompt": prompt_id, "language": language})


def withdraw(tx: Connection, user_id: int, prompt_id: str, language: str, words: str, now: datetime) -> bool:
    """Ask for these words no more; return whether the person had."""
    waiting = _same(prompt_id, language, words), PromptOrder.user_id == user_id, is_waiting(now)
    return bool(tx.execute(update(PromptOrder).where(*waiting).values(withdrawn_at=now)).rowcount)


def waiting_for(tx: Connection, user_id: int, now: datetime) -> Sequence[Any]:
    """Return what waits for a person's call, in the order in which it was asked for: (id, language, words)."""
    return tx.execute(
        select(PromptOrder.id, PromptOrder.language, PromptOrder.words)
        .where(PromptOrder.user_id == user_id, is_waiting(now))
        .order_by(PromptOrder.id)
        .limit(MOST_AT_ONCE)
    ).all()


def keep(tx: Connection, user_id: int | None, order_id: Any, carrier_id: str, now: datetime) -> bool:
    """Let what was recorded in a person's call be what they say; return whether it was still asked for.

    What was withdrawn, has expired or was said meanwhile in another call stays as it is: nothing is replaced by that.
    """
    recording_id = tx.scalar(select(Recording.id).where(Recording.carrier_id == carrier_id))
    if recording_id is None:
        return False
    order = PromptOrder.id == order_id, PromptOrder.user_id == user_id, is_waiting(now)
    kept = tx.execute(update(PromptOrder).where(*order).values(recording_id=recording_id, said_at=now))
    if kept.rowcount:
        _note(tx, user_id, "prompt.say", int(order_id), now, {})
    return bool(kept.rowcount)


def settle(tx: Connection, recording_id: int, **values: Any) -> None:
    """Write down what became of a recording that was kept: `done_at`, or the `problem` with it."""
    tx.execute(update(PromptOrder).where(PromptOrder.recording_id == recording_id).values(**values))


def is_waiting(now: datetime) -> Any:
    """Ask of an order whether it waits for a call at `now`."""
    return (
        PromptOrder.recording_id.is_(None) & PromptOrder.withdrawn_at.is_(None) & (PromptOrder.expires_at > now)
    )  # fmt: skip


def standing(now: datetime) -> Any:
    """Ask of an order whether it is one to be shown: it waits, or was said."""
    return or_(PromptOrder.recording_id.is_not(None), is_waiting(now))


def _same(prompt_id: str, language: str, words: str) -> Any:
    return (
        (PromptOrder.prompt_id == prompt_id) & (PromptOrder.language == language) & (PromptOrder.words == words)
    )  # fmt: skip


def _note(
    tx: Connection, user_id: int | None, action: str, order_id: int | None, now: datetime, details: dict[str, Any]
) -> None:
    audit.record(
        tx, user_id=user_id, action=action, subject="prompt", subject_id=order_id, details=details, now=now
    )  # fmt: skip
