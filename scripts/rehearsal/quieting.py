"""The end of a stack rehearsal: nobody is killed any more; what is left to repair is repaired, then it is quiet."""

from __future__ import annotations

import time

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from callqueue import comparing, sweeping
from callqueue.runtime import Runtime
from ptm.models import ParticipationChange
from scripts.rehearsal.course import look

# The carrier's recordings are compared with ours so often: it may not answer the first times.
COMPARISONS, BETWEEN_S = 4, 1.5
PATIENCE_S = 120.0


class Quiet:
    """Asked again and again whether it is quiet. What is never repaired is given up, and judged as it is."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._comparisons = 0
        self._compared_s = float("-inf")
        self._until_s = time.monotonic() + PATIENCE_S

    def is_reached(self) -> bool:
        now_s = time.monotonic()
        if now_s > self._until_s:
            return True
        if now_s - self._compared_s < BETWEEN_S:
            return False
        self._compared_s = now_s
        try:
            return self._repair()
        except DBAPIError:
            return False  # the last kill was a moment ago

    def _repair(self) -> bool:
        comparing.compare(self._runtime)
        sweeping.sweep(self._runtime)
        self._comparisons += 1
        with self._runtime.database.reading() as tx:
            unfolded = tx.scalar(select(ParticipationChange.id).limit(1))
            return self._comparisons >= COMPARISONS and unfolded is None and look(tx, self._runtime.clock.now()).is_over
