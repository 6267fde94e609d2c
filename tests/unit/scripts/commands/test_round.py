from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from callqueue.opening import RoundRefused
from callqueue.runtime import Runtime
from ptm.models import Area, Audit, Round
from tests.unit.scripts.commands.conftest import Say


@pytest.fixture(autouse=True)
def schools(say: Say, parts: Runtime, class_list: Path, built: Path) -> None:
    say("roster", "import", str(class_list))


def test_a_round_is_opened_with_the_hours_of_the_settings(say: Say, parts: Runtime) -> None:
    told = say("round", "open", "Week one", "--starts", "2026-11-25", "--ends", "2026-11-30", "--theme", "Reading")
    assert told.exit_code == 0, told.output
    assert "Round 1 “Week one” is open for Punjab from 25 Nov to 30 Nov 2026." in told.stdout
    with parts.database.reading_session() as session:
        opened = session.scalars(select(Round)).one()
        assert (str(opened.opens_ist), str(opened.closes_ist), opened.tries) == ("10:00:00", "19:00:00", 3)
        assert (str(opened.meeting_on_ist), opened.theme) == ("2026-11-30", "Reading")
        assert session.scalars(select(Audit.action).where(Audit.subject == "round")).all() == ["round.open"]


def test_rounds_are_listed_the_newest_first(say: Say) -> None:
    assert "No round has been opened yet." in say("round", "list").stdout
    for name in ("Week one", "Week two"):
        say("round", "open", name, "--starts", "2026-11-25", "--ends", "2026-11-30", "--area", "0301")
    heading, first, second = say("round", "list").stdout.splitlines()
    assert heading.split() == ["Id", "Name", "Area", "Days", "Hours", "Batches"]
    assert "Week two" in first and "District 0301" in first and "10:00-19:00" in first
    assert "Week one" in second


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--starts", "2026-11-30", "--ends", "2026-11-25"), "before it starts"),
        (("--starts", "2020-11-01", "--ends", "2020-11-05"), "no calling hour is left"),
        (("--starts", "2026-11-29", "--ends", "2026-11-29"), "no calling hour is left"),  # a Sunday
        (("--starts", "2026-11-25", "--ends", "2026-11-30", "--area", "99"), "no area 99"),
    ],
)
def test_a_round_in_which_nobody_could_be_called_is_refused(say: Say, words: tuple[str, ...], why: str) -> None:
    refused = say("round", "open", "Week", *words)
    assert isinstance(refused.exception, RoundRefused)
    assert why in str(refused.exception)


def test_a_round_asks_which_area_when_there_is_more_than_one_state(say: Say, parts: Runtime) -> None:
    with parts.database.session() as session:
        session.add(Area(kind="state", code="06", name="Haryana"))
    refused = say("round", "open", "Week", "--starts", "2026-11-25", "--ends", "2026-11-30")
    assert "03 (Punjab), 06 (Haryana)" in str(refused.exception)
