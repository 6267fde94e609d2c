"""One dial: one POST at most, and what is written down for everything that a carrier can answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from callqueue.claiming import STOP_DIALING
from callqueue.dialing import dial, lease_of
from callqueue.runtime import Runtime
from carrier.plivo.client import PlivoCarrier
from ptm.clock import ManualClock
from ptm.models import Batch, Household, Pace, Round, Switch
from tests.conftest import SECRETS
from tests.unit.callqueue.small_carrier import SmallCarrier
from tests.unit.callqueue.village import Village


@pytest.fixture
def claimed(village: Village) -> int:
    """The claimed attempt of one family."""
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    return attempt_id


def no_sleep(_seconds: float) -> None:
    return


def try_dial(runtime: Runtime, attempt_id: int, **parts: Any) -> None:
    dial(runtime, attempt_id, **({"sleep": no_sleep} | parts))


def test_a_phone_rings_once_and_the_attempt_is_placed(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int
) -> None:
    try_dial(runtime, claimed)
    assert village.attempt(claimed).state == "placed"
    assert village.attempt(claimed).request_uuid == carrier.calls[0].call_uuid
    assert list(carrier.rang.values()) == [1]


def test_the_application_apologises_itself_unless_a_static_apology_is_named(
    runtime: Runtime, carrier: SmallCarrier, claimed: int
) -> None:
    try_dial(runtime, claimed)
    assert carrier.asked["fallback_url"].startswith(f"{runtime.settings.web.public_url}/voice/")
    assert carrier.asked["fallback_method"] == "POST"


def test_a_static_apology_is_asked_for_by_get(
    runtime: Runtime, carrier: SmallCarrier, claimed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = "https://sorry.example/sunvai/apology.xml"
    named = runtime.settings.carrier.model_copy(update={"fallback_url": static})
    monkeypatch.setattr(runtime, "settings", runtime.settings.model_copy(update={"carrier": named}))
    try_dial(runtime, claimed)
    assert carrier.asked["fallback_url"].partition("#")[0] == static
    assert carrier.asked["fallback_method"] == "GET"


def test_a_second_ring_of_the_bell_dials_nobody(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int
) -> None:
    for _ in range(3):
        try_dial(runtime, claimed)
    assert carrier.posts == 1


@pytest.mark.parametrize("answer", ["500", "accept_500", "silent", "silent_accept"])
def test_an_answer_that_may_hide_a_ringing_phone_is_unknown_and_never_posted_again(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int, answer: str
) -> None:
    carrier.will(answer)
    try_dial(runtime, claimed)
    try_dial(runtime, claimed)
    assert village.attempt(claimed).state == "unknown"
    assert carrier.posts == 1
    assert village.claim() == []  # the number has an open attempt


def test_being_throttled_costs_the_family_nothing_and_slows_everybody(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    carrier.will("429", "accept")
    try_dial(runtime, claimed)
    call = village.only_call()
    assert (call.state, call.tries, call.unplaced) == ("planned", 0, 0)
    clock.advance(timedelta(seconds=1))
    assert village.claim() == []  # the carrier rests
    clock.advance(timedelta(seconds=10))
    (again,) = village.claim()
    try_dial(runtime, again)
    assert village.attempt(again).state == "placed"


def test_throttling_for_ten_minutes_fails_no_call(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    carrier.will("429")
    try_dial(runtime, claimed)
    for _ in range(120):
        clock.advance(timedelta(seconds=5))
        for attempt_id in village.claim():
            try_dial(runtime, attempt_id)
    call = village.only_call()
    assert (call.state, call.tries, call.unplaced) == ("planned", 0, 0)
    assert carrier.posts <= 120


def test_a_number_the_carrier_refuses_for_good_ends_the_call(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int
) -> None:
    carrier.will("bad_number")
    try_dial(runtime, claimed)
    call = village.only_call()
    assert (call.state, call.disposition) == ("ended", "provider_failed")


def test_a_carrier_that_cannot_be_reached_leaves_the_call_planned(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int
) -> None:
    runtime.__dict__["carrier"] = PlivoCarrier(
        SECRETS["PLIVO_AUTH_ID"], SECRETS["PLIVO_AUTH_TOKEN"], api_url="http://127.0.0.1:1"
    )
    try_dial(runtime, claimed)
    call = village.only_call()
    assert (call.state, call.tries, call.unplaced) == ("planned", 0, 1)
    assert village.attempt(claimed).outcome == "not_placed"


def test_a_family_that_opted_out_since_the_claim_is_not_rung(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int
) -> None:
    household_id = village.only_call().household_id
    village.set(Household, household_id, opted_out_at=village.now)
    try_dial(runtime, claimed)
    assert carrier.posts == 0
    call = village.call(household_id)
    assert (call.state, call.disposition, call.tries) == ("ended", "opted_out", 0)


@pytest.mark.parametrize("state", ["paused", "canceled"])
def test_a_batch_stopped_since_the_claim_rings_nobody(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int, state: str
) -> None:
    village.set(Batch, 1, state=state)
    try_dial(runtime, claimed)
    assert carrier.posts == 0
    call = village.only_call()
    assert (call.state, call.disposition) == (("planned", None) if state == "paused" else ("ended", "canceled"))


def test_a_paused_round_rings_nobody(runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int) -> None:
    village.set(Round, 1, paused_at=village.now)
    try_dial(runtime, claimed)
    assert carrier.posts == 0


def test_the_stop_switch_is_obeyed_between_claim_and_dial(
    runtime: Runtime, village: Village, carrier: SmallCarrier, claimed: int
) -> None:
    village.stop_dialing()
    try_dial(runtime, claimed)
    assert carrier.posts == 0
    assert village.count(Switch, Switch.name == STOP_DIALING) == 1


def test_a_process_stopped_between_its_claim_and_its_post_must_not_send(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    """The stop falls where it hurts: after the right to dial was taken, while waiting for the start."""

    def stopped(_seconds: float) -> None:
        clock.advance(lease_of(runtime) / 2)

    try_dial(runtime, claimed, sleep=stopped)
    assert carrier.posts == 0
    attempt = village.attempt(claimed)
    assert (attempt.state, attempt.outcome) == ("ended", "not_dialed")
    assert village.only_call().state == "planned"


def test_a_stop_is_noticed_even_if_the_clock_was_set_back_meanwhile(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    ticks = iter([0.0, runtime.settings.machine.lease_s / 2])

    def stopped(_seconds: float) -> None:
        clock.advance(timedelta(hours=-1))

    try_dial(runtime, claimed, sleep=stopped, monotonic=lambda: next(ticks))
    assert carrier.posts == 0


def test_a_claim_past_half_its_lease_is_not_dialled_at_all(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    clock.advance(lease_of(runtime) / 2)
    try_dial(runtime, claimed)
    assert carrier.posts == 0
    assert village.attempt(claimed).dial_started_at is None


def test_a_process_whose_clock_is_far_behind_does_not_dial(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    clock.advance(timedelta(minutes=-5))
    try_dial(runtime, claimed)
    assert carrier.posts == 0


def test_a_start_that_would_fall_behind_the_closing_hour_is_given_back(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock
) -> None:
    """Claimed in time, to start a second after seven in the evening."""
    clock.advance(datetime(2026, 11, 25, 13, 29, 40, tzinfo=UTC) - clock.now())
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    with village.writing() as tx:
        tx.execute(insert(Pace).values(account="main", last_start_at=clock.now() + timedelta(seconds=21)))
    try_dial(runtime, attempt_id)
    assert carrier.posts == 0
    call = village.only_call()
    assert call.state == "planned"
    assert call.due_at == clock.now()  # still open for some seconds; the claim and the dial judge it again


def test_a_dialler_that_wakes_late_takes_a_new_start(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    waits = iter([timedelta(seconds=3), timedelta(0)])
    try_dial(runtime, claimed, sleep=lambda _s: clock.advance(next(waits)))
    assert carrier.posts == 1
    assert village.row(select(Pace.__table__)).last_start_at == clock.now()


def test_starts_of_all_diallers_stand_apart(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock
) -> None:
    for _ in range(3):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(seconds=3))
    slept: list[float] = []
    for attempt_id in village.claim():
        dial(runtime, attempt_id, sleep=slept.append)
    assert slept == [0.0, 0.5, 1.0]  # two calls a second
