"""RQ as a doorbell: a job says "look at this row", never what is true.

Ringing twice changes nothing, and a bell that is lost is rung again by the sweeper, so Redis may be emptied at any
time. One queue for each worker: RQ moves a job to a safe place only when it listens on exactly one (with two queues,
killed workers lost 9 jobs in 161 kills; with one, none).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import redis
from rq import Queue
from rq.serializers import JSONSerializer

QueueName = Literal["dial", "media", "asr"]
QUEUES: tuple[QueueName, ...] = ("dial", "media", "asr")

PLACE = "callqueue.jobs.place"
RECONCILE = "callqueue.jobs.reconcile"
WITHDRAW = "callqueue.jobs.withdraw"
PREPARE = "ivr.preparing.prepare"
FETCH = "callqueue.jobs.fetch"
COMPARE = "callqueue.jobs.compare"
TRANSCRIBE = "callqueue.jobs.transcribe"
VOICE = "callqueue.jobs.voice"
SAY = "ivr.prompts_by_phone.say"
# More rings than this are of no use to anybody, and Redis must not grow while workers are away: the sweeper rings for
# the rest when there is room again.
MOST_WAITING = 2_000
# A ring costs a worker some milliseconds: quick work is rung for in slices.
AT_ONCE = {PLACE: 8}
FAILURE_TTL_S = 3_600
_QUEUE_OF: dict[str, QueueName] = {
    PLACE: "dial",
    RECONCILE: "dial",
    WITHDRAW: "dial",
    PREPARE: "media",
    FETCH: "media",
    COMPARE: "media",
    TRANSCRIBE: "asr",
    VOICE: "media",
    SAY: "media",
}


# Who looks at a recording once it is here, by its purpose.
LISTENERS = {"suggestion": TRANSCRIBE, "message": VOICE, "prompt": SAY}


class Bells:
    """Rings for the workers. A Redis that does not answer is not an error here: the sweeper will ring again."""

    def __init__(self, connection: redis.Redis, *, job_timeout_s: int) -> None:
        # JSON, never pickle: whoever can write to Redis must not be able to run code in a worker.
        self._queues = {
            name: Queue(name, connection=connection, serializer=JSONSerializer, default_timeout=job_timeout_s)
            for name in QUEUES
        }

    def ring(self, job: str, ids: Iterable[int]) -> bool:
        """Ask a worker to look at each row; return False when Redis did not take the whole request."""
        queue = self._queues[_QUEUE_OF[job]]
        slices = _in_slices(tuple(ids), AT_ONCE.get(job, 1))
        data = [Queue.prepare_data(job, args=some, result_ttl=0, failure_ttl=FAILURE_TTL_S) for some in slices]
        if not data:
            return True
        try:
            room = max(0, MOST_WAITING - int(queue.count))
            queue.enqueue_many(data[:room])
        except redis.RedisError:
            return False
        return room >= len(data)

    def waiting(self, name: QueueName) -> int:
        """Return how many rings nobody has answered yet; 0 when Redis is away."""
        try:
            return int(self._queues[name].count)
        except redis.RedisError:
            return 0


def _in_slices(ids: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    return [ids[first : first + size] for first in range(0, len(ids), size)]
