"""What follows an attempt: a pure table from how it ended to what to do next.

Two ladders stand side by side. A household's tries are spent only by dials after which the phone may have rung, and
the next one waits minutes to a day. A dial that never left the house, or that the carrier refused (its limits, its
outages), climbs the transport ladder instead: seconds, doubling, and nothing that the family ever pays for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

REACHES = ("unreached", "rang", "answered", "heard", "responded", "recorded")

# What an attempt takes from its call: one of the household's tries, one of the dials the carrier may lose, or nothing.
Cost = Literal["try", "place", "nothing"]


def reach_rank(reach: str) -> int:
    return REACHES.index(reach)


HEARD = reach_rank("heard")


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: the outcome in our words, how far it got, whether the family asked us to stop."""

    outcome: str
    reach: str
    opted_out: bool = False


@dataclass(frozen=True)
class Rung:
    """What to do after an outcome: wait `wait` minutes (a key of the round's ladder) or, without one, stop for good.

    On the transport ladder (`cost` is not "try") the wait is seconds and needs no key.
    """

    disposition: str
    wait: str | None = None
    cost: Cost = "try"
    different_hour: bool = False
    next_number: bool = False
    retire_number: bool = False
    final: bool = False


@dataclass(frozen=True)
class Again:
    """Dial again, not before `wait` after the attempt ended; `next_number` asks for the following number, if any."""

    wait: timedelta
    cost: Cost
    different_hour: bool
    next_number: bool
    retire_number: bool
    disposition_if_late: str


@dataclass(frozen=True)
class Final:
    """Never dial again in this round."""

    disposition: str
    cost: Cost
    retire_number: bool


# One row per outcome. `rejected` is final: repeated calls despite a rejection are what regulators audit.
# A carrier's failure may come after the phone rang, so it spends a try; throttling is refused before any ringing.
LADDER: Mapping[str, Rung] = {
    "busy": Rung("busy", wait="busy"),
    "no_answer": Rung("no_answer", wait="no_answer", different_hour=True, next_number=True),
    "switched_off": Rung("switched_off", wait="switched_off", next_number=True),
    "machine": Rung("machine", wait="no_answer", different_hour=True, next_number=True),
    "hung_up_early": Rung("partial", wait="hung_up_early", different_hour=True),
    "our_fault": Rung("provider_failed", wait="carrier_failed"),
    "carrier_failed": Rung("provider_failed", wait="carrier_failed"),
    "unknown": Rung("provider_failed", wait="carrier_failed"),
    "invalid_number": Rung("invalid_number", wait="busy", next_number=True, retire_number=True),
    "rejected": Rung("rejected", final=True),
    "canceled": Rung("canceled", final=True),
    "refused": Rung("provider_failed", cost="nothing", final=True),
    # The transport ladder.
    "not_placed": Rung("provider_failed", cost="place"),
    "not_there": Rung("provider_failed", cost="place"),
    "throttled": Rung("provider_failed", cost="nothing"),
    "not_dialed": Rung("provider_failed", cost="nothing"),
    "withdrawn": Rung("provider_failed", cost="nothing"),
}

# After these the phone certainly did not ring: they count neither as tries nor against a number's cap.
NEVER_RANG = frozenset(outcome for outcome, rung in LADDER.items() if rung.cost != "try")

# A dial that the carrier keeps refusing for this call alone must not go round for ever.
MOST_UNPLACED = 20
# Every "not there" rests on the carrier's lists being whole. Twice for one call is as far as they are trusted.
MOST_NOT_THERE = 2

TRANSPORT_WAIT_S, LONGEST_TRANSPORT_WAIT_S = 5.0, 600.0
# Nothing was wrong with these: the call may go as soon as it is allowed again.
AT_ONCE = frozenset({"not_dialed", "withdrawn"})


@dataclass(frozen=True)
class Standing:
    """Where a call stands, this attempt counted already.

    `numbers` counts the household's numbers that work, this attempt's included even if it is being retired; `heard`
    says whether any attempt of the call was heard; `chance` in [0, 1) spreads transport waits.
    """

    tries: int
    most_tries: int
    unplaced: int = 0
    not_there: int = 0
    numbers: int = 1
    heard: bool = False
    chance: float = 0.5


def decide(ladder: Mapping[str, float], ending: Ending, standing: Standing) -> Again | Final:
    """Say what follows `ending`. `ladder` holds minutes to wait by outcome; an outcome without a wait is final."""
    rung = rung_of(ending)
    if ending.opted_out:
        return Final("opted_out", rung.cost, rung.retire_number)
    if standing.heard or reach_rank(ending.reach) >= HEARD:
        return Final("completed", rung.cost, False)
    wait = _wait(ladder, rung, ending, standing)
    no_number_left = rung.retire_number and standing.numbers <= 1
    if rung.final or wait is None or no_number_left or _is_exhausted(standing):
        return Final(_disposition(rung, ending), rung.cost, rung.retire_number)
    return Again(wait, rung.cost, rung.different_hour, rung.next_number, rung.retire_number, _disposition(rung, ending))


def cost_of(ending: Ending) -> Cost:
    """Say what an attempt that ended so takes from its call."""
    return rung_of(ending).cost


def transport_wait(unplaced: int, chance: float) -> timedelta:
    """Return the wait before a dial that certainly did not ring is sent again: doubling, spread by half, bounded."""
    wait_s = min(TRANSPORT_WAIT_S * 2 ** max(0, min(unplaced, 12) - 1), LONGEST_TRANSPORT_WAIT_S)
    return timedelta(seconds=wait_s * (0.75 + chance / 2))


def rung_of(ending: Ending) -> Rung:
    return LADDER[_rung_name(ending)]


def _rung_name(ending: Ending) -> str:
    """Tell apart what the carrier cannot: a normal end before the core message was heard is an early hang-up."""
    if ending.outcome == "ended_after_answer" or (
        ending.reach == "answered" and ending.outcome not in ("machine", "our_fault", "canceled")
    ):
        return "hung_up_early"
    return ending.outcome if ending.outcome in LADDER else "unknown"


def _wait(ladder: Mapping[str, float], rung: Rung, ending: Ending, standing: Standing) -> timedelta | None:
    if rung.cost == "try":
        return None if rung.wait is None or rung.wait not in ladder else timedelta(minutes=ladder[rung.wait])
    if ending.outcome in AT_ONCE:
        return timedelta(0)
    return transport_wait(standing.unplaced, standing.chance)


def _is_exhausted(standing: Standing) -> bool:
    return (
        standing.tries >= standing.most_tries
        or standing.unplaced >= MOST_UNPLACED
        or standing.not_there >= MOST_NOT_THERE
    )


def _disposition(rung: Rung, ending: Ending) -> str:
    return "partial" if ending.reach == "answered" and rung.disposition != "canceled" else rung.disposition
