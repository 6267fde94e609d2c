"""A phone in somebody's hand: it rings, shows, plays, and passes keys and voice on. The browser page is its face."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from .audio import RATE_HZ, Samples, duration_s, wav_bytes
from .causes import Verdict
from .clock import ClockLoop
from .line import Line

Decision = Literal["answer", "reject", "given_up"]
Event = dict[str, Any]

_MOST_EVENTS = 2000
_MOST_SOUNDS = 100
_LIVE_CHUNK_S = 0.6  # what is longer comes from a file, not from a microphone


class Handset:
    """One number's phone. Its events may be read from any thread; all else happens on the loop's own."""

    def __init__(self, number: str, loop: ClockLoop) -> None:
        self.number = number
        self.call = ""  # the uuid of the present call, or of the last
        self._loop = loop
        self._line: Line | None = None
        self._press: Callable[[str, float], None] | None = None
        self._hang_up: Callable[[float], None] | None = None
        self._decision: asyncio.Future[Decision] | None = None
        self._spoken_until_s = 0.0
        self._sounds: OrderedDict[int, Samples] = OrderedDict()
        self._events: list[Event] = []
        self._dropped = 0
        self._changed = threading.Condition()

    # What the exchange does to it.

    @property
    def is_taken(self) -> bool:
        return self._decision is not None or self._hang_up is not None

    def ring(self, shown: str) -> asyncio.Future[Decision]:
        """Ring and show a number; what the person decides comes out of the future."""
        self._decision = self._loop.create_future()
        self.show("ringing", shown=shown)
        return self._decision

    def connect(self, call: str, hang_up: Callable[[float], None]) -> None:
        """A call begins, ringing or calling in: from now on the person may end it."""
        self.call, self._hang_up = call, hang_up

    def talk(self, line: Line, press: Callable[[str, float], None]) -> None:
        """The call is answered: keys and voice go on its line."""
        self._decision, self._line, self._press = None, line, press
        self._spoken_until_s = 0.0
        line.listener = self

    def over(self, verdict: Verdict) -> None:
        self._decision = self._line = self._press = self._hang_up = None
        self.show("over", code=verdict.code, name=verdict.name, source=verdict.source)

    def give_up(self) -> None:
        self._decide("given_up")

    # What the person does with it.

    def answer(self) -> None:
        self._decide("answer")

    def reject(self) -> None:
        self._decide("reject")

    def hang_up(self) -> None:
        if self._hang_up is not None:
            self._hang_up(self._loop.time())

    def press(self, key: str) -> None:
        if self._press is not None:
            self._press(key, self._loop.time())

    def speak(self, pcm: bytes) -> None:
        """Say a piece of 8 kHz 16-bit sound: what a microphone has just heard, or a whole file from now on."""
        if self._line is None:
            return
        samples: Samples = np.frombuffer(pcm[: len(pcm) - len(pcm) % 2], dtype="<i2").astype(np.int16)
        length_s, now_s = duration_s(samples), self._loop.time()
        heard_s = now_s - length_s if length_s < _LIVE_CHUNK_S else now_s
        self._spoken_until_s = self._line.say(max(self._spoken_until_s, heard_s), samples)

    def _decide(self, decision: Decision) -> None:
        if self._decision is not None and not self._decision.done():
            self._decision.set_result(decision)

    # What the line tells it.

    def on_answer(self) -> None:
        self.show("answered")

    def on_menu(self) -> None:
        self.show("menu")

    def on_prompted(self) -> None:
        self.show("prompted")

    def on_record(self) -> None:
        self.show("record")

    def on_recorded(self) -> None:
        self.show("recorded")

    def hear(self, samples: Samples, *, over: bool) -> None:
        if not samples.any():
            return
        number = self._dropped + len(self._events)
        self._sounds[number] = samples
        while len(self._sounds) > _MOST_SOUNDS:
            self._sounds.popitem(last=False)
        self.show("sound", sound=number, seconds=round(len(samples) / RATE_HZ, 3), over=over)

    def hush(self, *, over: bool) -> None:
        self.show("hush", over=over)

    # What the page reads.

    def show(self, kind: str, /, **facts: object) -> None:
        with self._changed:
            self._events.append({"kind": kind, "call": self.call, **facts})
            excess = len(self._events) - _MOST_EVENTS
            if excess > 0:
                del self._events[:excess]
                self._dropped += excess
            self._changed.notify_all()

    def events(self, after: int, wait_s: float) -> list[tuple[int, Event]]:
        """Return the events from number `after` on; wait up to `wait_s` machine seconds for the first. Any thread."""
        with self._changed:
            if self._dropped + len(self._events) <= after:
                self._changed.wait(wait_s)
            first = max(0, after - self._dropped)
            return list(enumerate(self._events[first:], self._dropped + first))

    @property
    def position(self) -> int:
        """Return the number of the next event. Any thread."""
        with self._changed:
            return self._dropped + len(self._events)

    def sound(self, number: int) -> bytes | None:
        """Return something heard, as a WAV file."""
        samples = self._sounds.get(number)
        return None if samples is None else wav_bytes(samples)


class Handsets:
    """The phones that somebody holds. A number without one has its simulated parent."""

    def __init__(self, loop: ClockLoop) -> None:
        self._loop = loop
        self._held: dict[str, Handset] = {}
        self._watchers: dict[str, int] = {}

    def get(self, number: str) -> Handset | None:
        return self._held.get(number)

    def take_up(self, number: str) -> Handset:
        """Hold a phone: a page watches it."""
        self._watchers[number] = self._watchers.get(number, 0) + 1
        return self._held.setdefault(number, Handset(number, self._loop))

    def put_down(self, number: str) -> None:
        """One page less watches. With the last the phone is gone, and whoever is on the line hears it."""
        self._watchers[number] -= 1
        if self._watchers[number] == 0:
            del self._watchers[number]
            handset = self._held.pop(number)
            handset.reject()
            handset.hang_up()

    def show(self, call: str, kind: str, /, **facts: object) -> None:
        """Show whoever holds the phone of this call what is said about it between the servers."""
        for handset in self._held.values():
            if call and handset.call == call:
                handset.show(kind, **facts)
