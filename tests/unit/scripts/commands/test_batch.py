from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from callqueue.planning import BatchRefused
from callqueue.runtime import Runtime
from ptm.models import Audit, Batch, Call
from tests.unit.scripts.commands.conftest import Say

CLASS = ("03010100101", "5A")


@pytest.fixture(autouse=True)
def open_round(say: Say, parts: Runtime, class_list: Path, built: Path) -> None:
    parts.redis.flushdb()
    say("roster", "import", str(class_list))
    say("round", "open", "Week one", "--starts", "2026-11-25", "--ends", "2026-11-30")


def state(parts: Runtime) -> str | None:
    with parts.database.reading() as tx:
        return tx.scalar(select(Batch.state))


def test_a_batch_plans_one_call_for_each_household_and_rings_for_its_preparation(say: Say, parts: Runtime) -> None:
    told = say("batch", "start", "1", *CLASS)
    assert told.stdout == "Batch 1 has begun: 1 household(s) will be called.\n"
    assert parts.bells.waiting("media") == 1
    with parts.database.reading() as tx:
        assert tx.scalars(select(Call.state)).all() == ["planned"]


def test_a_batch_started_twice_is_one_batch(say: Say, parts: Runtime) -> None:
    say("batch", "start", "1", *CLASS)
    assert "Batch 1 is there already" in say("batch", "start", "1", *CLASS).stdout
    with parts.database.reading() as tx:
        assert tx.scalars(select(Audit.action).where(Audit.action == "batch.start")).all() == ["batch.start"]


def test_a_batch_is_paused_resumed_and_canceled(say: Say, parts: Runtime) -> None:
    say("batch", "start", "1", *CLASS)
    assert say("batch", "pause", "1").stdout == "Batch 1 is paused.\n"
    assert state(parts) == "paused"
    assert say("batch", "resume", "1").stdout == "Batch 1 is going on.\n"
    assert state(parts) == "preparing"
    assert say("batch", "cancel", "1", keys="n\n").exit_code == 1
    assert state(parts) == "preparing"
    assert "Batch 1 is canceled.\n" in say("batch", "cancel", "1", keys="y\n").stdout
    assert state(parts) == "canceled"


def test_what_cannot_be_done_is_said(say: Say) -> None:
    for words, why in {
        ("start", "7", *CLASS): "no round 7",
        ("start", "1", "03010100199", "5A"): "no school 03010100199",
        ("start", "1", "03010100101", "9C"): "no class 9C; it has 3B, 5A",
        ("pause", "7"): "no batch 7",
    }.items():
        refused = say("batch", *words)
        assert isinstance(refused.exception, BatchRefused)
        assert why in str(refused.exception)
    say("batch", "start", "1", *CLASS)
    assert "batch 1 is preparing" in str(say("batch", "resume", "1").exception)


def test_batches_are_listed_with_how_many_calls_have_ended(say: Say, parts: Runtime) -> None:
    assert "No batch has been started yet." in say("batch", "list").stdout
    say("batch", "start", "1", *CLASS)
    say("batch", "cancel", "1", "--yes")
    line = say("batch", "list", "--round", "1").stdout.splitlines()[1]
    assert line.split("  ")[0] == "1" and "canceled" in line and line.endswith("1 of 1")
    assert "No batch" in say("batch", "list", "--round", "2").stdout
