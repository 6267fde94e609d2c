"""sunvai batch: start, pause, resume or cancel the calls of a class, list batches."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from callqueue import bells
from callqueue.cases import UNDER_WAY
from callqueue.planning import BatchRefused, cancel_batch, pause_batch, resume_batch, start_batch
from callqueue.runtime import Runtime
from ivr.launching import refuse_unfit_round
from ivr.voice.parts import studio_of
from ptm import audit
from ptm.models import Batch, Call, CallChild, Round, School, SchoolClass
from scripts.installation import opened
from scripts.tables import table

Change = Callable[[Session, int, datetime], bool]


@click.group()
def command() -> None:
    """Start, pause, resume or cancel the calls of a class, list batches."""


@command.command()
@click.argument("round_id", type=int)
@click.argument("udise")
@click.argument("class_name")
def start(round_id: int, udise: str, class_name: str) -> None:
    """Call the families of class CLASS_NAME of school UDISE in round ROUND_ID; twice is the same as once."""
    with opened() as parts:
        now = parts.clock.now()
        with closing(studio_of(parts)) as studio:
            refuse_unfit_round(parts, studio, round_id)
        with parts.database.session() as session:
            batch = _started(session, round_id, _class(session, udise, class_name), now)
            batch_id, is_new = batch.id, batch.created_at == now
            calls = session.scalar(_calls(batch_id)) or 0
        _ring(parts, batch_id)
    click.echo(
        f"Batch {batch_id} {'has begun' if is_new else 'is there already'}: {calls} household(s) will be called."
    )


@command.command()
@click.argument("batch_id", type=int)
def pause(batch_id: int) -> None:
    """Stop dialling for BATCH_ID within a second; phones that ring go on."""
    _change(batch_id, pause_batch, "batch.pause", "paused")


@command.command()
@click.argument("batch_id", type=int)
def resume(batch_id: int) -> None:
    """Let BATCH_ID go on."""
    _change(batch_id, resume_batch, "batch.resume", "going on", rings=True)


@command.command()
@click.argument("batch_id", type=int)
@click.confirmation_option(prompt="A batch that is canceled cannot go on again. Cancel it?")
def cancel(batch_id: int) -> None:
    """End BATCH_ID for good: whoever was not called yet is not called."""
    _change(batch_id, cancel_batch, "batch.cancel", "canceled")


@command.command("list")
@click.option("--round", "round_id", type=int, help="Of this round only.")
def list_batches(round_id: int | None) -> None:
    """List batches, the newest first, with how many of their calls have ended."""
    query = (
        select(Batch.id, Round.name.label("round"), School.udise, School.name, SchoolClass.name.label("class_name"),
               Batch.state, Round.deadline_at)
        .join(Round, Round.id == Batch.round_id)
        .join(SchoolClass, SchoolClass.id == Batch.class_id)
        .join(School, School.id == SchoolClass.school_id)
        .order_by(Batch.id.desc())
    )  # fmt: skip
    if round_id is not None:
        query = query.where(Batch.round_id == round_id)
    with opened() as parts, parts.database.reading_session() as session:
        found = session.execute(query).all()
        ended, now = _ended_and_all(session), parts.clock.now()
    rows = [(*row[:5], _state(row, now), "{} of {}".format(*ended.get(row.id, (0, 0)))) for row in found]
    headings = ("Id", "Round", "UDISE", "School", "Class", "State", "Calls ended")
    click.echo(table(headings, rows) if rows else "No batch has been started yet.")


def _state(row: Any, now: datetime) -> str:
    """Return a batch's state; the sweeper ends what waits in a closed round soon, nobody is called in it before."""
    is_over = row.deadline_at is not None and row.deadline_at <= now
    return "round closed" if is_over and row.state in UNDER_WAY else str(row.state)


def _change(batch_id: int, change: Change, action: str, word: str, *, rings: bool = False) -> None:
    with opened() as parts:
        now = parts.clock.now()
        with parts.database.session() as session:
            batch = session.get(Batch, batch_id)
            if batch is None:
                raise BatchRefused(f"there is no batch {batch_id}: see `sunvai batch list`")
            state = batch.state
            if not change(session, batch_id, now):
                raise BatchRefused(f"batch {batch_id} is {state}: nothing was changed")
            audit.record(session, user_id=None, action=action, subject="batch", subject_id=batch_id, now=now)
        if rings:
            _ring(parts, batch_id)
    click.echo(f"Batch {batch_id} is {word}.")


def _started(session: Session, round_id: int, class_id: int, now: datetime) -> Batch:
    if session.get(Round, round_id) is None:
        raise BatchRefused(f"there is no round {round_id}: see `sunvai round list`")
    form_key = secrets.token_hex(16)
    batch = start_batch(session, round_id=round_id, class_id=class_id, user_id=None, form_key=form_key, now=now)
    if batch.form_key == form_key:
        audit.record(session, user_id=None, action="batch.start", subject="batch", subject_id=batch.id, now=now)
    return batch


def _ring(parts: Runtime, batch_id: int) -> None:
    if not parts.bells.ring(bells.PREPARE, [batch_id]):
        click.echo("Redis does not answer: the batch begins when it does and `sunvai up` runs.", err=True)


def _class(session: Session, udise: str, name: str) -> int:
    classes: Mapping[str, int] = {
        one.name: one.id for one in session.scalars(select(SchoolClass).join(School).where(School.udise == udise))
    }
    if name in classes:
        return classes[name]
    if not classes:
        raise BatchRefused(f"no school {udise} with classes is known: import its class list first")
    raise BatchRefused(f"school {udise} has no class {name}; it has {', '.join(sorted(classes))}")


def _calls(batch_id: int) -> Select[int]:
    return select(func.count(func.distinct(CallChild.call_id))).where(CallChild.batch_id == batch_id)


def _ended_and_all(session: Session) -> dict[int, tuple[int, int]]:
    calls = (
        select(CallChild.batch_id, Call.id, Call.state).join(Call, Call.id == CallChild.call_id).distinct().subquery()
    )
    ended = func.count().filter(calls.c.state == "ended")
    found = session.execute(select(calls.c.batch_id, ended, func.count()).group_by(calls.c.batch_id))
    return {batch_id: (done, every) for batch_id, done, every in found}
