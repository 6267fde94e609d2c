"""The `sunvai` command: every module of scripts.commands is a verb, imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click
import redis
from sqlalchemy.exc import OperationalError, ProgrammingError

from ptm.errors import SunvaiError

COMMANDS = Path(__file__).with_name("commands")
WENT_WRONG = 2


class Verbs(click.Group):
    """Lists verbs by looking at the folder, so that help stays quick and names nothing that is not there."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(file.stem for file in COMMANDS.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"scripts.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, purpose(verb)) for verb in self.list_commands(ctx)])


def purpose(verb: str) -> str:
    """Return what a verb is for: its module begins with `\"\"\"sunvai verb: what it is for.\"\"\"`."""
    with (COMMANDS / f"{verb}.py").open(encoding="utf-8") as module:
        told = module.readline().strip().strip('"').removeprefix(f"sunvai {verb}: ")
    return told[:1].upper() + told[1:]


@click.group(cls=Verbs)
@click.version_option(package_name="sunvai")
def sunvai() -> None:
    """Sunvai calls families, tells them about their child, and listens."""


def main() -> None:
    """Run the command line. What a person can mend is said in words, without a traceback, with exit code 2."""
    try:
        sunvai()
    except (SunvaiError, OperationalError, ProgrammingError, redis.RedisError, OSError) as error:
        click.echo(f"sunvai: {explain(error)}", err=True)
        sys.exit(WENT_WRONG)


def explain(error: Exception) -> str:
    """Return what is wrong and how to mend it, without the statement and its parameters: those may be personal."""
    if isinstance(error, (OperationalError, ProgrammingError)):
        first_line = str(error.orig).strip().partition("\n")[0]
        mend = "run `sunvai db upgrade`" if _lacks_tables(first_line) else "see database.url in config.toml"
        return f"the database says: {first_line}; {mend}"
    if isinstance(error, redis.RedisError):
        return f"Redis does not answer: {error}; start it (`sunvai up` does) or see redis.url in config.toml"
    return str(error)


def _lacks_tables(message: str) -> bool:
    return any(sign in message for sign in ("no such table", "no such column", "does not exist"))
