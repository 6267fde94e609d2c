"""One stack rehearsal from an empty folder to its judgement."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from callqueue.runtime import Runtime
from carrier.exchange.truths import Hours
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm import schema
from scripts.rehearsal.course import Course
from scripts.rehearsal.evidence import gather
from scripts.rehearsal.judging import Terms
from scripts.rehearsal.killing import Killer
from scripts.rehearsal.mishaps import draw_blows, write_rules
from scripts.rehearsal.people import write_people
from scripts.rehearsal.quieting import Quiet
from scripts.rehearsal.result import Result, result_of
from scripts.rehearsal.stage import IN_FLIGHT, Stage, open_stage
from scripts.rehearsal.village import Village, press, settle
from scripts.supervisor import Program, Supervisor


@dataclass(frozen=True)
class Wish:
    """What to rehearse. `kills` processes are killed with SIGKILL; `faults` is one of mishaps.FAULTS."""

    folder: Path
    households: int
    kills: int
    seed: int
    database: str = "sqlite"
    faults: str = "all"
    lines: int = 12
    reserved_lines: int = 1
    calls_per_second: float = 0.4
    speed: float = 20.0


def play(wish: Wish, say: Callable[[str], None]) -> Result:
    """Play a whole round through the real parts, end what was started, and say what became of it."""
    began_s = time.monotonic()
    stage = open_stage(
        wish.folder, database=wish.database, speed=wish.speed, lines=wish.lines, reserved_lines=wish.reserved_lines,
        calls_per_second=wish.calls_per_second,
    )  # fmt: skip
    database = _supervisor(stage, stage.database_programs())
    runtime = Runtime(stage.settings())
    try:
        database.start()
        village = _furnish(stage, runtime, wish)
        say(f"{len(village.families)} families on {wish.database}; {wish.kills} kills, faults: {wish.faults}")
        return _play(stage, runtime, village, wish, database, say, began_s)
    finally:
        runtime.database.dispose()
        database.stop()


def _play(
    stage: Stage, runtime: Runtime, village: Village, wish: Wish, database: Supervisor, say: Callable[[str], None],
    began_s: float,
) -> Result:  # fmt: skip
    people = stage.folder / "families" / "population.json"
    rules = write_rules(stage.folder, wish.faults, seed=wish.seed)
    supervisor = _supervisor(stage, stage.programs(people, rules))
    programs = [*database.programs, *supervisor.programs]
    killer = Killer(stage, programs, wish.seed)
    blows = draw_blows(wish.faults, wish.kills, wish.seed)
    course = Course(stage, runtime, programs, killer, wish.kills, blows, wish.seed, say)
    try:
        supervisor.start()
        # From here on the database falls, too, and one supervisor looks after all.
        supervisor.programs = programs
        press(runtime, village)
        supervisor.watch(until=course.is_over)
        course.end()
        supervisor.watch(until=Quiet(runtime).is_reached)
        evidence = gather(stage, runtime, [family.msisdns for family in village.families])
    finally:
        course.end()
        supervisor.programs = [program for program in programs if program not in database.programs]
        supervisor.stop()
    return result_of(
        evidence, _terms(stage, runtime), database=wish.database, seed=wish.seed, kills=killer.kills,
        kills_wanted=wish.kills, blows=course.fallen, gave_up=course.is_stuck, wall_s=time.monotonic() - began_s,
    )  # fmt: skip


def _terms(stage: Stage, runtime: Runtime) -> Terms:
    calling = runtime.settings.calling
    return Terms(
        hours=Hours(calling.opens, calling.closes, frozenset(calling.weekdays), frozenset(calling.holidays)),
        lines=stage.lines - stage.reserved_lines,
        calls_per_second=stage.calls_per_second,
        in_flight=IN_FLIGHT,
        tries=calling.tries,
        dials_per_day=calling.dials_per_day,
    )


def _supervisor(stage: Stage, programs: list[Program]) -> Supervisor:
    return Supervisor(programs, logs=stage.folder / "logs", environ=stage.environ(), say=lambda _line: None)


def _furnish(stage: Stage, runtime: Runtime, wish: Wish) -> Village:
    schema.upgrade(runtime.database)
    last_day = date.fromisoformat(stage.place.round_ends_on)
    village = settle(runtime, wish.households, last_day=last_day, seed=wish.seed)
    voice = EspeakSynthesiser()
    write_people(stage.folder / "families", village.families, voice, seed=wish.seed)
    voice.close()
    return village
