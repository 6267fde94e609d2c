"""Killed at any moment, the exchange goes on from its journal: honestly, and without ringing anybody twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from carrier.exchange.population import Behaviour, Speech
from tests.unit.exchange.rehearsal import ANSWERS, HOME, PARENT, Rehearsal
from tests.unit.exchange.sounds import write_tone

Opened = Callable[..., Rehearsal]


def killed_after(exchange: Rehearsal, seconds: float) -> None:
    """Place one call and stop the exchange in the middle of it, without a word to anybody."""

    async def place() -> None:
        await exchange.place()
        await asyncio.sleep(seconds)

    exchange.people(**{PARENT: (ANSWERS,)})
    exchange.customer.documents["answer"] = "<Wait length='60'/>"
    exchange.run(place())
    exchange.close()


@pytest.mark.parametrize(("seconds", "status"), [(0.5, "failed"), (3, "failed"), (20, "completed")])
def test_a_call_that_was_up_ends_as_a_network_error(opened: Opened, seconds: float, status: str) -> None:
    killed_after(opened(), seconds)
    exchange = opened()
    exchange.run(exchange.quiet())
    (hangup,) = exchange.customer.got("hangup")
    assert (hangup["HangupCauseCode"], hangup["CallStatus"]) == ("5000", status)
    assert len(exchange.journal("dialled")) == len(exchange.journal("ended")) == 1


def test_a_call_that_waited_is_dialled_by_the_next_life(opened: Opened) -> None:
    exchange = opened(cps=0.001)

    async def place_two() -> None:
        await exchange.place()
        await exchange.place(to="919812345679")

    exchange.run(place_two())
    exchange.close()
    exchange = opened()
    exchange.run(exchange.quiet())
    assert [entry["to"] for entry in exchange.journal("dialled")] == [PARENT, "919812345679"]


def test_a_finished_call_is_still_listed_and_not_told_twice(opened: Opened) -> None:
    first = opened()
    call = first.call(ANSWERS)
    first.close()
    exchange = opened()
    exchange.run(exchange.quiet())
    known = exchange.exchange.switchboard.find(call.uuid)
    assert known is not None
    assert known.state == "ended"
    assert (known.order, known.verdict, known.answered_at) == (call.order, call.verdict, call.answered_at)
    assert exchange.customer.kinds == []


def test_a_hang_up_that_nobody_took_before_the_kill_is_told_by_the_next_life(opened: Opened) -> None:
    exchange = opened()
    exchange.fault(on="webhook:hangup", do="delay", seconds=3600)

    async def place() -> None:
        await exchange.place()
        await asyncio.sleep(60)

    exchange.people(**{PARENT: (ANSWERS,)})
    exchange.run(place())
    assert exchange.journal("ended")
    exchange.close()
    exchange = opened()
    exchange.run(exchange.quiet())
    assert [form["HangupCauseCode"] for form in exchange.customer.got("hangup")] == ["4010"]


def test_recordings_survive_and_their_callback_is_made_up_for(opened: Opened, tmp_path: Path) -> None:
    exchange = opened()
    exchange.switch(record_callback_delay_s=3600)
    exchange.customer.documents["answer"] = f'<Record action="{HOME}/done" timeout="4" callbackUrl="{HOME}/ready"/>'
    said = Speech(write_tone(tmp_path / "said.wav"), "ਧੰਨਵਾਦ")

    async def place() -> None:
        await exchange.place()
        await asyncio.sleep(60)

    exchange.people(**{PARENT: (Behaviour("answer", 4000, 5.0, speeches=(said,)),)})
    exchange.run(place())
    exchange.close()
    exchange = opened()
    exchange.run(exchange.quiet())
    (ready,) = exchange.customer.got("ready")
    (kept,) = exchange.exchange.office.recordings.all()
    assert ready["RecordingID"] == kept.id
    assert exchange.exchange.office.recordings.path(kept.id).exists()


def test_rings_are_counted_across_lives(opened: Opened) -> None:
    people = {PARENT: (Behaviour("no_answer", 3000, 10.0), ANSWERS)}
    first = opened()
    first.people(**people)
    assert first.call().answered_at is None
    first.close()
    second = opened()
    second.people(**people)
    assert second.call().answered_at is not None
