"""Accounts in the settings: each with its own number, lines, rate and secrets, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conftest import SECRETS
from tests.unit.ptm.test_settings import load, refused

NORTH = '{name="north",caller_id="918035731001",lines=100,calls_per_second=4.0}'
NORTHERN_SECRETS = {"PLIVO_AUTH_ID__NORTH": "MANORTHNORTHNORTHNOR", "PLIVO_AUTH_TOKEN__NORTH": "a-northern-token-0"}


def test_without_further_accounts_there_is_the_main_one() -> None:
    (main,) = load().accounts
    assert (main.name, main.lines, main.reserved_lines) == ("main", 50, 5)
    assert main.auth_token == SECRETS["PLIVO_AUTH_TOKEN"]


def test_a_further_account_has_its_own_number_lines_rate_and_secrets() -> None:
    main, north = load(SUNVAI_CARRIER__ACCOUNTS=f"[{NORTH}]", **NORTHERN_SECRETS).accounts
    assert (north.name, north.caller_id, north.lines, north.reserved_lines) == ("north", "918035731001", 100, 10)
    assert (north.auth_id, north.calls_per_second) == ("MANORTHNORTHNORTHNOR", 4.0)
    assert north.api_url == main.api_url
    assert "northern" not in repr(north)


@pytest.mark.parametrize(
    ("accounts", "secrets", "message"),
    [
        (NORTH, {}, "PLIVO_AUTH_ID__NORTH (environment): is not set"),
        (
            NORTH,
            NORTHERN_SECRETS | {"PLIVO_AUTH_TOKEN__NORTH": "short"},
            "PLIVO_AUTH_TOKEN__NORTH (environment): is sh",
        ),
        (f"{NORTH},{NORTH}", NORTHERN_SECRETS, "two are called north"),
        (NORTH.replace("north", "main"), {}, "two are called main"),
        (NORTH.replace("lines=100", "lines=0"), NORTHERN_SECRETS, "carrier.accounts.0.lines"),
        (NORTH.replace("lines=100", "lines=100,reserved_lines=100"), NORTHERN_SECRETS, "must be fewer than lines"),
        (NORTH.replace('"north"', '"The North"'), {}, "carrier.accounts.0.name"),
        (NORTH.replace('name="north",', ""), {}, "carrier.accounts.0.name"),
    ],
)
def test_a_wrong_account_says_what_to_mend(accounts: str, secrets: Mapping[str, str], message: str) -> None:
    assert message in refused(SUNVAI_CARRIER__ACCOUNTS=f"[{accounts}]", **secrets)


def test_no_account_at_the_real_carrier_may_dream_of_another_time() -> None:
    demo = {
        "SUNVAI_CARRIER__API_URL": "http://127.0.0.1:9", "SUNVAI_CLOCK__SPEED": "20",
        "SUNVAI_CLOCK__ANCHOR_AT": "2026-11-24T05:00:00Z", "SUNVAI_CLOCK__ANCHOR_WALL": "1.0",
    }  # fmt: skip
    real = NORTH.replace("{", '{api_url="https://api.plivo.com",')
    message = refused(SUNVAI_CARRIER__ACCOUNTS=f"[{real}]", **NORTHERN_SECRETS, **demo)
    assert "clock must be the machine's own" in message
