"""sunvai db: bring the database to the newest tables."""

from __future__ import annotations

import click

from ptm import schema
from ptm.database import Database
from ptm.settings import load_settings


@click.group()
def command() -> None:
    """Bring the database to the newest tables."""


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
