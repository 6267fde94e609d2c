"""How many wrong sign-ins one address may send, whatever accounts it guesses at.

An account's own limit is in the database and always holds. This one stops somebody who tries one password on
thousands of accounts, and keeps them from burning our time: each comparison is slow on purpose.
"""

from __future__ import annotations

import hashlib

import redis
from flask import Request

# A school or a mobile network shares one address: this many people may mistype in one quarter of an hour.
MOST_WRONG = 60
WITHIN_S = 15 * 60
_KEY = "sunvai:wrong-sign-ins:"


def address_of(request: Request) -> str:
    """Return whom a request came from: the peer, or behind a proxy on this machine what that proxy saw.

    Only the last entry of X-Forwarded-For is the proxy's own; those before it are what the client claims. Proxies on
    other machines are counted in web.trusted_proxies and are no peers any more here.
    """
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and peer in ("127.0.0.1", "::1") else peer


def may_guess(connection: redis.Redis, address: str) -> bool:
    """Say whether an address may try at all. Without Redis it may: the limit of each account still holds."""
    try:
        return int(connection.get(_key(address)) or 0) < MOST_WRONG
    except redis.RedisError:
        return True


def note_wrong(connection: redis.Redis, address: str) -> None:
    """Count one wrong sign-in of an address, for WITHIN_S from the first."""
    key = _key(address)
    try:
        with connection.pipeline() as pipe:
            pipe.set(key, 0, ex=WITHIN_S, nx=True)
            pipe.incr(key)
            pipe.execute()
    except redis.RedisError:
        return


def _key(address: str) -> str:
    # Whose address it is need not stand in Redis in plain sight.
    return _KEY + hashlib.sha256(address.encode()).hexdigest()[:32]
