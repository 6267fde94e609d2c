"""An exchange on a port, in a thread, with a clock a hundred times as fast; and the phones it can ring."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carrier.exchange.clock import ClockLoop, Pace, WallPace
from carrier.exchange.exchange import Plan, Rules
from carrier.exchange.faults import Faults, parse_fault
from carrier.exchange.journal import Entry, read_journal
from carrier.exchange.population import Behaviour, Population
from carrier.exchange.server import Server
from carrier.exchange.webhooks import Account

AUTH_ID = "MAEXCHANGE0000000000"
AUTH_TOKEN = "token-of-the-account"
SCHOOL = "918035731000"
PARENT = "919812345678"
PATIENT = "919812345601"  # lets the phone ring for long and never answers
SPEED = 100.0


@dataclass
class OpenExchange:
    """The exchange as its neighbours see it."""

    url: str
    journal: Path
    rules: Rules

    def story(self, event: str) -> list[Entry]:
        return [entry for entry in read_journal(self.journal) if entry["event"] == event]

    def until(self, event: str, count: int = 1, within_s: float = 10.0) -> list[Entry]:
        """Wait until the journal tells `count` times of `event`, and return its entries."""
        deadline = time.monotonic() + within_s
        while len(found := self.story(event)) < count:
            assert time.monotonic() < deadline, f"the journal tells {len(found)} times of {event!r}, not {count}"
            time.sleep(0.005)
        return found

    def fault(self, **rule: Any) -> None:
        self.rules.faults = Faults([parse_fault(rule, "test")])


@contextmanager
def opened_exchange(
    folder: Path,
    people: Mapping[str, tuple[Behaviour, ...]],
    speed: float = SPEED,
    pace: Pace | None = None,
    account: Account = Account(AUTH_ID, AUTH_TOKEN, AUTH_TOKEN),  # noqa: B008 - it never changes
    **plan: Any,
) -> Iterator[OpenExchange]:
    rules = Rules()
    journal = folder / "journal.jsonl"
    whole = Plan(account, folder, journal, "", caller_ids=frozenset({SCHOOL}), **{"cps": 1000.0, **plan})
    loop = ClockLoop(pace or WallPace(time.time(), speed), datetime.now(UTC))
    server = Server(whole, Population(people), loop, "127.0.0.1", 0, rules)
    ready = threading.Event()
    thread = threading.Thread(target=server.serve, args=(ready.set,))
    thread.start()
    assert ready.wait(10)
    try:
        yield OpenExchange(server.url, journal, rules)
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()
