"""Plan a rehearsed week: when every call is due for the first time."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from callqueue.rehearsing.week import Week
from callqueue.windows import next_open


def plan(week: Week) -> None:
    """Let every call be due: a school's one after the other, all schools side by side, some by their teachers."""
    school = np.array(week.families.school)
    order = np.argsort(school, kind="stable")
    first = np.searchsorted(school[order], school[order], side="left")
    rank = np.empty(len(school), np.int64)
    rank[order] = np.arange(len(school)) - first
    by_teacher = school % 1000 < round(1000 * week.terms.teachers_share)
    turns = np.argsort(rank, kind="stable")
    week.calendars[1].add_ready(_entries(turns[~by_teacher[turns]]))
    week.priority[:] = (~by_teacher).astype(np.uint8).tobytes()
    for call in np.flatnonzero(by_teacher).tolist():
        pressed = timedelta(minutes=week.families.school[call] * 37 % (3 * 24 * 60))
        due_at = next_open(week.terms.window, week.begin + pressed)
        week.calendars[0].add(call << 8, due_at or week.begin)


def _entries(calls: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    entries: list[int] = (calls << 8).tolist()
    return entries
