"""Whether something goes wrong at this moment, by the faults of a rehearsal and a chance of its own."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from callqueue.rehearsing.faults import Faults, Spans


class Mishaps:
    """Faults as they strike. Their chance is not the families': without faults, the same people do the same."""

    def __init__(self, faults: Faults, begin: datetime, seed: int) -> None:
        self._faults = faults
        self._begin, self._chance = begin, random.Random(seed)  # noqa: S311 - to be repeated

    def strikes(self, fault: str) -> bool:
        """Say whether this dial or callback is one of the share that a fault befalls."""
        share: float = getattr(self._faults, fault)
        return share > 0 and self._chance.random() < share

    def lasts(self, fault: str, at: datetime) -> bool:
        """Say whether `at` lies in one of the hours of a fault."""
        spans: Spans = getattr(self._faults, fault)
        return bool(spans) and any(begin <= at - self._begin < end for begin, end in spans)

    def delay(self, longest_s: float) -> timedelta:
        return timedelta(seconds=longest_s * self._chance.random())

    def clock(self, at: datetime) -> datetime:
        """Return what our own clock shows at `at`."""
        if self.lasts("clock_steps", at):
            return at + timedelta(hours=1 if self._faults.ahead else -1)
        return at
