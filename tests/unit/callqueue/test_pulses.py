"""The carrier bills started minutes."""

from __future__ import annotations

from callqueue.pulses import pulses_of


def test_sixty_one_seconds_are_two_pulses() -> None:
    assert [pulses_of(talk_s) for talk_s in (None, 0, 1, 60, 61, 120)] == [0, 0, 1, 1, 2, 2]
