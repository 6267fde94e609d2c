"""The planner against the figures that the state plans with, and against itself, backwards."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from callqueue.capacity import (
    LINES_PER_CALL_PER_SECOND,
    Behaviour,
    Demand,
    days_with,
    households_for,
    households_with,
    plan,
    seconds_to_the_next_pulse,
    starts_per_s_with,
)
from scripts.commands.plan import PlanRefused, command

STATE = Demand(households=2_000_000, tries=3, days=6, hours_per_day=9)


def test_a_state_needs_what_is_known_from_the_field() -> None:
    """Two million households, three tries, six days of nine hours: about 19 starts a second and 900 lines."""
    needed = plan(STATE, pulse_paise=42)
    assert needed.starts_per_s == pytest.approx(19, rel=0.02)
    assert needed.lines_busy == pytest.approx(900, rel=0.03)
    assert needed.lines == pytest.approx(950, rel=0.03)
    assert needed.binds == "lines"


def test_fifty_lines_start_two_calls_a_second_at_most_and_hold_them() -> None:
    small = replace(STATE, headroom=0.0, behaviour=Behaviour(picked_up=(1.0,), talk_s=45, answered_ring_s=0), tries=1)
    assert starts_per_s_with(50, small) * 3600 == pytest.approx(4_000)  # an hour, at 45 s a call
    quick = replace(small, behaviour=Behaviour(picked_up=(1.0,), talk_s=10, answered_ring_s=0))
    assert starts_per_s_with(50, quick) == 2.0  # held less than 25 s, the calls per second bind


def test_half_on_the_first_try_three_quarters_by_the_third() -> None:
    behaviour = Behaviour()
    assert [behaviour.reached(tries) for tries in (1, 3)] == [0.50, 0.76]
    assert behaviour.dials(1) == 1
    assert behaviour.dials(3) == pytest.approx(1.86)


def test_a_message_of_62_seconds_costs_twice_one_of_58() -> None:
    short = plan(STATE, pulse_paise=42)
    long = plan(replace(STATE, behaviour=Behaviour(talk_s=62)), pulse_paise=42)
    assert long.rupees == 2 * short.rupees
    assert seconds_to_the_next_pulse(62) == 2
    assert seconds_to_the_next_pulse(58) == 0


@pytest.mark.parametrize("households", [40, 10_000, 2_400_000])
def test_the_inverse_gives_back_what_was_put_in(households: int) -> None:
    demand = replace(STATE, households=households)
    needed = plan(demand, pulse_paise=42)
    assert days_with(needed.lines, demand) <= demand.days + 1e-9
    assert households_with(needed.lines, demand) >= households
    assert households_for(needed.rupees, demand, pulse_paise=42) == pytest.approx(households, abs=2)
    if needed.lines > 1:
        assert days_with(needed.lines - 1, demand) > demand.days


def test_more_of_anything_never_needs_fewer_lines() -> None:
    lines = plan(STATE, pulse_paise=42).lines
    assert plan(replace(STATE, households=2_400_000), pulse_paise=42).lines > lines
    assert plan(replace(STATE, days=5), pulse_paise=42).lines > lines
    assert plan(replace(STATE, tries=1), pulse_paise=42).lines < lines
    assert plan(replace(STATE, headroom=0.2), pulse_paise=42).lines > lines


def test_short_holds_are_bound_by_calls_per_second() -> None:
    quick = replace(STATE, tries=1, behaviour=Behaviour(picked_up=(0.0,), quick_share=1.0, quick_s=5))
    needed = plan(quick, pulse_paise=42)
    assert needed.binds == "calls per second"
    assert needed.lines == pytest.approx(needed.starts_per_s * LINES_PER_CALL_PER_SECOND, abs=1)


@pytest.mark.parametrize("picked_up", [(), (0.5, 0.4), (1.2,), (-0.1,)])
def test_shares_that_cannot_be_are_refused(picked_up: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="shares"):
        Behaviour(picked_up=picked_up)


def test_the_command_answers_in_words_and_in_json() -> None:
    told = ["--households", "2000000", "--lines", "950", "--rupees", "500000"]
    words = CliRunner().invoke(command, told).output
    assert "lines to buy" in words
    answers = json.loads(CliRunner().invoke(command, [*told, "--json"]).output)
    assert answers["days_with_lines"] == pytest.approx(6, rel=0.03)
    assert answers["households_for_rupees"] < 2_000_000
    assert "2 s shorter" in CliRunner().invoke(command, [*told, "--talk", "62"]).output


def test_figures_that_make_no_round_are_refused() -> None:
    refused = CliRunner().invoke(command, ["--households", "10", "--days", "0"])
    assert isinstance(refused.exception, PlanRefused)
