"""One dialled call from its first ring to its end, on the loop's own thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from . import causes
from .call import Call
from .causes import Verdict
from .elements import HANDLERS
from .handset import Handset
from .line import CallOver, Line, Party
from .office import Office
from .overlay import Overlay
from .parent import SimulatedParent
from .payloads import common_params, ring_params
from .population import Behaviour
from .ringing import Ring
from .script import Script

log = logging.getLogger(__name__)


class Dialling:
    """Dials one call and stays with it. `ended` is called once, when it is over, whoever ended it."""

    def __init__(
        self,
        call: Call,
        behaviour: Behaviour,
        office: Office,
        ended: Callable[[Dialling, Verdict, float], None],
        handset: Handset | None = None,
    ) -> None:
        """`handset`: somebody holds this number's phone, and no behaviour matters."""
        self.call = call
        self.script: Script | None = None
        self.line: Line | None = None
        self.overlay: Overlay | None = None  # once answered
        self._behaviour = behaviour
        self._office = office
        self._ended = ended
        self._handset = handset
        self._verdict: tuple[Verdict, float] | None = None
        self._begun_s = office.loop.time()
        self.task = office.loop.create_task(self._attend())

    def hang_up(self, verdict: Verdict, at_s: float) -> None:
        """End the call from outside: the person, the customer's API, a time limit. The first to do so decides."""
        if self._verdict is None:
            self._verdict = (verdict, at_s)
            if self.script is not None:
                self.script.forget_transfer()
            self.task.cancel()

    def transfer(self, url: str, method: str) -> None:
        """Send an answered call to another document."""
        if self.overlay is None or self._verdict is not None:
            return
        verdict = self.overlay.transfer(url, method, self.task)
        if verdict is not None:
            self.hang_up(verdict, self._office.loop.time())

    def press(self, key: str, at_s: float) -> None:
        """The person presses a key."""
        if self.line is None or self._verdict is not None:
            return
        heard = self.line.press(key, at_s)
        self._office.note(at_s, "key", call=self.call.uuid, key=key, heard=heard)

    async def _attend(self) -> None:
        try:
            await self._ring()
            await self._talk()
        except CallOver as over:
            at_s = self.line.now_s if self.line else self._office.loop.time()
            self._verdict = self._verdict or (over.verdict, at_s)
        except asyncio.CancelledError:
            if self._verdict is None:
                raise  # the exchange itself is stopping; the journal will tell the next one
        except Exception:
            log.exception("the exchange itself failed in call %s", self.call.uuid)
            self._verdict = Verdict(5010, causes.ERROR), self._office.loop.time()
        assert self._verdict is not None  # noqa: S101 - every way out of the call says why
        if self._handset is not None:
            self._handset.over(self._verdict[0])
        self._ended(self, *self._verdict)

    async def _ring(self) -> None:
        """Wait for the answer. Raises CallOver when there is none."""
        order = self.call.order
        ring = Ring(
            self._office.loop, self._begun_s, order.ring_timeout, order.hangup_on_ring, on_ringing=self._note_ringing
        )
        if self._handset is None:
            self._answer(await ring.at_parent(self._behaviour))
            return
        self._handset.connect(self.call.uuid, self._person_hangs_up)
        self._answer(await ring.at_handset(self._handset, order.from_number))

    def _note_ringing(self, at_s: float) -> None:
        call, order = self.call, self.call.order
        call.ringing_at = self._office.loop.instant(at_s)
        self._office.note(at_s, "ringing", call=call.uuid, to=order.to_number)
        params = ring_params(call, self._office.account.auth_id)
        self._office.tell(call.uuid, "ring", order.ring_url, order.ring_method, params)

    def _answer(self, at_s: float) -> None:
        script = self._open_line(at_s)
        self._note_answered(script, at_s)

    def _open_line(self, at_s: float) -> Script:
        self.line = Line(self._office.loop, at_s)
        self.script = Script(
            self.call, self.line, self._party(self.line), self._office, HANDLERS, self.hang_up, self._note_answered
        )
        return self.script

    def _note_answered(self, script: Script, at_s: float) -> None:
        self.call.answered_at = self._office.loop.instant(at_s)
        self._office.note(at_s, "answered", call=self.call.uuid, to=self.call.order.to_number)
        self.overlay = Overlay(script)
        script.hang_up_at(at_s + self.call.order.time_limit)
        script.party.on_answer()

    def _party(self, line: Line) -> Party:
        if self._handset is None:
            return SimulatedParent(self._behaviour, line, self.press, self._person_hangs_up)
        self._handset.talk(line, self.press)
        return self._handset

    def _person_hangs_up(self, at_s: float) -> None:
        self.hang_up(Verdict(4000, causes.CALLEE), at_s)

    async def _talk(self) -> None:
        assert self.script is not None and self.line is not None  # noqa: S101 - _ring answers or raises
        await self._detect_machine(self.line)
        if self.call.order.send_digits:
            self.script.note("sent_digits", digits=self.call.order.send_digits)
        await self.script.run()

    async def _detect_machine(self, line: Line) -> None:
        """Listen for a machine while the call goes on; or before it does, as a switch has it."""
        order, looks_s = self.call.order, self.call.order.machine_detection_time / 1000
        if not order.machine_detection:
            return
        if self._office.switches().machine_detection_waits and not order.machine_detection_url:
            await line.until(line.now_s + looks_s)
            self.call.machine = self._behaviour.machine
            if self.call.machine and order.machine_detection == "hangup":
                raise CallOver(Verdict(9100, causes.PLIVO))
        elif self._behaviour.machine:
            at_s = line.now_s + looks_s
            self._office.loop.call_at(at_s, self._machine_found, at_s)

    def _machine_found(self, at_s: float) -> None:
        order = self.call.order
        if self._verdict is not None or self.call.ended_at is not None:
            return
        self.call.machine, hangs_up = True, order.machine_detection == "hangup"
        params = common_params(self.call, self._office.account.auth_id, "MachineDetection")
        params |= {"Machine": "true", "IfMachine": "hangup" if hangs_up else "continue"}
        url, method = order.machine_detection_url, order.machine_detection_method
        self._office.tell(self.call.uuid, "machine", url, method, params)
        if hangs_up:
            self.hang_up(Verdict(9100, causes.PLIVO), at_s)
