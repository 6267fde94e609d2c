"""What a worker does when a bell rings. Each job takes one id, and doing it twice changes nothing."""

from __future__ import annotations

from functools import cache

from callqueue import comparing, dialing, reconciling, recordings, transcribing, withdrawing
from callqueue.runtime import Runtime
from ptm.settings import load_settings


@cache
def runtime() -> Runtime:
    """Return this process's parts, made at its first job: a forked child must not share its parent's connections."""
    return Runtime(load_settings())


def place(attempt_id: int) -> None:
    dialing.dial(runtime(), attempt_id)


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
