"""What we ask of a phone company, in our own words.

Everything that is particular to one provider stands behind `Carrier` and is translated once, at that edge. The
errors are those of `ptm.errors`, and their first question is always whether the phone may have rung.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Literal, Protocol

from ptm.errors import CarrierError

CallState = Literal["queued", "live", "ended"]


class Outcome(StrEnum):
    """How a dial ended as the carrier tells it. Whether an answered call was completed or partial, reach decides."""

    ENDED_AFTER_ANSWER = "ended_after_answer"  # somebody picked up; what they heard is our own knowledge
    NO_ANSWER = "no_answer"  # it rang until the ring time-out
    BUSY = "busy"  # the line was taken
    REJECTED = "rejected"  # the person, or a bar on the number, said no: final
    SWITCHED_OFF = "switched_off"  # out of service at the moment: try another day
    INVALID_NUMBER = "invalid_number"  # nobody has this number: the school must correct it
    MACHINE = "machine"  # a machine answered and the carrier hung up
    CANCELED = "canceled"  # withdrawn before it was answered
    CARRIER_FAILED = "carrier_failed"  # the network broke; says nothing about the household
    THROTTLED = "throttled"  # refused because too many lines were in use: slow down, no try is used up
    OUR_FAULT = "our_fault"  # our web server, our XML, our account or our caller id: an operator must look
    UNKNOWN = "unknown"  # a code we have no word for: count it as the carrier's failure and raise an alarm


@dataclass(frozen=True, slots=True)
class Dial:
    """One phone to ring, once. `to` is an msisdn; the URLs carry the attempt's token and are plain ASCII.

    `ring_timeout_s` counts from the first ring, `time_limit_s` from the answer. A static fallback is asked by GET.
    """

    to: str
    from_: str
    answer_url: str
    ring_url: str
    hangup_url: str
    fallback_url: str
    ring_timeout_s: int
    time_limit_s: int
    fallback_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Placed:
    """The carrier took the dial. `queued`: it will ring when the carrier has a free start, not now."""

    request_id: str
    queued: bool


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """A call as the carrier knows it. Numbers are digits without plus; instants are UTC-aware; empty text is unknown.

    `request_id` is empty where the carrier does not repeat it (ended calls). `talk_s` counts from the answer.
    """

    call_id: str
    request_id: str
    to: str
    from_: str
    state: CallState
    cause_code: int | None = None
    cause_name: str = ""
    hangup_source: str = ""
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talk_s: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierRecording:
    """A recording that lies at the carrier. `added_at` is UTC-aware, or None where the carrier's time is unreadable."""

    recording_id: str
    call_id: str
    url: str
    duration_ms: int | None
    added_at: datetime | None


class RecordingRefused(CarrierError):
    """The URL does not point at the carrier. Nothing was sent; asking again will not help."""


class RecordingMissing(CarrierError):
    """The carrier says that there is no such recording, or not yet."""


class RecordingTooLarge(CarrierError):
    """The recording is larger than allowed. What was written to the target by then is of no use."""


class Carrier(Protocol):
    """The phone company behind one door."""

    def place(self, dial: Dial) -> Placed:
        """Ask the carrier to ring one phone, once.

        Sends at most one request. Commits nothing: the caller claimed the attempt before and records the outcome after.
        Raises NotPlaced (certainly not dialled), Throttled (not dialled, wait) or OutcomeUnknown (may be ringing).
        """
        ...

    def hang_up(self, call_id: str) -> None:
        """End a live call; a call that is over already counts as ended. Raises CarrierUnavailable."""
        ...

    def cancel(self, request_id: str) -> None:
        """Withdraw a dial that still waits at the carrier; one that is gone already is no error.

        Raises CarrierUnavailable.
        """
        ...

    def look_up(self, call_id: str) -> CarrierCall | None:
        """Return what the carrier knows of a call, None if it certainly knows nothing. Raises CarrierUnavailable."""
        ...

    def find(self, to: str, since: datetime) -> tuple[CarrierCall, ...]:
        """Return every call to `to` that waits or lives now, and those that ended and were started since `since`.

        Used after OutcomeUnknown: an empty answer is a clean "not there", so doubt is never an empty answer but raises
        CarrierUnavailable. The carrier may list a fresh call late: the caller waits, and leaves a margin in `since`.
        """
        ...

    def recordings(self, since: datetime) -> Iterator[CarrierRecording]:
        """Yield the recordings added since `since`, page by page; delete only after the walk, pages would shift.

        Raises CarrierUnavailable, also in the middle.
        """
        ...

    def fetch_recording(self, url: str, target: BinaryIO, *, max_bytes: int) -> int:
        """Write the recording at `url` to `target` and return its size in bytes.

        Raises RecordingRefused (nothing was sent), RecordingMissing, RecordingTooLarge, CarrierUnavailable (try later).
        """
        ...

    def delete_recording(self, recording_id: str) -> None:
        """Delete a recording at the carrier; one that is gone already is no error. Raises CarrierUnavailable."""
        ...
