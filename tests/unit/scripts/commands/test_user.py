"""The command line adds people; a password is typed, piped or made up, and never an argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callqueue.runtime import Runtime
from ptm import passwords
from ptm.models import Area, School
from scripts.commands import user
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]

Sunvai = Callable[..., Result]


@pytest.fixture
def sunvai(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Sunvai:
    """Run `sunvai user ...` against the test's database, with `typed` coming through a pipe."""
    environ = {
        "SUNVAI_DATABASE__URL": runtime.settings.database.url,
        "SUNVAI_REDIS__URL": runtime.settings.redis.url,
        "PLIVO_AUTH_ID": "MATESTTESTTESTTESTTE",
        "PLIVO_AUTH_TOKEN": "a-token-for-tests-that-opens-nothing",
        "SUNVAI_SECRET_KEY": "a-secret-key-for-tests-alone",
        "SUNVAI_DATA_KEY": "a-data-key-for-tests-alone-0",
    }
    with runtime.database.session() as session:
        area = Area(kind="district", code="0301", name="District")
        session.add_all([area, School(udise="03010000001", name="School", spoken={}, area=area)])

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner(env=environ).invoke(user.command, list(arguments), input=typed)

    return run


TEACHER = ("add", "teacher", "--name", "Class teacher", "--role", "teacher", "--school", "03010000001", "--class", "5A")


def test_a_piped_password_signs_in(sunvai: Sunvai, runtime: Runtime) -> None:
    added = sunvai(*TEACHER, typed="three words are easy\n")
    assert (added.exit_code, added.output) == (0, "teacher may sign in as teacher.\n")
    assert passwords.sign_in(runtime.database, runtime.clock, "teacher", "three words are easy") is not None


def test_a_made_up_password_is_shown_once_and_signs_in(sunvai: Sunvai, runtime: Runtime) -> None:
    added = sunvai(*TEACHER, "--generate")
    password = added.output.rpartition(": ")[2].strip()
    assert passwords.sign_in(runtime.database, runtime.clock, "teacher", password) is not None


def test_a_person_who_makes_no_sense_is_refused_in_words(sunvai: Sunvai) -> None:
    refused: Any = sunvai(*TEACHER, typed="short\n").exception
    assert "at least 10 characters" in str(refused)


def test_the_list_says_who_what_where_and_whether(sunvai: Sunvai) -> None:
    sunvai(*TEACHER, "--generate")
    sunvai("add", "leader", "--name", "Leader", "--role", "leader", "--area", "district:0301", "--generate")
    sunvai("add", "operator", "--name", "Operator", "--role", "operator", "--generate")
    sunvai("disable", "leader")
    shown = [line.split() for line in sunvai("list").output.splitlines()]
    assert shown == [
        ["leader", "leader", "district:0301", "shut", "out", "Leader"],
        ["operator", "operator", "everywhere", "may", "sign", "in", "Operator"],
        ["teacher", "teacher", "03010000001", "5A", "may", "sign", "in", "Class", "teacher"],
    ]


def test_shutting_out_and_letting_in_again(sunvai: Sunvai) -> None:
    sunvai(*TEACHER, "--generate")
    assert sunvai("disable", "teacher").output == "teacher is shut out.\n"
    assert sunvai("disable", "teacher").output == "teacher was shut out already.\n"
    assert sunvai("enable", "teacher").output == "teacher may sign in again.\n"


def test_a_new_password_ends_the_old(sunvai: Sunvai, runtime: Runtime) -> None:
    sunvai(*TEACHER, typed="three words are easy\n")
    sunvai("password", "teacher", typed="other words are new\n")
    assert passwords.sign_in(runtime.database, runtime.clock, "teacher", "three words are easy") is None
    assert passwords.sign_in(runtime.database, runtime.clock, "teacher", "other words are new") is not None


def test_no_option_takes_a_password() -> None:
    for verb in user.command.commands.values():
        for option in verb.params:
            assert "password" not in (option.name or "")


def test_a_class_that_the_school_does_not_have_is_refused_naming_those_there_are(sunvai: Sunvai) -> None:
    assert sunvai(*TEACHER, "--generate").exit_code == 0  # the first class of a school without a list
    refused: Any = sunvai("add", "other", *TEACHER[2:-1], "9Z", "--generate").exception
    assert str(refused).startswith("School has no class 9Z; it has 5A. Correct it.")


def test_classes_change_hands_and_each_change_is_told(sunvai: Sunvai) -> None:
    sunvai(*TEACHER, "--generate")
    sunvai("add", "other", "--name", "Other", "--role", "teacher", "--school", "03010000001", "--generate")
    refused: Any = sunvai("classes", "other", "5a").exception
    assert str(refused).startswith("5A is the class of teacher (Class teacher).")
    handed = sunvai("classes", "other", "5a", "6B", "--take", "--new")
    assert handed.output.splitlines() == ["5A: teacher -> other", "6B: nobody -> other", "other teaches 5A, 6B."]
    assert sunvai("classes", "teacher").output == "teacher teaches no class.\n"
    assert sunvai("classes", "other", "--none").output.endswith("other teaches no class.\n")
    assert "not both" in sunvai("classes", "other", "5A", "--none").output


def test_only_a_teacher_has_classes(sunvai: Sunvai) -> None:
    sunvai("add", "operator", "--name", "Operator", "--role", "operator", "--generate")
    refused: Any = sunvai("classes", "operator", "5A").exception
    assert str(refused) == "operator has the role operator; only a teacher has classes."


def test_a_teacher_without_a_school_is_told_that_one_is_needed(sunvai: Sunvai) -> None:
    refused: Any = sunvai("add", "other", "--name", "Other", "--role", "teacher", "--generate").exception
    assert "A teacher needs a school" in str(refused)
    assert "--school" in str(refused)
