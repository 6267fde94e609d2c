"""Simulated families: how many there are, where they live, and what happens each time their phone rings.

Children are drawn first and families found by their phone number, as the roster import does it: siblings in any class
share one call. Shares are near those known from the field: of all families three quarters pick up by the third try,
more than half of them on the first; one number in thirty is nobody's; one in ten who listened leaves a suggestion.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

CHILDREN_PER_FAMILY = 1.2
CHILDREN_PER_SCHOOL = 125
SCHOOLS_PER_DISTRICT = 830

# Chance to pick up by hour of the day (IST), for the ways in which people spend their day.
_AT_HOME = [0.0] * 9 + [0.72, 0.80, 0.85, 0.83, 0.78, 0.75, 0.78, 0.80, 0.83, 0.85, 0.80, 0.72] + [0.0] * 3
_AT_WORK = [0.0] * 9 + [0.36, 0.32, 0.36, 0.53, 0.56, 0.36, 0.40, 0.58, 0.80, 0.90, 0.90, 0.80] + [0.0] * 3
_IN_FIELD = [0.0] * 9 + [0.32, 0.40, 0.62, 0.88, 0.90, 0.75, 0.54, 0.43, 0.58, 0.82, 0.86, 0.68] + [0.0] * 3
_HARDLY = [0.0] * 9 + [0.10] * 12 + [0.0] * 3
PATTERNS = (_AT_HOME, _AT_WORK, _IN_FIELD, _HARDLY)
# How many of each there are where the district lives off offices, and where it lives off fields.
_TOWN, _VILLAGE = (0.35, 0.45, 0.05, 0.15), (0.35, 0.15, 0.35, 0.15)

INVALID_SHARE, OFF_SHARE, SECOND_NUMBER_SHARE, SLOT_SHARE = 0.033, 0.05, 0.15, 0.02
BUSY, REJECTED, SWITCHED_OFF = 0.05, 0.01, 0.04
HANGS_UP_EARLY, OPTS_OUT, RESPONDS, RECORDS = 0.08, 0.004, 0.6, 0.1


@dataclass(frozen=True)
class Reaction:
    """What one ring led to, in the carrier's and the call tree's words; `hold_s` from the first ring to the end."""

    outcome: str
    reach: str
    hold_s: float
    talk_s: int = 0
    opted_out: bool = False


@dataclass(frozen=True)
class Families:
    """All families as columns; a family is its index. `numbers` counts its phone numbers, one or two."""

    school: list[int]
    district: bytes
    children: bytes
    pattern: bytes
    numbers: bytes
    is_invalid: bytes  # bit 0: the first number, bit 1: the second
    is_often_off: bytes
    slot: bytes  # 0 none, 1 morning, 2 evening
    dialled_children: int

    def __len__(self) -> int:
        return len(self.school)


def settle(households: int, seed: int) -> Families:
    """Draw the children of a state and find its families by phone number."""
    chance = np.random.default_rng(seed)
    children = max(households, round(households * CHILDREN_PER_FAMILY))
    # Every family has a child; the others are siblings of somebody.
    phone = np.concatenate([np.arange(households), chance.integers(0, households, children - households)])
    families, first_child, siblings = np.unique(phone, return_index=True, return_counts=True)
    school = (first_child * 7_919 % children) // CHILDREN_PER_SCHOOL
    district = school // SCHOOLS_PER_DISTRICT
    size = len(families)
    shares = np.where((district % 2 == 0)[:, None], np.cumsum(_TOWN), np.cumsum(_VILLAGE))
    pattern = (chance.random(size)[:, None] >= shares[:, :-1]).sum(axis=1)
    invalid = (chance.random(size) < INVALID_SHARE) + 2 * (chance.random(size) < INVALID_SHARE)
    slot = np.where(chance.random(size) < SLOT_SHARE, chance.integers(1, 3, size), 0)
    return Families(
        school=school.tolist(),
        district=_bytes(district),
        children=_bytes(np.minimum(siblings, 255)),
        pattern=_bytes(pattern),
        numbers=_bytes(1 + (chance.random(size) < SECOND_NUMBER_SHARE)),
        is_invalid=_bytes(invalid),
        is_often_off=_bytes(chance.random(size) < OFF_SHARE),
        slot=_bytes(slot),
        dialled_children=children,
    )


def ring(families: Families, family: int, number: int, hour: int, chance: random.Random) -> Reaction:
    """Say what happens when a family's phone rings at that hour of the day."""
    if families.is_invalid[family] >> number & 1:
        return Reaction("invalid_number", "unreached", 2.0)
    draw = chance.random()
    if draw < (0.5 if families.is_often_off[family] else SWITCHED_OFF):
        return Reaction("switched_off", "unreached", 6.0)
    draw = chance.random()
    if draw < BUSY:
        return Reaction("busy", "unreached", 4.0)
    if draw < BUSY + REJECTED:
        return Reaction("rejected", "rang", 9.0)
    if chance.random() >= PATTERNS[families.pattern[family]][hour]:
        return Reaction("no_answer", "rang", 40.0)
    return _listen(chance)


def _listen(chance: random.Random) -> Reaction:
    ring_s = 3.0 + 8.0 * chance.random()
    draw = chance.random()
    if draw < HANGS_UP_EARLY:
        return Reaction("ended_after_answer", "answered", ring_s + 8.0, 8)
    if draw < HANGS_UP_EARLY + OPTS_OUT:
        return Reaction("ended_after_answer", "answered", ring_s + 14.0, 14, opted_out=True)
    talk_s = 44 + int(14 * chance.random())
    draw = chance.random()
    reach = "recorded" if draw < RECORDS else "responded" if draw < RESPONDS else "heard"
    return Reaction("ended_after_answer", reach, ring_s + talk_s, talk_s)


def _bytes(column: np.ndarray[tuple[int], np.dtype[np.generic]]) -> bytes:
    return column.astype(np.uint8).tobytes()
