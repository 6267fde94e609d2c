"""What a worker does when a bell rings. Each job takes an id, or a few, and doing it twice changes nothing."""

from __future__ import annotations

from functools import cache

from callqueue import comparing, dialing, reconciling, recordings, transcribing, voicing, withdrawing
from callqueue.crew import Crew
from callqueue.runtime import Runtime
from ptm.settings import load_settings


@cache
def runtime() -> Runtime:
    """Return this process's parts, made at its first job: a forked child must not share its parent's connections."""
    return Runtime(load_settings())


@cache
def crew() -> Crew:
    parts = runtime()
    return Crew(lambda attempt_id: dialing.dial(parts, attempt_id), parts.settings.machine.dial_threads)


def place(*attempt_ids: int) -> None:
    """Have these attempts dialled, side by side; the dials may outlast the job."""
    crew().place(attempt_ids)


def reconcile(attempt_id: int) -> None:
    reconciling.reconcile(runtime(), attempt_id)


def withdraw(attempt_id: int) -> None:
    withdrawing.withdraw(runtime(), attempt_id)


def fetch(recording_id: int) -> None:
    recordings.fetch(runtime(), recording_id)


def compare(_night: int) -> None:
    comparing.compare(runtime())


def transcribe(recording_id: int) -> None:
    transcribing.transcribe(runtime(), recording_id)


def voice(recording_id: int) -> None:
    voicing.finish(runtime(), recording_id)
