"""From dialling to the answer, or to the reason why there is none: at a simulated parent's, or at a handset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import causes
from .causes import Verdict
from .clock import ClockLoop
from .handset import Handset
from .line import CallOver
from .population import RINGING_KINDS, Behaviour

SETUP_S = 1.0  # from dialling to the first ring
_NETWORK_GIVES_UP_S = 45.0  # a handset that nobody takes up; simulated parents have their own time


@dataclass(frozen=True)
class Ring:
    """One dial under way: `begun_s` in loop time, limits in seconds from the first ring."""

    loop: ClockLoop
    begun_s: float
    timeout_s: float
    hangup_on_ring_s: float | None
    on_ringing: Callable[[float], None]  # called with the loop time of the first ring

    async def at_parent(self, behaviour: Behaviour) -> float:
        """Return the loop time of the answer. Raises CallOver when there is none."""
        if behaviour.kind not in RINGING_KINDS:
            await self.loop.until(self.begun_s + min(behaviour.ring_s + SETUP_S, self.timeout_s))
            raise CallOver(_no_answer(behaviour))
        ringing_s = await self._first_ring()
        wait_s, verdict = min([(behaviour.ring_s, _no_answer(behaviour)), *self._limits()], key=lambda limit: limit[0])
        await self.loop.until(ringing_s + wait_s)
        if behaviour.kind != "answer" or wait_s < behaviour.ring_s:
            raise CallOver(verdict)
        return ringing_s + wait_s

    async def at_handset(self, handset: Handset, shown: str) -> float:
        """Ring a handset that shows the number `shown`. Returns the loop time of the answer. Raises CallOver."""
        ringing_s = await self._first_ring()
        taken_up = handset.ring(shown)
        gives_up = (_NETWORK_GIVES_UP_S, Verdict(3000, causes.CARRIER))
        wait_s, verdict = min([gives_up, *self._limits()], key=lambda limit: limit[0])
        timer = self.loop.call_at(ringing_s + wait_s, handset.give_up)
        try:
            decision = await taken_up
        finally:
            timer.cancel()
        if decision == "answer":
            return self.loop.time()
        raise CallOver(Verdict(3020, causes.CALLEE) if decision == "reject" else verdict)

    async def _first_ring(self) -> float:
        ringing_s = self.begun_s + SETUP_S
        await self.loop.until(ringing_s)
        self.on_ringing(ringing_s)
        return ringing_s

    def _limits(self) -> list[tuple[float, Verdict]]:
        limits = [(self.timeout_s, Verdict(6010, causes.PLIVO))]
        if self.hangup_on_ring_s is not None:
            limits.append((self.hangup_on_ring_s, Verdict(6000, causes.PLIVO)))
        return limits


def _no_answer(behaviour: Behaviour) -> Verdict:
    person = behaviour.kind in ("busy", "rejected")
    return Verdict(behaviour.code, causes.CALLEE if person else causes.CARRIER)
