"""sunvai up: every process of one machine, kept up."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Callable

import click

from callqueue.bells import QUEUES
from ptm.settings import Settings, load_settings
from scripts.embedded import is_embedded, redis_program
from scripts.supervisor import Program, Supervisor, sunvai


@click.command()
def command() -> None:
    """Run Redis (when its address is a socket), web, pacer and one worker for each queue, until Ctrl-C."""
    settings = load_settings()
    supervisor = Supervisor(
        programs(settings), logs=settings.storage.folder / "logs", environ=os.environ, say=click.echo
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    try:
        supervisor.start()
        click.echo(f"Sunvai is up at {settings.web.public_url}; Ctrl-C stops it.")
        supervisor.watch(until=lambda: False)
    finally:
        supervisor.stop()


def programs(settings: Settings) -> list[Program]:
    """Return our own processes in the order in which they start."""
    url = settings.redis.url
    redis = [redis_program(url, settings.storage.folder / "redis")] if is_embedded(url) else []
    web = Program("web", sunvai("web"), answers(f"http://{settings.web.host}:{settings.web.port}/healthz"))
    workers = [Program(f"worker-{queue}", sunvai("worker", queue)) for queue in QUEUES]
    return [*redis, web, *workers, Program("pacer", sunvai("pacer"))]


def answers(url: str) -> Callable[[], bool]:
    """Return a question that is true once `url` answers 200."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
                return bool(response.status == 200)
        except OSError:
            return False

    return ask
