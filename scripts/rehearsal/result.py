"""What came of a stack rehearsal, for whoever leads and for whoever mends; several add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from carrier.exchange.truths import tell_truths
from scripts.rehearsal.evidence import Evidence
from scripts.rehearsal.judging import Terms, by_day, by_try, dispositions, judge, most_lines, never_placed


@dataclass(frozen=True)
class Result:
    """`broken` counts broken promises by name, `kills` and `blows` what fell; `faults` what the exchange did wrong."""

    database: str
    seed: int
    households: int
    dials: int
    answered: int
    suggestions: int
    never_placed: int
    dispositions: Mapping[str, int]
    dials_by_day: Mapping[str, int]
    by_try: Mapping[str, tuple[int, int]]
    most_lines: int
    kills: Mapping[str, int]
    kills_wanted: int
    blows: Mapping[str, int]
    webhooks_lost: int
    gave_up: bool
    broken: Mapping[str, int]
    wall_s: float

    @property
    def is_kept(self) -> bool:
        """Say whether every promise held, and whether as much was done to them as was asked for."""
        return not any(self.broken.values()) and not self.gave_up and sum(self.kills.values()) >= self.kills_wanted


def result_of(
    evidence: Evidence, terms: Terms, *, database: str, seed: int, kills: Mapping[str, int], kills_wanted: int,
    blows: Mapping[str, int], gave_up: bool, wall_s: float,
) -> Result:  # fmt: skip
    """Judge the evidence and count what else is worth knowing."""
    truths = tell_truths(evidence.journal, terms.hours)
    return Result(
        database=database,
        seed=seed,
        households=len(evidence.families),
        dials=len(truths.dials),
        answered=sum(dial.answered_at is not None for dial in truths.dials),
        suggestions=len(truths.spoken),
        never_placed=len(never_placed(evidence)),
        dispositions=dispositions(evidence),
        dials_by_day=by_day(truths),
        by_try=by_try(truths, evidence.families),
        most_lines=most_lines(truths.dials),
        kills=dict(kills),
        kills_wanted=kills_wanted,
        blows=dict(blows),
        webhooks_lost=sum(entry["event"] == "webhook" and not entry["status"] for entry in evidence.journal),
        gave_up=gave_up,
        broken=asdict(judge(evidence, terms)),
        wall_s=round(wall_s, 1),
    )


def as_json(result: Result) -> dict[str, Any]:
    return asdict(result) | {"kept": result.is_kept}


def added_up(results: Sequence[Result]) -> str:
    """Return what several rehearsals show together, in words."""
    kills = sum(sum(result.kills.values()) for result in results)
    households, dials = sum(result.households for result in results), sum(result.dials for result in results)
    broken = sum(sum(result.broken.values()) for result in results)
    return (
        f"together: {len(results)} weeks, {households:,} families, {dials:,} dials, {kills:,} kills, "
        f"{broken} promises broken, {sum(not result.is_kept for result in results)} weeks not kept"
    )


def in_words(result: Result) -> str:
    killed = ", ".join(f"{name} {count}" for name, count in sorted(result.kills.items())) or "nobody"
    blows = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(result.blows.items())) or "none"
    ends = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in result.dispositions.items())
    tries = ", ".join(f"{rang:,} rang and {heard:,} answered" for rang, heard in result.by_try.values())
    broken = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in result.broken.items() if count)
    lines = [
        f"{result.households:,} families on {result.database}, seed {result.seed}, in {result.wall_s:,.0f} s",
        f"  phones rang {result.dials:,} times on {len(result.dials_by_day)} days, {result.answered:,} were answered, "
        f"{result.suggestions:,} suggestions, most lines {result.most_lines}",
        f"  {_families(result.never_placed)} given up and said to be: the carrier twice never had their dial",
        f"  calls ended: {ends}",
        f"  by try: {tries}",
        f"  killed {sum(result.kills.values())} of {result.kills_wanted}: {killed}",
        f"  blows: {blows}; webhooks that never arrived {result.webhooks_lost}",
        f"  promises broken: {broken or 'none'}",
    ]
    if result.gave_up:
        lines.append("  given up: nothing moved any more; see the logs")
    return "\n".join(lines)


def _families(count: int) -> str:
    return "one family was" if count == 1 else f"{count:,} families were"
