"""Over real sockets in virtual time: nothing is waited for but the customer, whose answers take no time at all."""

from __future__ import annotations

import time
from pathlib import Path

from carrier.exchange.clock import VirtualPace
from carrier.exchange.population import Behaviour
from tests.contract.conftest import SdkClient
from tests.contract.customer import Customer
from tests.contract.exchange import SCHOOL, opened_exchange

NUMBERS = [str(919800000000 + index) for index in range(20)]


def test_an_hour_of_calls_takes_moments_and_every_second_is_exact(tmp_path: Path, customer: Customer) -> None:
    customer.documents["answer"] = '<Wait length="600"/>'
    people = {number: (Behaviour("answer", 4000, 5.0 + index),) for index, number in enumerate(NUMBERS)}
    began = time.monotonic()
    with opened_exchange(tmp_path, people, pace=VirtualPace(), cps=0.01) as exchange, SdkClient(exchange.url) as sdk:
        urls = {f"{name}_url": f"{customer.url}/{name}" for name in ("answer", "ring", "hangup")}
        sdk.calls.create(from_=SCHOOL, to_="<".join(NUMBERS), **urls)
        exchange.until("ended", 20, within_s=30)
        records = list(sdk.calls)
    assert time.monotonic() - began < 60
    assert {record.bill_duration for record in records} == {600}
    assert len(records) == 20
    dialled = [entry["at"] for entry in exchange.story("dialled")]
    assert dialled == sorted(dialled)
    assert customer.unsigned == []
