"""A call as the exchange knows it, from its acceptance to its detail record."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from .causes import Verdict

_PULSE_S = 60
_RATE_PER_MINUTE = 0.00475


@dataclass(frozen=True)
class Order:
    """What the customer asked for in POST Call/. Times in clock seconds."""

    from_number: str  # digits, no plus
    to_number: str
    answer_url: str
    answer_method: str = "POST"
    ring_url: str = ""
    ring_method: str = "POST"
    hangup_url: str = ""
    hangup_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    caller_name: str = ""
    send_digits: str = ""
    time_limit: float = 14400
    hangup_on_ring: float | None = None
    ring_timeout: float = 120
    machine_detection: str = ""  # "", "true" or "hangup"
    machine_detection_time: float = 5000  # ms
    machine_detection_url: str = ""
    machine_detection_method: str = "POST"
    sip_headers: str = ""
    parent_call_uuid: str = ""

    def facts(self) -> dict[str, Any]:
        """Return what the journal must hold to bring the order back: everything that is not a default."""
        numbers = ("from_number", "to_number")
        return {k: v for k, v in asdict(self).items() if k not in numbers and v != getattr(Order, k, None)}


@dataclass
class Call:
    """One call. Instants are UTC; what has not happened is None."""

    uuid: str
    request_uuid: str
    order: Order
    accepted_at: datetime
    ring: int | None = None  # which ring of its number this was, from zero; None while it is queued
    dialled_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    verdict: Verdict | None = None
    direction: str = "outbound"
    machine: bool | None = None  # what machine detection found
    told: set[str] = field(default_factory=set)  # notices that need no repeating after a restart

    @property
    def state(self) -> str:
        if self.ended_at is not None:
            return "ended"
        if self.dialled_at is None:
            return "queued"
        return "in-progress" if self.answered_at else "ringing"

    @property
    def talk_s(self) -> float:
        """Return clock seconds from answer to end, 0 for a call that nobody answered."""
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return (self.ended_at - self.answered_at).total_seconds()

    @property
    def duration_s(self) -> int:
        """Return whole seconds of talk, a started second counting."""
        return math.ceil(round(self.talk_s, 3))

    @property
    def billed_s(self) -> int:
        """Return the seconds on the bill: whole pulses."""
        return math.ceil(self.duration_s / _PULSE_S) * _PULSE_S

    @property
    def cost(self) -> str:
        return f"{self.billed_s / 60 * _RATE_PER_MINUTE:.5f}"

    @property
    def rate(self) -> str:
        return f"{_RATE_PER_MINUTE:.5f}"


@dataclass(frozen=True)
class Recording:
    """What a person said, kept as a file until the customer deletes it. Milliseconds count from the answer."""

    id: str
    call_uuid: str
    from_number: str
    to_number: str
    begin_at: datetime
    add_at: datetime
    duration_ms: int
    file_format: str
    kind: str = "normal"  # "conference" never happens here

    @property
    def begin_ms(self) -> int:
        return round(self.begin_at.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return self.begin_ms + self.duration_ms
