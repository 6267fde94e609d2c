"""What the carrier knows that we do not: there, not there, and nobody to ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callqueue.dialing import dial
from callqueue.reconciling import reconcile
from callqueue.runtime import Runtime
from ptm.clock import ManualClock
from tests.unit.callqueue.small_carrier import SmallCarrier
from tests.unit.callqueue.village import Village


@pytest.fixture
def dialled(runtime: Runtime, village: Village, carrier: SmallCarrier) -> int:
    """An attempt whose POST got no usable answer; whether the carrier took it, the test's script says."""
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    return attempt_id


def try_dial(runtime: Runtime, carrier: SmallCarrier, attempt_id: int, answer: str) -> None:
    carrier.will(answer, "accept")
    dial(runtime, attempt_id, sleep=lambda _s: None)


def test_an_accepted_dial_is_found_and_never_dialled_again(
    runtime: Runtime, village: Village, carrier: SmallCarrier, dialled: int
) -> None:
    try_dial(runtime, carrier, dialled, "accept_500")
    reconcile(runtime, dialled)
    attempt = village.attempt(dialled)
    assert (attempt.state, attempt.call_uuid) == ("placed", carrier.calls[0].call_uuid)
    assert village.claim() == []


@pytest.mark.parametrize(
    ("cause", "answered", "state", "reach"),
    [(3010, False, "planned", "unreached"), (4000, True, "planned", "answered"), (3020, False, "ended", "unreached")],
)
def test_a_call_that_is_over_ends_as_the_carrier_says(
    runtime: Runtime, village: Village, carrier: SmallCarrier, dialled: int, cause: int, answered: bool, state: str,
    reach: str
) -> None:  # fmt: skip
    try_dial(runtime, carrier, dialled, "accept_500")
    carrier.end(cause, answered=answered)
    reconcile(runtime, dialled)
    attempt, call = village.attempt(dialled), village.only_call()
    assert (attempt.state, attempt.cause_code, attempt.talk_s) == ("ended", cause, 42 if answered else 0)
    assert (call.state, call.tries, call.reach) == (state, 1, reach)


def test_a_clean_not_there_may_be_planned_again_and_costs_no_try(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, dialled: int
) -> None:
    try_dial(runtime, carrier, dialled, "500")
    reconcile(runtime, dialled)
    call = village.only_call()
    assert (call.state, call.tries, call.unplaced, village.attempt(dialled).outcome) == ("planned", 0, 1, "not_there")
    clock.advance(timedelta(seconds=10))
    (again,) = village.claim()
    dial(runtime, again, sleep=lambda _s: None)
    assert list(carrier.rang.values()) == [1]


def test_two_clean_not_theres_are_as_far_as_the_lists_are_trusted(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, dialled: int
) -> None:
    try_dial(runtime, carrier, dialled, "500")
    reconcile(runtime, dialled)
    clock.advance(timedelta(seconds=10))
    (again,) = village.claim()
    try_dial(runtime, carrier, again, "500")
    reconcile(runtime, again)
    assert (village.only_call().state, village.only_call().disposition) == ("ended", "provider_failed")


def test_a_carrier_that_cannot_be_asked_leaves_everything_as_it_is(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, dialled: int
) -> None:
    try_dial(runtime, carrier, dialled, "500")
    carrier.is_away = True
    for _ in range(3):
        reconcile(runtime, dialled)
        clock.advance(timedelta(hours=1))
    assert village.attempt(dialled).state == "unknown"
    assert village.claim() == []


@pytest.mark.parametrize("skew_s", [-290, -30, 30, 290])
def test_a_carrier_whose_clock_differs_is_still_understood(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, dialled: int, skew_s: int
) -> None:
    carrier.at = clock.now() + timedelta(seconds=skew_s)
    try_dial(runtime, carrier, dialled, "accept_500")
    carrier.end(3010)
    reconcile(runtime, dialled)
    assert village.attempt(dialled).outcome == "busy"


def test_an_earlier_call_to_the_same_number_is_not_taken_for_this_one(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, dialled: int
) -> None:
    """The first dial was rejected a minute ago and is known; the second never reached the carrier."""
    dial(runtime, dialled, sleep=lambda _s: None)
    carrier.end(3010)
    village.end(dialled, "busy")
    clock.advance(timedelta(minutes=15))
    carrier.at = clock.now() - timedelta(minutes=4)
    carrier.calls[0].started_at = carrier.at
    (again,) = village.claim()
    try_dial(runtime, carrier, again, "500")
    reconcile(runtime, again)
    assert village.attempt(again).outcome == "not_there"


def test_a_placed_call_whose_hangup_never_came_is_looked_up(
    runtime: Runtime, village: Village, carrier: SmallCarrier, dialled: int
) -> None:
    dial(runtime, dialled, sleep=lambda _s: None)
    carrier.end(3000)
    reconcile(runtime, dialled)
    assert village.attempt(dialled).outcome == "no_answer"


def test_a_call_that_the_carrier_forgot_failed_there(
    runtime: Runtime, village: Village, carrier: SmallCarrier, dialled: int
) -> None:
    dial(runtime, dialled, sleep=lambda _s: None)
    carrier.calls.clear()
    reconcile(runtime, dialled)
    assert (village.attempt(dialled).outcome, village.only_call().tries) == ("carrier_failed", 1)


def test_a_claim_that_was_never_dialled_is_nobodys_question(
    runtime: Runtime, village: Village, carrier: SmallCarrier, dialled: int
) -> None:
    reconcile(runtime, dialled)
    assert village.attempt(dialled).state == "claimed"
