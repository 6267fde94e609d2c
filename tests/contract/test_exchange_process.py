"""The exchange as a process: started by its command, killed in the middle of a call, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from carrier.contract import Dial
from carrier.exchange.command import command
from carrier.exchange.journal import read_journal
from carrier.plivo.client import PlivoCarrier
from tests.contract.customer import Customer
from tests.contract.exchange import AUTH_ID, AUTH_TOKEN, PARENT

ACCOUNT = {"PLIVO_AUTH_ID": AUTH_ID, "PLIVO_AUTH_TOKEN": AUTH_TOKEN}
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the exchange's process and give it and its address."""
    argv = [sys.executable, "-m", "carrier.exchange", "--folder", str(folder), *options]
    process = subprocess.Popen(argv, cwd=ROOT, env=os.environ | ACCOUNT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_killed_in_the_middle_of_a_call_it_comes_back_with_an_honest_end(
    tmp_path: Path, dial: Dial, customer: Customer
) -> None:
    customer.documents["answer"] = '<Wait length="600"/>'
    options = ("--speed", "20", "--anchor-at", "2026-11-25T05:30:00Z", "--anchor-wall", str(time.time()))
    with running(tmp_path, "--port", "0", *options) as (process, url):
        carrier = PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=url)
        placed = carrier.place(replace(dial, to=PARENT))
        until(lambda: "answer" in customer.paths)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(tmp_path, "--port", url.rsplit(":", 1)[1], *options) as (process, again):
        assert again == url
        until(lambda: "hangup" in customer.paths)
        ended = carrier.look_up(placed.request_id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert ended is not None
    assert (ended.state, ended.cause_code) == ("ended", 5000)
    assert ended.started_at is not None
    assert ended.started_at - datetime(2026, 11, 25, 5, 30, tzinfo=UTC) < timedelta(minutes=5)
    events = [entry["event"] for entry in read_journal(tmp_path / "journal.jsonl")]
    assert (events.count("started"), events.count("dialled"), events.count("ended")) == (2, 1, 1)


def until(is_so: object, within_s: float = 15.0) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_while_tokens_rotate_webhooks_carry_the_signatures_of_both(
    tmp_path: Path, dial: Dial, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIVO_OLD_AUTH_TOKEN", "the-old-token")
    with running(tmp_path, "--port", "0", "--speed", "100", "--cps", "50") as (_, url):
        for token in ("the-old-token", AUTH_TOKEN):
            PlivoCarrier(AUTH_ID, token, api_url=url).place(replace(dial, to=PARENT))
        until(lambda: customer.paths.count("hangup") == 2)
    assert customer.unsigned == []  # the SDK finds the token it knows among the two


def test_it_says_that_it_is_well_and_nothing_else_without_credentials(tmp_path: Path) -> None:
    with running(tmp_path, "--port", "0") as (_, url):
        assert requests.get(f"{url}/healthz", timeout=5).status_code == 200
        refused = requests.get(f"{url}/v1/Account/{AUTH_ID}/Call/", timeout=5)
        assert (refused.status_code, set(refused.json())) == (401, {"api_id", "error"})


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--speed", "0"], "--speed"),
        (["--anchor-at", "2026-11-25T05:30:00Z"], "both or neither"),
        (["--anchor-at", "yesterday", "--anchor-wall", "1"], "--anchor-at yesterday"),
        (["--anchor-at", "2026-11-25T05:30:00", "--anchor-wall", "1"], "time zone"),
        (["--switch", "wild=1"], "wild"),
        (["--faults", "gremlins"], "gremlins"),
        (["--population", "nobody.json"], "nobody.json"),
        (["--host", "203.0.113.9"], "--host"),
    ],
)
def test_a_bad_option_is_one_clear_line(tmp_path: Path, options: list[str], reason: str) -> None:
    told = CliRunner().invoke(command, ["--folder", str(tmp_path), *options], env=ACCOUNT)
    assert told.exit_code == 1
    assert reason in told.output


def test_without_an_account_it_says_what_to_set(tmp_path: Path) -> None:
    told = CliRunner().invoke(command, ["--folder", str(tmp_path)], env={"PLIVO_AUTH_ID": "", "PLIVO_AUTH_TOKEN": ""})
    assert told.exit_code == 1
    assert "PLIVO_AUTH_ID is not set" in told.output
