"""A process that writes nonsense over every call of a SQLite file and never commits it: whoever starts it, kills it."""

from __future__ import annotations

import sqlite3
import sys
import time

PATIENCE_S = 30.0


def main(file: str) -> None:
    connection = sqlite3.connect(file, isolation_level=None, timeout=PATIENCE_S)
    # So small a cache that what is not committed yet stands in the file's log already.
    connection.execute("PRAGMA cache_size = 5")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE call SET state = 'ended', disposition = 'nonsense', tries = tries + 7")
    connection.execute("UPDATE recording SET state = 'discarded'")
    sys.stdout.write("half-way\n")
    sys.stdout.flush()
    time.sleep(PATIENCE_S)


if __name__ == "__main__":
    main(sys.argv[1])
