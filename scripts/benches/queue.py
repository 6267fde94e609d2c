"""What the queue costs, each figure beside the naive way in the same run: planning, claiming, counting, pacing, hours.

The size is a state's, or $SUNVAI_BENCH_CALLS. "Reckoned" figures of the naive ways are measured on some thousands of
calls and multiplied: nobody would wait for the whole.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import create_engine, insert, select, text, update
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from callqueue import bells, ledger, participation
from callqueue.bells import Bells
from callqueue.capacity import Behaviour
from callqueue.claiming import Caps, claim_due
from callqueue.ledger import CarrierEnd
from callqueue.pacing import Limits
from callqueue.planning import plan_round
from callqueue.rehearsing.rehearsal import LADDER, played
from callqueue.rehearsing.tallies import Tallies
from ptm import schema
from ptm.database import Database
from ptm.models import Attempt, Batch, Call, Round, TreeVersion
from scripts.tables import table
from tests.support import servers

CALLS = 2_400_000
CHUNK, CLAIM_CHUNKS = 500, 40
NAIVE_CALLS, NAIVE_CLAIMS, NAIVE_JOBS = 4_000, 400, 20_000
NOW = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)  # a Wednesday, eleven in India
STATE = 1
FEW, A_SECOND, TURNS = 10_000, 40, 60
SEEDS = (1, 2, 3)


_rows: list[tuple[str, str, str]] = []


def measure() -> dict[str, float]:
    """Print what was measured and return plan_s, claims_per_s, rollup_over_raw, redis_mb, pacing_share and more."""
    size = int(os.environ.get("SUNVAI_BENCH_CALLS", CALLS))
    with servers.postgresql() as server, servers.fresh_database(server, "bench_queue") as url:
        _let_it_write(server)
        database = Database(url)
        schema.upgrade(database)
        _say(f"set up a state of {size:,} households", _timed(lambda: _settle_state(database, size)), "s")
        figures = _planning(database, size)
        figures |= _claiming(database)
        with servers.fresh_database(server, "bench_few") as few_url:
            figures |= _growing(_small_state(few_url), database)
        figures |= _counting(database)
        database.dispose()
    with tempfile.TemporaryDirectory(prefix="sunvai-bench-") as name, servers.redis_server(Path(name)) as url:
        figures |= _redis(redis.Redis.from_url(url))
    figures |= _pacing()
    figures |= _hours()
    print(table(("what", "figure", ""), _rows))
    return {name: round(figure, 4) for name, figure in figures.items()}


def _let_it_write(server: URL) -> None:
    """Give the server the room for its log that any server of a state has: out of the box it is set for a laptop."""
    if servers.OUTSIDE_POSTGRESQL in os.environ:
        return  # somebody else's server keeps its settings
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("max_wal_size = '8GB'", "checkpoint_timeout = '30min'"):
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


def _planning(database: Database, size: int) -> dict[str, float]:
    began_s = time.perf_counter()
    planned = plan_round(database, 1, user_id=None, now=NOW)
    plan_s = time.perf_counter() - began_s
    _must(planned == size, f"{planned:,} of {size:,} calls were planned")
    naive_s = _timed(lambda: _plan_naively(database)) * size / NAIVE_CALLS
    _say("plan every call, three statements", plan_s, f"s   ({naive_s / plan_s:,.0f} times the naive way's speed)")
    _say("  one call at a time through the ORM", naive_s, f"s   (reckoned from {NAIVE_CALLS:,} calls)")
    with database.writing() as tx:
        tx.execute(update(Batch).values(state="calling"))
    _analyze(database)
    return {"plan_s": plan_s, "plan_over_naive": naive_s / plan_s}


def _plan_naively(database: Database) -> None:
    """Get or create each household's call, as every textbook does."""
    with Session(database.engine) as session:
        for household_id in range(1, NAIVE_CALLS + 1):
            where = (Call.round_id == 2, Call.household_id == household_id)
            if session.scalar(select(Call).where(*where)) is None:
                session.add(Call(round_id=2, household_id=household_id, school_id=1, due_at=NOW))
                session.flush()
        session.rollback()


def _claiming(database: Database) -> dict[str, float]:
    # One chunk is what may start at once; the state's own limits allow some forty a second.
    caps = Caps(Limits(CHUNK, 0, 100_000.0), dials_per_day=2, lease=timedelta(minutes=2), horizon_s=1.0)
    now = NOW + timedelta(hours=3)
    took: list[float] = []
    claimed = 0
    for _ in range(CLAIM_CHUNKS):
        began_s = time.perf_counter()
        attempts = claim_due(database, caps, now)
        took.append(time.perf_counter() - began_s)
        claimed += len(attempts)
        _end_all(database, attempts, now)
    _must(claimed == CHUNK * CLAIM_CHUNKS, f"only {claimed:,} calls were claimed")
    claims_per_s = CHUNK / statistics.median(took)
    one = Caps(Limits(CHUNK, CHUNK - 1, 100_000.0), dials_per_day=2, lease=timedelta(minutes=2), horizon_s=1.0)

    def one_by_one() -> None:
        for _ in range(NAIVE_CLAIMS):
            _end_all(database, claim_due(database, one, now), now)

    naive_per_s = NAIVE_CLAIMS / _timed(one_by_one)
    _say(
        f"claim in chunks of {CHUNK}",
        claims_per_s,
        f"calls/s   ({claims_per_s / naive_per_s:,.0f} times the naive way)",
    )
    _say("  one call to a transaction", naive_per_s, "calls/s")
    return {"claims_per_s": claims_per_s, "claims_over_naive": claims_per_s / naive_per_s}


def _end_all(database: Database, attempts: list[int], now: datetime) -> None:
    """Free the lines again; not what is measured."""
    with database.writing() as tx:
        ended = {"state": "ended", "outcome": "busy", "ended_at": now}
        tx.execute(update(Attempt).where(Attempt.id.in_(attempts)).values(**ended))


def _small_state(url: str) -> Database:
    """Return a planned state of ten thousand families."""
    few = Database(url)
    schema.upgrade(few)
    _settle_state(few, FEW)
    _must(plan_round(few, 1, user_id=None, now=NOW) == FEW, "not every call of the small state was planned")
    with few.writing() as tx:
        tx.execute(update(Batch).values(state="calling"))
    _analyze(few)
    return few


def _growing(few: Database, many: Database) -> dict[str, float]:
    """Claim and end calls of a small and of a whole state in turns: what one call costs must not grow with the rest."""
    took: dict[Database, list[float]] = {few: [], many: []}
    for turn in range(TURNS):
        for database, per_call_s in took.items():
            per_call_s.append(_claim_and_end(database, NOW + timedelta(hours=3, seconds=turn)))
    few_us, many_us = (statistics.median(per_call_s) * 1e6 for per_call_s in took.values())
    few.dispose()
    _say("claim, take and end one call of a state", many_us, f"us   ({many_us / few_us:.2f} times that of {FEW:,})")
    _say(f"  of {FEW:,} households", few_us, "us")
    return {"call_us": many_us, "call_few_us": few_us, "call_growth": many_us / few_us}


def _claim_and_end(database: Database, now: datetime) -> float:
    """Return the time for each call of what may start in a second: half of them are heard, half wait for an hour."""
    caps = Caps(Limits(A_SECOND, 0, 100_000.0), dials_per_day=2, lease=timedelta(minutes=2), horizon_s=1.0)
    began_s = time.perf_counter()
    attempts = claim_due(database, caps, now)
    for attempt_id in attempts:
        with database.writing() as tx:
            ledger.start_dial(tx, attempt_id, now=now, lease=caps.lease)
            if attempt_id % 2:
                ledger.raise_reach(tx, attempt_id, "heard")
                ledger.ended(tx, attempt_id, CarrierEnd("ended_after_answer", now, talk_s=50))
            else:
                ledger.ended(tx, attempt_id, CarrierEnd("no_answer", now, talk_s=0))
    took_s = time.perf_counter() - began_s
    _must(len(attempts) == A_SECOND, f"only {len(attempts)} calls were claimed")
    return took_s / len(attempts)


def _counting(database: Database) -> dict[str, float]:
    """End every call, as a week does, and ask for the state's page; the ledger's own changes go on meanwhile."""
    with database.writing() as tx:
        tx.execute(text(_END_AND_COUNT))
    while _fold(database):
        pass
    _analyze(database)
    districts = _districts(database)
    kept_s = _median(lambda: _read(database, districts))
    raw_s = _median(lambda: _read_raw(database), 5)
    _must(_read(database, districts) == _read_raw(database), "the kept counts differ from the calls")
    webhook_us = _end_one_call(database) * 1e6
    _say("the state's page from kept counts", kept_s * 1e3, f"ms   ({raw_s / kept_s:,.0f} times faster)")
    _say("  counting the calls themselves", raw_s * 1e3, "ms")
    _say("  end of one attempt, judged and counted", webhook_us, "us")
    return {"rollup_over_raw": raw_s / kept_s, "rollup_ms": kept_s * 1e3, "end_us": webhook_us}


def _fold(database: Database) -> int:
    with database.writing() as tx:
        return participation.fold(tx)


def _districts(database: Database) -> list[int]:
    with database.reading() as tx:
        return list(tx.scalars(text("SELECT id FROM area WHERE kind = 'district' ORDER BY id")))


def _read(database: Database, districts: list[int]) -> dict[int, tuple[int, int]]:
    with database.reading() as tx:
        counts = participation.load_participation(tx, 1, "area", districts)
    return {place: (row["ended"], row["heard"] + row["responded"] + row["recorded"]) for place, row in counts.items()}


def _read_raw(database: Database) -> dict[int, tuple[int, int]]:
    query = text(
        "SELECT b.parent_id, count(*) FILTER (WHERE c.state = 'ended'), "
        "count(*) FILTER (WHERE c.state = 'ended' AND c.reach IN ('heard', 'responded', 'recorded')) "
        "FROM call c JOIN school s ON s.id = c.school_id JOIN area b ON b.id = s.area_id "
        "WHERE c.round_id = 1 GROUP BY b.parent_id"
    )
    with database.reading() as tx:
        return {place: (ended, heard) for place, ended, heard in tx.execute(query)}


def _end_one_call(database: Database) -> float:
    """Return the median time of one end: the attempt, its call judged, the counts."""
    with database.writing() as tx:
        tx.execute(text("UPDATE call SET state = 'open', disposition = NULL WHERE id <= 200"))
        tx.execute(text("DELETE FROM attempt WHERE call_id <= 200"))
        tx.execute(text(_OPEN_ATTEMPTS))
        attempts = list(tx.scalars(select(Attempt.id).where(Attempt.state != "ended")))
    took = []
    for attempt_id in attempts:
        began_s = time.perf_counter()
        with database.writing() as tx:
            ledger.ended(tx, attempt_id, CarrierEnd("busy", NOW, talk_s=0))
        took.append(time.perf_counter() - began_s)
    return statistics.median(took)


def _redis(connection: redis.Redis) -> dict[str, float]:
    """Ring for a whole state with every worker away, and beside it push one job for each call, as RQ's pages do."""
    ours = Bells(connection, job_timeout_s=120)
    connection.flushall()
    empty = _used(connection)
    for first in range(0, 2_400_000, 100_000):
        ours.ring(bells.PLACE, range(first, first + 2_000))
    ours_mb = _used(connection)
    connection.flushall()
    queue = ours._queues["dial"]
    data = [type(queue).prepare_data(bells.PLACE, args=(number,)) for number in range(NAIVE_JOBS)]
    queue.enqueue_many(data)
    naive_mb = (_used(connection) - empty) * CALLS / NAIVE_JOBS
    connection.flushall()
    _say("Redis while a state waits", ours_mb, f"MB   ({naive_mb / ours_mb:,.0f} times less)")
    _say("  one job for each call", naive_mb, f"MB   (reckoned from {NAIVE_JOBS:,} jobs)")
    return {"redis_mb": ours_mb, "redis_naive_mb": naive_mb}


def _used(connection: redis.Redis) -> float:
    info: Any = connection.info("memory")
    return float(info["used_memory"]) / 2**20


def _pacing() -> dict[str, float]:
    """Play ten hours and more with more calls than lines: how much of what the limits allow is used, and is it kept."""
    week = played(households=60_000, days=2, lines=50, seed=1)
    tally, broken = week.tally, week.carrier.broken
    share = tally.busy_line_s / (tally.busy_s * week.terms.limits.dialable_lines)
    _must(broken.total == 0, f"pacing broke a promise: {broken}")
    fixed = _fixed_rate_share()
    _say("lines used while calls wait", share, f"of all   ({tally.busy_s / 3600:.0f} h, no second above the limits)")
    _say("  a fixed rate that never exceeds them", fixed, "of all")
    return {"pacing_share": share, "pacing_naive_share": fixed}


def _hours() -> dict[str, float]:
    """Play the same weeks with each way to find the hour of a retry."""
    figures = {}
    for how in ("learned", "ladder", "random", "same"):
        weeks = [played(households=20_000, days=6, lines=40, seed=seed, hours=how).tally for seed in SEEDS]
        retries = sum(count for week in weeks for (_, number), count in week.dials.items() if number > 1)
        answered = sum(count for week in weeks for (_, number), count in week.answered.items() if number > 1)
        dials, heard = (sum(sum(part.values()) for part in parts) for parts in _dials_and_heard(weeks))
        figures[f"retries_answered_{how}"] = answered / retries
        figures[f"dials_per_heard_{how}"] = dials / heard
        unit = f"of all   ({dials / heard:.2f} phones rung for each family that heard)"
        _say(f"{'' if how == 'learned' else '  '}retries answered, {_HOURS[how]}", answered / retries, unit)
    return figures


def _dials_and_heard(weeks: list[Tallies]) -> tuple[list[Counter[tuple[int, int]]], list[Counter[tuple[int, int]]]]:
    return [week.dials for week in weeks], [week.heard for week in weeks]


_HOURS = {"learned": "learnt hours", "ladder": "another hour", "random": "any other hour", "same": "the same hour"}


def _fixed_rate_share() -> float:
    """The naive way: so few starts a second that even the longest calls together could not exceed the lines."""
    behaviour = Behaviour()
    return behaviour.hold_s(3) / (behaviour.answered_ring_s + behaviour.talk_s)


def _settle_state(database: Database, size: int) -> None:
    """Fill the tables: a state, 30 districts, 300 blocks, 20,000 schools, a child and a number for each household."""
    with database.writing() as tx:
        for statement in _STATE:
            tx.execute(text(statement), {"size": size, "now": NOW})
        tx.execute(insert(TreeVersion).values(hash="tree", definition="", created_at=NOW))
        for number in (1, 2):
            tx.execute(insert(Round).values(**_round(number)))
    _analyze(database)


def _round(number: int) -> dict[str, Any]:
    return {
        "id": number, "area_id": STATE, "name": f"Round {number}", "starts_on_ist": date(2026, 11, 23),
        "ends_on_ist": date(2026, 11, 28), "opens_ist": clock_time(10), "closes_ist": clock_time(19),
        "weekdays": "mon,tue,wed,thu,fri,sat", "holidays": {}, "meeting_on_ist": date(2026, 12, 5), "tries": 3,
        "ladder": LADDER, "hours": "learned", "tree_hash": "tree",
    }  # fmt: skip


_STATE = (
    "INSERT INTO area (id, kind, code, name) VALUES (1, 'state', '03', 'State')",
    "INSERT INTO area (id, kind, code, name, parent_id) SELECT 1 + n, 'district', 'd' || n, 'D', 1 "
    "FROM generate_series(1, 30) n",
    "INSERT INTO area (id, kind, code, name, parent_id) SELECT 100 + n, 'block', 'b' || n, 'B', 2 + n % 30 "
    "FROM generate_series(1, 300) n",
    "INSERT INTO school (id, udise, name, spoken, area_id) SELECT n, 'u' || n, 'School', '{}', 101 + n % 300 "
    "FROM generate_series(1, 20000) n",
    "INSERT INTO school_class (id, school_id, name) SELECT n, 1 + n % 20000, 'c' || n FROM generate_series(1, 60000) n",
    "INSERT INTO household (id, language, created_at) SELECT n, 'pa', :now FROM generate_series(1, :size) n",
    "INSERT INTO phone_number (household_id, position, sealed_msisdn, msisdn_index, last4) "
    "SELECT n, 0, '\\x00', md5(n::text), '0000' FROM generate_series(1, :size) n",
    "INSERT INTO child (id, class_id, name, admission_no) SELECT n, 1 + n % 60000, 'Child', n::text "
    "FROM generate_series(1, :size) n",
    "INSERT INTO guardianship (child_id, household_id) SELECT n, n FROM generate_series(1, :size) n",
)
_END_AND_COUNT = """
    WITH now_ended AS (
        UPDATE call SET state = 'ended', disposition = 'completed',
            reach = (array['unreached','rang','answered','heard','responded','recorded'])[1 + id % 6]
        WHERE state <> 'ended' RETURNING round_id, school_id, reach
    )
    INSERT INTO participation_change
        (round_id, school_id, calls, ended, unreached, rang, answered, heard, responded, recorded, dials, pulses)
    SELECT round_id, school_id, 0, count(*), count(*) FILTER (WHERE reach = 'unreached'),
        count(*) FILTER (WHERE reach = 'rang'), count(*) FILTER (WHERE reach = 'answered'),
        count(*) FILTER (WHERE reach = 'heard'), count(*) FILTER (WHERE reach = 'responded'),
        count(*) FILTER (WHERE reach = 'recorded'), 0, 0
    FROM now_ended GROUP BY round_id, school_id
"""
_OPEN_ATTEMPTS = (
    "INSERT INTO attempt (call_id, number, phone_id, token, state, claimed_at, lease_until_at, dial_started_at, "
    "tree_hash, facts, step, early, opted_out, reach) SELECT c.id, 1, p.id, 'bench' || c.id, 'placed', now(), now(), "
    "now(), 'tree', '{}', 0, false, false, 'rang' FROM call c JOIN phone_number p ON p.household_id = c.household_id "
    "WHERE c.id <= 200 AND c.state = 'open'"
)


def _analyze(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _must(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise RuntimeError(f"bench: {otherwise}")


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _median(work: Callable[[], object], times: int = 15) -> float:
    work()
    return statistics.median(_timed(work) for _ in range(times))


def _say(what: str, figure: float, unit: str) -> None:
    _rows.append((what, f"{figure:,.3f}" if figure < 100 else f"{figure:,.0f}", unit))
