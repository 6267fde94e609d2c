"""Dial: rings one or several numbers at once, connects the first that answers, and tells how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from . import causes
from .audio import ringback
from .call import Call
from .causes import Verdict
from .leg import Leg
from .line import CallOver, Line
from .payloads import Params, common_params, dial_leg_params
from .script import Script, Source
from .xml import Element

_INDIA = "91"  # both ends of a call must be there, the carrier says
_NOBODY_S = 120.0

_STATUSES = {3000: "no-answer", 3010: "busy", 3100: "busy"}


class LegDesk(Protocol):
    """Where second legs are opened."""

    def open_leg(self, parent: Call, number: str, shown: str, timeout_s: float) -> Leg: ...


async def dial(script: Script, element: Element) -> Source | None:
    """Ring, connect, and call the action with what became of it."""
    legs = [_open(script, element, child.text.removeprefix("+")) for child in element.children]
    with _all_hung_up(script, legs):
        winner, failure = await _first_answer(script, legs)
        if winner is not None and winner.line is not None:
            _tell(script, element, winner, "answer")
            await _connect(script, element, winner, winner.line)
    return await script.act(element, _outcome(script, legs, winner, failure))


@contextmanager
def _all_hung_up(script: Script, legs: list[Leg]) -> Iterator[None]:
    """However the first leg leaves the element, the others end with it."""
    try:
        yield
    finally:
        for leg in legs:
            code = 4000 if leg.call.answered_at else 1000
            leg.hang_up(Verdict(code, causes.CALLER), script.office.loop.time())


def _open(script: Script, element: Element, number: str) -> Leg:
    shown = (element.get("callerId") or script.call.order.from_number).removeprefix("+")
    timeout = element.get("timeout")
    desk: LegDesk = script.office.legs
    return desk.open_leg(script.call, number, shown, float(timeout) if timeout else _NOBODY_S)


async def _first_answer(script: Script, legs: list[Leg]) -> tuple[Leg | None, Verdict]:
    """Return the leg that answered, or the last reason why none did. The slower ones have lost."""
    failure = Verdict(1000, causes.CALLER)
    ringing = {asyncio.ensure_future(leg.ring()): leg for leg in legs}
    with _hearing_it_ring(script):
        try:
            while ringing:
                done, _ = await asyncio.wait(ringing, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    leg = ringing.pop(task)
                    error = task.exception()
                    if error is None:
                        _lose(script, [other for other in legs if other is not leg])
                        return leg, failure
                    if not isinstance(error, CallOver):
                        raise error
                    failure = error.verdict
        finally:
            for task in ringing:
                task.cancel()
            await asyncio.gather(*ringing, return_exceptions=True)
            script.line.catch_up()
    return None, failure


def _lose(script: Script, legs: list[Leg]) -> None:
    for leg in legs:
        leg.hang_up(Verdict(9000, causes.PLIVO), script.office.loop.time())


@contextmanager
def _hearing_it_ring(script: Script) -> Iterator[None]:
    tone = ringback(_NOBODY_S)
    script.line.heard.lay(script.line.offset_s, tone)
    if script.line.listener is not None:
        script.line.listener.hear(tone, over=False)
    try:
        yield
    finally:
        script.line.heard.cut(script.office.loop.time() - script.line.answered_s)
        if script.line.listener is not None:
            script.line.listener.hush(over=False)


async def _connect(script: Script, element: Element, leg: Leg, other: Line) -> None:
    """Let the two hear each other until one hangs up, presses the star, or the time is over."""
    line = script.line
    line.peer, other.peer = other, line
    line.listen_for_keys()
    leg.talk()
    _tell(script, element, leg, "connected")
    try:
        await _until_over(element, leg, line)
    finally:
        line.stop_listening()
        line.peer = other.peer = None
    leg.hang_up(Verdict(4000, causes.CALLER), line.now_s)
    _tell(script, element, leg, "hangup")


async def _until_over(element: Element, leg: Leg, line: Line) -> None:
    limit_s = line.now_s + element.number("timeLimit")
    over = asyncio.ensure_future(leg.over())
    try:
        while not over.done():
            key = asyncio.ensure_future(line.key_before(limit_s))
            await asyncio.wait((key, over), return_when=asyncio.FIRST_COMPLETED)
            if not key.done():
                key.cancel()
                await asyncio.gather(key, return_exceptions=True)
                line.catch_up()
            elif key.result() is None or (key.result() == "*" and element.flag("hangupOnStar")):
                return
    finally:
        over.cancel()


def _tell(script: Script, element: Element, leg: Leg, action: str) -> None:
    url = element.get("callbackUrl") or ""
    params = common_params(script.call, script.office.account.auth_id, script.office.switches().action_event)
    params |= {"DialAction": action, "DialALegUUID": script.call.uuid} | dial_leg_params(leg.call, action)
    script.office.tell(script.call.uuid, "dial", url, element.attributes["callbackMethod"], params)


def _outcome(script: Script, legs: list[Leg], winner: Leg | None, failure: Verdict) -> Params:
    verdict = winner.call.verdict if winner is not None and winner.call.verdict else failure
    timed_out = script.office.switches().ring_timeout_status
    status = _STATUSES.get(verdict.code, timed_out if verdict.code == 6010 else "failed")
    shown = winner or legs[-1]
    return {
        "DialStatus": "completed" if winner else status,
        "DialRingStatus": "true" if any(leg.rang for leg in legs) else "false",
        "DialHangupCause": causes.call_status(verdict.code, answered=bool(winner), ring_timeout_status=timed_out)[1],
        "DialALegUUID": script.call.uuid,
        "DialBLegUUID": shown.call.uuid,
    }


def refusal(number: str, shown: str, caller_ids: frozenset[str], free_lines: int) -> Verdict | None:
    """Return why a second leg cannot even be tried."""
    if free_lines < 1:
        return Verdict(5030, causes.PLIVO)
    if not number.startswith(_INDIA):
        return Verdict(2070, causes.PLIVO)
    if caller_ids and shown not in caller_ids:
        return Verdict(3030, causes.PLIVO)
    return None
