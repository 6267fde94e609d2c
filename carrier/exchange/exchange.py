"""The whole exchange: its services put together on one loop, and the door through which other threads come in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from .call import Call, Order
from .clock import ClockLoop
from .errors import BadSettings
from .faults import Faults
from .handset import Handsets
from .journal import Journal, read_journal
from .office import Office
from .player import Player
from .population import Population
from .recordings import Recordings
from .recovery import recover
from .switchboard import Switchboard
from .switches import Switches
from .transport import Transport
from .webhooks import Account, Webhooks

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What an exchange is to be. `lines` legs at once, ringing included; `cps` call starts a second of clock time."""

    account: Account
    folder: Path
    journal: Path
    public_url: str  # where the customer reaches us: recordings lie below it
    caller_ids: frozenset[str] = frozenset()  # the numbers the account has rented; empty: any
    lines: int = 50
    cps: float = 2.0
    inbound_answer_url: str = ""  # what the account's numbers do when somebody calls in
    inbound_hangup_url: str = ""
    inbound_fallback_url: str = ""
    trees: Path | None = None  # drawings that the phone's page lights up, as <name>.svg
    keep_audio: bool = True
    durable: bool = False


@dataclass
class Rules:
    """What may be changed while the exchange runs."""

    switches: Switches = field(default_factory=Switches)
    faults: Faults = field(default_factory=lambda: Faults([]))


class Exchange:
    """Everything behind the REST API. All but `ask` belongs to the loop's own thread."""

    def __init__(
        self, plan: Plan, population: Population, loop: ClockLoop, transport: Transport, rules: Rules | None = None
    ) -> None:
        self.plan = plan
        self.loop = loop
        self.rules = rules or Rules()
        self.closing = threading.Event()  # whoever waits for something new may stop waiting
        self.journal = Journal(plan.journal, durable=plan.durable)
        self._known = list(read_journal(plan.journal))
        handsets = Handsets(loop)
        self.office = Office(
            loop=loop,
            account=plan.account,
            webhooks=Webhooks(
                loop,
                transport,
                plan.account,
                lambda: self.rules.faults,
                lambda: self.rules.switches,
                self.journal.append,
                handsets.show,
            ),
            handsets=handsets,
            caller_ids=plan.caller_ids,
            player=Player(transport),
            recordings=Recordings(plan.folder, self._recording_url(plan), self.journal.append),
            chronicle=self.journal.append,
            switches=lambda: self.rules.switches,
        )
        self.switchboard = Switchboard(self.office, population, plan.folder, plan.lines, plan.cps, plan.keep_audio)

    def start(self) -> None:
        """Take up the work where the journal ends."""
        self.office.note(self.loop.time(), "started", lines=self.plan.lines, cps=self.plan.cps)
        recover(self._known, self.switchboard, self.office)
        self._known.clear()
        for call in self.switchboard.population.calls_in[self.switchboard.called_in :]:
            self.loop.call_at(call.after_s, self.call_in, call.number, call.to)

    def call_in(self, from_number: str, to_number: str) -> Call:
        """Somebody calls a number of the account. Raises BadSettings where such calls lead nowhere."""
        plan = self.plan
        if not plan.inbound_answer_url:
            raise BadSettings("nobody answers calls that come in: start the exchange with --inbound-answer-url")
        if plan.caller_ids and to_number not in plan.caller_ids:
            raise BadSettings(f"{to_number} is not a number of this account: call {', '.join(sorted(plan.caller_ids))}")
        order = Order(
            from_number,
            to_number,
            plan.inbound_answer_url,
            hangup_url=plan.inbound_hangup_url,
            fallback_url=plan.inbound_fallback_url,
        )
        return self.switchboard.call_in(order)

    async def stop(self) -> None:
        """Let go of everything under way, without a word: the journal will tell the next one."""
        tasks = [*self.switchboard.tasks, *self.office.errands]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.journal.close()

    def ask(self, question: Callable[[], T]) -> T:
        """Run `question` on the loop's thread, from another thread, and return its answer."""
        answer: Future[T] = Future()

        def on_loop() -> None:
            try:
                answer.set_result(question())
            except Exception as error:
                answer.set_exception(error)

        self.loop.call_soon_threadsafe(on_loop)
        return answer.result()

    @staticmethod
    def _recording_url(plan: Plan) -> str:
        return f"{plan.public_url}/v1/Account/{plan.account.auth_id}/Recording"
