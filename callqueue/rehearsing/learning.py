"""What a rehearsal learns of the hours in which families pick up, as production does: their own, their school's."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable

from callqueue.hours import Tally, draw
from callqueue.rehearsing.families import Families


class Learning:
    def __init__(self, families: Families) -> None:
        self._families = families
        self._schools: defaultdict[int, Tally] = defaultdict(Tally)
        self._districts: defaultdict[int, Tally] = defaultdict(Tally)
        self._own: dict[int, Tally] = {}

    def note(self, call: int, hour: int, answered: bool) -> None:
        self._schools[self._families.school[call]].note(hour, answered)
        self._districts[self._families.district[call]].note(hour, answered)
        # In bytes, and only until the call is over: a week is too short for more, and a state has millions.
        self._own.setdefault(call, Tally(bytearray(24), bytearray(24))).note(hour, answered)

    def worth(self, call: int, chance: random.Random) -> Callable[[int], float]:
        """Return how likely a family is to pick up at an hour, as far as is known and chance will have it."""
        school = self._schools[self._families.school[call]]
        district = self._districts[self._families.district[call]]
        own = self._own.get(call)
        return lambda hour: draw(own, school, district, hour, chance)

    def forget(self, call: int) -> None:
        self._own.pop(call, None)
