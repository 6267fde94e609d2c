"""sunvai round: open a round of calls, list rounds."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callqueue.opening import RoundRefused, open_round
from ivr.launching import refuse_unfit
from ivr.trees.load import PTM_TREE, load_tree
from ivr.voice.parts import studio_of
from ptm import audit
from ptm.models import Area, Batch, Round
from scripts.installation import opened
from scripts.tables import table

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Open a round of calls, list rounds."""


@command.command("open")
@click.argument("name")
@click.option("--starts", type=DAY, required=True, help="First day of calls, in India.")
@click.option("--ends", type=DAY, required=True, help="Last day of calls, in India.")
@click.option("--meeting", type=DAY, help="The day of the meeting, which every call names. [the last day]")
@click.option(
    "--area", default="", metavar="CODE", help="Whose schools: an area's code, for instance 0301. [the state]"
)
@click.option("--theme", default="", help="What the round asks families about.")
@click.option(
    "--tree", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=PTM_TREE, help="The call tree."
)
def open_a_round(
    name: str, starts: datetime, ends: datetime, meeting: datetime | None, area: str, theme: str, tree: Path
) -> None:
    """Open round NAME. Hours, weekdays, holidays, tries and ladder are taken from config.toml and then stay.

    Refused while a prompt of the tree is missing in a language, or not fit to be heard.
    """
    loaded = load_tree(tree)
    with opened() as parts, closing(studio_of(parts)) as studio:
        refuse_unfit(loaded, studio)
    with opened() as parts, parts.database.session() as session:
        found = _area(session, area)
        added = open_round(
            session, area_id=found.id, name=name, starts_on_ist=starts.date(), ends_on_ist=ends.date(),
            meeting_on_ist=(meeting or ends).date(), calling=parts.settings.calling, theme=theme or None,
            tree_hash=loaded.hash, tree_definition=loaded.definition, now=parts.clock.now(),
        )  # fmt: skip
        audit.record(
            session, user_id=None, action="round.open", subject="round", subject_id=added.id, now=parts.clock.now()
        )
        told = f"Round {added.id} “{name}” is open for {found.name} from {starts:%d %b} to {ends:%d %b %Y}."
    click.echo(told)


@command.command("list")
def list_rounds() -> None:
    """List rounds, the newest first."""
    batches = select(func.count()).where(Batch.round_id == Round.id).scalar_subquery()
    with opened() as parts, parts.database.reading_session() as session:
        found = session.execute(select(Round, Area.name, batches).join(Area).order_by(Round.id.desc())).all()
    rows = [
        (one.id, one.name, area, f"{_day(one.starts_on_ist)} to {_day(one.ends_on_ist)}",
         f"{one.opens_ist:%H:%M}-{one.closes_ist:%H:%M}", count)
        for one, area, count in found
    ]  # fmt: skip
    headings = ("Id", "Name", "Area", "Days", "Hours", "Batches")
    click.echo(table(headings, rows) if rows else "No round has been opened yet.")


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
