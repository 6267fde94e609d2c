"""What a leader wants to know of a rehearsal, as plain values and in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from callqueue.capacity import Demand, plan
from callqueue.ladder import REACHES
from callqueue.rehearsing.week import DISPOSITIONS, ENDED, Week

PULSE_PAISE = 42.0


def report(week: Week) -> dict[str, Any]:
    """Return the outcome of a week that was played to its end; the same week gives the same bytes."""
    carrier, tally, size = week.carrier, week.tally, len(week.families)
    dispositions = Counter(week.disposition)
    reaches = Counter(week.reach)
    return {
        "households": size,
        "children": week.families.dialled_children,
        "days": len(carrier.promises.days),
        "lines": week.terms.limits.lines,
        "dials": carrier.rings,
        "reach": {name: reaches.get(rank, 0) for rank, name in enumerate(REACHES)},
        "dispositions": {name: dispositions.get(code, 0) for code, name in enumerate(DISPOSITIONS) if name},
        "by_day_and_try": _by_day_and_try(week),
        "pulses": tally.pulses,
        "rupees": round(tally.pulses * PULSE_PAISE / 100),
        "busiest_second": carrier.busiest_second,
        "most_lines": carrier.most_lines_held,
        "lines_used_share": _share(tally.busy_line_s, tally.busy_s * week.terms.limits.dialable_lines),
        "recorded": tally.recorded,
        "planned_lines": plan(Demand(size, days=len(carrier.promises.days)), pulse_paise=PULSE_PAISE).lines,
        "promises": _promises(week),
        "digest": _digest(week),
    }


def is_kept(outcome: dict[str, Any]) -> bool:
    """Say whether every promise held."""
    promises = outcome["promises"]
    return not any(count for name, count in promises.items() if name != "checks")


def in_words(outcome: dict[str, Any]) -> str:
    lines = [
        f"{outcome['households']:,} families with {outcome['children']:,} children, {outcome['days']} days, "
        f"{outcome['lines']:,} lines (the planner asks for {outcome['planned_lines']:,})",
        f"  phones rung {outcome['dials']:,}, busiest second {outcome['busiest_second']}, "
        f"most lines {outcome['most_lines']:,}, lines used {outcome['lines_used_share']:.1%} while calls waited",
        f"  {outcome['pulses']:,} started minutes, {outcome['rupees']:,} rupees, {outcome['recorded']:,} suggestions",
        "  day try      dials   answered      heard",
    ]
    lines += [
        f"  {row['day']:>3} {row['try']:>3} {row['dials']:>10,} {row['answered']:>10,} {row['heard']:>10,}"
        for row in outcome["by_day_and_try"]
    ]
    lines += ["  who ended how:"]
    lines += [f"    {name:<16}{count:>10,}" for name, count in outcome["dispositions"].items() if count]
    lines += [f"  promises broken: {_broken(outcome)} in {outcome['promises']['checks']:,} checks"]
    return "\n".join(lines)


def _broken(outcome: dict[str, Any]) -> str:
    broken = {name: count for name, count in outcome["promises"].items() if count and name != "checks"}
    return ", ".join(f"{name} {count}" for name, count in broken.items()) or "none"


def _by_day_and_try(week: Week) -> list[dict[str, int]]:
    tally = week.tally
    return [
        {
            "day": day + 1, "try": number, "dials": tally.dials[day, number], "answered": tally.answered[day, number],
            "heard": tally.heard[day, number],
        }
        for day, number in sorted(tally.dials)
    ]  # fmt: skip


def _promises(week: Week) -> dict[str, int]:
    """Return how often each promise was broken, by the carrier's log and at the end of the week."""
    broken = dict(vars(week.carrier.broken))
    return broken | {
        "not_final": sum(state != ENDED for state in week.state),
        "without_disposition": week.disposition.count(0),
        "moved_back": week.tally.moved_back,
        "lines_left_held": week.lines_held,
        "starts_left_waiting": week.waiting,
        "suggestions_lost": week.tally.recorded - week.tally.known_recordings,
        "above_tries": sum(tries > week.terms.tries for tries in week.tries),
    }


def _digest(week: Week) -> str:
    """Return a digest of how every single family fared."""
    digest = hashlib.sha256()
    for column in (week.state, week.disposition, week.reach, week.tries, week.attempts, week.position):
        digest.update(column)
    return digest.hexdigest()


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0
