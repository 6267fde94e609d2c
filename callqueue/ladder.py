"""What follows an attempt: a pure table from how it ended to what to do next.

A household's tries are spent only by dials after which the phone may have rung. A dial that the carrier refused
(its limits, its outages) climbs the transport ladder instead, which costs the family nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

REACHES = ("unreached", "rang", "answered", "heard", "responded", "recorded")


def reach_rank(reach: str) -> int:
    return REACHES.index(reach)


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: the outcome in our words, how far it got, whether the family asked us to stop."""

    outcome: str
    reach: str
    opted_out: bool = False


@dataclass(frozen=True)
class Rung:
    """What to do after an outcome: wait `wait` minutes (a key of the round's ladder) or, without one, stop for good."""

    disposition: str
    wait: str | None = None
    next_number: bool = False
    retire_number: bool = False
    spends_a_try: bool = True


@dataclass(frozen=True)
class Again:
    """Dial again, not before `wait` after the attempt ended; `next_number` asks for the following number, if any."""

    wait: timedelta
    next_number: bool
    retire_number: bool
    spends_a_try: bool
    disposition_if_late: str


@dataclass(frozen=True)
class Final:
    """Never dial again in this round."""

    disposition: str
    retire_number: bool
    spends_a_try: bool


# One row per outcome. `rejected` is final: repeated calls despite a rejection are what regulators audit.
# A carrier's failure may come after the phone rang, so it spends a try; throttling is refused before any ringing.
LADDER: Mapping[str, Rung] = {
    "busy": Rung("busy", wait="busy"),
    "no_answer": Rung("no_answer", wait="no_answer", next_number=True),
    "switched_off": Rung("switched_off", wait="switched_off", next_number=True),
    "machine": Rung("machine", wait="no_answer", next_number=True),
    "hung_up_early": Rung("partial", wait="hung_up_early"),
    "our_fault": Rung("provider_failed", wait="carrier_failed"),
    "carrier_failed": Rung("provider_failed", wait="carrier_failed"),
    "unknown": Rung("provider_failed", wait="carrier_failed"),
    "throttled": Rung("provider_failed", wait="carrier_failed", spends_a_try=False),
    "not_placed": Rung("provider_failed", wait="carrier_failed", spends_a_try=False),
    "not_dialed": Rung("provider_failed", wait="carrier_failed", spends_a_try=False),
    "invalid_number": Rung("invalid_number", wait="busy", next_number=True, retire_number=True),
    "rejected": Rung("rejected"),
    "canceled": Rung("canceled"),
    "refused": Rung("provider_failed", spends_a_try=False),
}

# A dial that the carrier keeps refusing for this call alone must not go round for ever.
MOST_UNPLACED = 20


def decide(
    ladder: Mapping[str, float], ending: Ending, *, tries: int, most_tries: int, unplaced: int, numbers: int
) -> Again | Final:
    """Say what follows `ending`.

    `ladder` holds minutes to wait by outcome; `tries` and `unplaced` count this attempt already; `numbers` counts the
    household's numbers that still work, this one included.
    """
    rung = LADDER[_rung_name(ending)]
    if ending.opted_out:
        return Final("opted_out", rung.retire_number, rung.spends_a_try)
    if reach_rank(ending.reach) >= reach_rank("heard"):
        return Final("completed", False, rung.spends_a_try)
    exhausted = tries >= most_tries or unplaced >= MOST_UNPLACED
    no_number_left = rung.retire_number and numbers <= 1
    if rung.wait is None or rung.wait not in ladder or exhausted or no_number_left:
        return Final(_disposition(rung, ending), rung.retire_number, rung.spends_a_try)
    wait = timedelta(minutes=ladder[rung.wait])
    return Again(wait, rung.next_number, rung.retire_number, rung.spends_a_try, _disposition(rung, ending))


def _rung_name(ending: Ending) -> str:
    """Tell apart what the carrier cannot: a normal end before the core message was heard is an early hang-up."""
    if ending.outcome == "ended_after_answer" or (
        ending.reach == "answered" and ending.outcome not in ("machine", "our_fault", "canceled")
    ):
        return "hung_up_early"
    return ending.outcome if ending.outcome in LADDER else "unknown"


def _disposition(rung: Rung, ending: Ending) -> str:
    return "partial" if ending.reach == "answered" and rung.disposition != "canceled" else rung.disposition
