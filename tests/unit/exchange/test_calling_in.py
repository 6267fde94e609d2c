"""Somebody calls a number of the account: whether that is answered, the customer's document decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from carrier.exchange.call import Call
from carrier.exchange.errors import BadSettings
from carrier.exchange.population import CallIn, Population
from tests.unit.exchange.rehearsal import ANSWERS, HOME, PARENT, SCHOOL, Rehearsal

Opened = Callable[..., Rehearsal]
INBOUND = {"inbound_answer_url": f"{HOME}/inbound", "inbound_hangup_url": f"{HOME}/hangup"}


@pytest.fixture
def exchange(opened: Opened) -> Rehearsal:
    exchange = opened(**INBOUND)
    exchange.people(**{PARENT: (replace(ANSWERS, keys=("1",)),)})
    return exchange


def call_in(exchange: Rehearsal) -> Call:
    async def calling() -> Call:
        return exchange.exchange.call_in(PARENT, SCHOOL)

    call = exchange.run(calling())
    exchange.run(exchange.quiet())
    return call


def test_a_call_is_answered_by_the_first_element_of_the_document(exchange: Rehearsal) -> None:
    exchange.customer.documents["inbound"] = f'<GetDigits action="{HOME}/step" numDigits="1"/>'
    call = call_in(exchange)
    (asked,), (step,), (hangup,) = (exchange.customer.got(kind) for kind in ("inbound", "step", "hangup"))
    assert (asked["Direction"], asked["CallStatus"], asked["Event"]) == ("inbound", "ringing", "StartApp")
    assert (asked["From"], asked["To"]) == (PARENT, SCHOOL)
    assert (step["CallStatus"], step["Digits"]) == ("in-progress", "1")
    assert (hangup["CallStatus"], hangup["Direction"]) == ("completed", "inbound")
    assert call.answered_at is not None


def test_a_caller_who_hangs_up_is_the_caller(exchange: Rehearsal) -> None:
    exchange.people(**{PARENT: (replace(ANSWERS, hang_up_after_s=5.0),)})
    exchange.customer.documents["inbound"] = "<Wait length='60'/>"
    call_in(exchange)
    assert exchange.customer.got("hangup")[0]["HangupSource"] == "Caller"


@pytest.mark.parametrize(("reason", "code", "status"), [("rejected", "3020", "failed"), ("busy", "3010", "busy")])
def test_a_missed_call_is_turned_away_free_of_charge(exchange: Rehearsal, reason: str, code: str, status: str) -> None:
    exchange.customer.documents["inbound"] = f'<Hangup reason="{reason}"/>'
    call = call_in(exchange)
    (hangup,) = exchange.customer.got("hangup")
    assert (hangup["HangupCauseCode"], hangup["CallStatus"], hangup["TotalCost"]) == (code, status, "0.00000")
    assert hangup["HangupSource"] == "Answer XML"
    assert call.answered_at is None
    assert not exchange.journal("answered")


def test_before_the_answer_something_may_be_played(exchange: Rehearsal) -> None:
    early = f'<PreAnswer><Play>{HOME}/wait.wav</Play></PreAnswer><Hangup reason="rejected"/>'
    exchange.customer.documents["inbound"] = early
    call = call_in(exchange)
    assert exchange.journal("played")[0]["url"] == f"{HOME}/wait.wav"
    assert call.answered_at is None


def test_with_all_lines_taken_the_caller_hears_busy(opened: Opened) -> None:
    exchange = opened(lines=1, **INBOUND)
    exchange.people(**{PARENT: (ANSWERS,)})
    exchange.customer.documents["inbound"] = "<Wait length='60'/>"

    async def call_twice() -> Call:
        exchange.exchange.call_in(PARENT, SCHOOL)
        return exchange.exchange.call_in("919812345679", SCHOOL)

    second = exchange.run(call_twice())
    assert second.verdict is not None
    assert second.verdict.code == 3010
    exchange.run(exchange.quiet())


def test_a_call_to_a_number_that_is_not_rented_leads_nowhere(opened: Opened) -> None:
    for exchange, reason in ((opened(caller_ids=frozenset({SCHOOL}), **INBOUND), "not a number"),):
        with pytest.raises(BadSettings, match=reason):
            exchange.exchange.call_in(PARENT, "918000000000")


def test_without_an_address_for_them_calls_lead_nowhere(opened: Opened) -> None:
    with pytest.raises(BadSettings, match="--inbound-answer-url"):
        opened().exchange.call_in(PARENT, SCHOOL)


def test_the_population_calls_in_at_its_time_and_only_once_across_lives(opened: Opened) -> None:
    calls = (CallIn(PARENT, SCHOOL, 60.0), CallIn(PARENT, SCHOOL, 120.0))
    for life, waited_s in ((1, 90), (2, 200)):
        exchange = opened(**INBOUND)
        exchange.exchange.switchboard.population = Population({PARENT: (ANSWERS,)}, None, calls)
        exchange.run(asyncio.sleep(waited_s))
        exchange.run(exchange.quiet())
        assert len(exchange.journal("called_in")) == life
        exchange.close()


def test_a_call_that_came_in_before_the_kill_ends_honestly(opened: Opened) -> None:
    exchange = opened(**INBOUND)
    exchange.people(**{PARENT: (ANSWERS,)})
    exchange.customer.documents["inbound"] = "<Wait length='60'/>"

    async def calling() -> None:
        exchange.exchange.call_in(PARENT, SCHOOL)
        await asyncio.sleep(10)

    exchange.run(calling())
    exchange.close()
    exchange = opened(**INBOUND)
    exchange.run(exchange.quiet())
    (hangup,) = exchange.customer.got("hangup")
    assert (hangup["HangupCauseCode"], hangup["Direction"], hangup["CallStatus"]) == ("5000", "inbound", "completed")
