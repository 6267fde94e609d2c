"""A child process that runs one step of the queue and kills itself in the middle of it: no hooks in product code.

A function, named as `module:function` or `module:Class.method`, is wrapped so that the process gets SIGKILL just before
or just after it ran. A step is `place ID`, `reconcile ID`, `end ID OUTCOME`, `release`, `sweep`, `fetch ID`,
`transcribe ID`, `press ROUND UDISE CLASS` (the command that starts a class) or `webhook PATH BODY HEADERS` (JSON).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from callqueue import dialing, ledger, pacer, reconciling, recordings, sweeping, transcribing
from callqueue.ledger import CarrierEnd
from callqueue.runtime import Runtime
from ivr.app import create_app
from ptm.settings import load_settings
from scripts.commands.batch import start


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives SIGKILL")


def wrap(target: str, when: str) -> None:
    """Put the kill around a function."""
    module_name, _, path = target.partition(":")
    owner: Any = importlib.import_module(module_name)
    *owners, name = path.split(".")
    for part in owners:
        owner = getattr(owner, part)
    setattr(owner, name, _dying(getattr(owner, name), when))


def _dying(original: Callable[..., Any], when: str) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
        original(*args, **kwargs)
        die()

    return wrapped


def run(runtime: Runtime, step: str, words: Sequence[str]) -> None:
    if step == "place":
        dialing.dial(runtime, int(words[0]))
    elif step == "reconcile":
        reconciling.reconcile(runtime, int(words[0]))
    elif step == "release":
        pacer.release(runtime)
    elif step == "sweep":
        sweeping.sweep(runtime)
    elif step == "fetch":
        recordings.fetch(runtime, int(words[0]))
    elif step == "transcribe":
        transcribing.transcribe(runtime, int(words[0]))
    elif step == "webhook":
        path, body, headers = words
        create_app(runtime).test_client().post(path, data=body, headers=json.loads(headers))
    elif step == "press":
        round_id, udise, class_name = words
        start.callback(int(round_id), udise, class_name)  # type: ignore[misc]
    elif step == "end":
        with runtime.database.writing() as tx:
            ledger.ended(tx, int(words[0]), CarrierEnd(words[1], runtime.clock.now()))
    else:
        raise ValueError(step)


def main(environ: Mapping[str, str], step: str, target: str, when: str, words: Sequence[str]) -> None:
    """Be the child: `environ` is what its settings are read from, `when` is before, after or never."""
    os.environ.update(environ)  # a command reads its settings from here
    if when != "never":
        wrap(target, when)
    run(Runtime(load_settings(environ=environ)), step, words)
