"""The parts of this installation for one command, closed when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from callqueue.runtime import Runtime
from ptm.settings import load_settings


@contextmanager
def opened() -> Iterator[Runtime]:
    """Give the parts that the settings describe; whatever was opened of them is closed at the end."""
    parts = Runtime(load_settings())
    try:
        yield parts
    finally:
        if "database" in vars(parts):
            parts.database.dispose()
        if "redis" in vars(parts):
            parts.redis.close()
