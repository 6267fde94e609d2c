"""A live line between the exchange and one phone: its time, its sound in both directions, its keys.

Time on a line is exact: `now_s` moves to the instant a thing was due, not to the instant the loop got round to it, so
two clips played one after the other have no gap between them even when the clock runs fast and the machine is busy.
Only a request to the customer's server makes it catch up with the loop's clock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .audio import Samples, Track, duration_s
from .causes import Verdict
from .clock import ClockLoop, settle


class Party(Protocol):
    """Who holds the other end: a simulated parent, or a person at the browser phone."""

    def on_answer(self) -> None:
        """The call has just been answered."""
        ...

    def on_menu(self) -> None:
        """The prompts of a menu begin."""
        ...

    def on_prompted(self) -> None:
        """The prompts are over and nothing has been pressed."""
        ...

    def on_record(self) -> None:
        """The beep is over: speak now."""
        ...

    def on_recorded(self) -> None:
        """The recording is over."""
        ...


class Listener(Protocol):
    """Who hears at once what is played; simulated parents do not."""

    def hear(self, samples: Samples, *, over: bool) -> None:
        """A sound begins; `over`: beside what the document plays."""
        ...

    def hush(self, *, over: bool) -> None:
        """What is being heard stops."""
        ...


@dataclass(frozen=True)
class Utterance:
    """Something that was said, in loop time."""

    begin_s: float
    end_s: float
    text: str


class Line:
    """One answered call's media."""

    def __init__(self, loop: ClockLoop, answered_s: float) -> None:
        self.loop = loop
        self.answered_s = answered_s
        self.now_s = answered_s
        self.heard = Track()  # what the person hears
        self.spoken = Track()  # what the person says
        self.over = Track()  # what the customer's API lays over what they hear
        self.listener: Listener | None = None
        self.peer: Line | None = None  # who hears what is said here: the other leg
        self.collecting = False
        self.utterances: list[Utterance] = []
        self._keys: deque[tuple[str, float]] = deque()
        self._waiting: asyncio.Future[tuple[str, float] | None] | None = None

    @property
    def offset_s(self) -> float:
        """Return seconds since the answer."""
        return self.now_s - self.answered_s

    def catch_up(self) -> None:
        """Count the time that a request took."""
        self.now_s = max(self.now_s, self.loop.time())

    def press(self, key: str, at_s: float) -> bool:
        """One key goes down. Returns whether anything was listening for it."""
        if not self.collecting:
            return False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((key, at_s))
        else:
            self._keys.append((key, at_s))
        return True

    def listen_for_keys(self) -> None:
        self._keys.clear()
        self.collecting = True

    def stop_listening(self) -> None:
        self.collecting = False
        self._keys.clear()

    async def until(self, at_s: float) -> None:
        """Let time pass. Keys pressed meanwhile are lost unless something is collecting them."""
        await self.loop.until(at_s)
        self.now_s = max(self.now_s, at_s)

    async def key_before(self, deadline_s: float) -> str | None:
        """Return the next key, or None at the deadline."""
        found = self._keys.popleft() if self._keys else await self._next_key(deadline_s)
        self.now_s = max(self.now_s, found[1] if found else deadline_s)
        return found[0] if found else None

    def unread(self, key: str) -> None:
        """Give a key back, to be read again."""
        self._keys.appendleft((key, self.now_s))

    async def _next_key(self, deadline_s: float) -> tuple[str, float] | None:
        self._waiting = self.loop.create_future()
        timer = self.loop.call_at(deadline_s, settle, self._waiting)
        try:
            return await self._waiting
        finally:
            timer.cancel()
            self._waiting = None

    async def sound(self, samples: Samples, *, stops_on_key: bool = False) -> bool:
        """Play to the person. With `stops_on_key` the first key ends it; returns whether it did."""
        self.heard.lay(self.offset_s, samples)
        if self.listener is not None:
            self.listener.hear(samples, over=False)
        end_s = self.now_s + duration_s(samples)
        if not stops_on_key:
            await self.until(end_s)
            return False
        key = await self.key_before(end_s)
        if key is None:
            return False
        self.heard.cut(self.offset_s)
        if self.listener is not None:
            self.listener.hush(over=False)
        self.unread(key)
        return True

    def lay_over(self, at_s: float, samples: Samples) -> None:
        """Add sound to what the person hears, beside what the document plays."""
        self.over.lay(at_s - self.answered_s, samples)
        if self.listener is not None:
            self.listener.hear(samples, over=True)

    def hear_voice(self, at_s: float, samples: Samples) -> None:
        """The other leg speaks."""
        self.heard.lay(at_s - self.answered_s, samples)
        if self.listener is not None:
            self.listener.hear(samples, over=False)

    def silent_at_s(self, since_s: float, silence_s: float) -> float:
        """Return when the person will have been silent for `silence_s` seconds, as far as is known now."""
        return self.spoken.silent_at_s(since_s - self.answered_s, silence_s) + self.answered_s

    def mute_overlay(self) -> None:
        self.over.cut(self.loop.time() - self.answered_s)
        if self.listener is not None:
            self.listener.hush(over=True)

    def heard_between(self, begin_s: float, end_s: float) -> Samples:
        """Return all that the person heard between two times, in seconds from the answer."""
        both = self.heard.samples(begin_s, end_s).astype(np.int32) + self.over.samples(begin_s, end_s)
        mixed: Samples = np.clip(both, -32768, 32767).astype(np.int16)
        return mixed

    def say(self, at_s: float, samples: Samples, text: str = "") -> float:
        """The person speaks from the loop time `at_s` on; returns when it is over. `text` is what is said, if known."""
        self.spoken.say(at_s - self.answered_s, samples)
        end_s = at_s + duration_s(samples)
        if self.peer is not None:
            self.peer.hear_voice(at_s, samples)
        self.utterances.append(Utterance(at_s, end_s, text))
        return end_s


class CallOver(Exception):
    """The document, an error or the exchange ends the call."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"{verdict.code} {verdict.name}")
        self.verdict = verdict
