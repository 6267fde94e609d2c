"""A recording whose webhooks were all lost is found in the carrier's own list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import func, insert, select, update

from callqueue import wanting
from callqueue.comparing import CHUNK, LOOKS_BACK, compare
from callqueue.runtime import Runtime
from carrier.contract import CarrierRecording
from ivr.trees import engine
from ptm.errors import CarrierUnavailable
from ptm.models import (
    Area,
    Attempt,
    Call,
    Household,
    ParticipationChange,
    PhoneNumber,
    Recording,
    Round,
    School,
    Suggestion,
    TreeVersion,
)
from tests.conftest import NOW


class Shelf:
    """The carrier's list of recordings; with `breaks_after` its pages end in the middle."""

    def __init__(self, *recordings: CarrierRecording, breaks_after: int | None = None) -> None:
        self._recordings, self._breaks_after = recordings, breaks_after

    def recordings(self, since: datetime) -> Iterator[CarrierRecording]:
        assert since == NOW - LOOKS_BACK
        for at, recording in enumerate(self._recordings):
            if at == self._breaks_after:
                raise CarrierUnavailable("the list broke off")
            yield recording


def recording(number: int, call_id: str = "call-1") -> CarrierRecording:
    return CarrierRecording(f"rec-{number}", call_id, f"https://media.plivo.com/{number}.wav", 4200, NOW)


@pytest.fixture
def a_call(runtime: Runtime) -> int:
    """One answered attempt that the carrier knows as call-1."""
    with runtime.database.writing() as tx:
        tx.execute(insert(Area).values(id=1, kind="state", code="03", name="State"))
        tx.execute(insert(School).values(id=1, udise="03010100101", name="School", spoken={}, area_id=1))
        tx.execute(insert(TreeVersion).values(hash="h", definition="", created_at=NOW))
        tx.execute(
            insert(Round).values(
                id=1, area_id=1, name="Round", starts_on_ist=NOW.date(), ends_on_ist=NOW.date(),
                opens_ist=runtime.settings.calling.opens, closes_ist=runtime.settings.calling.closes, weekdays="wed",
                holidays={}, meeting_on_ist=NOW.date(), tries=3, ladder={}, tree_hash="h",
            )
        )  # fmt: skip
        tx.execute(insert(Household).values(id=1, language="pa", created_at=NOW))
        tx.execute(
            insert(PhoneNumber).values(
                id=1, household_id=1, position=0, sealed_msisdn=b"", msisdn_index="i", last4="0001"
            )
        )
        tx.execute(insert(Call).values(id=1, round_id=1, household_id=1, school_id=1, state="open", due_at=NOW))
        tx.execute(
            insert(Attempt).values(
                id=1, call_id=1, number=1, phone_id=1, token="t", state="answered", claimed_at=NOW, lease_until_at=NOW,
                call_uuid="call-1", request_uuid="request-1", tree_hash="h", facts={"language": "pa"},
                session='{"language": "hi"}',
            )
        )  # fmt: skip
    return 1


def set_carrier(runtime: Runtime, shelf: Shelf) -> None:
    runtime.__dict__["carrier"] = shelf


def known(runtime: Runtime) -> list[tuple[str, str]]:
    with runtime.database.reading() as tx:
        rows = tx.execute(select(Recording.carrier_id, Recording.language).order_by(Recording.carrier_id))
        return [(row.carrier_id, row.language) for row in rows]


@pytest.mark.usefixtures("a_call")
def test_a_recording_without_a_webhook_is_wanted_in_the_language_it_was_spoken_in(runtime: Runtime) -> None:
    set_carrier(runtime, Shelf(recording(1)))
    assert len(compare(runtime)) == 1
    assert known(runtime) == [("rec-1", "hi")]
    assert runtime.bells.waiting("media") == 1
    with runtime.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Suggestion)) == 1


@pytest.mark.usefixtures("a_call")
def test_who_spoke_and_hung_up_counts_once_as_one_who_left_a_suggestion(runtime: Runtime) -> None:
    with runtime.database.writing() as tx:
        tx.execute(update(Attempt).values(reach="responded", state="ended", outcome="completed", ended_at=NOW))
        ended = {"state": "ended", "disposition": "completed", "ended_at": NOW}
        tx.execute(update(Call).values(reach="responded", tries=1, **ended))
    set_carrier(runtime, Shelf(recording(1)))
    for _ in range(2):
        compare(runtime)
    with runtime.database.reading() as tx:
        assert (tx.scalar(select(Attempt.reach)), tx.scalar(select(Call.reach))) == ("recorded", "recorded")
        changes = tx.execute(select(ParticipationChange.responded, ParticipationChange.recorded)).all()
    assert [tuple(change) for change in changes] == [(-1, 1)]


def test_the_trees_and_the_sweep_mean_the_same_by_silence() -> None:
    assert wanting.LEAST_MS == engine.LEAST_MS


@pytest.mark.usefixtures("a_call")
def test_comparing_again_finds_nothing_new(runtime: Runtime) -> None:
    set_carrier(runtime, Shelf(recording(1), recording(2)))
    assert len(compare(runtime)) == 2
    assert compare(runtime) == []
    assert len(known(runtime)) == 2


@pytest.mark.usefixtures("a_call")
def test_the_call_may_be_known_by_its_request_alone(runtime: Runtime) -> None:
    set_carrier(runtime, Shelf(recording(1, "request-1")))
    compare(runtime)
    assert len(known(runtime)) == 1


@pytest.mark.usefixtures("a_call")
def test_somebody_elses_recording_is_left_alone(runtime: Runtime) -> None:
    set_carrier(runtime, Shelf(recording(1, "another account's call")))
    assert compare(runtime) == []
    assert known(runtime) == []


@pytest.mark.usefixtures("a_call")
def test_a_list_that_breaks_off_keeps_what_came_before(runtime: Runtime) -> None:
    set_carrier(runtime, Shelf(*(recording(n) for n in range(2 * CHUNK)), breaks_after=CHUNK + 1))
    assert len(compare(runtime)) == CHUNK
    set_carrier(runtime, Shelf(*(recording(n) for n in range(2 * CHUNK))))
    assert len(compare(runtime)) == CHUNK


@pytest.mark.usefixtures("a_call")
@pytest.mark.parametrize(
    "odd",
    [
        CarrierRecording("x" * 65, "call-1", "https://media.plivo.com/x.wav", 4200, NOW),
        CarrierRecording("", "call-1", "https://media.plivo.com/x.wav", 4200, NOW),
        CarrierRecording("rec\0", "call-1", "https://media.plivo.com/x.wav", 4200, NOW),
        CarrierRecording("rec", "x" * 65, "https://media.plivo.com/x.wav", 4200, NOW),
        CarrierRecording("rec", "call-1", "https://media.plivo.com/\0", 4200, NOW),
    ],
    ids=["long", "empty", "with a null", "of a long call", "at an odd address"],
)
def test_an_entry_that_cannot_be_kept_is_named_and_stops_no_other(
    runtime: Runtime, odd: CarrierRecording, caplog: pytest.LogCaptureFixture
) -> None:
    set_carrier(runtime, Shelf(recording(1), odd, recording(2)))
    assert len(compare(runtime)) == 2
    assert [carrier_id for carrier_id, _ in known(runtime)] == ["rec-1", "rec-2"]
    assert f"1 recording(s) in the carrier's list cannot be kept: {odd.recording_id[:64]!r}" in caplog.text


@pytest.mark.usefixtures("a_call")
def test_a_call_whose_notes_cannot_be_read_stops_no_other_recording(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    with runtime.database.writing() as tx:
        values = tx.execute(select(Attempt.__table__)).mappings().one()
        broken = {**values, "id": 2, "number": 2, "token": "t2", "state": "ended", "call_uuid": "call-2",
                  "request_uuid": "request-2", "session": "{"}  # fmt: skip
        tx.execute(insert(Attempt).values(**broken))
    set_carrier(runtime, Shelf(recording(1, "call-2"), recording(2)))
    assert len(compare(runtime)) == 1
    assert "rec-1 (JSONDecodeError)" in caplog.text
