"""sunvai demo: a school to try everything on, on this machine alone."""

from __future__ import annotations

import json
import signal
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from callqueue.runtime import Runtime
from carrier.exchange.journal import read_journal
from carrier.exchange.truths import Hours, Truths, tell_truths
from ivr.voice.parts import studio_of
from prompts.build import build
from ptm.errors import SunvaiError
from ptm.settings import CarrierSettings
from scripts.commands.tree import draw_all
from scripts.commands.up import answers, programs
from scripts.demonstration.place import Place, load_place, open_place
from scripts.demonstration.progress import Progress
from scripts.demonstration.sample import PEOPLE, TEACHER_PHONE, TEACHER_PIN, Sample, furnish
from scripts.demonstration.summary import Summary, as_json, dispositions, summarise, told
from scripts.supervisor import Program, Supervisor, sunvai

ONCE_SPEED = 20.0


@click.command()
@click.option("--once", is_flag=True, help="Call the sample class to the end without a browser, print what came of it.")
@click.option("--fresh", is_flag=True, help="Begin again instead of going on where the last demonstration stopped.")
@click.option("--speed", type=click.FloatRange(0.1, 60), help="How many times faster families live than real ones.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where everything is kept. [var/demo, var/demo-once]")
def command(once: bool, fresh: bool, speed: float | None, folder: Path | None) -> None:
    """Set up a sample school, call its families through a pocket telephone exchange, and show the pages."""
    started = time.monotonic()
    folder = folder or Path("var/demo-once" if once else "var/demo")
    speed = speed or (ONCE_SPEED if once else 1.0)
    refuse_twice(folder)
    # A run of --once that was finished is over; one that was cut off goes on.
    place, is_new = open_place(folder, speed=speed, fresh=fresh or (once and _is_finished(folder)))
    click.echo(f"{'Preparing a sample school' if is_new else 'Going on with the sample school'} in {folder} ...")
    runtime = Runtime(place.settings())
    sample = furnish(runtime, place)
    draw_all(place.folder / "trees")
    if not once:
        # Whoever looks around finds every prompt there to be heard; --once renders what its calls need.
        with closing(studio_of(runtime)) as studio:
            build(studio)
    supervisor = Supervisor(
        [_exchange(place, runtime.settings.carrier), *programs(runtime.settings)],
        logs=place.folder / "logs", environ=place.environ(), say=click.echo,
    )  # fmt: skip
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    summary: Summary | None = None
    try:
        supervisor.start()
        if once:
            sample.start_batch(runtime)
            supervisor.watch(until=Progress(runtime, click.echo, place.set_clock).is_over)
            summary = _sum_up(place, runtime, sample, wall_s=time.monotonic() - started)
        else:
            click.echo(_welcome(place, sample, runtime.settings.carrier))
            supervisor.watch(until=lambda: False)
    finally:
        click.echo("Stopping ...")
        supervisor.stop()
        runtime.database.dispose()
    if summary is not None:
        click.echo(json.dumps(as_json(summary)))
        sys.exit(0 if summary.kept_every_promise else 1)


def refuse_twice(folder: Path) -> None:
    """Refuse to touch a folder whose demonstration runs: it would share its ports, or with --fresh lose its files."""
    running = load_place(folder)
    if running is not None and answers(f"{running.web_url}/healthz")():
        raise SunvaiError(f"the demonstration in {folder} already runs at {running.web_url}; stop it there first (^C)")


def _is_finished(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "demo.json").read_text("utf-8"))["finished"])
    except (OSError, ValueError, KeyError):
        return False


def _exchange(place: Place, carrier: CarrierSettings) -> Program:
    argv = sunvai(
        "exchange", "--port", str(place.exchange_port), "--folder", str(place.folder / "exchange"),
        "--population", str(place.folder / "families" / "population.json"),
        "--trees", str(place.folder / "trees"), "--clock", str(place.clock_file),
        "--lines", str(carrier.lines), "--cps", str(carrier.calls_per_second),
        "--inbound-answer-url", f"{place.web_url}/voice/in/answer",
        "--inbound-hangup-url", f"{place.web_url}/voice/in/hangup",
        "--inbound-fallback-url", f"{place.web_url}/voice/in/fallback",
    )  # fmt: skip
    return Program("exchange", argv, answers(f"{place.exchange_url}/healthz"))


def _sum_up(place: Place, runtime: Runtime, sample: Sample, *, wall_s: float) -> Summary:
    """Print what came of the calls, note whether all are over, and return the figures."""
    truths = _truths(place, runtime, sample)
    with runtime.database.reading() as tx:
        summary = summarise(tx, truths, wall_s=wall_s, speed=place.speed)
        click.echo(told(summary, dispositions(tx)))
    replace(place, finished=not summary.unfinished).save()
    return summary


def _truths(place: Place, runtime: Runtime, sample: Sample) -> Truths:
    calling = runtime.settings.calling
    hours = Hours(calling.opens, calling.closes, frozenset(calling.weekdays), frozenset(calling.holidays))
    journal = read_journal(place.folder / "exchange" / "journal.jsonl")
    expected = [family.msisdns[0] for family in sample.families]
    return tell_truths(journal, hours, expected, calling.dials_per_day)


def _welcome(place: Place, sample: Sample, carrier: CarrierSettings) -> str:
    pace = "as fast as real ones" if place.speed == 1 else f"{place.speed:g} times as fast as real ones"
    people = "\n".join(f"    {who.login:<10} {who.does}" for who in PEOPLE)
    return f"""
  Sunvai is at {place.web_url}

  Sign in with the password {place.password} as
{people}

  Try: as teacher, open class {sample.class_name}, press "Call my class" and watch; as analyst, listen to what families
  said and read the transcripts; as leader, see who was not reached. Families live {pace}.

  To answer a call yourself: {place.exchange_url}/phone is a phone in the browser, on the same telephone exchange.
  Call in with it: {carrier.caller_id} is the parents' line, {carrier.missed_call_number} calls back whoever gives it a
  missed call, {carrier.teacher_number} is the teachers' line: from phone {TEACHER_PHONE}, with PIN {TEACHER_PIN}.
  A family's number is {sample.families[0].msisdns[0]}, for one.

  Logs are in {place.folder / "logs"}.

  Ctrl-C stops everything; the next ./scripts/demo goes on from here, --fresh begins again.
"""
