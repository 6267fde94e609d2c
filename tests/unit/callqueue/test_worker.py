"""A worker listens on exactly one queue, so that a kill between taking and starting a job loses nothing."""

from __future__ import annotations

import os

import pytest
import redis
from rq import Queue
from rq import Worker as RqWorker
from rq.serializers import JSONSerializer

from callqueue import worker
from callqueue.bells import QUEUES, QueueName
from callqueue.worker import ForkingWorker, SteadyWorker


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[RqWorker]:
    """Workers that would have begun to work."""
    found: list[RqWorker] = []
    for kind in (SteadyWorker, ForkingWorker):
        monkeypatch.setattr(kind, "work", lambda self, **_how: found.append(self))
    return found


@pytest.mark.parametrize("name", QUEUES)
def test_a_worker_has_one_queue_and_speaks_json(
    redis_connection: redis.Redis, begun: list[RqWorker], name: QueueName
) -> None:
    warmed: list[str] = []
    worker.run(name, redis_connection, warm=lambda: warmed.append(name))
    (one,) = begun
    assert [queue.name for queue in one.queues] == [name]
    assert one.serializer is JSONSerializer
    assert warmed == [name]


def test_only_the_dialler_works_without_forking(redis_connection: redis.Redis, begun: list[RqWorker]) -> None:
    for name in QUEUES:
        worker.run(name, redis_connection)
    assert [type(one) for one in begun] == [SteadyWorker, ForkingWorker, ForkingWorker]


def test_a_dialler_does_what_was_rung_for(redis_connection: redis.Redis) -> None:
    queue = Queue("dial", connection=redis_connection, serializer=JSONSerializer)
    queue.enqueue("os.getpid", result_ttl=60)
    one = SteadyWorker([queue], connection=redis_connection, serializer=JSONSerializer)
    one.work(burst=True, logging_level="ERROR")
    assert queue.count == 0
    (done,) = queue.finished_job_registry.get_job_ids()
    job = queue.fetch_job(done)
    assert job is not None
    assert job.return_value() == os.getpid()
