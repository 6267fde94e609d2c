"""sunvai rehearse: play the whole week in virtual time before anybody is called."""

from __future__ import annotations

import json
import resource
import sys
import time

import click

from callqueue.rehearsing.faults import NAMES
from callqueue.rehearsing.rehearsal import HOURS, rehearse
from callqueue.rehearsing.report import in_words, is_kept


@click.command()
@click.option("--households", type=click.IntRange(1, 5_000_000), default=20_000, show_default=True)
@click.option("--days", type=click.IntRange(1, 60), default=6, show_default=True, help="Days of calling; no Sundays.")
@click.option("--lines", type=click.IntRange(2), default=20, show_default=True, help="Lines bought, ringing included.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same week, to the byte.")
@click.option("--faults", type=click.Choice([*NAMES, "all"]), help="What goes wrong.")
@click.option(
    "--hours", type=click.Choice(HOURS), default="ladder", show_default=True, help="How retries find an hour."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(households: int, days: int, lines: int, seed: int, faults: str | None, hours: str, as_json: bool) -> None:
    """Play a whole round against simulated families; exit 1 if any promise was broken."""
    began_s = time.monotonic()
    outcome = rehearse(households=households, days=days, lines=lines, seed=seed, faults=faults, hours=hours)
    click.echo(json.dumps(outcome) if as_json else in_words(outcome))
    # What the machine took is not part of the result: that must be the same to the byte.
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"took {time.monotonic() - began_s:.1f} s and {most_mb:,.0f} MB", err=True)
    if not is_kept(outcome):
        sys.exit(1)
