"""What a leader wants to know of a rehearsal, counted as it happens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tallies:
    dials: Counter[tuple[int, int]] = field(default_factory=Counter)  # by day and try
    answered: Counter[tuple[int, int]] = field(default_factory=Counter)
    heard: Counter[tuple[int, int]] = field(default_factory=Counter)
    pulses: int = 0
    recorded: int = 0
    known_recordings: int = 0
    events: int = 0
    busy_s: float = 0.0  # time in which more calls were due than could start
    busy_line_s: float = 0.0  # lines in use, times that time
    moved_back: int = 0  # calls that ended twice or were claimed while not planned
