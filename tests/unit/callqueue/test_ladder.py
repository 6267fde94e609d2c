"""What follows an attempt: one row per outcome, and the limits above all rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callqueue.ladder import (
    LADDER,
    LONGEST_TRANSPORT_WAIT_S,
    MOST_NOT_THERE,
    MOST_UNPLACED,
    REACHES,
    Again,
    Ending,
    Final,
    Standing,
    decide,
    transport_wait,
)
from carrier.contract import Outcome

WAITS = {"busy": 15, "no_answer": 180, "switched_off": 1440, "carrier_failed": 10, "hung_up_early": 120}
FIRST = Standing(tries=1, most_tries=3)


def after(outcome: str, reach: str = "unreached", standing: Standing = FIRST, **ending: bool) -> Again | Final:
    return decide(WAITS, Ending(outcome, reach, **ending), standing)


AGAIN = [
    # outcome, reach, minutes, different hour, next number, retires, what it is called if the round is over by then
    ("busy", "rang", 15, False, False, False, "busy"),
    ("no_answer", "rang", 180, True, True, False, "no_answer"),
    ("switched_off", "unreached", 1440, False, True, False, "switched_off"),
    ("machine", "answered", 180, True, True, False, "partial"),
    ("ended_after_answer", "answered", 120, True, False, False, "partial"),
    ("no_answer", "answered", 120, True, False, False, "partial"),  # somebody did pick up
    ("our_fault", "answered", 10, False, False, False, "partial"),
    ("our_fault", "unreached", 10, False, False, False, "provider_failed"),
    ("carrier_failed", "unreached", 10, False, False, False, "provider_failed"),
    ("unknown", "unreached", 10, False, False, False, "provider_failed"),
    ("a word nobody knows", "unreached", 10, False, False, False, "provider_failed"),
]


@pytest.mark.parametrize(("outcome", "reach", "minutes", "other_hour", "next_number", "retires", "late"), AGAIN)
def test_the_family_is_called_again(
    outcome: str, reach: str, minutes: int, other_hour: bool, next_number: bool, retires: bool, late: str
) -> None:
    assert after(outcome, reach) == Again(
        timedelta(minutes=minutes), "try", other_hour, next_number, retires, disposition_if_late=late
    )


FINAL = [
    ("rejected", "rang", "rejected", "try"),
    ("canceled", "unreached", "canceled", "try"),
    ("refused", "unreached", "provider_failed", "nothing"),
    ("ended_after_answer", "heard", "completed", "try"),
    ("ended_after_answer", "responded", "completed", "try"),
    ("ended_after_answer", "recorded", "completed", "try"),
    ("our_fault", "heard", "completed", "try"),
    ("busy", "heard", "completed", "try"),  # whatever the carrier says, the message was heard
]


@pytest.mark.parametrize(("outcome", "reach", "disposition", "cost"), FINAL)
def test_the_family_is_not_called_again_in_this_round(outcome: str, reach: str, disposition: str, cost: str) -> None:
    assert after(outcome, reach) == Final(disposition, cost, retire_number=False)  # type: ignore[arg-type]


def test_every_outcome_of_the_carrier_has_its_row() -> None:
    for outcome in Outcome:
        for reach in REACHES:
            assert isinstance(after(outcome.value, reach), Again | Final)
    assert {outcome.value for outcome in Outcome} - {"ended_after_answer"} <= LADDER.keys()


def test_a_wrong_number_is_retired_and_the_next_one_called() -> None:
    decision = after("invalid_number", standing=replace(FIRST, numbers=2))
    assert decision == Again(timedelta(minutes=15), "try", False, True, True, "invalid_number")


def test_a_family_without_another_number_is_a_correction_for_the_school() -> None:
    assert after("invalid_number") == Final("invalid_number", "try", retire_number=True)


def test_one_budget_of_tries_stands_above_every_row() -> None:
    for outcome in ("busy", "no_answer", "switched_off", "machine", "our_fault", "carrier_failed", "unknown"):
        last = after(outcome, standing=Standing(tries=3, most_tries=3))
        assert isinstance(last, Final), outcome


def test_an_outcome_without_a_wait_is_final() -> None:
    assert decide({}, Ending("busy", "rang"), FIRST) == Final("busy", "try", retire_number=False)


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "throttled", "not_dialed", "rejected"])
def test_opting_out_ends_everything(outcome: str) -> None:
    decision = after(outcome, opted_out=True)
    assert isinstance(decision, Final)
    assert decision.disposition == "opted_out"


def test_a_family_that_heard_in_an_earlier_attempt_is_not_called_again() -> None:
    assert after("busy", "rang", replace(FIRST, heard=True)) == Final("completed", "try", retire_number=False)


@pytest.mark.parametrize(
    ("outcome", "cost", "at_once"),
    [
        ("not_dialed", "nothing", True),
        ("withdrawn", "nothing", True),
        ("throttled", "nothing", False),
        ("not_placed", "place", False),
        ("not_there", "place", False),
    ],
)
def test_what_never_rang_costs_the_family_no_try(outcome: str, cost: str, at_once: bool) -> None:
    decision = after(outcome, standing=Standing(tries=0, most_tries=3, unplaced=1))
    assert isinstance(decision, Again)
    assert decision.cost == cost
    assert (decision.wait == timedelta(0)) is at_once
    assert decision.wait < timedelta(seconds=10)


def test_throttling_never_ends_a_call() -> None:
    for outcome in ("throttled", "not_dialed", "withdrawn"):
        standing = Standing(tries=2, most_tries=3, unplaced=MOST_UNPLACED - 1)
        assert isinstance(after(outcome, standing=standing), Again)


def test_a_dial_that_is_refused_for_ever_ends() -> None:
    standing = Standing(tries=0, most_tries=3, unplaced=MOST_UNPLACED)
    assert after("not_placed", standing=standing) == Final("provider_failed", "place", retire_number=False)


def test_the_carriers_lists_are_believed_twice() -> None:
    once = Standing(tries=0, most_tries=3, not_there=MOST_NOT_THERE - 1)
    assert isinstance(after("not_there", standing=once), Again)
    assert isinstance(after("not_there", standing=replace(once, not_there=MOST_NOT_THERE)), Final)


def test_transport_waits_double_are_spread_and_bounded() -> None:
    middle = [transport_wait(unplaced, 0.5).total_seconds() for unplaced in range(1, 10)]
    assert middle == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert transport_wait(1, 0.0) == timedelta(seconds=3.75)
    assert transport_wait(1, 0.999) < timedelta(seconds=6.25)
    assert transport_wait(10_000, 0.999) <= timedelta(seconds=LONGEST_TRANSPORT_WAIT_S * 1.25)
