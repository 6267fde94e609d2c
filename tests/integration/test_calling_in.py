"""Whoever calls us through a real exchange: what it plays, dials and refuses is what our documents say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from carrier.exchange.clock import ClockLoop, VirtualPace
from carrier.exchange.exchange import Plan, Rules
from carrier.exchange.population import Behaviour, CallIn, Population, Speech
from carrier.exchange.server import Server
from carrier.exchange.webhooks import Account
from tests.callflow.afterwards import found_of
from tests.callflow.caller import PIN, Caller, call_in
from tests.callflow.stage import MISSED_CALL_NUMBER, OUR_NUMBER, SECRETS, TEACHER_NUMBER
from tests.contract.exchange import OpenExchange
from tests.integration.heard import House, opened_house
from tests.unit.exchange.sounds import write_tone


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[House]:
    with opened_house(tmp_path_factory.mktemp("house"), redis_url) as house:
        yield house


@contextmanager
def called(
    house: House, folder: Path, caller: Caller, people: dict[str, tuple[Behaviour, ...]]
) -> Iterator[OpenExchange]:
    """Let a caller call through an exchange in virtual time, and wait until that call is over."""
    account = Account(SECRETS["PLIVO_AUTH_ID"], SECRETS["PLIVO_AUTH_TOKEN"], SECRETS["PLIVO_AUTH_TOKEN"])
    base = f"{house.url}/voice/in"
    numbers = frozenset({OUR_NUMBER, MISSED_CALL_NUMBER, TEACHER_NUMBER})
    plan = Plan(
        account, folder, folder / "journal.jsonl", "", caller_ids=numbers, cps=1000.0,
        inbound_answer_url=f"{base}/answer", inbound_hangup_url=f"{base}/hangup",
        inbound_fallback_url=f"{base}/fallback",
    )  # fmt: skip
    population = Population(people, calls_in=(CallIn(caller.msisdn, caller.to, 1.0),))
    loop = ClockLoop(VirtualPace(), house.stage.clock.now())
    rules = Rules()
    server = Server(plan, population, loop, "127.0.0.1", 0, rules)
    house.stage.runtime.settings = house.stage.runtime.settings.model_copy(
        update={"carrier": house.stage.runtime.settings.carrier.model_copy(update={"api_url": server.url})}
    )
    house.stage.runtime.__dict__.pop("carrier", None)
    house.stage.runtime.__dict__.pop("accounts", None)
    ready = threading.Event()
    thread = threading.Thread(target=server.serve, args=(ready.set,))
    thread.start()
    assert ready.wait(10)
    try:
        exchange = OpenExchange(server.url, folder / "journal.jsonl", rules)
        (began,) = exchange.until("called_in")
        caller.call_uuid = began["call"]
        exchange.until("webhook", count=2, within_s=60)
        while not any(entry["call"] == began["call"] for entry in exchange.story("ended")):
            exchange.until("ended", within_s=60)
        yield exchange
    finally:
        server.stop()
        thread.join(10)


def told(exchange: OpenExchange) -> dict[str, int]:
    """Return how often each webhook was sent, by its kind, and that all of them were taken."""
    kinds: dict[str, int] = {}
    for entry in exchange.story("webhook"):
        assert entry["status"] == 200, entry
        kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
    assert not exchange.story("bad_xml")
    assert not exchange.story("play_failed")
    return kinds


def test_a_family_calls_in_through_the_exchange_and_speaks_with_its_teacher(house: House, tmp_path: Path) -> None:
    caller = call_in(house.stage, {"line": "family", "own_class": True, "teacher": {}})
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "what a parent says")
    people = {
        caller.msisdn: (Behaviour("answer", 4000, 0.0, keys=("1", "1", "1"), speeches=(said,)),),
        caller.teacher_number: (Behaviour("answer", 4000, 3.0, hang_up_after_s=20.0),),
    }
    with called(house, tmp_path / "exchange", caller, people) as exchange:
        told(exchange)
        (leg,) = exchange.story("leg")
        assert leg["to"] == caller.teacher_number
        answered = [entry["to"] for entry in exchange.story("answered")]
        assert answered == [OUR_NUMBER, caller.teacher_number]
    found = found_of(caller)
    assert (found["call"], found["disposition"], found["call_reach"]) == ("ended", "called_in", "recorded")
    assert found["recordings"] == ["wanted pa suggestion of a call"]
    assert found["callbacks"] == []


def test_a_missed_call_is_rejected_before_it_costs_anything(house: House, tmp_path: Path) -> None:
    caller = call_in(house.stage, {"line": "missed", "stands": "ended"})
    people: dict[str, Any] = {caller.msisdn: (Behaviour("answer", 4000, 0.0),)}
    with called(house, tmp_path / "exchange", caller, people) as exchange:
        (ended,) = exchange.story("ended")
        assert (ended["code"], ended["talk_s"]) == (3020, 0)
        assert not exchange.story("answered")
    assert found_of(caller)["due"] == "now"


def test_a_teacher_hears_the_message_back_through_the_exchange(house: House, tmp_path: Path) -> None:
    caller = call_in(house.stage, {"line": "teacher", "caller": "teacher"})
    said = Speech(write_tone(tmp_path / "said.wav", 4.0), "what a teacher says")
    keys = (f"{PIN}#", "1", "1", None)
    people = {caller.msisdn: (Behaviour("answer", 4000, 0.0, keys=keys, speeches=(said,)),)}
    with called(house, tmp_path / "exchange", caller, people) as exchange:
        told(exchange)
        played = [entry for entry in exchange.story("played") if "/said/" in entry["url"]]
        assert [round(entry["seconds"]) for entry in played] in ([4], [5], [6])
    found = found_of(caller)
    assert (found["messages"], found["recordings"], found["failed_pins"]) == (1, ["wanted pa message"], 0)


def test_a_teacher_is_put_through_to_a_family_whose_first_number_does_not_answer(house: House, tmp_path: Path) -> None:
    caller = call_in(house.stage, {"line": "teacher", "caller": "teacher", "asks_for": {"numbers": 2}})
    first, second = caller.family_numbers
    people = {
        caller.msisdn: (Behaviour("answer", 4000, 0.0),),
        first: (Behaviour("no_answer", 3000, 40.0),),
        second: (Behaviour("answer", 4000, 3.0, hang_up_after_s=20.0),),
    }
    with called(house, tmp_path / "exchange", caller, people) as exchange:
        told(exchange)
        assert [leg["to"] for leg in exchange.story("leg")] == [first, second]
        assert [entry["to"] for entry in exchange.story("answered")] == [TEACHER_NUMBER, second]
    assert found_of(caller)["spoken"] == ["yes"]
