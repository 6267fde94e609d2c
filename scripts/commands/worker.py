"""sunvai worker: one RQ worker on one queue, with everything loaded before it forks."""

from __future__ import annotations

from collections.abc import Callable

import click

from callqueue import jobs, worker
from callqueue.bells import QUEUES, QueueName
from callqueue.runtime import Runtime
from ptm.settings import load_settings


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def command(queue: QueueName) -> None:
    """Run one worker on QUEUE: dial places calls, media fetches and prepares audio, asr listens."""
    settings = load_settings()
    worker.run(queue, Runtime(settings).redis, warm=_warm(queue))


def _warm(queue: QueueName) -> Callable[[], object]:
    if queue == "asr":
        from callqueue.transcribing import warm

        return lambda: warm(load_settings())
    if queue == "media":
        import ivr.preparing

        return lambda: ivr.preparing
    return lambda: jobs
