"""The cast: a phone company that answers as told, our carrier that speaks to it, and a dial to place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carrier.contract import Dial
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from tests.unit.carrier.phone_company import AUTH_ID, AUTH_TOKEN, PARENT, SCHOOL, PhoneCompany, opened_company


@pytest.fixture
def company() -> Iterator[PhoneCompany]:
    with opened_company() as company:
        yield company


@pytest.fixture
def limits() -> Limits:
    quick = Budget(connect_s=2.0, total_s=2.0)
    return Limits(dial=quick, question=quick, recording=quick)


@pytest.fixture
def carrier(company: PhoneCompany, limits: Limits) -> PlivoCarrier:
    return PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=company.url, limits=limits)


@pytest.fixture
def dial() -> Dial:
    home = "https://ivr.example.org/voice"
    return Dial(
        to=PARENT,
        from_=SCHOOL,
        answer_url=f"{home}/answer?t=4f1c#rp=all&rc=3",
        ring_url=f"{home}/ring?t=4f1c",
        hangup_url=f"{home}/hangup?t=4f1c",
        fallback_url=f"{home}/fallback?t=4f1c",
        ring_timeout_s=30,
        time_limit_s=180,
    )
