"""A phone in somebody's hand rings, plays, and passes on what its person presses and says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carrier.exchange.handset import Handset
from tests.unit.exchange.rehearsal import ANSWERS, HOME, PARENT, SCHOOL, Rehearsal
from tests.unit.exchange.sounds import tone


@pytest.fixture
def handset(exchange: Rehearsal) -> Handset:
    exchange.people(**{PARENT: (ANSWERS,)})
    return exchange.exchange.office.handsets.take_up(PARENT)


def kinds(handset: Handset) -> list[str]:
    return [event["kind"] for _, event in handset.events(0, 0)]


def told(handset: Handset, kind: str) -> list[dict[str, Any]]:
    return [event for _, event in handset.events(0, 0) if event["kind"] == kind]


def play(exchange: Rehearsal, *deeds: tuple[float, Any]) -> None:
    """Ring the handset and let its person do each deed, so many seconds after the one before."""

    async def person() -> None:
        await exchange.place()
        for wait_s, deed in deeds:
            await asyncio.sleep(wait_s)
            deed()

    exchange.run(person())
    exchange.run(exchange.quiet())


def hangup_code(exchange: Rehearsal) -> str:
    return exchange.customer.got("hangup")[0]["HangupCauseCode"]


def test_it_rings_shows_the_number_and_is_answered(exchange: Rehearsal, handset: Handset) -> None:
    exchange.customer.documents["answer"] = f"<Play>{HOME}/hello.wav</Play>"
    play(exchange, (5, handset.answer))
    assert told(handset, "ringing")[0]["shown"] == SCHOOL
    assert kinds(handset) == ["ringing", "webhook", "answered", "webhook", "sound", "over", "webhook"]
    assert told(handset, "sound")[0]["seconds"] == 2.0
    assert handset.sound(told(handset, "sound")[0]["sound"]) is not None
    assert exchange.journal("dialled")[0]["behaviour"] == "handset"


def test_the_document_and_the_webhooks_are_shown_whole(exchange: Rehearsal, handset: Handset) -> None:
    exchange.customer.documents["answer"] = "<Hangup/>"
    play(exchange, (2, handset.answer))
    ring, answer, hangup = told(handset, "webhook")
    assert (ring["webhook"], answer["webhook"], hangup["webhook"]) == ("ring", "answer", "hangup")
    assert answer["answer"] == "<Response><Hangup/></Response>"
    assert answer["params"]["Event"] == "StartApp"
    assert (answer["status"], answer["url"]) == (200, f"{HOME}/answer")


@pytest.mark.parametrize(("deed", "code"), [("reject", "3020"), (None, "3000")])
def test_it_may_be_rejected_or_left_to_ring(exchange: Rehearsal, handset: Handset, deed: str | None, code: str) -> None:
    play(exchange, *([(4, getattr(handset, deed))] if deed else []))
    assert hangup_code(exchange) == code
    assert not exchange.customer.got("answer")


def test_our_ring_time_out_ends_before_the_network_gives_up(exchange: Rehearsal, handset: Handset) -> None:
    exchange.call(ring_timeout=20)
    assert hangup_code(exchange) == "6010"


def test_a_key_interrupts_what_is_heard(exchange: Rehearsal, handset: Handset) -> None:
    menu = f'<GetDigits action="{HOME}/step" numDigits="1"><Play>{HOME}/hello.wav</Play></GetDigits>'
    exchange.customer.documents["answer"] = menu
    play(exchange, (4, handset.answer), (1, lambda: handset.press("2")))
    assert exchange.customer.got("step")[0]["Digits"] == "2"
    assert kinds(handset)[4:7] == ["menu", "sound", "hush"]


def test_a_microphones_chunks_are_one_recording_that_ends_with_silence(exchange: Rehearsal, handset: Handset) -> None:
    exchange.customer.documents["answer"] = f'<Record action="{HOME}/done" timeout="4" maxLength="60"/>'
    chunk = tone(0.25).tobytes()
    play(exchange, (4, handset.answer), (1.25, lambda: None), *[(0.25, lambda: handset.speak(chunk))] * 24)
    (done,) = exchange.customer.got("done")
    assert float(done["RecordingDurationMs"]) == pytest.approx(950 + 250 * 24 + 4000, abs=300)
    assert [kind for kind in kinds(handset) if kind.startswith("record")] == ["record", "recorded"]
    assert exchange.journal("recording")[0]["text"] is None


def test_a_whole_file_is_said_from_now_on(exchange: Rehearsal, handset: Handset) -> None:
    exchange.customer.documents["answer"] = f'<Record action="{HOME}/done" timeout="4" maxLength="60"/>'
    play(exchange, (4, handset.answer), (2, lambda: handset.speak(tone(5.0).tobytes())))
    assert exchange.customer.got("done")[0]["RecordingDuration"] == "11"


def test_hanging_up_ends_the_call(exchange: Rehearsal, handset: Handset) -> None:
    exchange.customer.documents["answer"] = "<Wait length='600'/>"
    play(exchange, (4, handset.answer), (9, handset.hang_up))
    (hangup,) = exchange.customer.got("hangup")
    assert (hangup["HangupCauseCode"], hangup["HangupSource"]) == ("4000", "Callee")


def test_a_second_call_finds_the_line_busy_and_does_not_disturb_the_first(
    exchange: Rehearsal, handset: Handset
) -> None:
    exchange.customer.documents["answer"] = "<Wait length='60'/>"

    async def call_twice() -> None:
        await exchange.place()
        await asyncio.sleep(5)
        handset.answer()
        await exchange.place()

    exchange.run(call_twice())
    exchange.run(exchange.quiet())
    assert [form["HangupCauseCode"] for form in exchange.customer.got("hangup")] == ["3010", "4010"]
    assert kinds(handset).count("over") == 1


def test_put_down_the_phone_hangs_up_and_the_simulated_parent_is_back(exchange: Rehearsal, handset: Handset) -> None:
    handsets = exchange.exchange.office.handsets
    exchange.customer.documents["answer"] = "<Wait length='60'/>"
    play(exchange, (4, handset.answer), (9, lambda: handsets.put_down(PARENT)))
    assert hangup_code(exchange) == "4000"
    assert handsets.get(PARENT) is None
    assert exchange.call().answered_at is not None


def test_keys_and_voice_without_a_call_are_nothing(handset: Handset) -> None:
    for deed in (handset.answer, handset.reject, handset.hang_up, lambda: handset.press("1")):
        deed()
    handset.speak(tone(1.0).tobytes())
    assert kinds(handset) == []


def test_old_events_are_dropped_and_the_rest_keep_their_numbers(handset: Handset) -> None:
    for number in range(2500):
        handset.show("menu", number=number)
    events = handset.events(0, 0)
    assert (len(events), handset.position) == (2000, 2500)
    assert all(at == event["number"] for at, event in events)
    assert handset.events(2500, 0) == []
