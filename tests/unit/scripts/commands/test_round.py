from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from callqueue.opening import RoundRefused
from callqueue.runtime import Runtime
from ptm.models import Answer, Area, Audit, Batch, Child, Household, Round, School, SchoolClass
from tests.unit.scripts.commands.conftest import Say

OPEN = ("round", "open", "Week", "--starts", "2026-11-25", "--ends", "2026-11-30")


@pytest.fixture(autouse=True)
def schools(say: Say, parts: Runtime, class_list: Path, built: Path) -> None:
    say("roster", "import", str(class_list))


def test_a_round_is_opened_with_the_hours_of_the_settings(say: Say, parts: Runtime) -> None:
    told = say("round", "open", "Week one", "--starts", "2026-11-25", "--ends", "2026-11-30", "--theme", "Reading")
    assert told.exit_code == 0, told.output
    assert (
        "Round 1 “Week one” is open for Punjab from 25 Nov to 30 Nov 2026; the meeting is on Monday, 30 Nov 2026."
        in told.stdout
    )
    with parts.database.reading_session() as session:
        opened = session.scalars(select(Round)).one()
        assert (str(opened.opens_ist), str(opened.closes_ist), opened.tries) == ("10:00:00", "19:00:00", 3)
        assert (str(opened.meeting_on_ist), opened.theme) == ("2026-11-30", "Reading")
        assert session.scalars(select(Audit.action).where(Audit.subject == "round")).all() == ["round.open"]


def test_rounds_are_listed_the_newest_first(say: Say) -> None:
    assert "No round has been opened yet." in say("round", "list").stdout
    for name, days in (("Week one", ("2026-11-25", "2026-11-25")), ("Week two", ("2026-11-26", "2026-11-30"))):
        say("round", "open", name, "--starts", days[0], "--ends", days[1], "--area", "0301")
    heading, first, second = say("round", "list").stdout.splitlines()
    assert heading.split() == ["Id", "Name", "Area", "Days", "Hours", "Batches", "State"]
    assert "Week two" in first and "District 0301" in first and "10:00-19:00" in first and first.endswith("coming")
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


@pytest.mark.parametrize(("one", "other"), [("03", "03"), ("03", "0301"), ("0301", "03")])
def test_no_family_is_called_in_two_rounds_on_one_day(say: Say, parts: Runtime, one: str, other: str) -> None:
    assert say(*OPEN, "--area", one).exit_code == 0
    again = ("round", "open", "Again", "--starts", "2026-11-30", "--ends", "2026-12-02", "--area", other)
    refused = say(*again)
    assert isinstance(refused.exception, RoundRefused)
    assert "Round 1 “Week” (2026-11-25 to 2026-11-30) calls the same families" in str(refused.exception)
    assert "sunvai round close 1" in str(refused.exception)
    say("round", "close", "1", "--yes")
    assert say(*again).exit_code == 0


def test_another_district_has_days_and_name_of_its_own(say: Say, parts: Runtime) -> None:
    with parts.database.session() as session:
        session.add(Area(kind="district", code="0399", name="Elsewhere", parent_id=1))
    assert say(*OPEN, "--area", "0301").exit_code == 0
    assert say(*OPEN, "--area", "0399").exit_code == 0


def test_a_name_stands_for_one_round_of_a_family(say: Say) -> None:
    say(*OPEN)
    refused = say("round", "open", "week ", "--starts", "2026-12-05", "--ends", "2026-12-08")
    assert "has that name already" in str(refused.exception)


@pytest.mark.parametrize(("day", "why"), [("2020-01-01", "is over"), ("2026-11-26", "before the round")])
def test_nobody_is_invited_to_a_meeting_before_its_round(say: Say, day: str, why: str) -> None:
    refused = say("round", "open", "Week", "--starts", "2026-11-27", "--ends", "2026-11-30", "--meeting", day)
    assert isinstance(refused.exception, RoundRefused)
    assert why in str(refused.exception)


def test_a_round_asks_which_area_when_there_is_more_than_one_state(say: Say, parts: Runtime) -> None:
    with parts.database.session() as session:
        session.add(Area(kind="state", code="06", name="Haryana"))
    refused = say("round", "open", "Week", "--starts", "2026-11-25", "--ends", "2026-11-30")
    assert "03 (Punjab), 06 (Haryana)" in str(refused.exception)


def open_week(say: Say, *words: str) -> None:
    opened = say("round", "open", "Week one", "--starts", "2026-11-25", "--ends", "2026-11-30", *words)
    assert opened.exit_code == 0, opened.output


def test_a_round_may_have_lines_and_a_budget_with_the_price_of_a_minute(say: Say, parts: Runtime) -> None:
    open_week(say, "--lines", "30", "--budget", "5000", "--minute-paise", "38")
    with parts.database.reading_session() as session:
        opened = session.scalars(select(Round)).one()
        assert (opened.lines, opened.budget_paise, opened.pulse_paise) == (30, 500_000, 38)


def test_a_budget_without_the_price_of_a_minute_is_refused(say: Say, parts: Runtime) -> None:
    refused = say("round", "open", "Week", "--starts", "2026-11-25", "--ends", "2026-11-30", "--budget", "5000")
    assert isinstance(refused.exception, RoundRefused)
    assert "needs what a started minute costs" in str(refused.exception)
    with parts.database.reading_session() as session:
        assert session.scalars(select(Round)).all() == []


def test_a_whole_round_is_planned_with_counts_of_those_left_out(say: Say, parts: Runtime) -> None:
    open_week(say)
    now = parts.clock.now()
    with parts.database.session() as session:
        class_id = session.scalars(select(SchoolClass.id).order_by(SchoolClass.id)).first()
        session.add(Child(class_id=class_id, name="Without phone", admission_no="9"))
        one, another = session.scalars(select(Household).order_by(Household.id))
        one.opted_out_at = now
        for number in another.numbers:
            number.retired_at = now
    told = say("round", "plan", "1")
    assert told.exit_code == 0, told.output
    assert "1 call(s) planned, 0 were there already." in told.stdout
    assert [" ".join(line.split()) for line in told.stdout.splitlines()[1:]] == [
        "1 child(ren) without a family's phone number",
        "1 family(ies) that asked not to be called",
        "1 family(ies) whose numbers nobody has any more",
    ]
    assert "0 call(s) planned, 1 were there already." in say("round", "plan", "1").stdout
    with parts.database.reading_session() as session:
        assert [batch.state for batch in session.scalars(select(Batch))] == ["preparing", "preparing"]
        assert session.scalars(select(Audit.action).where(Audit.action == "round.plan")).all() == ["round.plan"] * 2


def test_a_round_is_paused_resumed_and_closed(say: Say, parts: Runtime) -> None:
    open_week(say)
    assert "Round 1 is paused." in say("round", "pause", "1").stdout
    assert say("round", "list").stdout.splitlines()[1].endswith("paused")
    assert "round 1 is paused: nothing was changed" in str(say("round", "pause", "1").exception)
    assert "Round 1 goes on." in say("round", "resume", "1").stdout
    assert say("round", "close", "1", keys="n\n").exit_code == 1
    assert "Round 1 is closed." in say("round", "close", "1", "--yes").stdout
    assert say("round", "list").stdout.splitlines()[1].endswith("closed")
    assert "round 1 is closed: nothing was changed" in str(say("round", "close", "1", "--yes").exception)
    with parts.database.reading_session() as session:
        actions = session.scalars(select(Audit.action).where(Audit.subject == "round").order_by(Audit.id)).all()
        assert actions == ["round.open", "round.pause", "round.resume", "round.close"]


@pytest.mark.parametrize("verb", ["plan", "pause", "resume", "answers"])
def test_a_round_that_is_not_there_is_said(say: Say, verb: str) -> None:
    assert "there is no round 7: see `sunvai round list`" in str(say("round", verb, "7").exception)


def test_the_answers_of_a_round_are_listed(say: Say, parts: Runtime) -> None:
    open_week(say)
    assert "No answer is told in this round." in say("round", "answers", "1").stdout
    now = parts.clock.now()
    with parts.database.session() as session:
        school, area = session.scalars(select(School.id)).one(), session.scalars(select(Area.id)).first()
        texts = {"pa": "ਪਾਣੀ ਲੱਗ ਗਿਆ", "en": "there is water"}
        session.add(Answer(round_id=1, school_id=school, texts=texts, clips={}, created_at=now))
        session.add(Answer(round_id=1, area_id=area, texts=texts, clips={}, created_at=now, withdrawn_at=now))
    _, first, second = say("round", "answers", "1").stdout.splitlines()
    assert "Government Primary School" in first and "en pa" in first and first.rstrip().endswith("told")
    assert "taken back" in second


def test_closing_names_the_round_and_asks_nothing_about_one_that_is_not_there(say: Say) -> None:
    missing = say("round", "close", "99")
    assert isinstance(missing.exception, RoundRefused)
    assert "Close" not in missing.output
    say(*OPEN)
    asked = say("round", "close", "1")
    assert "Close round 1 “Week”?" in asked.output
    assert asked.exit_code == 1  # nobody said yes


def test_a_round_cannot_hold_more_lines_than_the_accounts_have(say: Say, parts: Runtime) -> None:
    there_are = sum(account.lines for account in parts.settings.accounts)
    refused = say(*OPEN, "--lines", str(there_are + 1))
    assert isinstance(refused.exception, RoundRefused)
    assert f"have {there_are} line(s)" in str(refused.exception)


def test_a_batch_of_a_closed_round_is_listed_as_ended_with_it(say: Say, parts: Runtime) -> None:
    say(*OPEN)
    with parts.database.reading_session() as session:
        udise, name = session.execute(select(School.udise, SchoolClass.name).join(SchoolClass)).first() or ("", "")
    say("batch", "start", "1", udise, name)
    say("round", "close", "1", "--yes")
    listed = say("batch", "list").stdout
    assert "round closed" in listed and "preparing" not in listed
