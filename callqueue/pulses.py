"""What the carrier bills: started minutes. A call of 62 seconds costs twice what one of 58 costs."""

from __future__ import annotations

import math

PULSE_S = 60


def pulses_of(talk_s: int | None) -> int:
    """Return the started minutes of a call."""
    return math.ceil((talk_s or 0) / PULSE_S)
