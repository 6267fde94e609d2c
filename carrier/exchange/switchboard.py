"""The account's calls: accepted, queued for their turn, dialled, live, finished. All on the loop's own thread."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from pathlib import Path

from . import causes
from .audio import write_file
from .call import Call, Order
from .calling_in import CallingIn
from .causes import Verdict
from .dial import refusal
from .dialling import Dialling
from .handset import Handset
from .leg import Leg
from .office import Office
from .payloads import hangup_params
from .population import BUSY, Behaviour, Population


class Switchboard:
    """Who is being called. `lines` legs at most at once, `cps` call starts a second of clock time at most."""

    def __init__(
        self, office: Office, population: Population, folder: Path, lines: int, cps: float, keep_audio: bool
    ) -> None:
        self.population = population
        self.calls: dict[str, Call] = {}
        self.live: dict[str, Dialling | Leg] = {}
        self.queue: deque[Call] = deque()
        self.rings: Counter[str] = Counter()  # dials of each number so far
        self.called_in = 0
        self._office = office
        self._folder = folder
        self._lines = lines
        self._keep_audio = keep_audio
        self._burst = max(1, math.floor(cps))
        self._burst_s = self._burst / cps
        self._starts: deque[float] = deque(maxlen=self._burst)
        self._pumping = False
        self._by_request: dict[str, Call] = {}
        self._by_number: defaultdict[str, list[Call]] = defaultdict(list)
        office.legs = self

    def accept(self, order: Order) -> tuple[Call, bool]:
        """Take an order. Returns the call and whether it has to wait for its turn."""
        request_uuid = str(uuid.uuid4())
        call_uuid = str(uuid.uuid4()) if self._office.switches().distinct_uuids else request_uuid
        now_s = self._office.loop.time()
        call = Call(call_uuid, request_uuid, order, self._office.loop.instant(now_s))
        facts = {"call": call_uuid, "request": request_uuid, "to": order.to_number, "from": order.from_number}
        self._office.note(now_s, "accepted", **facts, order=order.facts())
        self.enlist(call)
        self.queue.append(call)
        self.pump()
        waits = call.state == "queued"
        if waits:
            self._office.note(now_s, "queued", call=call_uuid, to=order.to_number)
        return call, waits

    def enlist(self, call: Call) -> None:
        """Make a call known by its uuids."""
        self.calls[call.uuid] = call
        self._by_request[call.request_uuid] = call
        self._by_number[call.order.to_number].append(call)

    def present(self) -> list[Call]:
        """Return the calls that wait or live, the oldest first."""
        return [*(dialling.call for dialling in self.live.values()), *self.queue]

    def known(self, to_number: str | None) -> Sequence[Call]:
        """Return all calls, or those to one number, the oldest first."""
        return list(self.calls.values()) if to_number is None else self._by_number.get(to_number, [])

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the calls under way, as what the loop runs."""
        return [live.task for live in self.live.values() if isinstance(live, Dialling)]

    def find(self, any_uuid: str) -> Call | None:
        """Return a call by its own or by its request's uuid."""
        return self.calls.get(any_uuid) or self._by_request.get(any_uuid)

    def pump(self) -> None:
        """Dial what may be dialled now, and come back when more may be."""
        now_s = self._office.loop.time()
        while self.queue and self._may_start(now_s):
            self._starts.append(now_s)
            self._dial(self.queue.popleft(), now_s)
        if self.queue and not self._pumping:
            self._pumping = True
            self._office.loop.call_at(self._starts[0] + self._burst_s, self._pump_again)

    def _pump_again(self) -> None:
        self._pumping = False
        self.pump()

    def _may_start(self, now_s: float) -> bool:
        return len(self._starts) < self._burst or self._starts[0] + self._burst_s <= now_s

    def _dial(self, call: Call, now_s: float) -> None:
        number = call.order.to_number
        if len(self.live) >= self._lines:
            self._office.note(now_s, "refused", reason="5030", call=call.uuid, to=number, live=len(self.live))
            self._finish(call, Verdict(5030, causes.PLIVO), now_s)
            return
        call.ring, call.dialled_at = self.rings[number], self._office.loop.instant(now_s)
        self.rings[number] += 1
        handset, behaviour = self._who_answers(call)
        kind = "handset" if handset else behaviour.kind
        self._office.note(now_s, "dialled", call=call.uuid, to=number, ring=call.ring, behaviour=kind)
        self.live[call.uuid] = Dialling(call, behaviour, self._office, self._ended, handset)

    def call_in(self, order: Order) -> Call:
        """Somebody calls a number of the account: `order` says who, whom, and the number's own URLs."""
        now_s = self._office.loop.time()
        at, call_uuid = self._office.loop.instant(now_s), str(uuid.uuid4())
        call = Call(call_uuid, call_uuid, order, at, dialled_at=at, ringing_at=at, direction="inbound")
        numbers = {"from": order.from_number, "to": order.to_number}
        self.called_in += 1
        self._office.note(now_s, "called_in", call=call_uuid, **numbers, order=order.facts())
        self.enlist(call)
        if len(self.live) >= self._lines:
            self._finish(call, Verdict(3010, causes.PLIVO), now_s)
            return call
        handset = self._office.handsets.get(order.from_number)
        behaviour = self.population.behaviour(order.from_number, self.rings[order.from_number], at)
        self.live[call_uuid] = CallingIn(call, behaviour, self._office, self._ended, handset)
        return call

    def open_leg(self, parent: Call, number: str, shown: str, timeout_s: float) -> Leg:
        """Begin a second leg beside a call. One that cannot be tried ends at once."""
        now_s = self._office.loop.time()
        at, call_uuid = self._office.loop.instant(now_s), str(uuid.uuid4())
        order = Order(shown, number, "", parent_call_uuid=parent.uuid, ring_timeout=timeout_s)
        call = Call(call_uuid, call_uuid, order, at, ring=self.rings[number], dialled_at=at)
        self.rings[number] += 1
        self.enlist(call)
        self._office.note(now_s, "leg", call=call_uuid, parent=parent.uuid, to=number, **{"from": shown})
        refused = refusal(number, shown, self._office.caller_ids, self._lines - len(self.live))
        handset, behaviour = self._who_answers(call)
        leg = Leg(call, behaviour, handset, self._office, self._leg_ended, refused)
        self.live[call_uuid] = leg
        return leg

    def _leg_ended(self, leg: Leg, verdict: Verdict, at_s: float) -> None:
        del self.live[leg.call.uuid]
        self._finish(leg.call, verdict, at_s)

    def _who_answers(self, call: Call) -> tuple[Handset | None, Behaviour]:
        """Return the handset that somebody holds, or how the simulated owner of the number behaves."""
        number = call.order.to_number
        handset = self._office.handsets.get(number)
        if handset is None:
            return None, self.population.behaviour(number, call.ring or 0, self._office.loop.instant())
        return (None, BUSY) if handset.is_taken else (handset, BUSY)

    def _ended(self, dialling: Dialling, verdict: Verdict, at_s: float) -> None:
        call = dialling.call
        if dialling.overlay is not None:
            dialling.overlay.close()
        if dialling.script is not None:
            dialling.script.close(at_s)
            if self._keep_audio:
                write_file(self._folder / "calls" / call.uuid / "heard.wav", dialling.script.sound(at_s))
        self._finish(call, verdict, at_s)
        del self.live[call.uuid]

    def _finish(self, call: Call, verdict: Verdict, at_s: float) -> None:
        call.verdict, call.ended_at = verdict, self._office.loop.instant(at_s)
        self._office.note(
            at_s,
            "ended",
            call=call.uuid,
            to=call.order.to_number,
            code=verdict.code,
            name=verdict.name,
            source=verdict.source,
            talk_s=round(call.talk_s, 3),
        )
        self.tell_hangup(call)

    def tell_hangup(self, call: Call) -> None:
        """Send the hang-up webhook of a finished call."""
        order, switches = call.order, self._office.switches()
        url, method = order.hangup_url, order.hangup_method
        if not url and switches.hangup_falls_to_answer_url:
            url, method = order.answer_url, order.answer_method
        params = hangup_params(call, self._office.account.auth_id, switches)
        self._office.tell(call.uuid, "hangup", url, method, params)

    def lose(self, call: Call) -> None:
        """End a call that was up when the exchange was killed: the network failed under it."""
        self._finish(call, Verdict(5000, causes.CARRIER), self._office.loop.time())

    def hang_up(self, call: Call) -> bool:
        """End or cancel a call at the customer's wish. Returns False if it is over already."""
        now_s = self._office.loop.time()
        if call.uuid in self.live:
            code = 4000 if call.answered_at else 1000
            self.live[call.uuid].hang_up(Verdict(code, causes.API_REQUEST), now_s)
            return True
        if call not in self.queue:
            return False
        self.queue.remove(call)
        if not self._office.switches().cancel_webhook:
            call.order = _without_hangup(call.order)
        self._finish(call, Verdict(1000, causes.API_REQUEST), now_s)
        return True


def _without_hangup(order: Order) -> Order:
    return Order(**{**order.__dict__, "hangup_url": ""})
