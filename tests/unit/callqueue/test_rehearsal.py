"""The rehearsal: every promise holds under every fault, the same seed gives the same week, and breaking shows."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from callqueue import pacing, windows
from callqueue.rehearsing import callbacks, claiming, dialing, rehearsal, terms, week
from callqueue.rehearsing.calendar import Calendar
from callqueue.rehearsing.families import settle
from callqueue.rehearsing.faults import NAMES, named
from callqueue.rehearsing.rehearsal import BEGINS_ON, LADDER, played, rehearse
from callqueue.rehearsing.report import is_kept
from callqueue.steadiness import ClockWatch
from scripts.commands.rehearse import command
from tests.conftest import ROOT


def small(faults: str | None = None, seed: int = 1) -> dict[str, Any]:
    return rehearse(households=1_500, days=3, lines=3, seed=seed, faults=faults)


@pytest.mark.parametrize("faults", [None, *NAMES, "all"])
def test_every_promise_holds_whatever_goes_wrong(faults: str | None) -> None:
    outcome = small(faults)
    assert is_kept(outcome), outcome["promises"]
    assert outcome["promises"]["checks"] >= 2 * outcome["dials"] > 1_500
    assert sum(outcome["dispositions"].values()) == 1_500
    assert outcome["dispositions"]["completed"] > 600


def test_the_same_seed_gives_the_same_week_to_the_byte() -> None:
    one, two = (json.dumps(small("all", seed=5)) for _ in range(2))
    assert one == two
    assert json.dumps(small("all", seed=6)) != one


def test_siblings_in_any_class_are_one_family() -> None:
    families = settle(10_000, seed=2)
    assert len(families) == 10_000
    assert sum(families.children) == families.dialled_children == 12_000
    assert max(families.children) > 1


def test_three_quarters_of_the_families_pick_up_by_the_third_try_most_of_them_on_the_first() -> None:
    tally = played(households=4_000, days=6, lines=60, seed=1).tally
    answered = [sum(count for (_, number), count in tally.answered.items() if number == n) for n in (1, 2, 3)]
    assert answered[0] / sum(answered) == pytest.approx(0.56, abs=0.05)
    assert sum(answered) / 4_000 == pytest.approx(0.76, abs=0.05)


def broken(outcome: dict[str, Any]) -> set[str]:
    return {name for name, count in outcome["promises"].items() if count and name != "checks"}


def test_a_clock_nobody_watches_calls_families_in_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClockWatch, "is_steady", lambda *_now: True)
    assert "outside_window" in broken(small("clock-back"))


def test_a_pacer_that_forgets_lines_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "plan_release", lambda *_limits, **_held: 2)
    assert "above_lines" in broken(small())


def test_a_pacer_that_forgets_its_last_start_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "next_start", lambda _limits, *, now, **_last: now)
    assert "above_calls_per_second" in broken(small())


def test_a_round_that_calls_after_hours_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = terms.promises_of
    monkeypatch.setattr(week, "promises_of", lambda round_: replace(real(round_), closes_hour=18))
    assert broken(small()) == {"outside_window"}


def test_a_lookup_that_always_says_not_there_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the carrier's lists lied, families would be dialled again: that shows as calls above a cap or lost speech."""
    real = callbacks.look
    monkeypatch.setattr(
        callbacks, "look", lambda week, call, attempt, _reaction, at: real(week, call, attempt, None, at)
    )
    assert broken(small("lost"))


def test_the_ladder_of_the_rehearsal_is_the_one_that_is_shipped() -> None:
    shipped = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))["calling"]
    assert shipped["ladder"] == LADDER
    assert (shipped["opens"], shipped["closes"]) == (f"{rehearsal.OPENS:%H:%M}", f"{rehearsal.CLOSES:%H:%M}")


def test_lines_are_used_while_calls_wait() -> None:
    assert small()["lines_used_share"] > 0.95


def test_the_command_prints_what_a_leader_asks_and_fails_when_a_promise_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    told = ["--households", "500", "--days", "2", "--lines", "3"]
    words = CliRunner().invoke(command, told)
    assert words.exit_code == 0
    assert "promises broken: none" in words.output
    outcome = CliRunner().invoke(command, [*told, "--json"])
    assert json.loads(outcome.output.splitlines()[0])["households"] == 500
    monkeypatch.setattr(claiming, "plan_release", lambda *_limits, **_held: 2)
    assert CliRunner().invoke(command, told).exit_code == 1


def test_a_fault_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        named("weather")
    assert "all" in CliRunner().invoke(command, ["--faults", "weather"]).output


def test_a_calendar_gives_nothing_before_it_is_due() -> None:
    begin = played(households=1, days=1, lines=2, seed=1).begin
    calendar = Calendar(begin)
    calendar.add(1, begin + pacing.RECOVERY)
    assert calendar.take(begin + pacing.RECOVERY) is None  # a minute is the finest it knows, never too early
    assert calendar.take(begin + 2 * pacing.RECOVERY) == 1
    assert calendar.take(begin + windows._HOUR) is None


def test_sundays_are_free() -> None:
    assert rehearsal._last_day(6).weekday() == 5
    assert (rehearsal._last_day(7) - BEGINS_ON).days == 7


@pytest.mark.long
@pytest.mark.parametrize("faults", [None, "all"])
def test_a_state_is_rehearsed_whole(faults: str | None) -> None:
    outcome = rehearse(households=2_000_000, days=6, lines=950, seed=1, faults=faults)
    assert is_kept(outcome), outcome["promises"]
