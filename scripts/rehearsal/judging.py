"""Whether every promise was kept, by the exchange's journal; our own tables are believed about nothing but their end.

Each field of `Broken` is one promise; its count must be nought.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from callqueue.ladder import NEVER_RANG
from carrier.exchange.population import INDIA
from carrier.exchange.truths import Dial, Hours, Truths, tell_truths
from scripts.rehearsal.evidence import Evidence, OurAttempt, OurRecording

_TOKEN = re.compile(r"/voice/([0-9a-f]{32})/")
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# A recording whose words an analyst must find by listening is not lost.
_READ = ("transcribed", "parked")


@dataclass(frozen=True)
class Terms:
    """What was promised. So many requests as are `in_flight` may arrive closer together than they left."""

    hours: Hours
    lines: int
    calls_per_second: float
    in_flight: int
    tries: int
    dials_per_day: int


@dataclass(frozen=True)
class Broken:
    """How often each promise was broken."""

    families_forgotten: int
    suggestions_lost: int
    recordings_spoilt: int
    double_dialled: int
    outside_window: int
    above_lines: int
    above_calls_per_second: int
    above_tries: int
    above_dials_per_day: int
    after_opting_out: int
    rung_unknown_to_us: int
    not_final: int
    counts_wrong: int

    @property
    def total(self) -> int:
        return sum(asdict(self).values())


def judge(evidence: Evidence, terms: Terms) -> Broken:
    truths = tell_truths(evidence.journal, terms.hours, [family[0] for family in evidence.families])
    return Broken(
        families_forgotten=len(set(truths.never_dialled) - never_placed(evidence)),
        suggestions_lost=_lost(truths, evidence.recordings),
        recordings_spoilt=_spoilt(evidence),
        double_dialled=len(truths.double_dialled),
        outside_window=len(truths.outside_window),
        above_lines=_above_lines(truths.dials, terms.lines) + _events(evidence, "refused"),
        above_calls_per_second=_above_pace(_accepted_at(evidence), terms),
        above_tries=_above_tries(truths.dials, evidence.families, terms.tries),
        above_dials_per_day=_above_dials_per_day(truths.dials, terms.dials_per_day),
        after_opting_out=_after_opting_out(truths.dials, evidence),
        rung_unknown_to_us=_unknown_to_us(truths.dials, evidence.attempts),
        not_final=_not_final(evidence),
        counts_wrong=_counts_wrong(evidence),
    )


def never_placed(evidence: Evidence) -> set[str]:
    """Return the first numbers of families given up by rule, and said so: the carrier twice never had their dial."""
    given_up = [call for call in evidence.calls if call.state == "ended" and call.disposition == "provider_failed"]
    return {call.msisdns[0] for call in given_up if call.tries == 0}


def _lost(truths: Truths, ours: Mapping[str, OurRecording]) -> int:
    """Count what parents said that no analyst will ever see. Who spoke twice in a call took the first one back."""
    last_of_call = {said.call: said.recording for said in truths.spoken}
    return sum(
        not _is_kept(ours.get(said.recording), taken_back=last_of_call[said.call] != said.recording)
        for said in truths.spoken
    )


def _is_kept(ours: OurRecording | None, *, taken_back: bool) -> bool:
    if ours is None:
        return False
    if ours.state == "discarded":
        return taken_back
    return ours.state in _READ and (ours.has_words or ours.status == "needs_listening") and ours.file_sha256 is not None


def _spoilt(evidence: Evidence) -> int:
    """Count files that differ from what the exchange recorded, or that we call by another sum than theirs."""
    theirs = {entry["id"]: entry["sha256"] for entry in evidence.journal if entry["event"] == "recording"}
    return sum(
        ours.file_sha256 is not None and {ours.file_sha256, ours.sha256} != {theirs.get(recording_id)}
        for recording_id, ours in evidence.recordings.items()
    )


def _above_lines(dials: Iterable[Dial], lines: int) -> int:
    """Count dials that began while all lines which may be dialled on were in use."""
    return sum(held > lines for held in _lines_held(dials))


def most_lines(dials: Iterable[Dial]) -> int:
    return max(_lines_held(dials), default=0)


def _lines_held(dials: Iterable[Dial]) -> Iterator[int]:
    """Yield, for each dial, how many lines were in use once it had begun."""
    known = list(dials)
    begun = [(dial.at, 1) for dial in known]
    over = [(dial.ended_at, -1) for dial in known if dial.ended_at is not None]
    held = 0
    for _, change in sorted(begun + over):
        held += change
        if change > 0:
            yield held


def _events(evidence: Evidence, event: str) -> int:
    return sum(entry["event"] == event for entry in evidence.journal)


def _accepted_at(evidence: Evidence) -> list[datetime]:
    return [datetime.fromisoformat(entry["at"]) for entry in evidence.journal if entry["event"] == "accepted"]


def _above_pace(accepted_at: Sequence[datetime], terms: Terms) -> int:
    """Count orders with more before them in their second, or in their minute, than the pace allows.

    Those on their way are allowed on top: a request that was slow may arrive just before the one that follows it.
    """
    a_second = max(1, int(terms.calls_per_second)) + terms.in_flight
    a_minute = int(60 * terms.calls_per_second) + 1 + terms.in_flight
    ordered = sorted(accepted_at)
    return _above_within(ordered, _SECOND, a_second) + _above_within(ordered, _MINUTE, a_minute)


def _above_within(ordered: Sequence[datetime], window: timedelta, allowed: int) -> int:
    above = first = 0
    for place, at in enumerate(ordered):
        while at - ordered[first] >= window:
            first += 1
        above += place - first + 1 > allowed
    return above


def _above_tries(dials: Iterable[Dial], families: Iterable[tuple[str, ...]], tries: int) -> int:
    family_of = {msisdn: at for at, msisdns in enumerate(families) for msisdn in msisdns}
    counts = Counter(family_of.get(dial.to, -1) for dial in dials)
    return sum(max(0, count - tries) for count in counts.values()) + counts[-1]


def _above_dials_per_day(dials: Iterable[Dial], most: int) -> int:
    counts = Counter((dial.to, dial.at.astimezone(INDIA).date()) for dial in dials)
    return sum(max(0, count - most) for count in counts.values())


def _after_opting_out(dials: Iterable[Dial], evidence: Evidence) -> int:
    since = {msisdn: call.opted_out_at for call in evidence.calls if call.opted_out_at for msisdn in call.msisdns}
    return sum(dial.to in since and dial.at > since[dial.to] for dial in dials)


def _unknown_to_us(dials: Iterable[Dial], attempts: Iterable[OurAttempt]) -> int:
    """Count dials that rang and that our tables deny: such a family would be called once too often."""
    rang = {attempt.token for attempt in attempts if attempt.outcome not in NEVER_RANG}
    return sum(_token(dial) not in rang for dial in dials)


def _token(dial: Dial) -> str:
    found = _TOKEN.search(dial.answer_url)
    return found[1] if found else ""


def _not_final(evidence: Evidence) -> int:
    """Count calls and attempts without an end, classes that are not done, and families without a call."""
    calls = sum(call.state != "ended" or not call.disposition for call in evidence.calls)
    attempts = sum(attempt.state != "ended" or not attempt.outcome for attempt in evidence.attempts)
    return calls + attempts + evidence.open_batches + abs(len(evidence.families) - len(evidence.calls))


def _counts_wrong(evidence: Evidence) -> int:
    """Compare what pages show with the calls themselves, and the dials with those at the exchange."""
    reaches = Counter(call.reach for call in evidence.calls)
    right = {"calls": len(evidence.calls), "ended": sum(call.state == "ended" for call in evidence.calls), **reaches}
    rang = _events(evidence, "dialled")
    return sum(evidence.counts.get(name, 0) != count for name, count in right.items()) + (
        evidence.counts.get("dials", 0) != rang
    )


def dispositions(evidence: Evidence) -> dict[str, int]:
    return dict(Counter(call.disposition or "none" for call in evidence.calls).most_common())


def by_try(truths: Truths, families: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, int]]:
    """Return how often phones rang, and how often somebody answered, by the family's first, second, third dial."""
    family_of = {msisdn: at for at, msisdns in enumerate(families) for msisdn in msisdns}
    tries: Counter[int] = Counter()
    rang: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for dial in sorted(truths.dials, key=lambda one: one.at):
        family = family_of.get(dial.to, -1)
        tries[family] += 1
        rang[tries[family]] += 1
        answered[tries[family]] += dial.answered_at is not None
    return {str(number): (rang[number], answered[number]) for number in sorted(rang)}


def by_day(truths: Truths) -> dict[str, int]:
    """Return how often phones rang on each Indian day."""
    days: defaultdict[str, int] = defaultdict(int)
    for dial in truths.dials:
        days[dial.at.astimezone(INDIA).date().isoformat()] += 1
    return dict(sorted(days.items()))
