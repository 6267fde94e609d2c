"""An exchange in virtual time, and a customer who answers its requests from a table: no sockets, no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from carrier.exchange.call import Call, Order
from carrier.exchange.clock import ClockLoop
from carrier.exchange.exchange import Exchange, Plan, Rules
from carrier.exchange.faults import Faults, parse_fault
from carrier.exchange.journal import Entry, read_journal
from carrier.exchange.population import Behaviour, Population
from carrier.exchange.transport import Reply, Request
from carrier.exchange.webhooks import Account
from tests.unit.exchange.sounds import tone, wav

T = TypeVar("T")

AUTH_ID = "MAEXCHANGE0000000000"
TOKEN = "token-of-the-account"
SCHOOL = "918035731000"
PARENT = "919812345678"
HOME = "https://ivr.example.org"

ANSWERS = Behaviour("answer", 4000, 6.0)

Document = str | Callable[[dict[str, str]], str | Reply]


@dataclass
class Heard:
    """One request as the customer got it."""

    kind: str  # the path's last part
    form: dict[str, str]
    headers: dict[str, str]
    at_s: float


class Customer:
    """Answers by path: XML, a sound, or what a function makes of the form."""

    def __init__(self, loop: ClockLoop) -> None:
        self.documents: dict[str, Document] = {}
        self.heard: list[Heard] = []
        self._loop = loop

    async def send(self, request: Request) -> Reply:
        path = urlsplit(request.url).path
        form = dict(parse_qsl((request.body or b"").decode(), keep_blank_values=True))
        form |= dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
        self.heard.append(Heard(path.strip("/"), form, dict(request.headers), self._loop.time()))
        if path.endswith(".wav"):
            return Reply(200, {"content-type": "audio/wav"}, wav(tone(2.0)))
        document = self.documents.get(path.strip("/"), "")
        answer = document(form) if callable(document) else document
        if isinstance(answer, Reply):
            return answer
        return Reply(200, {"content-type": "application/xml"}, f"<Response>{answer}</Response>".encode())

    def got(self, kind: str) -> list[dict[str, str]]:
        """Return the forms of all requests of one kind, in their order."""
        return [one.form for one in self.heard if one.kind == kind]

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.heard]


@dataclass
class Rehearsal:
    """An exchange with its customer; `call` plays one call to its end."""

    exchange: Exchange
    customer: Customer
    loop: ClockLoop
    started: bool = False
    known: dict[str, tuple[Behaviour, ...]] = field(default_factory=dict)

    def call(self, *behaviours: Behaviour, to: str = PARENT, **fields: Any) -> Call:
        """Ring `to`, whose owner behaves so at each ring in turn, and wait until all is quiet."""
        if behaviours:
            self.people(**{to: behaviours})
        call, _ = self.run(self.place(to, **fields))
        self.run(self.quiet())
        return call

    async def place(self, to: str = PARENT, **fields: Any) -> tuple[Call, bool]:
        urls = {f"{name}_url": f"{HOME}/{name}" for name in ("answer", "ring", "hangup")}
        return self.exchange.switchboard.accept(Order(SCHOOL, to, **{**urls, **fields}))

    def people(self, **numbers: tuple[Behaviour, ...]) -> None:
        self.known |= numbers
        self.exchange.switchboard.population = Population(self.known)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        if not self.started:
            self.started = True
            self.loop.call_soon(self.exchange.start)
        return self.loop.run_until_complete(work)

    async def quiet(self) -> None:
        """Wait until no call is up or waiting and every notice is delivered."""
        board = self.exchange.switchboard
        while board.live or board.queue or self.exchange.office.errands:
            await asyncio.sleep(0.25)

    def switch(self, **values: Any) -> None:
        self.exchange.rules.switches = self.exchange.rules.switches.changed(values, "test")

    def fault(self, **rule: Any) -> None:
        self.exchange.rules.faults = Faults([*self.exchange.rules.faults.rules, parse_fault(rule, "test")])

    def journal(self, event: str) -> list[Entry]:
        return [entry for entry in read_journal(self.exchange.plan.journal) if entry["event"] == event]

    def close(self) -> None:
        if not self.loop.is_closed():
            self.loop.run_until_complete(self.exchange.stop())
            self.loop.close()


def rehearsal(folder: Path, loop: ClockLoop, **plan: Any) -> Rehearsal:
    customer = Customer(loop)
    account = Account(AUTH_ID, TOKEN, TOKEN)
    whole = replace(Plan(account, folder, folder / "journal.jsonl", "http://exchange:8800", cps=1000.0), **plan)
    return Rehearsal(Exchange(whole, Population({}), loop, customer, Rules()), customer, loop)
