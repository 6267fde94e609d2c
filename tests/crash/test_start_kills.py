"""Rows 1 and 2 of the kill matrix: whoever starts the calls of a class is killed around the commit."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from callqueue import planning, sweeping
from ivr.trees.load import PTM_TREE, load_tree
from ptm.models import Batch, Call, School, TreeVersion
from tests.crash.conftest import Street
from tests.crash.test_kill_matrix import nobody_was_called_twice, play_out

KILLS = [
    ("1: nothing committed", "scripts.commands.batch:start_batch", "after", 0),
    ("1: planned, not committed", "ptm.audit:record", "after", 0),
    ("2: committed, before the bell", "callqueue.bells:Bells.ring", "before", 1),
    ("2: rung, before it is told", "callqueue.bells:Bells.ring", "after", 1),
]


@pytest.mark.parametrize(("row", "where", "when", "batches"), KILLS, ids=[kill[0] for kill in KILLS])
def test_a_start_that_was_killed_is_pressed_again_and_calls_once(
    street: Street, row: str, where: str, when: str, batches: int
) -> None:
    street.village.family()
    tree = load_tree(PTM_TREE)
    with street.village.writing() as tx:
        now = street.village.now
        tx.execute(insert(TreeVersion).values(hash=tree.hash, definition=tree.definition, created_at=now))
    words = (street.village.open_round(tree_hash=tree.hash), street.village.row(select(School.udise)).udise, "5A")
    street.kill_at("press", where, when, *words)
    assert street.village.count(Batch) == batches
    assert street.village.count(Call) == batches
    child = street.start("press", "-", "never", *words)  # the page is loaded again, the button pressed again
    child.join(60)
    assert child.exitcode == 0
    assert (street.village.count(Batch), street.village.count(Call)) == (1, 1)
    street.runtime.redis.flushdb()
    sweeping.sweep(street.runtime)
    assert street.runtime.bells.waiting("media") == 1  # whatever bell was lost: its audio will be prepared
    with street.runtime.database.session() as session:
        planning.prepared(session, street.village.row(select(Batch.id)).id)
    play_out(street)
    assert nobody_was_called_twice(street)
    assert street.village.only_call().disposition == "completed"
