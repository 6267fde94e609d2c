"""What the journal proves about the customer: whose phone rang when, who was forgotten, who was called twice.

This is the other side's evidence: nothing in it comes from the customer's own tables.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from .journal import Entry
from .population import INDIA

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Hours:
    """When phones may ring, in Indian time. `closes` itself is too late."""

    opens: time = time(9)
    closes: time = time(21)
    weekdays: frozenset[str] = frozenset(WEEKDAYS)
    holidays: frozenset[date] = frozenset()

    def allow(self, at: datetime) -> bool:
        local = at.astimezone(INDIA)
        is_day = WEEKDAYS[local.weekday()] in self.weekdays and local.date() not in self.holidays
        return is_day and self.opens <= local.time() < self.closes


@dataclass
class Dial:
    """One time that the exchange dialled a number. `ended_at` is None while it lasts."""

    call: str
    to: str
    at: datetime
    answer_url: str
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    code: int | None = None


@dataclass(frozen=True)
class Spoken:
    """What a parent said into one recording: the words that were really spoken, and whether the end was cut off."""

    recording: str
    call: str
    to: str
    text: str
    cut: bool
    duration_ms: int


@dataclass
class Truths:
    """Everything that is asked of a journal."""

    dials: list[Dial] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    never_dialled: list[str] = field(default_factory=list)  # expected numbers
    unfetched: list[str] = field(default_factory=list)  # recordings with speech that nobody came for
    double_dialled: list[tuple[Dial, str]] = field(default_factory=list)  # with the reason
    outside_window: list[Dial] = field(default_factory=list)

    @property
    def lost(self) -> list[str]:
        """Return the numbers that were forgotten and the recordings that were left behind."""
        return [*self.never_dialled, *self.unfetched]

    def figures(self) -> dict[str, int]:
        return {
            "dials": len(self.dials),
            "numbers": len({dial.to for dial in self.dials}),
            "answered": sum(dial.answered_at is not None for dial in self.dials),
            "recorded": len(self.spoken),
            "lost": len(self.lost),
            "double_dialled": len(self.double_dialled),
            "outside_window": len(self.outside_window),
        }


def tell_truths(
    entries: Iterable[Entry], hours: Hours, expected: Collection[str] = (), dials_per_day: int | None = None
) -> Truths:
    """Read a journal: `expected` are the numbers that should have been dialled, as digits with the country code.

    A number is dialled double when another call to it is up, when the same order (number and answer_url) is dialled
    again, or more than `dials_per_day` times on one Indian day.
    """
    reader = _Reader()
    for entry in entries:
        reader.take(entry)
    truths = Truths(list(reader.dials.values()), reader.spoken)
    truths.never_dialled = sorted(set(expected) - {dial.to for dial in truths.dials})
    truths.unfetched = [said.recording for said in truths.spoken if said.recording not in reader.fetched]
    truths.double_dialled = _doubles(truths.dials, dials_per_day)
    truths.outside_window = [dial for dial in truths.dials if not hours.allow(dial.at)]
    return truths


class _Reader:
    def __init__(self) -> None:
        self.dials: dict[str, Dial] = {}
        self.spoken: list[Spoken] = []
        self.fetched: set[str] = set()
        self._answer_urls: dict[str, str] = {}

    def take(self, entry: Entry) -> None:
        event, at = entry["event"], datetime.fromisoformat(entry["at"])
        dial = self.dials.get(entry.get("call", ""))
        if event == "accepted":
            self._answer_urls[entry["call"]] = entry["order"]["answer_url"]
        elif event == "dialled":
            self.dials[entry["call"]] = Dial(entry["call"], entry["to"], at, self._answer_urls[entry["call"]])
        elif event == "recording_fetched":
            self.fetched.add(entry["id"])
        elif dial is not None:
            self._advance(dial, event, at, entry)

    def _advance(self, dial: Dial, event: str, at: datetime, entry: Entry) -> None:
        if event == "ringing":
            dial.rang_at = at
        elif event == "answered":
            dial.answered_at = at
        elif event == "ended":
            dial.ended_at, dial.code = at, entry["code"]
        elif event == "recording" and entry.get("text"):
            facts = (entry["text"], entry["cut"], entry["duration_ms"])
            self.spoken.append(Spoken(entry["id"], dial.call, dial.to, *facts))


def _doubles(dials: list[Dial], dials_per_day: int | None) -> list[tuple[Dial, str]]:
    by_number: dict[str, list[Dial]] = defaultdict(list)
    orders: set[tuple[str, str]] = set()
    days: Counter[tuple[str, date]] = Counter()
    doubles = []
    for dial in sorted(dials, key=lambda one: one.at):
        day = (dial.to, dial.at.astimezone(INDIA).date())
        days[day] += 1
        if any(other.ended_at is None or other.ended_at > dial.at for other in by_number[dial.to]):
            doubles.append((dial, "another call to this number was up"))
        elif (dial.to, dial.answer_url) in orders:
            doubles.append((dial, "this order was dialled before"))
        elif dials_per_day is not None and days[day] > dials_per_day:
            doubles.append((dial, f"more than {dials_per_day} dials on one day"))
        by_number[dial.to].append(dial)
        orders.add((dial.to, dial.answer_url))
    return doubles
