"""The exchange's command line: `sunvai exchange`, or `python -m carrier.exchange`."""

from __future__ import annotations

import functools
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from datetime import time as wall_time
from pathlib import Path
from typing import Any, TypeVar

import click

from . import peopling
from .clock import ClockLoop, WallPace
from .errors import BadSettings, ExchangeError
from .exchange import Plan, Rules
from .faults import Faults, load_faults
from .hearing import measure, tell_hearings
from .journal import read_journal
from .population import Population, load_population, parse_population
from .server import Server
from .shared_clock import FilePace
from .switches import Switches
from .truths import WEEKDAYS, Hours, tell_truths
from .webhooks import Account

F = TypeVar("F", bound=Callable[..., Any])

_EVERYBODY_LISTENS = {"default": {"kind": "answer"}}


def told_plainly(verb: F) -> F:
    """Show what is wrong with the exchange's input as a line, not as a traceback."""

    @functools.wraps(verb)
    def tell(*args: Any, **options: Any) -> Any:
        try:
            return verb(*args, **options)
        except ExchangeError as error:
            raise click.ClickException(str(error)) from None

    return tell  # type: ignore[return-value]


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8800, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--public-url", default="", help="How others reach the exchange, if not by host and port.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("var/exchange"),
    show_default=True,
    help="Where recordings and the sound of calls go.",
)
@click.option("--journal", type=click.Path(path_type=Path), help="The log of all that happens [FOLDER/journal.jsonl].")
@click.option("--population", type=click.Path(path_type=Path), help="Who answers; without it everybody does, silently.")
@click.option("--lines", default=50, show_default=True, help="Calls at once, ringing included; more is refused (5030).")
@click.option("--cps", default=2.0, show_default=True, help="Call starts per second of clock time; more waits.")
@click.option("--caller-id", "caller_ids", multiple=True, help="A number the account has rented; repeatable [any].")
@click.option("--inbound-answer-url", default="", help="Where calls to the account's numbers are answered [nowhere].")
@click.option("--inbound-hangup-url", default="", help="Where their ends are told.")
@click.option("--inbound-fallback-url", default="", help="Where they are answered when that fails.")
@click.option(
    "--trees",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Drawings (<name>.svg) beside the browser phone: X-Sunvai-Node: name/node lights one up [none].",
)
@click.option("--speed", default=1.0, show_default=True, help="How much faster than real time parents live.")
@click.option("--anchor-at", help="What the clock showed (ISO 8601 or Unix seconds) ... [now]")
@click.option("--anchor-wall", type=float, help="... when the machine's clock showed this many Unix seconds [now].")
@click.option(
    "--clock",
    type=click.Path(path_type=Path),
    help="A file with anchor_at, anchor_wall and speed, read again whenever it changes: instead of the three.",
)
@click.option("--switch", "switches", multiple=True, metavar="NAME=VALUE", help="Set an open point; repeatable.")
@click.option("--faults", "faults", multiple=True, metavar="NAME|FILE", help="Let things go wrong; repeatable.")
@click.option("--keep-audio/--no-keep-audio", default=True, help="Keep the sound of every call in FOLDER/calls.")
@click.option("--durable", is_flag=True, help="Force every journal line to the disk.")
@told_plainly
def command(context: click.Context, /, **options: Any) -> None:
    """Run a pocket telephone exchange that speaks Plivo's API. PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN name its account."""
    if context.invoked_subcommand is None:
        run(options, os.environ)


def run(options: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises ExchangeError."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    check(options)
    plan, population = _plan(options, environ), _population(options["population"])
    rules = Rules(_switches(options["switches"]), Faults(load_faults(options["faults"])))
    loop = _loop(options)
    try:
        server = Server(plan, population, loop, options["host"], options["port"], rules)
        server.serve(ready=lambda: click.echo(f"the exchange answers at {server.url}"))
    finally:
        loop.close()


def check(options: Mapping[str, Any]) -> None:
    """Raises BadSettings."""
    for name in ("lines", "cps", "speed"):
        if options[name] <= 0:
            raise BadSettings(f"--{name} {options[name]}: must be more than zero")
    if (options["anchor_at"] is None) != (options["anchor_wall"] is None):
        raise BadSettings("--anchor-at and --anchor-wall: give both or neither")
    if options["clock"] is not None and options["anchor_at"] is not None:
        raise BadSettings("--clock already says what --anchor-at and --anchor-wall would: leave them out")


def _loop(options: Mapping[str, Any]) -> ClockLoop:
    if options["clock"] is None:
        return ClockLoop(_pace(options), _anchor_at(options))
    pace = FilePace(options["clock"])
    return ClockLoop(pace, pace.anchor_at)


def _pace(options: Mapping[str, Any]) -> WallPace:
    wall = options["anchor_wall"]
    return WallPace(time.time() if wall is None else wall, options["speed"])


def _anchor_at(options: Mapping[str, Any]) -> datetime:
    text = options["anchor_at"]
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromtimestamp(float(text), UTC) if _is_number(text) else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise BadSettings(f"--anchor-at {text}: write 2026-11-25T05:30:00Z or Unix seconds") from None
    if at.tzinfo is None:
        raise BadSettings(f"--anchor-at {text}: needs a time zone, as in 2026-11-25T05:30:00Z")
    return at.astimezone(UTC)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _switches(settings: tuple[str, ...]) -> Switches:
    pairs = [setting.partition("=") for setting in settings]
    return Switches().changed({name: value for name, _, value in pairs}, "--switch")


def _population(path: Path | None) -> Population:
    if path is None:
        return parse_population(_EVERYBODY_LISTENS, "default", Path())
    return load_population(path)


def _plan(options: Mapping[str, Any], environ: Mapping[str, str]) -> Plan:
    folder: Path = options["folder"]
    return Plan(
        account=_account(environ),
        folder=folder,
        journal=options["journal"] or folder / "journal.jsonl",
        public_url=options["public_url"].rstrip("/"),
        caller_ids=frozenset(number.removeprefix("+") for number in options["caller_ids"]),
        lines=options["lines"],
        cps=options["cps"],
        inbound_answer_url=options["inbound_answer_url"],
        inbound_hangup_url=options["inbound_hangup_url"],
        inbound_fallback_url=options["inbound_fallback_url"],
        trees=options["trees"],
        keep_audio=options["keep_audio"],
        durable=options["durable"],
    )


def _account(environ: Mapping[str, str]) -> Account:
    """Read whose calls these are; a second live token and another main account's token are there to be tried."""
    auth_id, token = _secret(environ, "PLIVO_AUTH_ID"), _secret(environ, "PLIVO_AUTH_TOKEN")
    old_token, main_token = environ.get("PLIVO_OLD_AUTH_TOKEN", ""), environ.get("PLIVO_MAIN_AUTH_TOKEN", "")
    return Account(auth_id, token, main_token or token, old_token)


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise BadSettings(f"{name} is not set: the exchange needs the id and token of the account it plays")
    return value


@command.command()
@click.argument("households", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--speech", type=click.Path(path_type=Path), help="JSON list of wav, text, language to be spoken.")
@click.option("--seed", default=1, show_default=True)
@click.option("--keys", default="1,1,1", show_default=True, help="What a willing parent presses, menu by menu.")
@click.option("--habit", "habits", multiple=True, metavar="NAME=SHARE", help="How many do what; repeatable.")
@told_plainly
def people(households: Path, target: Path, speech: Path | None, seed: int, keys: str, habits: tuple[str, ...]) -> None:
    """Make up parents for HOUSEHOLDS (CSV: number,language) and write the population to TARGET."""
    homes = peopling.load_households(households)
    utterances = peopling.load_utterances(speech, target.parent) if speech else []
    pairs = {name: value for name, _, value in (habit.partition("=") for habit in habits)}
    made = peopling.people(homes, utterances, seed, keys.split(","), peopling.Habits().changed(pairs))
    parse_population(made, str(target), target.parent)
    target.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{len(homes)} households in {target}")


@command.command()
@click.argument("journal", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--opens", default="09:00", show_default=True, help="Indian time from which phones may ring.")
@click.option("--closes", default="21:00", show_default=True)
@click.option("--weekdays", default="mon,tue,wed,thu,fri,sat,sun", show_default=True)
@click.option("--dials-per-day", type=int, help="How often one number may be dialled on one day [any].")
@click.option("--numbers", type=click.Path(path_type=Path), help="CSV of the households that were to be called.")
@told_plainly
def truths(
    journal: Path, opens: str, closes: str, weekdays: str, dials_per_day: int | None, numbers: Path | None
) -> None:
    """Say what JOURNAL proves: dials, double dials, dials outside the hours, what was lost. One JSON object."""
    hours = Hours(_time(opens), _time(closes), _weekdays(weekdays))
    expected = [home.number for home in peopling.load_households(numbers)] if numbers else []
    click.echo(json.dumps(tell_truths(read_journal(journal), hours, expected, dials_per_day).figures()))


@command.command()
@click.argument("journal", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@told_plainly
def heard(journal: Path) -> None:
    """Say of each answered call in JOURNAL how it was to listen to, one JSON object a line."""
    for hearing in tell_hearings(read_journal(journal)):
        longest = max(hearing.gaps, key=lambda gap: gap.seconds, default=None)
        told = {
            "call": hearing.call,
            "to": hearing.to,
            "talk_s": hearing.talk_s,
            "longest_gap_s": hearing.longest_gap_s,
        }
        sound = journal.parent / "calls" / hearing.call / "heard.wav"
        loudness = asdict(measure(sound)) if sound.exists() else {}
        click.echo(json.dumps({**told, "after": longest.after if longest else None, **loudness}))


def _weekdays(text: str) -> frozenset[str]:
    days = frozenset(text.split(","))
    if not days <= frozenset(WEEKDAYS):
        raise BadSettings(f"--weekdays {text}: choose among {','.join(WEEKDAYS)}")
    return days


def _time(text: str) -> wall_time:
    try:
        return wall_time.fromisoformat(text)
    except ValueError:
        raise BadSettings(f"{text}: write a time of day such as 09:00") from None
