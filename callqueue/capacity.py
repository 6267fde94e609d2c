"""Before the week: how many lines, calls per second, days and rupees a round needs; and the inverse.

Pure arithmetic. A line is held from the first ring to the end, whoever answers, so lines = starts a second x mean hold
(Little's law). The defaults are what is known from the field: half of the families who ever pick up do so on the first
try and three quarters by the third; a core message of 58 s; forty seconds of ringing before nobody answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callqueue.pulses import PULSE_S, pulses_of

# India: calls per second = lines / 25, the excess is rejected at once (cause 5030).
LINES_PER_CALL_PER_SECOND = 25
HOUR_S = 3600.0


@dataclass(frozen=True)
class Behaviour:
    """How families take calls. `picked_up` is the share of households reached by the first, second, third ... try.

    An unanswered dial rings until the time-out, or (`quick_share` of them: busy, switched off, rejected) fails fast.
    """

    picked_up: Sequence[float] = (0.50, 0.64, 0.76)
    talk_s: float = 58.0
    answered_ring_s: float = 6.0
    no_answer_ring_s: float = 40.0
    quick_share: float = 0.2
    quick_s: float = 8.0

    def __post_init__(self) -> None:
        steps = [0.0, *self.picked_up]
        if not self.picked_up or steps != sorted(steps) or steps[-1] > 1:
            raise ValueError("picked_up must be shares from 0 to 1 that never fall from one try to the next")

    def reached(self, tries: int) -> float:
        """Return the share of households that somebody answered for after so many tries."""
        return self.picked_up[min(tries, len(self.picked_up)) - 1]

    def dials(self, tries: int) -> float:
        """Return how many dials a household costs on the average: whoever answered is not called again."""
        return sum(1.0 - (self.reached(earlier) if earlier else 0.0) for earlier in range(tries))

    def hold_s(self, tries: int) -> float:
        """Return how long the mean dial holds a line."""
        answered = self.reached(tries) / self.dials(tries)
        unanswered_s = self.quick_share * self.quick_s + (1 - self.quick_share) * self.no_answer_ring_s
        return answered * (self.answered_ring_s + self.talk_s) + (1 - answered) * unanswered_s


@dataclass(frozen=True)
class Demand:
    """What a round is to do. `headroom` is the share of the lines kept free for parents who call in."""

    households: int
    tries: int = 3
    days: float = 6
    hours_per_day: float = 9.0
    headroom: float = 0.05
    behaviour: Behaviour = Behaviour()

    def __post_init__(self) -> None:
        if self.households < 1 or self.tries < 1 or self.days <= 0 or self.hours_per_day <= 0:
            raise ValueError("households, tries, days and hours must be more than nothing")
        if not 0 <= self.headroom < 1:
            raise ValueError("headroom is a share of the lines: from 0 to below 1")

    @property
    def open_s(self) -> float:
        return self.days * self.hours_per_day * HOUR_S


@dataclass(frozen=True)
class Plan:
    """What a demand takes. `lines` includes the head-room; `binds` says which limit decides the number of lines."""

    households: int
    tries: int
    days: float
    hours_per_day: float
    dials: int
    reached: int
    starts_per_s: float
    hold_s: float
    lines_busy: int
    lines: int
    binds: str
    pulses: int
    rupees: float


def plan(demand: Demand, *, pulse_paise: float) -> Plan:
    """Return the lines to buy and what the round will cost."""
    behaviour, tries = demand.behaviour, demand.tries
    dials = demand.households * behaviour.dials(tries)
    reached = demand.households * behaviour.reached(tries)
    starts_per_s = dials / demand.open_s
    busy = starts_per_s * behaviour.hold_s(tries)
    by_hold, by_rate = busy / (1 - demand.headroom), starts_per_s * LINES_PER_CALL_PER_SECOND
    pulses = reached * pulses_of(math.ceil(behaviour.talk_s))
    return Plan(
        households=demand.households, tries=tries, days=demand.days, hours_per_day=demand.hours_per_day,
        dials=round(dials), reached=round(reached), starts_per_s=starts_per_s, hold_s=behaviour.hold_s(tries),
        lines_busy=math.ceil(busy), lines=math.ceil(max(by_hold, by_rate)),
        binds="lines" if by_hold >= by_rate else "calls per second",
        pulses=round(pulses), rupees=pulses * pulse_paise / 100,
    )  # fmt: skip


def starts_per_s_with(lines: int, demand: Demand) -> float:
    """Return how many calls a second so many lines can start: what binds first, lines or calls per second."""
    by_hold = lines * (1 - demand.headroom) / demand.behaviour.hold_s(demand.tries)
    return min(by_hold, lines / LINES_PER_CALL_PER_SECOND)


def days_with(lines: int, demand: Demand) -> float:
    """Return how many days the demand takes with so many lines."""
    dials = demand.households * demand.behaviour.dials(demand.tries)
    return dials / starts_per_s_with(lines, demand) / (demand.hours_per_day * HOUR_S)


def households_with(lines: int, demand: Demand) -> int:
    """Return how many households so many lines can call within the days of the demand."""
    dials = starts_per_s_with(lines, demand) * demand.open_s
    return int(dials / demand.behaviour.dials(demand.tries))


def households_for(rupees: float, demand: Demand, *, pulse_paise: float) -> int:
    """Return how many households a budget can call."""
    one = plan(replace(demand, households=1_000_000), pulse_paise=pulse_paise)
    return int(rupees / (one.rupees / 1_000_000))


def seconds_to_the_next_pulse(talk_s: float) -> float:
    """Return how much shorter a message would have to be to cost one started minute less; 0 if it costs only one."""
    pulses = pulses_of(math.ceil(talk_s))
    return max(0.0, talk_s - (pulses - 1) * PULSE_S) if pulses > 1 else 0.0
