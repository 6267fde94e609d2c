"""Webhooks a second, beside the same server answering the same menu to everybody and beside the textbook's webhook.

Every server is gunicorn as `sunvai web` runs it, with eight threads in a process: on PostgreSQL one process for each
core, on SQLite one alone. The threads are for what waits on a commit: sixteen at once then share a few of them.
Requests are signed before the clock starts. Rounds alternate, so that a machine that is busy with something else is so
for all of them; figures are medians of the rounds. `keys` are single keys at a menu, verified, noted, stepped and
answered: the figure that counts. `calls` are whole calls from ring to hang-up with everything that they write. The
textbook does the same for both through the ORM; `bare` is the least that an ORM webhook can be, and does less.
CPU is that of the server's workers and, where PostgreSQL runs on this machine, of its backends: the figure to go by
on a machine that is busy with something else.
"""

from __future__ import annotations

import math
import os
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import func, select, text

from callqueue.runtime import Runtime
from ptm import schema
from ptm.models import CarrierEvent
from ptm.settings import WebSettings, load_settings
from scripts.benches import _voice_calls as calls
from scripts.benches._load import Load, closed_loop, open_loop
from scripts.commands.web import gunicorn
from tests.support import servers

ROOT = Path(__file__).parent.parent.parent
LINES = 16
ROUNDS, ROUND_S = 3, 3.0
OPEN_PER_SECOND = 150
# Ten minutes of it is a promise of its own: SUNVAI_BENCH_OPEN_S=600.
OPEN_S = float(os.environ.get("SUNVAI_BENCH_OPEN_S", "15"))
SLOW_S = 0.5


def measure() -> dict[str, object]:
    """Measure on PostgreSQL and, but for SUNVAI_BENCH_ON=postgresql, on SQLite; print a table of each."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="sunvai-bench-") as name, servers.redis_server(Path(name)) as redis_url:
        with servers.postgresql() as server, servers.fresh_database(server, "bench") as url:
            grown_up = Setting(url, redis_url, Path(name), workers=os.cpu_count() or 2, threads=8)
            figures |= _measure_on("PostgreSQL", grown_up)
        if os.environ.get("SUNVAI_BENCH_ON") == "postgresql":
            return figures
        embedded = Setting(f"sqlite:///{name}/bench.db", redis_url, Path(name), workers=1, threads=8)
        sqlite = _measure_on("SQLite", embedded)
    return figures | {f"sqlite_{key}": value for key, value in sqlite.items()}


@dataclass(frozen=True)
class Setting:
    """Where the servers of a bench find their things."""

    database_url: str
    redis_url: str
    folder: Path
    workers: int
    threads: int

    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PLIVO_AUTH_ID": "MABENCHBENCHBENCHBEN",
            "PLIVO_AUTH_TOKEN": "a-token-for-benches-that-opens-nothing",
            "SUNVAI_SECRET_KEY": "a-secret-key-for-benches-alone",
            "SUNVAI_DATA_KEY": "a-data-key-for-benches-alone",
            "SUNVAI_DATABASE__URL": self.database_url,
            "SUNVAI_REDIS__URL": self.redis_url,
            "SUNVAI_STORAGE__FOLDER": str(self.folder),
            "SUNVAI_WEB__PUBLIC_URL": "http://127.0.0.1:8000",
        }


@dataclass(frozen=True)
class Round:
    """One server for some seconds."""

    load: Load
    cpu_us: float


def _measure_on(kind: str, setting: Setting) -> dict[str, float]:
    runtime = Runtime(load_settings(ROOT / "config.toml", setting.environ()))
    schema.upgrade(runtime.database)
    calls.prepare(runtime)
    bench = _Bench(setting, runtime)
    with ExitStack() as stack:
        bench.serve(stack)
        rounds = [bench.play_all() for _ in range(ROUNDS)]
        steady = bench.play_steadily()
    bench.check_that_all_was_written()
    runtime.database.dispose()
    heading = f"{kind}, {setting.workers} x {setting.threads} threads"
    return _report(heading, {name: [each[name] for each in rounds] for name in rounds[0]}, steady)


class _Bench:
    """The servers of one database, and the load on them."""

    def __init__(self, setting: Setting, runtime: Runtime) -> None:
        self._setting, self._runtime = setting, runtime
        self._town = calls.Township(runtime)
        self._servers: dict[str, tuple[int, int]] = {}
        self._written = 0

    def serve(self, stack: ExitStack) -> None:
        applications = {
            "static": "scripts.benches._voice_apps:static()",
            "bare": "scripts.benches._voice_apps:bare()",
            "textbook": "scripts.benches._voice_apps:textbook()",
            "ours": "ivr.wsgi:application",
        }
        for name, application in applications.items():
            self._servers[name] = stack.enter_context(_served(application, self._setting))

    def play_all(self) -> dict[str, Round]:
        """Give each server its seconds: the static one requests again and again, the others each one once."""
        keys, played = self._keys, self._in_turns
        return {
            "static": self._play("static", keys(2_000), again=True),
            "bare, keys": self._play("bare", keys(5_000)),
            "textbook, keys": self._play("textbook", keys(5_000)),
            "ours, keys": self._play("ours", keys(12_000)),
            "textbook, calls": self._play("textbook", played(600)),
            "ours, calls": self._play("ours", played(1_500)),
        }

    def play_steadily(self) -> Load:
        """Let whole calls come by chance, so many webhooks a second, each when it is due."""
        how_many = int(OPEN_PER_SECOND * OPEN_S)
        # Each family is in another place of its call, and its next webhook comes half a second after its last.
        families = self._calls(how_many // calls.CALL_LENGTH + 1)
        timed = [
            ((start + step * OPEN_PER_SECOND // 2 // calls.CALL_LENGTH), post)
            for start, call in enumerate(families)
            for step, post in enumerate(call)
        ]
        posts = [post for _, post in sorted(timed, key=lambda each: each[0])]
        load = _in_its_own_process(open_loop, self._servers["ours"][0], posts, OPEN_PER_SECOND)
        self._written += load.done - load.failed
        return load

    def check_that_all_was_written(self) -> None:
        """A server that answered without writing would be quick for nothing."""
        with self._runtime.database.reading() as tx:
            written = tx.scalar(select(func.count()).select_from(CarrierEvent.__table__))
        if written != self._written:
            raise RuntimeError(f"{self._written} webhooks were answered and {written} stand in the table")

    def _play(self, name: str, queues: Sequence[Sequence[bytes]], *, again: bool = False) -> Round:
        port, master = self._servers[name]
        if again:
            queues = [list(queue) * 20 for queue in queues]
        before = self._cpu_s(master)
        load = _in_its_own_process(closed_loop, port, queues, ROUND_S)
        if load.failed:
            raise RuntimeError(f"{name}: {load.failed} of {load.done} webhooks failed")
        if name != "static":
            self._written += load.done
        return Round(load, 1e6 * (self._cpu_s(master) - before) / load.done)

    def _keys(self, how_many: int) -> list[list[bytes]]:
        families = self._town.dial(how_many, answered=True)
        return calls.in_turns((calls.one_key(self._runtime, family) for family in families), LINES)

    def _calls(self, how_many: int) -> list[list[bytes]]:
        families = self._town.dial(how_many, answered=False)
        return [calls.whole_call(self._runtime, family) for family in families]

    def _in_turns(self, how_many: int) -> list[list[bytes]]:
        return calls.in_turns(self._calls(how_many), LINES)

    def _cpu_s(self, master: int) -> float:
        """Return the CPU seconds so far of a server's workers and of the database's backends."""
        pids = _children(master)
        if self._runtime.database.dialect == "postgresql":
            with self._runtime.database.reading() as tx:
                pids += tx.scalars(text("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")).all()
        return sum(map(_cpu_s, pids))


@contextmanager
def _served(application: str, setting: Setting) -> Iterator[tuple[int, int]]:
    """Serve an application on a free port; give the port and the master's process id."""
    port = _free_port()
    web = WebSettings(
        host="127.0.0.1",
        port=port,
        public_url="http://127.0.0.1:8000",
        workers=setting.workers,
        threads=setting.threads,
    )
    argv = [*gunicorn(web, application), "--log-level", "warning"]
    process = subprocess.Popen(argv, cwd=ROOT, env=setting.environ())
    try:
        _await(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing", timeout=2).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.05)


def _children(master: int) -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
    except OSError:
        return []


def _cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process so far; 0 where the system does not tell, or it is on another machine."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _in_its_own_process(run: Callable[..., Load], *args: object) -> Load:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(run, *args).result()


def _report(heading: str, rounds: dict[str, list[Round]], steady: Load) -> dict[str, float]:
    per_second = {name: statistics.median(each.load.per_second for each in of) for name, of in rounds.items()}
    cpu_us = {name: statistics.median(each.cpu_us for each in of) for name, of in rounds.items()}
    print(f"{heading}, {LINES} connections, {ROUNDS} rounds of {ROUND_S:g} s")
    print(f"  {'':16} {'per s':>8} {'of static':>10} {'CPU us':>8} {'p99 ms':>8}")
    for name, of in rounds.items():
        p99_ms = statistics.median(each.load.percentile_ms(0.99) for each in of)
        over = per_second[name] / per_second["static"]
        print(f"  {name:16} {per_second[name]:8,.0f} {over:10.3f} {cpu_us[name]:8,.0f} {p99_ms:8.1f}")
    p99_ms, slow = steady.percentile_ms(0.99), sum(each > SLOW_S for each in steady.latencies_s)
    print(
        f"  {OPEN_PER_SECOND}/s by chance for {OPEN_S:g} s, whole calls: p50 {steady.percentile_ms(0.5):.1f} ms,",
        end="",
    )
    print(f" p99 {p99_ms:.1f} ms, longest {1000 * max(steady.latencies_s):.0f} ms,", end="")
    print(f" {steady.failed} failed, {slow} slower than {SLOW_S:g} s", flush=True)
    figures = {
        "webhook_over_static": _over(per_second, "ours, keys", "static"),
        "webhook_over_textbook_orm": _over(per_second, "ours, keys", "textbook, keys"),
        "webhook_over_bare_orm": _over(per_second, "ours, keys", "bare, keys"),
        "call_over_static": _over(per_second, "ours, calls", "static"),
        "call_over_textbook_orm": _over(per_second, "ours, calls", "textbook, calls"),
        "static_cpu_over_webhook_cpu": _over(cpu_us, "static", "ours, keys"),
        "textbook_cpu_over_webhook_cpu": _over(cpu_us, "textbook, keys", "ours, keys"),
        "textbook_cpu_over_call_cpu": _over(cpu_us, "textbook, calls", "ours, calls"),
    }
    print("  " + ", ".join(f"{name.replace('_', ' ')} {figure:g}" for name, figure in figures.items()), flush=True)
    return figures | {
        "webhooks_per_s": round(per_second["ours, keys"]),
        "webhook_cpu_us": round(cpu_us["ours, keys"]),
        "static_cpu_us": round(cpu_us["static"]),
        "webhook_p99_ms_at_150": round(p99_ms, 1),
        "webhook_failed_at_150": steady.failed,
        "webhook_slow_at_150": slow,
    }


def _over(figures: dict[str, float], one: str, other: str) -> float:
    return round(figures[one] / (figures[other] or math.inf), 3)
