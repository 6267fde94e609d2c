"""Where a stack rehearsal is played: a demonstration's place with another database and fewer lines."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callqueue.bells import QUEUES
from ptm.settings import Settings, load_settings
from scripts.commands.up import answers
from scripts.demonstration.place import Place, open_place
from scripts.embedded import redis_program
from scripts.supervisor import Program, sunvai

if TYPE_CHECKING:
    from scripts.rehearsal.postgresql import Cluster

# Two diallers beside each other: what only happens between two must be able to happen.
DIALLERS = 2
# Seconds of the machine. A request has long enough on a busy machine; the lease is four times that, as it must be.
MACHINE = {
    "lease_s": 10,
    "listing_delay_s": 1,
    "sweep_every_s": 3,
    "compare_every_s": 60,
    "pace_every_s": 0.15,
    "job_timeout_s": 60,
    "dial_threads": 2,
}
# Requests that a stalled exchange may find waiting at once: of both diallers, and of those killed before them.
IN_FLIGHT = 2 * DIALLERS * int(MACHINE["dial_threads"])
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 0.5, 2.0


@dataclass(frozen=True)
class Stage:
    """One rehearsal's folder, clock, ports and secrets (`place`), its database and what the carrier sells it.

    `cluster` is the PostgreSQL that we run and kill; None with SQLite.
    """

    place: Place
    lines: int
    reserved_lines: int
    calls_per_second: float
    cluster: Cluster | None = None

    @property
    def folder(self) -> Path:
        return self.place.folder

    @property
    def database_url(self) -> str:
        return self.cluster.url if self.cluster else f"sqlite:///{self.folder}/sunvai.db"

    def environ(self) -> dict[str, str]:
        told: dict[str, Any] = {
            "DATABASE__URL": self.database_url,
            "CARRIER__LINES": self.lines,
            "CARRIER__RESERVED_LINES": self.reserved_lines,
            "CARRIER__CALLS_PER_SECOND": self.calls_per_second,
            "CARRIER__CONNECT_TIMEOUT_S": CONNECT_TIMEOUT_S,
            "CARRIER__READ_TIMEOUT_S": READ_TIMEOUT_S,
            **{f"MACHINE__{key.upper()}": value for key, value in MACHINE.items()},
        }
        return self.place.environ() | {f"SUNVAI_{name}": str(value) for name, value in told.items()}

    def settings(self) -> Settings:
        return load_settings(Path("config.toml"), self.environ())

    def database_programs(self) -> list[Program]:
        return [self.cluster.program()] if self.cluster else []

    def programs(self, population: Path, faults: Path) -> list[Program]:
        """Return everything beside the database, in the order in which it starts."""
        settings = self.settings()
        health = f"http://{settings.web.host}:{settings.web.port}/healthz"
        dialler = [Program(f"worker-dial-{number}", sunvai("worker", "dial")) for number in range(1, DIALLERS + 1)]
        others = [Program(f"worker-{queue}", sunvai("worker", queue)) for queue in QUEUES if queue != "dial"]
        return [
            redis_program(settings.redis.url, self.folder / "redis"),
            self._exchange(population, faults),
            Program("web", sunvai("web"), answers(health)),
            *dialler,
            *others,
            Program("pacer", sunvai("pacer")),
        ]

    def _exchange(self, population: Path, faults: Path) -> Program:
        argv = sunvai(
            "exchange", "--port", str(self.place.exchange_port), "--folder", str(self.folder / "exchange"),
            "--population", str(population), "--faults", str(faults), "--clock", str(self.place.clock_file),
            "--lines", str(self.lines), "--cps", str(self.calls_per_second), "--no-keep-audio",
            # Half a second between two tries of a webhook: some are lost with the web process, most are not.
            "--switch", "retry_wait_s=0.5", "--switch", "list_delay_s=5",
        )  # fmt: skip
        return Program("exchange", argv, answers(f"{self.place.exchange_url}/healthz"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_stage(
    folder: Path, *, database: str, speed: float, lines: int, reserved_lines: int, calls_per_second: float
) -> Stage:
    """Begin in `folder` anew: everything in it but the rendered clips is thrown away."""
    place, _ = open_place(folder, speed=speed, fresh=True)
    # Ports that nobody would ask for: a second rehearsal beside this one must not meet it.
    place = replace(place, web_port=_free_port(), exchange_port=_free_port())
    stage = Stage(place, lines, reserved_lines, calls_per_second)
    if database == "sqlite":
        return stage
    from scripts.rehearsal.postgresql import Cluster  # SQLite needs no driver for it

    return replace(stage, cluster=Cluster.make(place.folder / "pg"))
