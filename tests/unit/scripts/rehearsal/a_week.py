"""What a rehearsed week comes to where only its playing matters. Apart, for a process that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable

from scripts.rehearsal.result import Result
from scripts.rehearsal.stack import Wish

BREAKS = 1


def a_week(wish: Wish, say: Callable[[str], None]) -> Result:
    """Leave a mark in the folder, and end; the week of one seed breaks a promise."""
    say("began")
    (wish.folder / str(wish.seed)).touch()
    return Result(
        database="sqlite", seed=wish.seed, households=1, dials=1, answered=1, suggestions=0, never_placed=0,
        dispositions={}, dials_by_day={}, by_try={}, most_lines=1, kills={"web": 1}, kills_wanted=1, blows={},
        webhooks_lost=0, gave_up=False, broken={"double_dialled": int(wish.seed == BREAKS)}, wall_s=1.0,
    )  # fmt: skip
