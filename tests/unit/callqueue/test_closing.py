"""A round that is closed calls nobody any more, and what waited for its turn expires."""

from __future__ import annotations

from sqlalchemy import select

from callqueue.closing import close_round
from callqueue.sweeping import sweep
from ptm.models import Call
from tests.unit.callqueue.village import Village


def close(village: Village, round_id: int) -> bool:
    with village.writing() as tx:
        return close_round(tx, round_id, village.runtime.clock.now())


def test_nobody_is_called_in_a_round_that_was_closed(village: Village) -> None:
    round_id, other = village.open_round(), village.open_round()
    home = village.family()
    village.start(round_id)
    village.start(other)
    assert close(village, round_id)
    assert len(village.claim()) == 1
    sweep(village.runtime)
    with village.runtime.database.reading() as tx:
        ended = tx.execute(
            select(Call.round_id, Call.disposition).where(Call.household_id == home, Call.state == "ended")
        )
        assert [tuple(row) for row in ended] == [(round_id, "expired")]


def test_closing_twice_changes_nothing(village: Village) -> None:
    round_id = village.open_round()
    assert [close(village, round_id), close(village, round_id)] == [True, False]
