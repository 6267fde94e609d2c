"""Passwords: what is good enough, how they are kept, and how often somebody may guess.

A guess is counted, and the count committed, before it is looked at: many guesses at once are many guesses. After
MOST_GUESSES wrong ones an account takes one guess in REST_S, which leaves under ten an hour (OWASP ASVS 5.0, 6.3.1).
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, case, or_, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from ptm.clock import Clock
from ptm.database import Database
from ptm.models import User

# ASVS 5.0, 6.2.1 asks for eight at least; no other rule of composition (6.2.5). Longer than the limit is no password.
FEWEST_CHARS, MOST_CHARS = 10, 200
MOST_GUESSES = 5
# Seconds of machine time.
REST_S, FORGET_S = 15 * 60, 12 * 3600

# Passwords of ten and more characters that people here try first; shorter ones fall by their length.
_COMMON_TEXT = """
1234567890 0123456789 12345678910 0987654321 1111111111 0000000000 9876543210 123456789a q1w2e3r4t5 qwertyuiop
1q2w3e4r5t password12 password123 password1234 passw0rd123 iloveindia india12345 india@1234 bharat1234 punjab1234
punjab@123 school1234 school@123 teacher123 teacher@123 welcome123 welcome@123 admin12345 admin@1234 waheguru123
satnam1234 krishna123 sunvai1234 changeme123 letmein1234 abcdefghij abcd123456 abc1234567
"""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike on paper
_COMMON = frozenset(_COMMON_TEXT.split())


def normal_login(text: str) -> str:
    """Return a sign-in name as it is stored and compared: small letters, nothing around them."""
    return unicodedata.normalize("NFC", text).strip().lower()


def problem_with(password: str, login: str) -> str | None:
    """Return why this may not be the password of that person, in words for them; None when it may."""
    plain = _normal(password)
    if len(plain) < FEWEST_CHARS:
        return f"A password needs at least {FEWEST_CHARS} characters. Three or four words are easy to remember."
    if len(plain) > MOST_CHARS:
        return f"A password has at most {MOST_CHARS} characters."
    if plain.lower() in _COMMON or len(set(plain)) < 4:
        return "That password is one of the first that anybody would try. Three or four words are better."
    if login and login.lower() in plain.lower():
        return "The sign-in name may not be part of the password."
    return None


def generate_password() -> str:
    """Return a new password of twelve random characters (59 bits), in groups that are easy to read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def hash_password(password: str) -> str:
    """Return what may be stored: salted scrypt, slow on purpose."""
    return generate_password_hash(_normal(password))


def verify_password(password_hash: str, password: str) -> bool:
    return len(password) <= MOST_CHARS and check_password_hash(password_hash, _normal(password))


def sign_in(database: Database, clock: Clock, login: str, password: str) -> User | None:
    """Return the person whose name and password these are; None otherwise, without telling why.

    A name that nobody has costs as long as a wrong password, so that the answer's time names nobody either.
    """
    now = clock.now()
    user = _take_guess(database, clock, normal_login(login), now)
    if not verify_password(user.password_hash if user else _nobody(), password) or user is None:
        return None
    with database.writing() as tx:
        tx.execute(update(User).where(User.id == user.id).values(failed_sign_ins=0, locked_until_at=None))
    return user


def _take_guess(database: Database, clock: Clock, login: str, now: datetime) -> User | None:
    """Count one guess and return whose password may be compared; None while the account rests or is disabled."""
    rested = or_(User.locked_until_at.is_(None), User.locked_until_at <= now)
    ours = (User.login == login, User.disabled_at.is_(None), rested)
    count: ColumnElement[int] = case(
        (User.locked_until_at <= now - clock.stretch(FORGET_S), 1), else_=User.failed_sign_ins + 1
    )
    until = case((count >= MOST_GUESSES, now + clock.stretch(REST_S)), else_=None)
    with database.session() as session:
        counted = session.execute(
            update(User)
            .where(*ours)
            .values(failed_sign_ins=count, locked_until_at=until)
            .execution_options(synchronize_session=False)
        )
        if not counted.rowcount:  # type: ignore[attr-defined]
            return None
        return session.scalar(select(User).where(User.login == login))


@cache
def _nobody() -> str:
    return generate_password_hash("nobody's password")


def _normal(password: str) -> str:
    """Two keyboards may compose one letter differently; both are the same password."""
    return unicodedata.normalize("NFC", password)
