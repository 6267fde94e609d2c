"""The cast: an exchange and a customer on real ports, the carrier's own SDK, and our client of the carrier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plivo
import pytest

from carrier.contract import Dial
from carrier.exchange.population import Behaviour, Speech
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from tests.contract.customer import Customer, opened_customer
from tests.contract.exchange import AUTH_ID, AUTH_TOKEN, PARENT, PATIENT, SCHOOL, OpenExchange, opened_exchange
from tests.unit.exchange.sounds import write_tone


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[OpenExchange]:
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "ਧੰਨਵਾਦ")
    people = {
        PARENT: (Behaviour("answer", 4000, 2.0, keys=("1", "1", "1"), speeches=(said,)),),
        PATIENT: (Behaviour("no_answer", 3000, 600.0),),
    }
    with opened_exchange(tmp_path / "exchange", people) as exchange:
        yield exchange


@pytest.fixture
def customer() -> Iterator[Customer]:
    with opened_customer() as customer:
        yield customer


class SdkClient(plivo.RestClient):  # type: ignore[misc]
    """The carrier's own client. It knows no host but the carrier's: the last step before sending rewrites it."""

    def __init__(self, url: str, token: str = AUTH_TOKEN) -> None:
        super().__init__(AUTH_ID, token)
        self._url = url

    def send_request(self, request: Any, **kwargs: Any) -> Any:
        assert request.url.startswith("https://api.plivo.com/"), "nothing may escape to another host"
        request.url = request.url.replace("https://api.plivo.com", self._url)
        return super().send_request(request, **kwargs)


@pytest.fixture
def sdk(exchange: OpenExchange) -> Iterator[plivo.RestClient]:
    with SdkClient(exchange.url) as client:
        yield client


@pytest.fixture
def carrier(exchange: OpenExchange) -> PlivoCarrier:
    quick = Budget(connect_s=2.0, total_s=3.0)
    return PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=exchange.url, limits=Limits(quick, quick, quick))


@pytest.fixture
def dial(customer: Customer) -> Dial:
    return Dial(
        to=PATIENT,
        from_=SCHOOL,
        answer_url=f"{customer.url}/answer?t=4f1c#ct=2000&rt=10000&rc=3&rp=all",
        ring_url=f"{customer.url}/ring?t=4f1c",
        hangup_url=f"{customer.url}/hangup?t=4f1c",
        fallback_url=f"{customer.url}/fallback?t=4f1c",
        ring_timeout_s=120,
        time_limit_s=240,
    )
