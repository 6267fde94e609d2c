"""sunvai prompts: build, list, record and check what parents hear."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from sqlalchemy import select

from callqueue.runtime import Runtime
from ivr.recording import Recording
from ivr.voice.parts import studio_of
from ivr.voice.static_apology import DOCUMENT, write_apology
from prompts.build import build
from prompts.catalogues import LANGUAGES
from prompts.check import check
from prompts.errors import AudioRejected
from prompts.listing import Entry, listing
from prompts.recorded import MAX_UPLOAD_BYTES, NAMES
from prompts.studio import Studio
from ptm.models import Child
from scripts.installation import opened
from scripts.tables import table

HAS_PROBLEMS = 1
VOICES = {"recorded": "recorded", "partly": "recorded in part", "synthesised": "synthesised", "missing": "not built"}

sound = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
whose = click.option("--by", required=True, metavar="WHO", help="Whose voice it is: a name or a role.")
which_part = click.option("--part", type=int, help="Which fixed part of a prompt that differs from child to child.")


@click.group()
def command() -> None:
    """Build, list, record and check what parents hear."""


@command.command("build")
def build_prompts() -> None:
    """Render every sentence in every language that is not there yet; personal ones with sample values."""
    with _studio() as (_, studio):
        built = build(studio)
    for problem in built.problems:
        click.echo(problem, err=True)
    click.echo(f"{built.prompts} prompts: {built.rendered} clips rendered in {built.took_s:.1f} s.")
    if built.problems:
        sys.exit(HAS_PROBLEMS)


@command.command("check")
def check_prompts() -> None:
    """Say whether every sentence is there in every language, loud enough and not too long; render nothing."""
    with _studio() as (_, studio):
        report = check(studio)
    if report.problems:
        rows = [(one.prompt, one.language, one.what, one.mend) for one in report.problems]
        click.echo(table(("Prompt", "Language", "What is wrong", "How to mend it"), rows))
    for recording in report.idle_recordings:
        click.echo(f"Note: the recording of “{recording.words}” is not used: the text has changed since.")
    click.echo(f"{report.prompts} prompts, {report.clips} clips, {len(report.problems)} problem(s).")
    if not report.ready:
        sys.exit(HAS_PROBLEMS)


@command.command("list")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of this language only.")
def list_prompts(language: str | None) -> None:
    """List every prompt: whose voice it is, how long and how loud, what it is for. Personal ones with sample values."""
    with _studio() as (_, studio):
        entries = [one for it in ([language] if language else LANGUAGES) for one in listing(studio, it)]
    headings = ("Prompt", "Language", "Voice", "Recorded by", "Seconds", "dBFS", "Purpose")
    click.echo(table(headings, map(_row, entries)))


def _row(entry: Entry) -> tuple[object, ...]:
    level = entry.level_dbfs
    figures = ("", "") if level is None else (f"{entry.seconds:.1f}", f"{level:.1f}")
    return entry.id, entry.language, VOICES[entry.voice], entry.recorded_by or "-", *figures, entry.purpose


@command.command()
@click.argument("prompt")
@click.argument("language")
@sound
@whose
@which_part
def record(prompt: str, language: str, file: Path, by: str, part: int | None) -> None:
    """Let the voice in FILE (a WAV) say PROMPT in LANGUAGE (pa, hi or en) instead of the machine."""
    with _recording() as recording:
        kept = recording.keep_prompt(prompt, language, _bytes(file), by=by, part=part)
    click.echo(f"{prompt} ({language}) is now said by {kept.recorded_by}: {kept.seconds:.1f} s. “{kept.words}”")


@command.command()
@click.argument("prompt")
@click.argument("language")
@which_part
def remove(prompt: str, language: str, part: int | None) -> None:
    """Let the machine say PROMPT in LANGUAGE again."""
    with _recording() as recording:
        was_there = recording.drop_prompt(prompt, language, part=part)
    click.echo(f"{prompt} ({language}) is {'said by the machine again' if was_there else 'not recorded'}.")


@command.command("record-name")
@click.argument("name")
@sound
@whose
def record_name(name: str, file: Path, by: str) -> None:
    """Let the voice in FILE (a WAV) say a child's or a school's NAME, in every language."""
    with _recording() as recording:
        kept = recording.keep_name(name, _bytes(file), by=by)
    click.echo(f"{kept.words} is now said by {kept.recorded_by}: {kept.seconds:.1f} s.")


@command.command("remove-name")
@click.argument("name")
def remove_name(name: str) -> None:
    """Let the machine say NAME again."""
    with _recording() as recording:
        was_there = recording.drop_name(name)
    click.echo(f"{name} is {'said by the machine again' if was_there else 'not recorded'}.")


@command.command()
@click.option("--left-out", "tells_names", is_flag=True, help="Print each name that is left out, and why.")
def names(tells_names: bool) -> None:
    """Say how children's names are said: recorded, synthesised, or left out because nobody could say them."""
    with _studio() as (parts, studio), parts.database.reading() as tx:
        covered = studio.coverage(tx.scalars(select(Child.name).distinct().order_by(Child.name)))
        recorded = [one for one in studio.recorded.all() if one.language == NAMES]
    if tells_names and covered.left_out:
        click.echo(table(("Name", "Why it is left out"), covered.left_out))
    total = len(covered.recorded) + len(covered.synthesised) + len(covered.left_out)
    click.echo(
        f"{total} different names: {len(covered.recorded)} recorded, {len(covered.synthesised)} synthesised, "
        f"{len(covered.left_out)} left out. {len(recorded)} recording(s) of names in all."
    )


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--url", help="The folder's address outside. [where carrier.fallback_url lies]")
def fallback(folder: Path, url: str | None) -> None:
    """Write the apology that is heard while Sunvai is down into FOLDER, as files for any web server.

    See docs/operating/apology.md.
    """
    with _studio() as (parts, studio):
        home = url or parts.settings.carrier.fallback_url.rpartition("/")[0]
        document, clips = write_apology(studio, folder, home)
    click.echo(f"{document} and {len(clips)} clips are written: {sum(clip.seconds for clip in clips):.1f} s to listen.")
    click.echo(f"Serve them at {home.rstrip('/')} and set carrier.fallback_url to {home.rstrip('/')}/{DOCUMENT}")


@contextmanager
def _studio() -> Iterator[tuple[Runtime, Studio]]:
    with opened() as parts, closing(studio_of(parts)) as studio:
        yield parts, studio


@contextmanager
def _recording() -> Iterator[Recording]:
    with _studio() as (parts, studio):
        yield Recording(parts, studio, None)


def _bytes(file: Path) -> bytes:
    if (size := file.stat().st_size) > MAX_UPLOAD_BYTES:
        raise AudioRejected(f"{file} has {size / 1e6:.0f} MB; at most {MAX_UPLOAD_BYTES // 1_000_000} MB are taken")
    return file.read_bytes()
