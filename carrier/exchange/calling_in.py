"""A call that comes in: the customer's document decides whether it is answered."""

from __future__ import annotations

from . import causes
from .causes import Verdict
from .dialling import Dialling


class CallingIn(Dialling):
    """As a dialled call, but the other way round: what rings is the customer's answer URL."""

    async def _ring(self) -> None:
        """There is nobody to wait for: the line opens, and the document's first element answers."""
        if self._handset is not None:
            self._handset.connect(self.call.uuid, self._person_hangs_up)
            self._handset.show("calling", shown=self.call.order.to_number)
        self._open_line(self._begun_s)

    def _person_hangs_up(self, at_s: float) -> None:
        self.hang_up(Verdict(4000, causes.CALLER), at_s)
