"""Several accounts at the carrier: each call keeps to its own, and what ails one stops no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callqueue import comparing, pace
from callqueue.dialing import dial, limits_together
from callqueue.pacing import MOST_FAILURES
from callqueue.reconciling import reconcile
from callqueue.withdrawing import withdraw
from carrier.plivo.signature import NONCE_HEADER, SIGNATURE_HEADER, WebhookVerifier, sign_v3
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import Pace, Round
from ptm.settings import Settings, load_settings
from tests.conftest import ROOT, SECRETS, TestRuntime
from tests.unit.callqueue.small_carrier import SmallCarrier, opened_carrier
from tests.unit.callqueue.village import Village

NORTH = {"PLIVO_AUTH_ID__NORTH": "MANORTHNORTHNORTHNOR", "PLIVO_AUTH_TOKEN__NORTH": "the-northern-token-opens-nothing"}


@pytest.fixture
def north() -> Iterator[SmallCarrier]:
    with opened_carrier() as carrier:
        yield carrier


@pytest.fixture
def main() -> Iterator[SmallCarrier]:
    with opened_carrier() as carrier:
        yield carrier


@pytest.fixture
def settings(
    database_url: str, redis_url: str, tmp_path: Path, main: SmallCarrier, north: SmallCarrier
) -> Settings:  # fmt: skip
    account = f'name="north",caller_id="918035731001",lines=4,calls_per_second=30,api_url="{north.url}"'
    environ = SECRETS | NORTH | {
        "SUNVAI_DATABASE__URL": database_url, "SUNVAI_REDIS__URL": redis_url,
        "SUNVAI_STORAGE__FOLDER": str(tmp_path / "var"), "SUNVAI_CARRIER__API_URL": main.url,
        "SUNVAI_CARRIER__LINES": "10", "SUNVAI_CARRIER__RESERVED_LINES": "2",
        "SUNVAI_CARRIER__CALLS_PER_SECOND": "30", "SUNVAI_CARRIER__ACCOUNTS": f"[{{{account}}}]",
    }  # fmt: skip
    return load_settings(ROOT / "config.toml", environ)


@pytest.fixture
def street(village: Village, clock: ManualClock) -> Village:
    """Twenty families that may be called now."""
    for _ in range(20):
        village.family()
    village.start(village.open_round())
    clock.advance(timedelta(minutes=1))
    return village


def claimed_of(street: Village, account: str) -> list[int]:
    street.claim()
    return [attempt.id for attempt in street.attempts() if attempt.account == account and attempt.state == "claimed"]


def test_calls_are_dealt_by_the_lines_that_are_free(street: Village) -> None:
    street.claim()
    assert Counter(attempt.account for attempt in street.attempts()) == {"main": 8, "north": 4}
    assert street.claim() == []


def test_a_call_is_dialled_with_its_own_account_and_number(
    street: Village, main: SmallCarrier, north: SmallCarrier
) -> None:
    for attempt_id in street.claim():
        dial(street.runtime, attempt_id, sleep=lambda _: None)
    assert (len(main.calls), len(north.calls)) == (8, 4)
    assert (main.asked["from"], north.asked["from"]) == ("918035731000", "918035731001")
    assert (main.entered, north.entered) == ({SECRETS["PLIVO_AUTH_ID"]}, {NORTH["PLIVO_AUTH_ID__NORTH"]})
    assert {row.account for row in _paces(street)} == {"main", "north"}


def test_only_its_own_account_is_asked_what_became_of_a_dial(
    street: Village, main: SmallCarrier, north: SmallCarrier, clock: ManualClock
) -> None:
    attempt_id = claimed_of(street, "north")[0]
    north.will("accept_500")
    dial(street.runtime, attempt_id, sleep=lambda _: None)
    assert street.attempt(attempt_id).state == "unknown"
    north.at = clock.now()
    reconcile(street.runtime, attempt_id)
    assert street.attempt(attempt_id).state == "placed"
    assert main.entered == set()


def test_a_dial_is_taken_back_where_it_waits(street: Village, main: SmallCarrier, north: SmallCarrier) -> None:
    attempt_id = claimed_of(street, "north")[0]
    north.will("queue")
    dial(street.runtime, attempt_id, sleep=lambda _: None)
    street.set(Round, 1, paused_at=street.now)
    withdraw(street.runtime, attempt_id)
    assert len(north.canceled) == 1
    assert main.entered == set()


def test_what_ails_one_account_stops_no_other(street: Village, clock: ManualClock) -> None:
    for _ in range(MOST_FAILURES):
        with street.writing() as tx:
            pace.note(tx, "not_placed", clock.now(), "network", pace.named("north"))
    street.claim()
    assert {attempt.account for attempt in street.attempts()} == {"main"}
    opened = {row.account: row.opened_at is not None for row in _paces(street)}
    assert opened == {"north": True}


def test_an_end_heals_its_own_account_only(street: Village, clock: ManualClock) -> None:
    with street.writing() as tx:
        for account in ("main", "north"):
            pace.note(tx, "not_placed", clock.now(), "network", pace.named(account))
    street.end(claimed_of(street, "north")[0], "busy")
    assert {row.account: row.failures for row in _paces(street)} == {"main": 1, "north": 0}


def test_one_accounts_rest_lets_the_others_dial(street: Village, clock: ManualClock) -> None:
    with street.writing() as tx:
        pace.rest(tx, clock.now() + timedelta(seconds=60), "main")
    assert len(claimed_of(street, "north")) == 4
    assert claimed_of(street, "main") == []


def test_a_claim_of_an_account_that_was_given_up_goes_back_unspent(
    street: Village, settings: Settings, database: Database, clock: ManualClock, north: SmallCarrier
) -> None:
    attempt_id = claimed_of(street, "north")[0]
    without = settings.model_copy(update={"carrier": settings.carrier.model_copy(update={"accounts": ()})})
    runtime = TestRuntime(without, database, clock)
    dial(runtime, attempt_id, sleep=lambda _: None)
    reconcile(runtime, attempt_id)  # nobody can be asked any more, and nothing breaks
    assert street.attempt(attempt_id).outcome == "not_dialed"
    assert north.posts == 0


def test_every_accounts_recordings_are_compared(street: Village, main: SmallCarrier, north: SmallCarrier) -> None:
    main.is_away = True
    assert comparing.compare(street.runtime) == []
    assert main.entered and north.entered


def test_a_webhook_of_either_account_is_the_carriers(settings: Settings) -> None:
    verifier = WebhookVerifier(settings.tokens)
    url, nonce, form = "http://127.0.0.1:8000/voice/x/ring", "12345678901234567890", {"CallUUID": "1"}

    def accepts(token: str) -> bool:
        headers = {NONCE_HEADER: nonce, SIGNATURE_HEADER: sign_v3("POST", url, nonce, token, form)}
        return verifier.accepts("POST", url, headers, form)

    assert accepts(SECRETS["PLIVO_AUTH_TOKEN"]) and accepts(NORTH["PLIVO_AUTH_TOKEN__NORTH"])
    assert not accepts("a-token-of-nobody-here")


def test_a_recording_is_fetched_with_the_account_that_its_address_names(street: Village) -> None:
    runtime = street.runtime
    url = "https://media.plivo.com/v1/Account/{}/Recording/1.mp3"
    assert runtime.carrier_behind(url.format(NORTH["PLIVO_AUTH_ID__NORTH"])) is runtime.carrier_of("north")
    assert runtime.carrier_behind(url.format("MANOBODYNOBODYNOBODY")) is runtime.carrier_of("main")


def _paces(street: Village) -> list[Pace]:
    with street.runtime.database.reading_session() as session:
        return list(session.query(Pace))


def test_what_all_accounts_allow_is_added_up(street: Village) -> None:
    together = limits_together(street.runtime)
    assert (together.dialable_lines, together.calls_per_second) == (12, 60.0)


def test_an_account_keeps_a_tenth_of_its_lines_free(settings: Settings) -> None:
    (north,) = settings.carrier.accounts
    assert settings.accounts[1].reserved_lines == north.kept_free == 0
    assert north.model_copy(update={"lines": 100}).kept_free == 10
