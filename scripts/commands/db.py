"""sunvai db: bring the database to the newest tables, or to a new data key."""

from __future__ import annotations

import click

from ptm import schema
from ptm.database import Database
from ptm.resealing import reseal
from ptm.settings import load_settings
from scripts.installation import opened


@click.group()
def command() -> None:
    """Bring the database to the newest tables, or to a new data key."""


@command.command()
def upgrade() -> None:
    """Create or change the tables to what this version needs; doing it again changes nothing."""
    database = Database(load_settings().database.url)
    try:
        was_current = schema.is_current(database)
        schema.upgrade(database)
    finally:
        database.dispose()
    click.echo(f"The database {'already stood' if was_current else 'now stands'} at the newest version.")


@command.command("reseal")
def reseal_numbers() -> None:
    """Seal every phone number anew with SUNVAI_DATA_KEY; the key before it stands in SUNVAI_OTHER_DATA_KEYS."""
    with opened() as parts:
        done = reseal(parts.database, parts.vault)
    click.echo(f"{done} number(s) sealed anew; all numbers are sealed with the present key.")
