"""Signs of life: a process without a door of its own leaves a note in Redis that fades when it stops."""

from __future__ import annotations

import redis

FADES_AFTER_S = 30
_KEY = "sunvai:alive:"


def beat(connection: redis.Redis, name: str) -> None:
    """Leave a sign of life. Without Redis nobody can see it, which is what a reader then says."""
    try:
        connection.set(_KEY + name, 1, ex=FADES_AFTER_S)
    except redis.RedisError:
        return


def is_alive(connection: redis.Redis, name: str) -> bool:
    """Say whether a process beat within FADES_AFTER_S. Raises redis.RedisError."""
    return bool(connection.exists(_KEY + name))
