"""sunvai doctor: look at every part of the installation, say what is wrong and how to mend it."""

from __future__ import annotations

import sys
from itertools import chain

import click

from ptm.errors import SettingsError
from scripts.checks import Finding, examine
from scripts.installation import opened

IS_ILL = 1


@click.command()
def command() -> None:
    """Check settings, database, Redis, carrier, models, prompts, clock and disk. Exit code 1 when anything is wrong."""
    wrong = 0
    try:
        with opened() as parts:
            for finding in chain([Finding("settings", "complete")], examine(parts)):
                _say(finding)
                wrong += finding.is_wrong
    except SettingsError as error:
        wrong += 1
        _say(Finding("settings", str(error), "correct config.toml or the environment"))
    click.echo(f"{wrong} thing(s) to mend." if wrong else "Everything is well.")
    sys.exit(IS_ILL if wrong else 0)


def _say(finding: Finding) -> None:
    sign = "WRONG" if finding.is_wrong else "ok"
    click.echo(f"{sign:<6} {finding.subject:<9} {finding.said}")
    if finding.is_wrong:
        click.echo(f"{'':<17}-> {finding.mend}")
