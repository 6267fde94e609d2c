"""What happens between a question and its answer: a pause, a ring, a new child, a lost reply."""

from __future__ import annotations

import threading
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError

from asr.pipeline import Transcript as Heard
from callqueue import ledger, pace, participation, planning, transcribing
from callqueue.dialing import dial
from callqueue.planning import cancel_batch, plan_round
from callqueue.reconciling import reconcile
from callqueue.recordings import MISSING_FOR_GOOD, fetch
from callqueue.runtime import Runtime
from callqueue.wanting import want_recording
from callqueue.withdrawing import withdraw
from carrier.contract import CarrierCall
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.errors import CarrierUnavailable
from ptm.models import Batch, Call, Recording, Suggestion, Switch
from tests.unit.callqueue.small_carrier import SmallCarrier
from tests.unit.callqueue.village import Village


@pytest.fixture
def claimed(village: Village) -> int:
    """One family of one class, claimed and not dialled yet."""
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    return attempt_id


@pytest.fixture
def queued(runtime: Runtime, carrier: SmallCarrier, claimed: int) -> int:
    """The same, dialled, and waiting at the carrier for its turn."""
    carrier.will("queue")
    dial(runtime, claimed, sleep=lambda _s: None)
    return claimed


def test_a_cancel_whose_answer_was_lost_does_not_lose_the_call(runtime: Runtime, village: Village, queued: int) -> None:
    village.set(Batch, 1, state="paused")
    obeyed = runtime.carrier.cancel

    def cancel(request_id: str) -> None:
        obeyed(request_id)
        raise CarrierUnavailable("the answer did not come")

    with mock.patch.object(runtime.carrier, "cancel", cancel):
        withdraw(runtime, queued)
    village.end(queued, "canceled")
    assert village.attempt(queued).outcome == "withdrawn"
    assert village.only_call().state == "planned"


def test_a_dial_is_withdrawn_once_however_often_the_bell_rings(
    runtime: Runtime, village: Village, carrier: SmallCarrier, queued: int
) -> None:
    village.set(Batch, 1, state="paused")
    for _ in range(3):
        withdraw(runtime, queued)
    assert len(carrier.canceled) == 1


def test_a_withdrawn_dial_that_the_carrier_forgot_costs_no_try(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, queued: int
) -> None:
    village.set(Batch, 1, state="paused")
    withdraw(runtime, queued)
    carrier.calls.clear()
    clock.advance(timedelta(minutes=10))
    reconcile(runtime, queued)
    assert (village.attempt(queued).outcome, village.only_call().tries) == ("withdrawn", 0)


def test_a_phone_that_begins_to_ring_while_the_lists_are_read_is_not_called_absent(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    carrier.will("500", "accept")
    dial(runtime, claimed, sleep=lambda _s: None)
    clock.advance(timedelta(minutes=3))

    def find(*_asked: object) -> tuple[CarrierCall, ...]:
        with runtime.database.writing() as tx:
            ledger.ringing(tx, claimed, call_uuid="u-12345678", now=clock.now())
        return ()

    with mock.patch.object(runtime.carrier, "find", find):
        reconcile(runtime, claimed)
    assert village.attempt(claimed).state == "ringing"


def test_the_switch_thrown_while_a_dialler_waits_for_its_start_stops_it(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, claimed: int
) -> None:
    with runtime.database.writing() as tx:
        pace.rest(tx, clock.now() + timedelta(seconds=30))

    def sleep(wait_s: float) -> None:
        if not village.count(Switch):
            village.stop_dialing()
        clock.advance(timedelta(seconds=wait_s))

    dial(runtime, claimed, sleep=sleep, monotonic=lambda: 0.0)
    assert carrier.posts == 0


def test_a_new_child_of_a_class_that_was_done_is_called(runtime: Runtime, village: Village, clock: ManualClock) -> None:
    village.family()
    round_id = village.open_round()
    village.start(round_id)
    (attempt_id,) = village.claim()
    village.end(attempt_id, "rejected")
    assert village.batch_state(1) == "done"
    village.family()
    assert plan_round(runtime.database, round_id, user_id=None, now=clock.now()) == 1
    with runtime.database.session() as session:
        assert planning.prepared(session, 1)
    assert len(village.claim()) == 1


@pytest.mark.parametrize("was_done", [True, False])
def test_a_second_press_calls_the_children_who_came_since(village: Village, was_done: bool) -> None:
    village.family()
    round_id = village.open_round()
    village.start(round_id)
    (attempt_id,) = village.claim()
    if was_done:
        village.end(attempt_id, "rejected")
    village.family()
    assert village.start(round_id) == 1
    assert len(village.claim()) == 1
    assert village.batch_state(1) == "calling"


def test_a_second_press_revives_no_canceled_class(runtime: Runtime, village: Village) -> None:
    village.family()
    round_id = village.open_round()
    batch_id = village.start(round_id)
    with runtime.database.session() as session:
        cancel_batch(session, batch_id, village.now)
    village.family()
    assert village.press(round_id) == batch_id
    assert (village.batch_state(batch_id), village.claim(), village.count(Call)) == ("canceled", [], 1)


def test_a_cancel_and_the_end_of_a_last_call_do_not_lock_each_other_out(runtime: Runtime, village: Village) -> None:
    """A family opts out elsewhere while its class is canceled: the second waits, and nobody is turned away."""
    household_id = village.family()
    batch_id = village.start(village.open_round())
    has_ended, failures = threading.Event(), []

    def cancel() -> None:
        has_ended.wait(5)
        try:
            with runtime.database.session() as session:
                cancel_batch(session, batch_id, village.now)
        except DBAPIError as error:
            failures.append(error)

    def pause_before_the_batch(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE batch") and not has_ended.is_set():
            has_ended.set()
            canceling.join(0.3)  # long enough to take what it takes first

    canceling = threading.Thread(target=cancel)
    event.listen(runtime.database.engine, "before_cursor_execute", pause_before_the_batch)
    try:
        canceling.start()
        with village.writing() as tx:
            ledger.opt_out_household(tx, household_id, now=village.now)
        canceling.join(20)
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", pause_before_the_batch)
    assert not failures
    assert village.only_call().disposition == "opted_out"


@pytest.fixture
def siblings(village: Village) -> tuple[int, int]:
    """A family with a child in each of two classes; the first class calls. Gives the round and the second class."""
    other = village.add_class(village.school, "2B")
    village.family(children=[village.school_class, other])
    round_id = village.open_round()
    village.start(round_id)
    return round_id, other


def test_a_family_waits_for_a_sibling_whose_class_is_still_prepared(
    village: Village, siblings: tuple[int, int]
) -> None:
    village.press(*siblings)
    assert village.claim() == []


def test_a_sibling_of_a_canceled_class_is_not_spoken_of(
    runtime: Runtime, village: Village, siblings: tuple[int, int]
) -> None:
    batch_id = village.start(*siblings)
    with runtime.database.session() as session:
        cancel_batch(session, batch_id, village.now)
    (attempt_id,) = village.claim()
    assert len(village.attempt(attempt_id).facts["children"]) == 1


def test_counts_do_not_dip_while_they_are_folded(runtime: Runtime, village: Village) -> None:
    round_id = village.open_round()
    with village.writing() as tx:
        participation.count(tx, round_id, village.school, pulses=100)
    folded: list[bool] = []

    def fold_before(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if runtime.database.dialect == "sqlite" or folded or not statement.lstrip().startswith("SELECT"):
            return  # SQLite reads from one snapshot, and would wait for this very reader
        if "participation_change" in statement:
            folded.append(True)
            other = Database(runtime.settings.database.url)
            with other.writing() as tx:
                participation.fold(tx)
            other.dispose()

    event.listen(runtime.database.engine, "before_cursor_execute", fold_before)
    try:
        with runtime.database.reading() as tx:
            counts = participation.load_participation(tx, round_id, "school", [village.school])
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", fold_before)
    assert counts[village.school]["pulses"] == 100
    assert folded or runtime.database.dialect == "sqlite"


@pytest.fixture
def wanted(village: Village, claimed: int) -> int:
    """A recording of that family's call, not fetched yet, at an address that is not the carrier's."""
    with village.writing() as tx:
        made = want_recording(
            tx, village.attempt(claimed), "rec-1", "https://elsewhere.example/x.wav", 5000, language="pa",
            now=village.now,
        )  # fmt: skip
    assert made is not None
    return made


def test_an_analyst_quicker_than_the_recogniser_still_gets_the_words(village: Village, wanted: int) -> None:
    village.set(Recording, wanted, state="stored", file="x.wav")
    village.set(Suggestion, 1, status="read", theme="teaching")
    heard = Heard("speech", "model", public_text="clean water", doubt=0.1, theme="buildings")
    with village.writing() as tx:
        transcribing._store(tx, wanted, heard, village.now)
    row = village.row(select(Suggestion.public_text, Suggestion.theme, Suggestion.status))
    assert tuple(row) == ("clean water", "teaching", "read")


def test_a_recording_that_can_never_come_goes_to_a_person(runtime: Runtime, village: Village, wanted: int) -> None:
    fetch(runtime, wanted)
    assert village.row(select(Recording.state)).state == "parked"
    assert village.row(select(Suggestion.status)).status == "needs_listening"


def test_a_recording_that_is_missing_for_days_goes_to_a_person(
    runtime: Runtime, village: Village, carrier: SmallCarrier, clock: ManualClock, wanted: int
) -> None:
    village.set(Recording, wanted, url=f"{carrier.url}/nowhere.wav")
    fetch(runtime, wanted)
    assert village.row(select(Recording.state)).state == "wanted"
    clock.advance(MISSING_FOR_GOOD + timedelta(minutes=1))
    fetch(runtime, wanted)
    assert village.row(select(Recording.state)).state == "parked"
