"""A second leg: the phone that a Dial element rings and connects with the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .call import Call
from .causes import CALLEE, Verdict
from .handset import Handset
from .line import CallOver, Line, Party
from .office import Office
from .overlay import Overlay
from .parent import SimulatedParent
from .population import Behaviour
from .ringing import Ring

_TALK_S = 20.0  # how long a simulated person stays whose behaviour does not say


class Leg:
    """Rings one number beside a call. `ended` is called once, when it is over."""

    overlay: Overlay | None = None  # the customer's API takes hold of first legs alone

    def __init__(
        self,
        call: Call,
        behaviour: Behaviour,
        handset: Handset | None,
        office: Office,
        ended: Callable[[Leg, Verdict, float], None],
        refused: Verdict | None = None,
    ) -> None:
        """`refused`: why it cannot even be tried."""
        self.call = call
        self.line: Line | None = None
        self._behaviour = behaviour
        self._handset = handset
        self._office = office
        self._ended = ended
        self._over: asyncio.Future[Verdict] = office.loop.create_future()
        self._refused = refused

    async def ring(self) -> Line:
        """Ring until somebody answers. Raises CallOver when nobody does."""
        order, loop = self.call.order, self._office.loop
        ring = Ring(loop, loop.time(), order.ring_timeout, None, self._note_ringing)
        try:
            if self._refused is not None:
                raise CallOver(self._refused)
            if self._handset is None:
                at_s = await ring.at_parent(self._behaviour)
            else:
                self._handset.connect(self.call.uuid, self._person_hangs_up)
                at_s = await ring.at_handset(self._handset, order.from_number)
        except CallOver as over:
            self.hang_up(over.verdict, loop.time())
            raise
        return self._answer(at_s)

    async def over(self) -> Verdict:
        """Wait for the end."""
        return await asyncio.shield(self._over)

    @property
    def rang(self) -> bool:
        return self.call.ringing_at is not None

    def hang_up(self, verdict: Verdict, at_s: float) -> None:
        """End the leg. The first to do so decides."""
        if self._over.done():
            return
        self._over.set_result(verdict)
        if self._handset is not None:
            self._handset.over(verdict)
        self._ended(self, verdict, at_s)

    def transfer(self, url: str, method: str) -> None:
        """Nothing: a second leg has no document of its own."""

    def _note_ringing(self, at_s: float) -> None:
        self.call.ringing_at = self._office.loop.instant(at_s)
        self._office.note(at_s, "ringing", call=self.call.uuid, to=self.call.order.to_number)

    def _answer(self, at_s: float) -> Line:
        self.call.answered_at = self._office.loop.instant(at_s)
        self._office.note(at_s, "answered", call=self.call.uuid, to=self.call.order.to_number)
        self.line = Line(self._office.loop, at_s)
        self._party(self.line).on_answer()
        return self.line

    def _party(self, line: Line) -> Party:
        if self._handset is not None:
            self._handset.talk(line, lambda key, at_s: None)
            return self._handset
        if self._behaviour.hang_up_after_s is None:
            end_s = line.now_s + _TALK_S
            self._office.loop.call_at(end_s, self._person_hangs_up, end_s)
        return SimulatedParent(self._behaviour, line, lambda key, at_s: None, self._person_hangs_up)

    def talk(self) -> None:
        """The two are connected: whoever has something to say says it."""
        if self._handset is None and self.line is not None:
            SimulatedParent(self._behaviour, self.line, lambda key, at_s: None, lambda at_s: None).on_record()

    def _person_hangs_up(self, at_s: float) -> None:
        self.hang_up(Verdict(4000, CALLEE), at_s)
