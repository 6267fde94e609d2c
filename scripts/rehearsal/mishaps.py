"""What goes wrong at the carrier and on its way, beside the kills: rules for the exchange, and blows to the machine."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FAULTS = ("none", "all")

# A request that gets no answer costs its dialler the whole of its time-out: a little longer than that is enough.
_NO_ANSWER_S = 2.3
RULES: Sequence[dict[str, Any]] = (
    {"on": "webhook:hangup", "do": "drop", "probability": 0.04},  # lost
    {"on": "webhook:record", "do": "drop", "probability": 0.15},
    {"on": "webhook:hangup", "do": "delay", "seconds": 400, "probability": 0.04},  # late
    {"on": "webhook:record", "do": "delay", "seconds": 120, "probability": 0.15},
    {"on": "webhook:ring", "do": "reorder", "probability": 0.2},  # out of order
    {"on": "webhook:any", "do": "duplicate", "copies": 3, "probability": 0.15},  # again and again
    {"on": "call", "do": "throttle", "every": 120, "run": 8},  # storms of 429
    {"on": "call", "do": "accept_then_error", "probability": 0.05},
    {"on": "call", "do": "timeout_after", "seconds": _NO_ANSWER_S, "probability": 0.02},
    {"on": "call", "do": "timeout_before", "seconds": _NO_ANSWER_S, "probability": 0.02},
    {"on": "any", "do": "error", "status": 503, "every": 700, "run": 20},  # nothing works for a while
    {"on": "any", "do": "not_json", "probability": 0.005},
)

# Blows to the machine, and how many of each for a hundred kills.
BLOWS = {
    "redis_emptied": 3,  # every bell is lost
    "exchange_killed": 2,  # the carrier drops every call that is up
    "carrier_away": 1,  # it cannot be reached, and meanwhile an hour passes
    "clock_step": 2,  # the clock goes ahead by minutes, in the middle of everything
    "dialler_stopped": 2,  # SIGSTOP past its lease
    "database_restarted": 1,
    "host_killed": 1,  # everything of ours at once
}
LEAST_BLOWS = 1


def write_rules(folder: Path, faults: str, *, seed: int) -> Path:
    """Write the exchange's rules; each has a chance of its own."""
    rules = [rule | {"seed": seed * 100 + at} for at, rule in enumerate(RULES)] if faults == "all" else []
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "faults.json"
    file.write_text(json.dumps(rules, indent=1), "utf-8")
    return file


def draw_blows(faults: str, kills: int, seed: int) -> list[tuple[float, str]]:
    """Return when (as a share of all calls that have ended) which blow falls, the earliest first."""
    if faults == "none":
        return []
    chance = random.Random(f"blows {seed}")  # noqa: S311 - to be repeated
    counts = {name: max(LEAST_BLOWS, round(per_hundred * kills / 100)) for name, per_hundred in BLOWS.items()}
    return sorted((0.02 + 0.93 * chance.random(), name) for name, count in counts.items() for _ in range(count))
