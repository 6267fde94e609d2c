"""Where a demonstration lives: one folder with its own secrets, ports and clock; nothing outside it is touched."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from ptm.clock import IST, FileClock, ScaledClock, write_clock_file
from ptm.errors import SettingsError
from ptm.settings import Settings, load_settings
from scripts.embedded import LONGEST_SOCKET

WEB_PORT, EXCHANGE_PORT = 8000, 8800
STARTS_IST = clock_time(11)
# A demonstration that goes on later must find itself within calling hours; from here on it would meet their end.
TOO_LATE_IST = clock_time(17)
ROUND_DAYS = 6
# Beside the caller id of config.toml: numbers that this exchange alone knows.
MISSED_CALL_NUMBER, TEACHER_NUMBER = "918035731001", "918035731002"

# Seconds of the machine: short enough that a process killed in the middle is made good while one watches.
QUICK_MACHINE = {
    "lease_s": 20,
    "listing_delay_s": 2,
    "sweep_every_s": 1,
    "compare_every_s": 5,
    "pace_every_s": 0.1,
    "job_timeout_s": 60,
}


@dataclass(frozen=True)
class Place:
    """One demonstration. Its processes share the clock in `clock_file`."""

    folder: Path
    web_port: int
    exchange_port: int
    redis_socket: str
    speed: float
    round_ends_on: str
    password: str
    secrets: Mapping[str, str]
    finished: bool = False

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def exchange_url(self) -> str:
        return f"http://127.0.0.1:{self.exchange_port}"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock.json"

    def set_clock(self, at: datetime) -> None:
        """Let it be `at` now, for all processes; never earlier than it was."""
        write_clock_file(self.clock_file, ScaledClock(at, time.time(), self.speed))

    def environ(self) -> dict[str, str]:
        """Return the whole environment of its processes: this one's, with the demonstration's settings over it."""
        told: dict[str, Any] = {
            "DATABASE__URL": f"sqlite:///{self.folder}/sunvai.db",
            "REDIS__URL": f"unix://{self.redis_socket}",
            "STORAGE__FOLDER": self.folder,
            "WEB__PORT": self.web_port,
            "WEB__PUBLIC_URL": self.web_url,
            "WEB__NAME_NODES": "true",
            "CARRIER__API_URL": self.exchange_url,
            "CARRIER__MISSED_CALL_NUMBER": MISSED_CALL_NUMBER,
            "CARRIER__TEACHER_NUMBER": TEACHER_NUMBER,
            "CARRIER__CONNECT_TIMEOUT_S": 1,
            "CARRIER__READ_TIMEOUT_S": 4,
            "CLOCK__FILE": self.clock_file,
            **{f"MACHINE__{key.upper()}": value for key, value in QUICK_MACHINE.items()},
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SUNVAI_")}
        return kept | {f"SUNVAI_{name}": str(value) for name, value in told.items()} | dict(self.secrets)

    def settings(self) -> Settings:
        return load_settings(Path("config.toml"), self.environ())

    def save(self) -> None:
        """Write the place down, for the eyes of its owner alone: the secrets are in it."""
        facts = asdict(self) | {"folder": str(self.folder)}
        file = self.folder / "demo.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(facts, indent=1), "utf-8")


def open_place(folder: Path, *, speed: float, fresh: bool) -> tuple[Place, bool]:
    """Return the demonstration in `folder` and whether it is new; an old one goes on where its clock stood.

    With `fresh`, or when an old one's round is over, everything but the clips is thrown away and begun again.
    """
    folder = folder.absolute()
    found = None if fresh else load_place(folder)
    if found is not None and (going_on := _go_on(found)) is not None:
        going_on.save()
        return going_on, False
    _clear(folder)
    place = _new(folder, speed)
    place.save()
    return place, True


def load_place(folder: Path) -> Place | None:
    """Return the demonstration that was written down in `folder`, None when there is none that can be read."""
    try:
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
        return Place(**facts | {"folder": folder})
    except (OSError, ValueError, TypeError):
        return None


def _go_on(place: Place) -> Place | None:
    """Return the place with a clock that goes on in calling hours; None when its round has no such hour left."""
    stood_at = _stood_at(place)
    if stood_at is None:
        return None
    local = stood_at.astimezone(IST)
    if local.weekday() == 6 or not STARTS_IST <= local.time() < TOO_LATE_IST:
        local = _next_start(local)
    if local.date().isoformat() > place.round_ends_on:
        return None
    place.set_clock(local)
    return replace(
        place, finished=False, web_port=_free_port(place.web_port), exchange_port=_free_port(place.exchange_port)
    )


def _stood_at(place: Place) -> datetime | None:
    """Return a time of its clock that is later than anything it wrote: the clock stood still since its last write."""
    try:
        clock_wall = place.clock_file.stat().st_mtime
        clock = FileClock(place.clock_file)
    except (OSError, SettingsError):
        return None
    written = [file for name in ("*.db*", "exchange/journal.jsonl") for file in place.folder.glob(name)]
    last_wall = max([clock_wall, *(file.stat().st_mtime for file in written)])
    return clock.now() - clock.stretch(time.time() - last_wall - 1)


def _new(folder: Path, speed: float) -> Place:
    starts = _next_start(datetime.now(IST) - timedelta(days=1))
    ends = starts + timedelta(days=ROUND_DAYS)
    place = Place(
        folder=folder,
        web_port=_free_port(WEB_PORT),
        exchange_port=_free_port(EXCHANGE_PORT),
        redis_socket=_socket(folder),
        speed=speed,
        round_ends_on=ends.date().isoformat(),
        password=f"try-{secrets.token_hex(3)}-{secrets.token_hex(3)}",
        secrets={
            "PLIVO_AUTH_ID": f"MA{secrets.token_hex(9).upper()}",
            "PLIVO_AUTH_TOKEN": secrets.token_urlsafe(30),
            "SUNVAI_SECRET_KEY": secrets.token_urlsafe(32),
            "SUNVAI_DATA_KEY": secrets.token_urlsafe(32),
        },
    )
    place.set_clock(starts)
    return place


def _next_start(after: datetime) -> datetime:
    """Return eleven in the morning of the first working day that is later than `after`, in India."""
    day = after.date()
    while datetime.combine(day, STARTS_IST, IST) <= after or day.weekday() == 6:
        day += timedelta(days=1)
    return datetime.combine(day, STARTS_IST, IST)


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.name == "clips":
            continue  # named by their content: they are right whatever happened
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def _socket(folder: Path) -> str:
    path = folder / "redis.sock"
    if len(str(path).encode()) <= LONGEST_SOCKET:
        return str(path)
    return str(Path(tempfile.mkdtemp(prefix="sunvai-")) / "redis.sock")


def _free_port(wanted: int) -> int:
    """Return the wanted port if nobody listens there, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
