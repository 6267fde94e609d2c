"""sunvai prompts: build and check what parents hear."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from ivr.voice.parts import studio_of
from prompts.build import build
from prompts.check import check
from scripts.installation import opened
from scripts.tables import table

HAS_PROBLEMS = 1


@click.group()
def command() -> None:
    """Build and check what parents hear."""


@command.command("build")
def build_prompts() -> None:
    """Render every sentence in every language that is not there yet; personal ones with sample values."""
    with opened() as parts, closing(studio_of(parts)) as studio:
        built = build(studio)
    for problem in built.problems:
        click.echo(problem, err=True)
    click.echo(f"{built.prompts} prompts: {built.rendered} clips rendered in {built.took_s:.1f} s.")
    if built.problems:
        sys.exit(HAS_PROBLEMS)


@command.command("check")
def check_prompts() -> None:
    """Say whether every sentence is there in every language, loud enough and not too long; render nothing."""
    with opened() as parts, closing(studio_of(parts)) as studio:
        report = check(studio)
    if report.problems:
        rows = [(one.prompt, one.language, one.what, one.mend) for one in report.problems]
        click.echo(table(("Prompt", "Language", "What is wrong", "How to mend it"), rows))
    for recording in report.idle_recordings:
        click.echo(f"Note: the recording of “{recording.words}” is not used: the text has changed since.")
    click.echo(f"{report.prompts} prompts, {report.clips} clips, {len(report.problems)} problem(s).")
    if not report.ready:
        sys.exit(HAS_PROBLEMS)
