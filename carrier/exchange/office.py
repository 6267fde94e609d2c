"""What every call needs of the exchange around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from .call import Call, Recording
from .clock import ClockLoop, iso
from .handset import Handsets
from .payloads import api_record_params, common_params, record_params
from .player import Player
from .recordings import Recordings
from .switches import Switches
from .webhooks import Account, Chronicle, Undelivered, Webhooks


@dataclass
class Office:
    """The shared services. Everything here runs on the loop's own thread."""

    loop: ClockLoop
    account: Account
    webhooks: Webhooks
    player: Player
    recordings: Recordings
    chronicle: Chronicle
    handsets: Handsets
    switches: Callable[[], Switches]
    caller_ids: frozenset[str] = frozenset()
    legs: Any = None  # what opens second legs: the switchboard, once there is one
    errands: set[asyncio.Task[None]] = field(default_factory=set)

    def note(self, at_s: float, event: str, **facts: object) -> None:
        """Write into the journal what happened at loop time `at_s`."""
        self.chronicle(iso(self.loop.instant(at_s)), event, **facts)

    def tell(
        self,
        call: str,
        kind: str,
        url: str,
        method: str,
        params: dict[str, str],
        *,
        after_s: float = 0.0,
        about: str = "",
    ) -> None:
        """Send a notice whose answer nobody waits for, `after_s` clock seconds from now."""
        if url:
            self._run(self._errand(call, kind, url, method, params, after_s, about))

    def announce(
        self, call: Call, recording: Recording, kind: str, url: str, method: str, *, late: bool = True
    ) -> None:
        """Tell the customer that a recording lies ready; `late`: as long after its end as the switch says."""
        where = self.recordings.url(recording)
        if kind == "api_record":
            params = api_record_params(recording, where)
        else:
            params = common_params(call, self.account.auth_id, self.switches().action_event)
            params |= record_params(recording, where)
        after_s = self.switches().record_callback_delay_s if late else 0.0
        self.tell(call.uuid, kind, url, method, params, after_s=after_s, about=recording.id)

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(errand)
        self.errands.add(task)
        task.add_done_callback(self.errands.discard)

    async def _errand(
        self, call: str, kind: str, url: str, method: str, params: dict[str, str], after_s: float, about: str
    ) -> None:
        if after_s:
            await asyncio.sleep(after_s)
        try:
            await self.webhooks.deliver(call, kind, url, method, params, about=about)
        except Undelivered:
            return  # the journal has it; a notice that nobody takes changes nothing for the call
