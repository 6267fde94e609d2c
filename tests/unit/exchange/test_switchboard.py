"""Who is dialled when: calls per second, lines, cancelling, hanging up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from tests.unit.exchange.rehearsal import ANSWERS, Rehearsal

NUMBERS = [str(919812345600 + index) for index in range(12)]


def dialled_s(exchange: Rehearsal) -> list[float]:
    instants = [datetime.fromisoformat(entry["at"]) for entry in exchange.journal("dialled")]
    return [round((at - instants[0]).total_seconds(), 1) for at in instants]


def test_calls_above_the_rate_wait_for_their_turn(opened: Callable[..., Rehearsal]) -> None:
    exchange = opened(cps=2.0)

    async def place_all() -> list[bool]:
        return [(await exchange.place(to=number))[1] for number in NUMBERS[:6]]

    assert exchange.run(place_all()) == [False, False, True, True, True, True]
    exchange.run(exchange.quiet())
    assert dialled_s(exchange) == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
    assert len(exchange.journal("queued")) == 4


def test_calls_above_the_lines_are_refused_at_once(opened: Callable[..., Rehearsal]) -> None:
    exchange = opened(lines=2)

    async def place_all() -> None:
        for number in NUMBERS[:3]:
            await exchange.place(to=number)

    exchange.people(**dict.fromkeys(NUMBERS, (ANSWERS,)))
    exchange.run(place_all())
    exchange.run(exchange.quiet())
    codes = [form["HangupCauseCode"] for form in exchange.customer.got("hangup")]
    assert codes == ["5030", "4010", "4010"]
    assert exchange.journal("refused")[0]["live"] == 2


def test_a_call_that_waits_can_be_cancelled(opened: Callable[..., Rehearsal]) -> None:
    exchange = opened(cps=1.0)

    async def cancel_the_second() -> bool:
        await exchange.place(to=NUMBERS[0])
        call, waits = await exchange.place(to=NUMBERS[1])
        assert waits
        assert exchange.exchange.switchboard.hang_up(call)
        return exchange.exchange.switchboard.hang_up(call)

    assert exchange.run(cancel_the_second()) is False
    exchange.run(exchange.quiet())
    assert [entry["to"] for entry in exchange.journal("dialled")] == [NUMBERS[0]]
    assert {form["To"]: form["HangupCauseCode"] for form in exchange.customer.got("hangup")}[NUMBERS[1]] == "1000"


def test_whether_a_cancelled_call_has_a_webhook_is_a_switch(opened: Callable[..., Rehearsal]) -> None:
    exchange = opened(cps=1.0)
    exchange.switch(cancel_webhook=False)

    async def cancel_the_second() -> None:
        await exchange.place(to=NUMBERS[0])
        exchange.exchange.switchboard.hang_up((await exchange.place(to=NUMBERS[1]))[0])

    exchange.run(cancel_the_second())
    exchange.run(exchange.quiet())
    assert [form["To"] for form in exchange.customer.got("hangup")] == [NUMBERS[0]]


def test_the_customer_hangs_up_a_live_call(exchange: Rehearsal) -> None:
    exchange.customer.documents["answer"] = "<Wait length='600'/>"
    exchange.people(**{NUMBERS[0]: (ANSWERS,)})

    async def hang_up_after(seconds: float) -> None:
        call, _ = await exchange.place(to=NUMBERS[0])
        await asyncio.sleep(seconds)
        assert exchange.exchange.switchboard.hang_up(call)

    exchange.run(hang_up_after(20))
    exchange.run(hang_up_after(3))
    exchange.run(exchange.quiet())
    told = [(form["HangupCauseCode"], form["HangupSource"]) for form in exchange.customer.got("hangup")]
    assert told == [("4000", "API Request"), ("1000", "API Request")]
