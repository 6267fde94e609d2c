"""A class list goes in, and the second one changes what the first one wrote."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import (
    Area,
    Audit,
    Call,
    Child,
    Guardianship,
    Household,
    PhoneNumber,
    Round,
    School,
    SchoolClass,
    TreeVersion,
)
from ptm.roster import ImportReport, Place, Roster, RosterRefused, import_roster, read_roster
from ptm.sealing import Vault

HEADINGS = "UDISE Code,School Name,Class,Admission No,Student Name,Guardian Name,Mobile No,Alternate No,Language"
SCHOOL = "03010100101,Government Primary School"
THIRD_SCHOOL = "03010100103,Government High School"
OTHER_SCHOOL = "03010100102,Government Middle School"
ROOT = Path(__file__).parents[2]

Import = Callable[..., ImportReport]


@pytest.fixture
def vault() -> Vault:
    return Vault("a-data-key-for-tests-alone-0")


@pytest.fixture
def put_in(database: Database, vault: Vault, clock: ManualClock) -> Import:
    """Read lines of a list under the usual headings and import them."""

    def put_in(*lines: str, headings: str = HEADINGS, place: Place | None = None) -> ImportReport:
        roster = read_roster("list.csv", "\n".join([headings, *lines]).encode(), place=place)
        assert roster.problems == ()
        with database.session() as session:
            return import_roster(session, roster, vault=vault, user_id=None, now=clock.now())

    return put_in


def households(session: Session, vault: Vault) -> list[tuple[list[str], list[str]]]:
    """Return the children and the listed numbers of every household that answers for a child."""
    found = []
    for household in session.scalars(select(Household).order_by(Household.id)):
        names = session.scalars(
            select(Child.name).join(Guardianship).where(Guardianship.household_id == household.id).order_by(Child.name)
        ).all()
        numbers = [vault.unseal(number.sealed_msisdn)[2:] for number in household.numbers if not number.retired_at]
        if names:
            found.append((list(names), numbers))
    return found


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_list_brings_areas_school_class_children_and_households(
    put_in: Import, database: Database, vault: Vault
) -> None:
    report = put_in(
        f"{SCHOOL},5A,1,ਅਨਮੋਲ ਸਿੰਘ,ਪਿਤਾ,98140-12345,9876500001,Punjabi",
        f"{SCHOOL},5A,2,पूजा,पिता,09814012346,,Hindi",
    )
    assert (report.children_added, report.households_added, report.numbers_added) == (2, 2, 3)
    with database.reading_session() as session:
        areas = session.execute(select(Area.kind, Area.code, Area.name).order_by(Area.id)).all()
        assert [tuple(area) for area in areas] == [
            ("state", "03", "Punjab"), ("district", "0301", "District 0301"), ("block", "030101", "Block 030101"),
        ]  # fmt: skip
        school = session.scalars(select(School)).one()
        assert (school.udise, school.name, school.area.kind) == ("03010100101", "Government Primary School", "block")
        assert session.scalars(select(SchoolClass.name)).all() == ["5A"]
        assert households(session, vault) == [
            (["ਅਨਮੋਲ ਸਿੰਘ"], ["9814012345", "9876500001"]), (["पूजा"], ["9814012346"]),
        ]  # fmt: skip
        assert session.scalars(select(Household.language).order_by(Household.id)).all() == ["pa", "hi"]


def test_numbers_are_not_readable_in_the_database(put_in: Import, database: Database, tmp_path: Path) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,98140-12345,,")
    with database.reading_session() as session:
        number = session.scalars(select(PhoneNumber)).one()
        assert b"9814012345" not in number.sealed_msisdn
        assert (number.last4, "12345" in number.msisdn_index[:5]) == ("2345", False)
    if database.dialect == "sqlite":
        assert all(b"9814012345" not in file.read_bytes() for file in tmp_path.glob("sunvai.db*"))


def test_the_same_list_twice_changes_nothing(put_in: Import, database: Database) -> None:
    lines = (f"{SCHOOL},5A,1,Asha,Father,9814012345,9876500001,Hindi", f"{SCHOOL},5A,,Ravi,Father,9814012346,,")
    put_in(*lines)
    again = put_in(*lines)
    assert (again.children_added, again.children_changed, again.numbers_added, again.households_added) == (0, 0, 0, 0)
    with database.reading_session() as session:
        assert [count(session, table) for table in (Child, Household, PhoneNumber, School, Area)] == [2, 2, 3, 1, 3]


def test_siblings_in_two_classes_are_one_household(put_in: Import, database: Database, vault: Vault) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,98140 12345,,")
    report = put_in(f"{SCHOOL},3B,2,Ravi,,+91 98140-12345,,")
    assert (report.households_added, report.siblings) == (0, 1)
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha", "Ravi"], ["9814012345"])]


def test_parents_who_name_each_others_number_are_one_household(
    put_in: Import, database: Database, vault: Vault
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,", f"{SCHOOL},3B,2,Ravi,,9814012346,9814012345,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha", "Ravi"], ["9814012345", "9814012346"])]


def test_parents_who_name_each_other_in_two_lists_are_one_household(
    put_in: Import, database: Database, vault: Vault
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,")
    put_in(f"{SCHOOL},3B,2,Ravi,,9814012346,9814012345,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha", "Ravi"], ["9814012345", "9814012346"])]


def test_a_neighbours_number_as_alternate_does_not_join_families(
    put_in: Import, database: Database, vault: Vault
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,", f"{SCHOOL},5A,2,Ravi,,9814012346,,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012345"]), (["Ravi"], ["9814012346"])]


def test_an_alternate_number_goes_to_the_family_that_has_it_as_its_first(
    put_in: Import, database: Database, vault: Vault
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,")
    put_in(f"{SCHOOL},3B,2,Ravi,,9814012346,,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012345"]), (["Ravi"], ["9814012346"])]


def test_a_new_number_replaces_the_old_one_which_is_not_called_any_more(
    put_in: Import, database: Database, vault: Vault
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    report = put_in(f"{SCHOOL},5A,1,Asha,,9814012399,,")
    assert (report.households_added, report.numbers_added, report.numbers_left) == (0, 1, 1)
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012399"])]


def test_a_number_that_comes_back_is_called_again(put_in: Import, database: Database, vault: Vault) -> None:
    for number in ("9814012345", "9814012399", "9814012345"):
        put_in(f"{SCHOOL},5A,1,Asha,,{number},,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012345"])]
        assert count(session, PhoneNumber) == 2


def test_a_number_that_the_carrier_retired_stays_retired_in_the_same_family(
    put_in: Import, database: Database, vault: Vault, clock: ManualClock
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,")
    with database.session() as session:
        session.execute(update(PhoneNumber).where(PhoneNumber.position == 0).values(retired_at=clock.now()))
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012346"])]


def test_two_families_may_exchange_their_numbers(put_in: Import, database: Database, vault: Vault) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012347,", f"{SCHOOL},5A,2,Ravi,,9814012346,,")
    put_in(f"{SCHOOL},5A,1,Asha,,9814012346,,", f"{SCHOOL},5A,2,Ravi,,9814012345,9814012347,")
    with database.reading_session() as session:
        assert sorted(households(session, vault)) == [
            (["Asha"], ["9814012346"]), (["Ravi"], ["9814012345", "9814012347"]),
        ]  # fmt: skip


def test_the_order_of_numbers_follows_the_list(put_in: Import, database: Database, vault: Vault) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,")
    put_in(f"{SCHOOL},5A,1,Asha,,9814012346,9814012345,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012346", "9814012345"])]


def test_a_list_with_one_of_two_siblings_only_adds_numbers(put_in: Import, database: Database, vault: Vault) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,9814012346,", f"{SCHOOL},3B,2,Ravi,,9814012345,,")
    put_in(f"{SCHOOL},3B,2,Ravi,,9814012345,9814012347,Hindi")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha", "Ravi"], ["9814012345", "9814012346", "9814012347"])]
        assert session.scalars(select(Household.language)).all() == ["pa"]


def test_one_of_two_siblings_with_a_new_number_becomes_a_household(
    put_in: Import, database: Database, vault: Vault
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},3B,2,Ravi,,9814012345,,")
    put_in(f"{SCHOOL},3B,2,Ravi,,9814012399,,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012345"]), (["Ravi"], ["9814012399"])]


def test_a_child_who_moved_to_another_class_is_the_same_child(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},5A,,Ravi,,9814012346,,")
    report = put_in(f"{SCHOOL},5B,1,Asha,,9814012345,,", f"{SCHOOL},5B,,Ravi,,9814012346,,")
    assert (report.children_added, report.children_moved) == (0, 2)
    with database.reading_session() as session:
        assert count(session, Child) == 2
        moves = session.scalars(select(Audit.details).where(Audit.action == "child.move")).all()
        assert {(move["from_class"], move["to_class"]) for move in moves} == {(1, 2)}


def test_a_child_who_changed_school_is_the_same_child_in_a_districts_list(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    report = put_in(f"{OTHER_SCHOOL},6A,77,Asha,,9814012345,,")
    assert (report.children_added, report.children_moved) == (0, 1)


def test_a_teachers_list_takes_no_child_out_of_another_school(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    report = put_in(f"{OTHER_SCHOOL},6A,77,Asha,,9814012345,,", place=Place("03010100102"))
    assert (report.children_added, report.children_moved) == (1, 0)


def test_classes_that_each_count_from_one_do_not_take_each_others_children(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    report = put_in(f"{SCHOOL},5B,1,Ravi,,9814012346,,")
    assert (report.children_added, report.children_moved) == (1, 0)
    with database.reading_session() as session:
        assert count(session, Child) == 2


def test_a_corrected_name_or_admission_number_is_no_new_child(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},5A,2,Ravi,,9814012346,,")
    put_in(f"{SCHOOL},5A,1,Aasha,Mother,9814012345,,", f"{SCHOOL},5A,22,Ravi,,9814012346,,")
    with database.reading_session() as session:
        found = session.execute(select(Child.name, Child.admission_no, Child.guardian_name).order_by(Child.id)).all()
        assert [tuple(child) for child in found] == [("Aasha", "1", "Mother"), ("Ravi", "22", None)]


def test_two_children_may_exchange_their_admission_numbers(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},5A,2,Ravi,,9814012346,,")
    put_in(f"{SCHOOL},5A,2,Asha,,9814012345,,", f"{SCHOOL},5A,1,Ravi,,9814012346,,")
    with database.reading_session() as session:
        assert count(session, Child) == 2


def test_without_admission_numbers_a_new_number_is_no_new_child(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,,Asha,,9814012345,,")
    report = put_in(f"{SCHOOL},5A,,Asha,,9814012399,,")
    assert (report.children_added, report.households_added) == (0, 0)


def test_a_list_without_a_column_says_nothing_about_it(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,Mother,9814012345,,Hindi")
    put_in("03010100101,5A,Asha,9814012345", headings="UDISE Code,Class,Student Name,Mobile No")
    with database.reading_session() as session:
        child = session.scalars(select(Child)).one()
        assert (child.admission_no, child.guardian_name) == ("1", "Mother")
        assert session.scalars(select(Household.language)).all() == ["hi"]


@pytest.mark.parametrize(("reach", "language"), [("rang", "hi"), ("heard", "pa")])
def test_the_list_corrects_a_language_until_the_family_has_answered_a_call(
    put_in: Import, database: Database, clock: ManualClock, reach: str, language: str
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,Punjabi")
    add_call(database, reach, clock)
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,Hindi")
    with database.reading_session() as session:
        assert session.scalars(select(Household.language)).all() == [language]


def add_call(database: Database, reach: str, clock: ManualClock) -> None:
    """Let the one household have been called in a round, and reached so far."""
    day = clock.now().date()
    with database.session() as session:
        session.add(TreeVersion(hash="a" * 64, definition="", created_at=clock.now()))
        session.flush()
        the_round = Round(
            area_id=1, name="Week", starts_on_ist=day, ends_on_ist=day, opens_ist=time(10), closes_ist=time(19),
            weekdays="wed", meeting_on_ist=day, tries=3, ladder={}, tree_hash="a" * 64,
        )  # fmt: skip
        session.add(the_round)
        session.flush()
        session.add(Call(round_id=the_round.id, household_id=1, school_id=1, due_at=clock.now(), reach=reach))


def test_a_district_gets_its_name_from_the_first_list_that_has_it(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    named = "District,Block," + HEADINGS
    put_in(f"Faridpur,030101,{OTHER_SCHOOL},6A,1,Ravi,,9814012346,,", headings=named)
    put_in(f"Elsewhere,-,{THIRD_SCHOOL},6A,1,Karan,,9814012347,,", headings=named)
    with database.reading_session() as session:
        areas = session.execute(select(Area.kind, Area.name).order_by(Area.id)).all()
        assert [tuple(area) for area in areas] == [
            ("state", "Punjab"), ("district", "Faridpur"), ("block", "Block 030101"),
        ]  # fmt: skip


def test_a_number_that_went_to_another_family_is_theirs(put_in: Import, database: Database, vault: Vault) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},3B,2,Karan,,9814012347,,")
    put_in(f"{SCHOOL},5A,1,Asha,,9814012399,,")
    put_in(f"{SCHOOL},3B,2,Karan,,9814012347,9814012345,")
    with database.reading_session() as session:
        assert households(session, vault) == [(["Asha"], ["9814012399"]), (["Karan"], ["9814012347", "9814012345"])]


def test_the_number_of_a_family_that_asked_not_to_be_called_is_nobodys_alternate(
    put_in: Import, database: Database, vault: Vault, clock: ManualClock
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    with database.session() as session:
        session.execute(update(Household).values(opted_out_at=clock.now()))
    put_in(f"{SCHOOL},5A,1,Asha,,9814012399,,", f"{SCHOOL},3B,2,Karan,,9814012347,9814012345,")
    with database.reading_session() as session:
        assert (["Karan"], ["9814012347"]) in households(session, vault)


def test_a_child_without_a_phone_is_in_the_class_and_in_no_household(put_in: Import, database: Database) -> None:
    report = put_in(f"{SCHOOL},5A,1,Asha,,no phone,,")
    assert (report.children_added, report.without_phone, report.households) == (1, 1, 0)
    with database.reading_session() as session:
        assert [count(session, table) for table in (Child, Guardianship, Household)] == [1, 0, 0]


def test_children_who_are_not_in_the_list_stay_and_are_counted(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},5A,2,Ravi,,9814012346,,")
    report = put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,")
    assert report.not_in_list == 1
    with database.reading_session() as session:
        assert count(session, Child) == 2


@pytest.mark.parametrize(
    "second", ["9814012345", "9814012399"], ids=["on the same number", "on the family's new number"]
)
def test_a_family_that_asked_not_to_be_called_is_not_brought_back_by_a_list(
    put_in: Import, database: Database, clock: ManualClock, second: str
) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},3B,2,Ravi,,9814012345,,")
    with database.session() as session:
        session.execute(update(Household).values(opted_out_at=clock.now()))
    clock.advance(timedelta(days=60))
    report = put_in(f"{SCHOOL},5A,1,Asha,,{second},,")
    assert report.opted_out == 1
    with database.reading_session() as session:
        assert all(at is not None for at in session.scalars(select(Household.opted_out_at)))


def test_nothing_is_written_of_a_list_with_one_bad_cell(database: Database, vault: Vault, clock: ManualClock) -> None:
    lines = (HEADINGS, f"{SCHOOL},5A,1,Asha,,9814012345,,", f"{SCHOOL},5A,2,Ravi,,98140,,")
    roster = read_roster("list.csv", "\n".join(lines).encode())
    with pytest.raises(RosterRefused, match=r"1 problem\(s\)"), database.session() as session:
        import_roster(session, roster, vault=vault, user_id=None, now=clock.now())
    with database.reading_session() as session:
        assert [count(session, table) for table in (Area, Child, Household, Audit)] == [0, 0, 0, 0]


def test_a_new_school_needs_its_name(database: Database, vault: Vault, clock: ManualClock) -> None:
    data = b"UDISE Code,Class,Student Name,Mobile No\n03010100101,5A,Asha,9814012345\n"
    with pytest.raises(RosterRefused, match="School Name"), database.session() as session:
        import_roster(session, read_roster("list.csv", data), vault=vault, user_id=None, now=clock.now())


def test_the_audit_tells_of_the_import_in_counts_and_ids_alone(put_in: Import, database: Database) -> None:
    put_in(f"{SCHOOL},5A,1,Asha,Mother,9814012345,,")
    with database.reading_session() as session:
        told = session.scalars(select(Audit).where(Audit.action == "roster.import")).one()
        assert told.details["children_added"] == 1
        assert not any(secret in str(told.details) for secret in ("Asha", "Mother", "98140", "12345"))


def test_no_log_however_talkative_carries_a_name_or_a_number(
    put_in: Import, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    number = {"x": "919814012345"}  # above the lines that the traceback quotes
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.INFO, "sqlalchemy.engine"):
        put_in(f"{SCHOOL},5A,1,Asharani,Guardiansname,98140-12345,9876500001,Hindi")
        with pytest.raises(Exception, match="nowhere") as error, database.writing() as tx:
            tx.execute(text("SELECT 1 FROM nowhere WHERE x = :x"), number)
    told = caplog.text + "".join(traceback.format_exception(error.value))
    assert "INSERT INTO child" in told
    assert not any(
        secret in told for secret in ("Asharani", "Guardiansname", "9814012345", "98140-12345", "9876500001")
    )


def test_the_sample_class_is_forty_children_with_siblings(database: Database, vault: Vault, clock: ManualClock) -> None:
    roster = read_roster("class_5a.csv", (ROOT / "scripts/sample/class_5a.csv").read_bytes())
    assert (roster.problems, roster.notes, roster.ignored_columns) == ((), (), ())
    with database.session() as session:
        report = import_roster(session, roster, vault=vault, user_id=None, now=clock.now())
    assert (report.children, report.households, report.siblings, report.numbers_added) == (40, 33, 7, 37)
    assert {row.language for row in roster.rows} == {"pa", "hi", "en"}
    # Valid, and so regular that whoever meets one sees that it is made up.
    assert all(
        number.startswith("9170000") for row in roster.rows for number in (row.msisdn or "", *row.alternate_msisdns)
    )


def test_a_list_of_many_children_asks_few_questions(put_in: Import, database: Database) -> None:
    """One question per child would take minutes for a district."""
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    put_in(*(f"{SCHOOL},5A,{number},Asha,,98140{number:05},,Hindi" for number in range(20_000, 20_400)))
    assert len([question for question in asked if question.startswith("SELECT")]) < 20


def test_two_imports_of_one_list_at_the_same_moment_write_it_once(put_in: Import, database: Database) -> None:
    start = threading.Barrier(3)

    def import_it(_number: int) -> ImportReport:
        start.wait()
        return put_in(*(f"{SCHOOL},5A,{number},Asha,,98140{number:05},,Hindi" for number in range(20_000, 20_030)))

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(import_it, range(3)))
    assert sorted(report.children_added for report in reports) == [0, 0, 30]
    with database.reading_session() as session:
        assert [count(session, table) for table in (Child, Household, PhoneNumber, SchoolClass)] == [30, 30, 30, 1]


@pytest.mark.long
def test_a_districts_list_is_imported_and_imported_again(put_in: Import, database: Database) -> None:
    lines = [f"0301{n // 400:07},School,{1 + n // 40 % 10}A,{n},Asha,,98{n:08},,Hindi" for n in range(1000, 51_000)]
    assert put_in(*lines).children_added == 50_000
    again = put_in(*lines)
    assert (again.children_added, again.children_changed, again.numbers_added) == (0, 0, 0)


def test_a_roster_remembers_where_it_was_read_for() -> None:
    assert read_roster("x", b"", place=Place("03010100101")).place == Place("03010100101")
    assert isinstance(read_roster("x", b""), Roster)
