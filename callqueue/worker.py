"""One RQ worker on exactly one queue."""

from __future__ import annotations

from collections.abc import Callable

import redis
from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer

from callqueue.bells import QueueName

# How soon a worker that was cut off from Redis, or finds its queue empty, looks again: seconds.
HEARTBEAT_S = 30


class ForkingWorker(Worker):
    """Runs each job in a forked child: a crash of the recogniser ends the child, and models are shared by the fork."""


class SteadyWorker(SimpleWorker):
    """Runs jobs in its own process: a dial is a few milliseconds and must not pay for a fork (66/s against 200/s)."""


def run(name: QueueName, connection: redis.Redis, *, warm: Callable[[], object] = lambda: None) -> None:
    """Work on one queue until SIGTERM. `warm` runs once, before any fork."""
    warm()
    kind = SteadyWorker if name == "dial" else ForkingWorker
    # With one queue RQ moves each job to a safe place when it takes it; with two it can lose them (see bells).
    worker = kind(
        [name],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=HEARTBEAT_S,
        maintenance_interval=HEARTBEAT_S,
    )
    worker.work(logging_level="WARNING")
