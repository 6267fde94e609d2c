"""Bells: JSON with ids alone, bounded, and no error when Redis is away."""

from __future__ import annotations

import json
import zlib

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from callqueue import bells
from callqueue.bells import QUEUES, Bells


@pytest.fixture
def ours(redis_connection: redis.Redis) -> Bells:
    return Bells(redis_connection, job_timeout_s=30)


def test_a_ring_carries_one_id_as_json(ours: Bells, redis_connection: redis.Redis) -> None:
    assert ours.ring(bells.FETCH, [7, 8])
    (first, second) = redis_connection.lrange("rq:queue:media", 0, -1)
    stored = Job.fetch(first.decode(), connection=redis_connection, serializer=JSONSerializer)
    assert (stored.func_name, stored.args, stored.kwargs) == ("callqueue.jobs.fetch", [7], {})
    raw = redis_connection.hget(f"rq:job:{second.decode()}", "data")
    assert raw is not None
    assert json.loads(zlib.decompress(raw))[2] == [8]


def test_dials_are_rung_for_in_slices(ours: Bells, redis_connection: redis.Redis) -> None:
    assert ours.ring(bells.PLACE, range(19))
    rung = redis_connection.lrange("rq:queue:dial", 0, -1)
    slices = [Job.fetch(key.decode(), connection=redis_connection, serializer=JSONSerializer).args for key in rung]
    assert slices == [list(range(8)), list(range(8, 16)), [16, 17, 18]]


def test_every_job_has_its_queue() -> None:
    jobs = {value for name, value in vars(bells).items() if name.isupper() and isinstance(value, str) and "." in value}
    assert jobs == bells._QUEUE_OF.keys()
    assert set(bells._QUEUE_OF.values()) == set(QUEUES)


def test_nothing_to_ring_for_rings_nothing(ours: Bells) -> None:
    assert ours.ring(bells.PLACE, [])
    assert ours.waiting("dial") == 0


def test_a_redis_that_is_away_is_no_error() -> None:
    nowhere = redis.Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))
    away = Bells(nowhere, job_timeout_s=30)
    assert not away.ring(bells.PLACE, [1])
    assert away.waiting("dial") == 0


def test_rings_are_bounded_whoever_rings(ours: Bells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "MOST_WAITING", 5)
    assert ours.ring(bells.RECONCILE, range(3))
    assert not ours.ring(bells.RECONCILE, range(100))
    assert ours.waiting("dial") == 5
    assert ours.ring(bells.FETCH, range(5))  # another queue has its own room
