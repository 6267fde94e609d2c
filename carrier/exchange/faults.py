"""Faults put into the exchange on purpose: into its REST answers and into its webhooks."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .errors import BadSettings

REST_FAULTS = ("accept_then_error", "error", "timeout_before", "timeout_after", "throttle", "not_json")
WEBHOOK_FAULTS = ("duplicate", "delay", "drop", "reorder")
REST_PLACES = ("call", "any")
WEBHOOK_PLACES = (
    "ring",
    "answer",
    "fallback",
    "action",
    "redirect",
    "transfer",
    "record",
    "hangup",
    "machine",
    "dial",
    "api_record",
    "api",
)


@dataclass
class Fault:
    """One rule: on which request or webhook, what goes wrong, and when.

    `on` is "call" (placing one), "any" (every REST request), or "webhook:<kind>" / "webhook:any". The rule counts the
    requests it matches; it acts on the `nth` only (from 1), or with `probability`, and at most `times` times. With
    `every` it acts on the last `run` of each so many: a storm that comes back.
    """

    on: str
    do: str
    nth: int | None = None
    times: int | None = None
    every: int | None = None
    run: int = 1
    probability: float = 1.0
    status: int = 500
    seconds: float = 10.0  # machine seconds of a REST time-out; clock seconds of a delayed webhook
    copies: int = 2  # how often a duplicated webhook is sent in all
    seed: int = 0
    _seen: int = field(default=0, repr=False)
    _done: int = field(default=0, repr=False)
    _chance: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._chance.seed(self.seed)

    def strikes(self) -> bool:
        """Count one matching request and say whether the fault happens to it."""
        self._seen += 1
        if self.nth is not None and self._seen != self.nth:
            return False
        if self.every is not None and (self._seen - 1) % self.every < self.every - self.run:
            return False
        if self.times is not None and self._done >= self.times:
            return False
        if self.probability < 1.0 and self._chance.random() >= self.probability:
            return False
        self._done += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self, rules: list[Fault]) -> None:
        self.rules = rules

    def on_rest(self, place: str) -> Fault | None:
        """Return the fault that strikes this REST request, if one does."""
        return self._first(("any", place))

    def on_webhook(self, kind: str) -> Fault | None:
        """Return the fault that strikes this webhook, if one does."""
        return self._first(("webhook:any", f"webhook:{kind}"))

    def _first(self, places: tuple[str, ...]) -> Fault | None:
        for rule in self.rules:
            if rule.on in places and rule.strikes():
                return rule
        return None


_KINDS = {
    **dict.fromkeys(("nth", "times", "every", "run"), int),
    **dict.fromkeys(("probability", "seconds"), (int, float)),
}


def parse_fault(value: Any, where: str) -> Fault:
    """Read one rule. Raises BadSettings that names `where`."""
    if not isinstance(value, Mapping) or not {"on", "do"} <= set(value):
        raise BadSettings(f"{where}: a fault is a table with at least 'on' and 'do'")
    known = [item.name for item in fields(Fault) if not item.name.startswith("_")]
    for key in value:
        if key not in known:
            raise BadSettings(f"{where}: a fault has no {key!r}; it has {', '.join(known)}")
    _check_place(str(value["on"]), str(value["do"]), where)
    for key, kind in _KINDS.items():
        if key in value and (not isinstance(value[key], kind) or value[key] < 0):  # type: ignore[arg-type]
            raise BadSettings(f"{where}: {key} is {value[key]!r}; it must be a number, zero or more")
    if value.get("every") == 0:
        raise BadSettings(f"{where}: every is 0; it must be at least 1")
    return Fault(**value)


def _check_place(on: str, do: str, where: str) -> None:
    places = [f"webhook:{kind}" for kind in (*WEBHOOK_PLACES, "any")]
    if on not in REST_PLACES and on not in places:
        raise BadSettings(f"{where}: on is {on!r}; choose one of {', '.join([*REST_PLACES, *places])}")
    faults = WEBHOOK_FAULTS if on in places else REST_FAULTS
    if do not in faults:
        raise BadSettings(f"{where}: do is {do!r}; on {on!r} it can be {', '.join(faults)}")


def load_faults(names: Sequence[str]) -> list[Fault]:
    """Read the rules that `names` name: a fault that every exchange knows, or a JSON file. Raises BadSettings."""
    return [rule for name in names for rule in (_known(name) or _read_file(Path(name)))]


# Rules that need no file. A new list each time: a rule counts what it has seen.
KNOWN: dict[str, list[dict[str, Any]]] = {
    "accept-then-error": [{"on": "call", "do": "accept_then_error", "probability": 0.1}],
    "slow-dials": [{"on": "call", "do": "timeout_after", "probability": 0.05}],
    "throttle": [{"on": "call", "do": "throttle", "probability": 0.2}],
    "duplicates": [{"on": "webhook:any", "do": "duplicate", "probability": 0.3}],
    "disorder": [
        {"on": "webhook:ring", "do": "reorder", "probability": 0.3},
        {"on": "webhook:record", "do": "delay", "seconds": 20, "probability": 0.3},
        {"on": "webhook:ring", "do": "drop", "probability": 0.1},
    ],
}


def _known(name: str) -> list[Fault]:
    return [parse_fault(value, name) for value in KNOWN.get(name, [])]


def _read_file(path: Path) -> list[Fault]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadSettings(f"--faults {path}: no such file, and none of {', '.join(KNOWN)}") from None
    except ValueError as error:
        raise BadSettings(f"--faults {path}: not JSON ({error})") from None
    if not isinstance(content, list):
        raise BadSettings(f"--faults {path}: must be a list of rules")
    return [parse_fault(value, f"{path}[{index}]") for index, value in enumerate(content)]
