"""sunvai db: the tables."""

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
    url = load_settings().database.url
    schema.upgrade(Database(url))
    click.echo("The database stands at the newest version.")
