"""What a supervisor asks: is this process able to serve."""

from __future__ import annotations

import redis
from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ivr.access import public
from ivr.session import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[dict[str, str], int]:
    """Answer 503 without a database. Redis is only a doorbell: without it calls are slower, pages and webhooks work."""
    database = _database()
    status = "ok" if database == "ok" else "down"
    return {"status": status, "database": database, "redis": _redis()}, 200 if status == "ok" else 503


def _database() -> str:
    try:
        with runtime().database.reading() as tx:
            tx.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "away"
    return "ok"


def _redis() -> str:
    try:
        runtime().impatient_redis.ping()
    except redis.RedisError:
        return "away"
    return "ok"
