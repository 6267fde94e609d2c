"""A writer that is killed in the middle leaves nothing of what it wrote, however far it came."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from carrier.exchange.faults import load_faults
from scripts.rehearsal.mishaps import BLOWS, RULES, draw_blows, write_rules

ROWS = 5_000


def test_a_dying_writer_leaves_a_sqlite_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "sunvai.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE call (state TEXT, disposition TEXT, tries INT)")
        connection.execute("CREATE TABLE recording (state TEXT)")
        connection.executemany("INSERT INTO call VALUES ('planned', NULL, ?)", [(1,)] * ROWS)
    connection.close()
    writer = subprocess.Popen(
        [sys.executable, "-m", "scripts.rehearsal.dying_writer", str(file)], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"half-way\n"
    written_before_the_kill = (tmp_path / "sunvai.db-wal").stat().st_size
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert written_before_the_kill > 10_000  # what is not committed stands in the log already
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT state, tries, count(*) FROM call GROUP BY 1, 2").fetchall() == [
        ("planned", 1, ROWS)
    ]
    connection.close()


def test_the_same_seed_lets_the_same_blows_fall_and_each_at_least_once() -> None:
    blows = draw_blows("all", 300, seed=3)
    assert blows == draw_blows("all", 300, seed=3) != draw_blows("all", 300, seed=4)
    assert {name for _, name in draw_blows("all", 1, seed=3)} == {name for _, name in blows} == set(BLOWS)
    assert draw_blows("none", 300, seed=3) == []


def test_the_exchange_understands_every_rule(tmp_path: Path) -> None:
    rules = load_faults([str(write_rules(tmp_path, "all", seed=1))])
    assert len(rules) == len(RULES)
    assert len({rule.seed for rule in rules}) == len(RULES)
    assert load_faults([str(write_rules(tmp_path, "none", seed=1))]) == []
