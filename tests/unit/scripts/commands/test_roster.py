from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from callqueue.runtime import Runtime
from ptm.models import Child, School, SchoolClass
from tests.unit.scripts.commands.conftest import Say


def children(parts: Runtime) -> int | None:
    with parts.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(Child))


def test_a_list_is_imported_and_told_in_numbers(say: Say, parts: Runtime, class_list: Path) -> None:
    told = say("roster", "import", str(class_list))
    assert told.exit_code == 0, told.output
    assert "3 children: 3 new" in told.stdout
    assert "2 households: 2 new, 1 with more than one child" in told.stdout
    assert told.stdout.endswith("Imported.\n")
    assert children(parts) == 3


def test_a_check_tells_the_same_and_writes_nothing(say: Say, parts: Runtime, class_list: Path) -> None:
    told = say("roster", "import", str(class_list), "--check")
    assert told.exit_code == 0
    assert "3 children: 3 new" in told.stdout and "nothing was written" in told.stdout
    assert children(parts) == 0


def test_every_problem_is_printed_in_a_table_and_nothing_is_written(say: Say, parts: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "UDISE Code,School Name,Class,Student Name,Mobile No\n"
        "03010100101,School,5A,ਅਨਮੋਲ ਸਿੰਘ,9.81401E+09\n"
        "03010100101,School,class,पूजा,98140 12345\n"
        "03010100101,School,5A,Ravi,9814012346\n",
        "utf-8",
    )  # fmt: skip
    told = say("roster", "import", str(file))
    assert told.exit_code == 1
    heading, first, second = told.stdout.strip().splitlines()
    assert heading.split("  ")[0] == "Where" and heading.endswith("How to mend it")
    assert "row 2, column E (Mobile No)" in first and "Excel has rounded this number" in first
    assert "row 3, column C (Class)" in second and "this is not a class" in second
    assert "2 problem(s) in bad.csv. Nothing was imported." in told.stderr
    assert children(parts) == 0


def test_a_list_of_one_class_may_lack_school_and_class(
    say: Say, parts: Runtime, class_list: Path, tmp_path: Path
) -> None:
    say("roster", "import", str(class_list))
    file = tmp_path / "names.csv"
    file.write_text("Name,Mobile\nKaran,9814012347\n", "utf-8")
    told = say("roster", "import", str(file), "--school", "03010100101", "--class", "V-a", "--language", "hi")
    assert told.exit_code == 0, told.output
    with parts.database.reading() as tx:
        assert tx.scalars(select(School.udise)).all() == ["03010100101"]
        assert sorted(tx.scalars(select(SchoolClass.name))) == ["3B", "5A"]
    assert children(parts) == 4


def test_a_class_without_its_school_is_asked_for(say: Say, class_list: Path) -> None:
    told = say("roster", "import", str(class_list), "--class", "5A")
    assert told.exit_code == 2 and "--class needs --school" in told.stderr


@pytest.mark.parametrize(
    ("school", "name", "why"), [("0301", "5A", "eleven digits"), ("03010100101", "Rose", "not a class")]
)
def test_a_school_or_class_that_cannot_be_is_a_wrong_call(
    say: Say, class_list: Path, school: str, name: str, why: str
) -> None:
    told = say("roster", "import", str(class_list), "--school", school, "--class", name)
    assert told.exit_code == 2 and why in " ".join(told.stderr.split())


def test_notes_and_columns_that_were_not_read_are_told(say: Say, parts: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "Sr No,UDISE Code,School Name,Class,Student Name,Mobile No\n1,03010100101,School,5A,Ravi,9814012346\n", "utf-8"
    )
    assert "Not read: Sr No." in say("roster", "import", str(file)).stdout


def test_a_school_without_a_name_is_told_together_with_the_other_problems(
    say: Say, parts: Runtime, tmp_path: Path
) -> None:
    file = tmp_path / "names.csv"
    file.write_text(
        "UDISE Code,Class,Name,Mobile\n03010100109,5A,Karan,9814012347\n03010100109,5A,Ravi,98140\n", "utf-8"
    )
    told = say("roster", "import", str(file))
    assert told.exit_code == 1
    assert "row 3" in told.stdout and "school 03010100109 is new and the list does not name it" in told.stdout
    assert "2 problem(s) in names.csv" in told.stderr
    assert children(parts) == 0


def test_a_new_school_may_be_named_beside_its_list(say: Say, parts: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("Class,Name,Mobile\n5A,Karan,9814012347\n", "utf-8")
    words = ("roster", "import", str(file), "--school", "03010100109")
    assert "--school-name" in str(say(*words).exception)
    told = say(*words, "--school-name", "Primary School")
    assert told.exit_code == 0, told.output
    assert "1 new school, 1 new class\n" in told.stdout
    with parts.database.reading() as tx:
        assert tx.scalars(select(School.name)).all() == ["Primary School"]


def test_a_name_of_no_school_is_refused(say: Say, class_list: Path) -> None:
    told = say("roster", "import", str(class_list), "--school-name", "School")
    assert told.exit_code == 2 and "--school-name needs --school" in told.stderr
