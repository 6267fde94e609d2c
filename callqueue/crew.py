"""Threads that dial side by side: a carrier takes a while to answer each request, and starts must not wait for that.

So many threads are needed as calls start in the time of one request: 40 a second at half a second each need 20. The
pace holds for all of them together, and each dial is made as it would be alone (see dialing).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger(__name__)


class Crew:
    """`dial` is called with each attempt in one of `threads` threads; whatever goes wrong in one stays there."""

    def __init__(self, dial: Callable[[int], None], threads: int) -> None:
        self._dial = dial
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dial")
        self._free = threading.Semaphore(threads)

    def place(self, attempt_ids: Iterable[int]) -> None:
        """Give each attempt to a thread as one gets free, and return when all have begun.

        Nothing queues up in here: what no thread has taken is still a claim that anybody may dial. The process ends
        after its threads have, and kills take a dial as they take one that is made alone.
        """
        for attempt_id in attempt_ids:
            self._free.acquire()
            self._threads.submit(self._do, attempt_id)

    def close(self) -> None:
        """Wait for the dials under way; none is taken any more."""
        self._threads.shutdown()

    def _do(self, attempt_id: int) -> None:
        try:
            self._dial(attempt_id)
        except Exception:
            # The sweeper finds the attempt as this dial left it.
            log.exception("the dial of an attempt failed")
        finally:
            self._free.release()
