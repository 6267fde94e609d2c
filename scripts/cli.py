"""The `sunvai` command. A verb's module is imported only when it is called, so that each starts quickly."""

from __future__ import annotations

import importlib
import sys

import click

from ptm.errors import SunvaiError

VERBS = {
    "asr": "Recognise speech: transcribe, evaluate, list, fetch and train models.",
    "batch": "Start, pause, resume or cancel the calls of a class.",
    "db": "Bring the database to the newest tables.",
    "demo": "Set up sample data and start everything on this machine.",
    "doctor": "Check settings, database, Redis, carrier, models and prompts; say how to mend.",
    "exchange": "Run the pocket telephone exchange.",
    "pacer": "Run the pacer: who is called when.",
    "prompts": "Build and check what parents hear.",
    "roster": "Import a class list.",
    "round": "Open a round and list rounds.",
    "tree": "Check, draw and try call trees.",
    "up": "Run every process of one machine and keep it up.",
    "user": "Add people who may sign in.",
    "web": "Run the web process: webhooks and pages.",
    "worker": "Run one worker on one queue.",
}


class Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"scripts.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))


@click.group(cls=Verbs)
@click.version_option(package_name="sunvai")
def sunvai() -> None:
    """Sunvai calls families, tells them about their child, and listens."""


def main() -> None:
    try:
        sunvai()
    except SunvaiError as error:
        click.echo(f"sunvai: {error}", err=True)
        sys.exit(2)
