"""What a password must be, and how few guesses anybody gets."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from ptm import passwords
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import User
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]

RIGHT, WRONG = "three words are easy", "another few words"
SignIn = Callable[[str], User | None]


@pytest.fixture(scope="module")
def hashed() -> str:
    return passwords.hash_password(RIGHT)


@pytest.fixture
def teacher(database: Database, clock: ManualClock, hashed: str) -> str:
    return _add(database, clock, "teacher", hashed)


@pytest.fixture
def other_teacher(database: Database, clock: ManualClock, hashed: str) -> str:
    return _add(database, clock, "other", hashed)


def _add(database: Database, clock: ManualClock, login: str, hashed: str) -> str:
    with database.session() as session:
        session.add(User(login=login, name=login, role="teacher", password_hash=hashed, created_at=clock.now()))
    return login


@pytest.fixture
def sign_in(database: Database, clock: ManualClock, teacher: str) -> SignIn:
    return lambda password: passwords.sign_in(database, clock, teacher, password)


def test_the_right_password_opens(sign_in: SignIn) -> None:
    person = sign_in(RIGHT)
    assert person is not None
    assert person.login == "teacher"


def test_a_wrong_password_and_an_unknown_name_do_not(database: Database, clock: ManualClock, sign_in: SignIn) -> None:
    assert sign_in(WRONG) is None
    assert passwords.sign_in(database, clock, "nobody", RIGHT) is None


def test_the_name_may_be_typed_in_capitals_with_spaces_around(
    database: Database, clock: ManualClock, teacher: str
) -> None:
    assert passwords.sign_in(database, clock, f"  {teacher.upper()} ", RIGHT) is not None


def test_five_wrong_guesses_make_the_account_rest_even_for_the_right_password(sign_in: SignIn) -> None:
    for _ in range(passwords.MOST_GUESSES):
        sign_in(WRONG)
    assert sign_in(RIGHT) is None


def test_after_the_rest_the_right_password_opens_again(clock: ManualClock, sign_in: SignIn) -> None:
    for _ in range(passwords.MOST_GUESSES):
        sign_in(WRONG)
    clock.advance(timedelta(seconds=passwords.REST_S))
    assert sign_in(RIGHT) is not None


def test_a_right_password_forgives_the_wrong_ones_before_it(sign_in: SignIn) -> None:
    for _ in range(2):
        for _ in range(passwords.MOST_GUESSES - 1):
            sign_in(WRONG)
        assert sign_in(RIGHT) is not None


def test_a_thousand_guesses_in_an_hour_are_at_most_ten_guesses(
    database: Database, clock: ManualClock, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def verify(password_hash: str, password: str) -> bool:
        if password_hash != passwords._nobody():
            looked_at.append(password)
        # Comparing costs tens of milliseconds on purpose, which a thousand guesses need not pay here.
        return False

    monkeypatch.setattr(passwords, "verify_password", verify)
    for _ in range(1_000):
        sign_in(WRONG)
        clock.advance(timedelta(seconds=3.6))
    assert 0 < len(looked_at) <= 10


def test_guessing_at_one_account_leaves_the_others_alone(
    database: Database, clock: ManualClock, sign_in: SignIn, other_teacher: str
) -> None:
    for _ in range(passwords.MOST_GUESSES + 1):
        sign_in(WRONG)
    assert passwords.sign_in(database, clock, other_teacher, RIGHT) is not None


def test_guesses_at_the_same_moment_are_all_counted(
    database: Database, clock: ManualClock, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(passwords, "verify_password", lambda hashed, _: looked_at.append(hashed))
    nobody = passwords._nobody()
    threads = [threading.Thread(target=sign_in, args=(WRONG,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([hashed for hashed in looked_at if hashed != nobody]) == passwords.MOST_GUESSES


def test_somebody_who_was_shut_out_cannot_sign_in(database: Database, clock: ManualClock, sign_in: SignIn) -> None:
    with database.session() as session:
        session.scalars(select(User)).one().disabled_at = clock.now()
    assert sign_in(RIGHT) is None


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    database: Database, clock: ManualClock, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    monkeypatch.setattr(passwords, "verify_password", lambda hashed, _: compared.append(hashed.split("$")[0]) or False)
    sign_in(WRONG)
    passwords.sign_in(database, clock, "nobody", WRONG)
    assert len(compared) == 2
    assert compared[0] == compared[1]


@pytest.mark.parametrize(
    ("password", "login", "problem"),
    [
        ("short", "", "at least 10"),
        ("ninechars", "", "at least 10"),
        ("x" * 201, "", "at most 200"),
        ("Password123", "", "first that anybody would try"),
        ("aaaaaaaaaaaa", "", "first that anybody would try"),
        ("abcabcabcabcabc", "", "first that anybody would try"),
        ("the teacher of 5A", "teacher", "may not be part"),
    ],
)
def test_a_bad_password_is_refused_in_words(password: str, login: str, problem: str) -> None:
    assert problem in (passwords.problem_with(password, login) or "")


@pytest.mark.parametrize("password", ["three words are easy", "ਮੇਰਾ ਸਕੂਲ ਚੰਗਾ", "x7#kQ!m2p$"])
def test_a_good_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert passwords.problem_with(password, "teacher") is None


def test_the_same_letters_composed_otherwise_are_the_same_password() -> None:
    assert passwords.verify_password(passwords.hash_password("caf\u00e9 of words"), "cafe\u0301 of words")


def test_one_password_is_never_stored_alike_twice() -> None:
    first, second = passwords.hash_password(RIGHT), passwords.hash_password(RIGHT)
    assert first != second
    assert first.startswith("scrypt:")
    assert RIGHT not in first


def test_a_text_of_megabytes_is_no_password() -> None:
    assert not passwords.verify_password("scrypt:32768:8:1$salt$00", "x" * 1_000_000)


def test_made_up_passwords_are_good_readable_and_different() -> None:
    made = {passwords.generate_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", password)
        assert not set(password) & set("ilo01")
        assert passwords.problem_with(password, "teacher") is None
