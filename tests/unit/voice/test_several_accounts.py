"""Where several accounts dial, a call is spoken of by the token of its own account alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from carrier.plivo.signature import MAIN_ACCOUNT_SIGNATURE_HEADER, NONCE_HEADER, SIGNATURE_HEADER, sign_v3
from ptm.models import Attempt
from tests.callflow.stage import SECRETS, Delivery, Phone, Stage, open_stage

MAIN, NORTH = SECRETS["PLIVO_AUTH_TOKEN"], "the-northern-token-opens-nothing"


@pytest.fixture
def stage(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    account = 'name="north",caller_id="918035731005",lines=4,calls_per_second=30'
    for name, value in {
        "SUNVAI_CARRIER__ACCOUNTS": f"[{{{account}}}]", "PLIVO_AUTH_ID__NORTH": "MANORTHNORTHNORTHNOR",
        "PLIVO_AUTH_TOKEN__NORTH": NORTH,
    }.items():  # fmt: skip
        monkeypatch.setitem(SECRETS, name, value)
    with open_stage(database_url=f"sqlite:///{tmp_path}/sunvai.db", redis_url=redis_url, folder=tmp_path) as stage:
        yield stage


@pytest.fixture
def northern(stage: Stage) -> Phone:
    """A call that the northern account dialled."""
    phone = stage.dial()
    with stage.runtime.database.writing() as tx:
        tx.execute(update(Attempt).where(Attempt.id == phone.attempt_id).values(account="north"))
    return phone


def sent(stage: Stage, delivery: Delivery, token: str, header: str = SIGNATURE_HEADER) -> int:
    signature = sign_v3("POST", delivery.url, delivery.nonce, token, delivery.form)
    headers = {header: signature, NONCE_HEADER: delivery.nonce, "Content-Type": "application/x-www-form-urlencoded"}
    return stage.client().post(delivery.path, data=delivery.body, headers=headers).status_code


def test_another_accounts_token_does_not_speak_of_a_call(stage: Stage, northern: Phone) -> None:
    for of_call in (northern.ring(), northern.answer(), northern.hang_up(), northern.leg("hangup", 61)):
        assert sent(stage, of_call, MAIN) == 403
    assert (northern.row().state, northern.events()) == ("placed", {})
    assert sent(stage, northern.answer(), NORTH) == 200
    ours = stage.dial()
    assert sent(stage, ours.answer(), NORTH) == 403
    assert sent(stage, ours.answer(), MAIN) == 200


def test_the_main_accounts_own_header_speaks_of_the_accounts_below_it(stage: Stage, northern: Phone) -> None:
    assert sent(stage, northern.answer(), NORTH, MAIN_ACCOUNT_SIGNATURE_HEADER) == 200
    assert sent(stage, northern.hang_up(), MAIN, MAIN_ACCOUNT_SIGNATURE_HEADER) == 200
    assert sent(stage, stage.dial().answer(), NORTH, MAIN_ACCOUNT_SIGNATURE_HEADER) == 403
