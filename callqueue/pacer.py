"""The pacer: claims what may start now, rings for it, and sweeps. One process, one loop, no memory of its own."""

from __future__ import annotations

import logging
import math
import signal
import threading
import time
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from callqueue import bells, heartbeats
from callqueue.claiming import Caps, claim_due
from callqueue.dialing import acts_within, lease_of, limits_of
from callqueue.runtime import Runtime
from callqueue.steadiness import ClockWatch
from callqueue.sweeping import sweep
from callqueue.withdrawing import ring_for_unwanted
from ptm.accounts import MAIN_ACCOUNT
from ptm.clock import SystemClock

log = logging.getLogger(__name__)

# Claims are made this many paces ahead of their start: enough to keep diallers busy, too little to grow old.
HORIZON_PACES = 4
WARN_EVERY_S = 60.0


def release(runtime: Runtime) -> list[int]:
    """Claim what may start now and ring the dial bell; return the attempts."""
    machine = runtime.settings.machine
    horizon = runtime.clock.stretch(machine.pace_every_s * HORIZON_PACES)
    caps = Caps(
        limits=limits_of(runtime),
        others={name: limits_of(runtime, name) for name in runtime.accounts if name != MAIN_ACCOUNT},
        dials_per_day=runtime.settings.calling.dials_per_day,
        lease=lease_of(runtime),
        horizon_s=horizon.total_seconds(),
        time_limit_s=runtime.settings.calling.time_limit_s,
        acts_within=acts_within(runtime),
    )
    claimed = claim_due(runtime.database, caps, runtime.clock.now())
    runtime.bells.ring(bells.PLACE, claimed)
    return claimed


def run(runtime: Runtime) -> None:
    """Pace and sweep until SIGTERM or SIGINT. A database that is away is waited for; nothing is dialled meanwhile."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    machine = runtime.settings.machine
    swept = compared = -math.inf
    clock_trouble, database_trouble = _Complaint(), _Complaint()
    # The machine's own clock: a demonstration puts the clock of its families forward on purpose.
    machine_clock = SystemClock()
    watch = ClockWatch(machine_clock.now(), _elapsed())
    while not stop.is_set():
        heartbeats.beat(runtime.impatient_redis, "pacer")
        try:
            if time.monotonic() - compared >= machine.compare_every_s:
                runtime.bells.ring(bells.COMPARE, [0])
                compared = time.monotonic()
            ring_for_unwanted(runtime)
            if watch.is_steady(machine_clock.now(), _elapsed()):
                if time.monotonic() - swept >= machine.sweep_every_s:
                    sweep(runtime)
                    swept = time.monotonic()
                release(runtime)
            else:
                # Repair goes by the clock, too: it would end a round that is not over, and leases that still hold.
                clock_trouble.say("the clock was set while we ran: nothing is dialled until it is right or we restart")
        except DBAPIError as error:
            database_trouble.say("the database did not answer; trying again: %s", str(error.orig).partition("\n")[0])
        stop.wait(machine.pace_every_s)


class _Complaint:
    """A trouble that is said once a minute, not at each pace: an hour's outage must not fill the disk."""

    def __init__(self) -> None:
        self._said = -math.inf

    def say(self, words: str, *about: object) -> None:
        if time.monotonic() - self._said >= WARN_EVERY_S:
            self._said = time.monotonic()
            log.error(words, *about)


def _elapsed() -> timedelta:
    return timedelta(seconds=time.monotonic())
