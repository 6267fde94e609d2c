"""sunvai rehearse: play the whole week in virtual time before anybody is called."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from callqueue.rehearsing.faults import NAMES
from callqueue.rehearsing.rehearsal import HOURS, rehearse
from callqueue.rehearsing.report import in_words, is_kept


@click.command()
@click.option("--households", type=click.IntRange(1, 5_000_000), help="[20000; with --stack 2000]")
@click.option("--days", type=click.IntRange(1, 60), default=6, show_default=True, help="Days of calling; no Sundays.")
@click.option("--lines", type=click.IntRange(2), help="Lines bought, ringing included. [20; with --stack 12]")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same week, to the byte.")
@click.option(
    "--faults", type=click.Choice([*NAMES, "all", "none"]), help="What goes wrong. [nothing; with --stack all]"
)
@click.option(
    "--hours", type=click.Choice(HOURS), default="ladder", show_default=True, help="How retries find an hour."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, after everything else.")
@click.option("--stack", is_flag=True, help="Through the real database, Redis, workers, web and exchange instead.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--kills", type=click.IntRange(0), default=300, show_default=True, help="Processes to kill with SIGKILL.")
@click.option("--speed", type=click.FloatRange(1, 60), default=20, show_default=True, help="How fast families live.")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="So many weeks, from --seed on.")
@click.option("--at-once", type=click.IntRange(1, 16), default=1, show_default=True, help="So many weeks side by side.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/rehearsal"), show_default=True)
def command(stack: bool, as_json: bool, **options: Any) -> None:
    """Play a whole round against simulated families; exit 1 if any promise was broken.

    --stack plays it through the real processes, which are killed meanwhile: see --database, --kills, --seeds,
    --at-once, --folder.
    """
    kept = _stack(options, as_json) if stack else _in_memory(options, as_json)
    if not kept:
        sys.exit(1)


def _in_memory(options: Mapping[str, Any], as_json: bool) -> bool:
    began_s = time.monotonic()
    outcome = rehearse(
        households=options["households"] or 20_000, days=options["days"], lines=options["lines"] or 20,
        seed=options["seed"], faults=None if options["faults"] == "none" else options["faults"], hours=options["hours"],
    )  # fmt: skip
    click.echo(json.dumps(outcome) if as_json else in_words(outcome))
    # What the machine took is not part of the result: that must be the same to the byte.
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"took {time.monotonic() - began_s:.1f} s and {most_mb:,.0f} MB", err=True)
    return is_kept(outcome)


def _stack(options: Mapping[str, Any], as_json: bool) -> bool:
    from scripts.rehearsal import beside, result, stack  # what the week in memory does without

    if options["faults"] not in (None, "all", "none"):
        raise click.BadParameter(f"--stack plays all faults or none, not {options['faults']} alone")
    lines, folder, seeds = options["lines"] or 12, options["folder"], options["seeds"]
    wishes = [
        stack.Wish(
            folder=folder if seeds == 1 else folder / f"seed-{seed}", households=options["households"] or 2_000,
            kills=options["kills"], seed=seed, database=options["database"], faults=options["faults"] or "all",
            lines=lines, calls_per_second=lines / 30, speed=options["speed"],
        )
        for seed in range(options["seed"], options["seed"] + seeds)
    ]  # fmt: skip
    results = []
    for one in beside.play(wishes, options["at_once"]):
        results.append(one)
        click.echo(result.in_words(one))
        if not one.is_kept:
            click.echo(f"no further week begins: {folder} holds the evidence, its journal and its logs")
    click.echo(result.added_up(results))
    if as_json:
        click.echo(json.dumps([result.as_json(one) for one in results]))
    return all(one.is_kept for one in results)
