"""A pause, a cancel, the switch and an opt-out reach dials that wait at the carrier."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callqueue import ledger
from callqueue.dialing import dial
from callqueue.planning import cancel_batch
from callqueue.runtime import Runtime
from callqueue.withdrawing import ASK_AGAIN, ring_for_unwanted, withdraw
from ptm.clock import ManualClock
from ptm.models import Batch, Household, Round
from tests.unit.callqueue.small_carrier import SmallCarrier
from tests.unit.callqueue.village import Village


@pytest.fixture
def waiting(runtime: Runtime, village: Village, carrier: SmallCarrier) -> int:
    """A dial that the carrier took and has not started."""
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    carrier.will("queue")
    dial(runtime, attempt_id, sleep=lambda _s: None)
    return attempt_id


def pause(village: Village) -> None:
    village.set(Batch, 1, state="paused")


STOPS = {
    "the batch is paused": pause,
    "the round is paused": lambda v: v.set(Round, 1, paused_at=v.now),
    "the stop switch is thrown": lambda v: v.stop_dialing(),
    "the family opted out": lambda v: v.set(Household, 1, opted_out_at=v.now),
    "the hours are over": lambda v: v.runtime.clock.advance(timedelta(hours=8)),
}


@pytest.mark.parametrize("stop", STOPS)
def test_a_waiting_dial_is_taken_back_when(
    runtime: Runtime, village: Village, carrier: SmallCarrier, waiting: int, stop: str
) -> None:
    assert ring_for_unwanted(runtime) == []
    STOPS[stop](village)
    assert ring_for_unwanted(runtime) == [waiting]
    withdraw(runtime, waiting)
    assert carrier.canceled == [carrier.calls[0].call_uuid]
    assert ring_for_unwanted(runtime) == []  # asked already


def test_a_dial_that_is_wanted_stays(runtime: Runtime, carrier: SmallCarrier, waiting: int) -> None:
    withdraw(runtime, waiting)
    assert carrier.canceled == []


def test_a_withdrawn_dial_costs_the_family_nothing(
    runtime: Runtime, village: Village, carrier: SmallCarrier, waiting: int
) -> None:
    pause(village)
    withdraw(runtime, waiting)
    village.end(waiting, "canceled")
    call = village.only_call()
    assert (call.state, call.tries, call.unplaced) == ("planned", 0, 0)
    assert village.attempt(waiting).outcome == "withdrawn"


def test_canceling_the_batch_ends_the_withdrawn_call(
    runtime: Runtime, village: Village, carrier: SmallCarrier, waiting: int
) -> None:
    with runtime.database.session() as session:
        cancel_batch(session, 1, village.now)
    withdraw(runtime, waiting)
    village.end(waiting, "canceled")
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "canceled")


def test_a_phone_that_rings_already_is_left_to_ring(
    runtime: Runtime, village: Village, carrier: SmallCarrier, waiting: int
) -> None:
    with village.writing() as tx:
        ledger.ringing(tx, waiting, call_uuid=None, now=village.now)
    pause(village)
    assert ring_for_unwanted(runtime) == []
    withdraw(runtime, waiting)
    assert carrier.canceled == []


def test_a_carrier_that_cannot_be_asked_is_asked_again(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, waiting: int
) -> None:
    pause(village)
    carrier.is_away = True
    withdraw(runtime, waiting)
    assert ring_for_unwanted(runtime) == []  # the carrier may have obeyed: it is asked again in a while
    clock.advance(ASK_AGAIN)
    assert ring_for_unwanted(runtime) == [waiting]
    carrier.is_away = False
    withdraw(runtime, waiting)
    assert ring_for_unwanted(runtime) == []
    clock.advance(ASK_AGAIN)
    assert ring_for_unwanted(runtime) == [waiting]  # no hang-up came: perhaps we died before asking
