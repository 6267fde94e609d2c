"""sunvai round: open, plan, pause, resume or close a round of calls, list rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from callqueue.closing import close_round
from callqueue.leaving_out import LeftOut, count_left_out
from callqueue.opening import Funds, RoundRefused, open_round
from callqueue.planning import pause_round, plan_round, resume_round
from ivr.launching import refuse_unfit, refuse_unfit_round
from ivr.trees.load import PTM_TREE, load_tree
from ivr.voice.parts import studio_of
from ptm import audit
from ptm.clock import IST
from ptm.models import Answer, Area, Batch, Call, Round, School, User
from scripts.installation import opened
from scripts.tables import table

DAY = click.DateTime(["%Y-%m-%d"])
PAISE = 100


@click.group()
def command() -> None:
    """Open, plan, pause, resume or close a round of calls, list rounds."""


@command.command("open")
@click.argument("name")
@click.option("--starts", type=DAY, required=True, help="First day of calls, in India.")
@click.option("--ends", type=DAY, required=True, help="Last day of calls, in India.")
@click.option("--meeting", type=DAY, help="The day of the meeting, which every call names. [the last day]")
@click.option(
    "--area", default="", metavar="CODE", help="Whose schools: an area's code, for instance 0301. [the state]"
)
@click.option("--theme", default="", help="What the round asks families about.")
@click.option("--lines", type=click.IntRange(1), help="Lines that it may hold at once. [all of the account]")
@click.option("--budget", "rupees", type=click.IntRange(1), help="Rupees that it may cost in all. [no limit]")
@click.option("--minute-paise", type=click.IntRange(1), help="Paise that a started minute costs; a budget needs it.")
@click.option(
    "--tree", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=PTM_TREE, help="The call tree."
)
def open_a_round(
    name: str, starts: datetime, ends: datetime, meeting: datetime | None, area: str, theme: str, tree: Path,
    lines: int | None, rupees: int | None, minute_paise: int | None,
) -> None:  # fmt: skip
    """Open round NAME. Hours, weekdays, holidays, tries and ladder are taken from config.toml and then stay.

    Refused while a prompt of the tree is missing in a language, or not fit to be heard.
    """
    loaded, funds = load_tree(tree), Funds(lines, None if rupees is None else rupees * PAISE, minute_paise)
    with opened() as parts, closing(studio_of(parts)) as studio:
        refuse_unfit(loaded, studio)
    with opened() as parts, parts.database.session() as session:
        _refuse_more_lines_than_there_are(lines, sum(account.lines for account in parts.settings.accounts))
        found = _area(session, area)
        added = open_round(
            session, area_id=found.id, name=name, starts_on_ist=starts.date(), ends_on_ist=ends.date(),
            meeting_on_ist=(meeting or ends).date(), calling=parts.settings.calling, theme=theme or None,
            tree_hash=loaded.hash, tree_definition=loaded.definition, now=parts.clock.now(), funds=funds,
        )  # fmt: skip
        audit.record(
            session, user_id=None, action="round.open", subject="round", subject_id=added.id, now=parts.clock.now()
        )
        told = f"Round {added.id} “{name}” is open for {found.name} from {starts:%d %b} to {ends:%d %b %Y}"
        told += f"; the meeting is on {added.meeting_on_ist:%A, %d %b %Y}."
    click.echo(told)


@command.command()
@click.argument("round_id", type=int)
def plan(round_id: int) -> None:
    """Plan a call for every family of round ROUND_ID, behind the teachers' own; again it adds what is missing.

    The calls begin when the audio of their class is prepared and an hour of the round is open.
    """
    with opened() as parts:
        now = parts.clock.now()
        with closing(studio_of(parts)) as studio:
            refuse_unfit_round(parts, studio, round_id)
        with parts.database.writing() as tx:
            _existing(tx, round_id)
            audit.record(tx, user_id=None, action="round.plan", subject="round", subject_id=round_id, now=now)
        planned = plan_round(parts.database, round_id, user_id=None, now=now, on_progress=_show_progress)
        with parts.database.reading() as tx:
            left_out = count_left_out(tx, round_id)
            calls = tx.scalar(select(func.count()).select_from(Call).where(Call.round_id == round_id)) or 0
    click.echo(f"{planned:,} call(s) planned, {calls - planned:,} were there already. Left out:")
    for count, why in _reasons(left_out):
        click.echo(f"{count:>12,}  {why}")


@command.command()
@click.argument("round_id", type=int)
def pause(round_id: int) -> None:
    """Stop dialling in the whole of ROUND_ID within a second; phones that ring go on."""
    _change(round_id, "pause", pause_round, "is paused")


@command.command()
@click.argument("round_id", type=int)
def resume(round_id: int) -> None:
    """Let ROUND_ID go on."""
    _change(round_id, "resume", lambda tx, round_id, _now: resume_round(tx, round_id), "goes on")


@command.command()
@click.argument("round_id", type=int)
@click.option("--yes", is_flag=True, help="Close it without being asked.")
def close(round_id: int, yes: bool) -> None:
    """End ROUND_ID before its last day: whoever was not reached yet is not called."""
    with opened() as parts, parts.database.reading() as tx:
        name = _existing(tx, round_id).name
    if not yes:
        click.confirm(
            f"Nobody is called any more in a round that is closed. Close round {round_id} “{name}”?", abort=True
        )
    _change(round_id, "close", close_round, "is closed")


@command.command()
@click.argument("round_id", type=int)
def answers(round_id: int) -> None:
    """List the answers that families of ROUND_ID are told: where, in which languages, by whom."""
    with opened() as parts, parts.database.reading_session() as session:
        _existing(session.connection(), round_id)
        found = session.execute(
            select(Answer, Area.name, School.name, User.login)
            .outerjoin(Area, Area.id == Answer.area_id)
            .outerjoin(School, School.id == Answer.school_id)
            .outerjoin(User, User.id == Answer.created_by_id)
            .where(Answer.round_id == round_id)
            .order_by(Answer.id)
        ).all()
    rows = [
        (one.id, area or school, " ".join(sorted(one.texts)), "taken back" if one.withdrawn_at else "told", login or "")
        for one, area, school, login in found
    ]
    headings = ("Id", "Place", "Languages", "State", "By")
    click.echo(table(headings, rows) if rows else "No answer is told in this round.")


@command.command("list")
def list_rounds() -> None:
    """List rounds, the newest first."""
    batches = select(func.count()).where(Batch.round_id == Round.id).scalar_subquery()
    with opened() as parts, parts.database.reading_session() as session:
        now = parts.clock.now()
        found = session.execute(select(Round, Area.name, batches).join(Area).order_by(Round.id.desc())).all()
    rows = [
        (one.id, one.name, area, f"{_day(one.starts_on_ist)} to {_day(one.ends_on_ist)}",
         f"{one.opens_ist:%H:%M}-{one.closes_ist:%H:%M}", count, _state(one, now))
        for one, area, count in found
    ]  # fmt: skip
    headings = ("Id", "Name", "Area", "Days", "Hours", "Batches", "State")
    click.echo(table(headings, rows) if rows else "No round has been opened yet.")


def _change(round_id: int, verb: str, change: Callable[[Connection, int, datetime], bool], told: str) -> None:
    with opened() as parts:
        now = parts.clock.now()
        with parts.database.writing() as tx:
            state = _state(_existing(tx, round_id), now)
            if not change(tx, round_id, now):
                raise RoundRefused(f"round {round_id} is {state}: nothing was changed")
            audit.record(tx, user_id=None, action=f"round.{verb}", subject="round", subject_id=round_id, now=now)
    click.echo(f"Round {round_id} {told}.")


def _refuse_more_lines_than_there_are(lines: int | None, there_are: int) -> None:
    if lines is not None and lines > there_are:
        raise RoundRefused(
            f"the accounts of the settings have {there_are} line(s), a round cannot hold {lines} of them"
        )


def _existing(tx: Connection, round_id: int) -> Any:
    found = tx.execute(select(Round.__table__).where(Round.id == round_id)).one_or_none()
    if found is None:
        raise RoundRefused(f"there is no round {round_id}: see `sunvai round list`")
    return found


def _state(one: Any, now: datetime) -> str:
    if one.deadline_at is not None and one.deadline_at <= now:
        return "closed"
    today = now.astimezone(IST).date()
    if one.ends_on_ist < today:
        return "over"
    return "paused" if one.paused_at else "coming" if one.starts_on_ist > today else "running"


def _show_progress(done: int, chunks: int, planned: int) -> None:
    if chunks > 1:
        click.echo(f"{done} of {chunks} parts of the area, {planned:,} call(s) so far", err=True)


def _reasons(left_out: LeftOut) -> Iterator[tuple[int, str]]:
    yield left_out.children_without_number, "child(ren) without a family's phone number"
    yield left_out.families_opted_out, "family(ies) that asked not to be called"
    yield left_out.families_without_working_number, "family(ies) whose numbers nobody has any more"


def _day(day: date) -> str:
    return f"{day:%d %b %Y}"


def _area(session: Session, code: str) -> Area:
    condition = Area.code == code if code else Area.parent_id.is_(None)
    found = session.scalars(select(Area).where(condition).order_by(Area.id)).all()
    if len(found) == 1:
        return found[0]
    if not found:
        raise RoundRefused(f"there is no area {code}" if code else "there is no area yet: import a class list first")
    codes = ", ".join(f"{area.code} ({area.name})" for area in found)
    raise RoundRefused(f"which area? say --area with one of {codes}")
