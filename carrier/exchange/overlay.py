"""What the customer's API does to a live call from outside, over whatever its document is doing: sound, keys, tapes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal

import numpy as np

from . import causes
from .audio import RATE_HZ, Samples, duration_s
from .causes import Verdict
from .player import MissingAudio
from .script import Script
from .taping import Tape

MOST_TRANSFERS = 70
_SPEAK_CHARACTERS_PER_S = 13.0

Voice = Literal["speak", "play"]


class Overlay:
    """Belongs to one answered call and ends with it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._sounds: dict[Voice, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._transfers = 0

    def transfer(self, url: str, method: str, task: asyncio.Task[None]) -> Verdict | None:
        """Send the call to another document. Returns how it ends instead, when that was done too often."""
        self._transfers += 1
        if self._transfers > MOST_TRANSFERS:
            return Verdict(2060, causes.PLIVO)
        self.stop("speak")
        self.stop("play")
        self._script.transfer_to(url, method, task)
        return None

    def speak(self, text: str, language: str, *, endless: bool) -> None:
        """Say `text`: as everywhere in the exchange it takes its time and is silent, and the journal has the words."""
        self._note("played", text=text, language=language, api=True)
        length_s = max(0.5, len(text) / _SPEAK_CHARACTERS_PER_S)
        self._start("speak", self._sounds_of([np.zeros(round(length_s * RATE_HZ), dtype=np.int16)], endless))

    def play(self, urls: Sequence[str], *, endless: bool, length_s: float | None) -> None:
        """Lay clips one after the other over what the person hears."""
        self._start("play", self._clips(urls, endless))
        if length_s is not None:
            self._later("play", length_s, lambda: self.stop("play"))

    def stop(self, voice: Voice) -> bool:
        """Silence what `speak` or `play` began. Returns whether there was anything."""
        task = self._sounds.pop(voice, None)
        if task is None or task.done():
            return False
        task.cancel()
        self._script.line.mute_overlay()
        return True

    def send_digits(self, digits: str) -> None:
        self._note("sent_digits", digits=digits, api=True)

    def record(self, tape: Tape, time_limit_s: float) -> tuple[str, str]:
        """Record both sides. Returns the recording's id and URL."""
        url = self._script.tapes.start_session(tape)
        self._later(tape.id, time_limit_s, lambda: self._script.tapes.end_session(tape.id, self._now_s))
        return tape.id, url

    def stop_recording(self) -> None:
        self._script.tapes.end_sessions(self._now_s, "api_record")

    def close(self) -> None:
        for task in self._sounds.values():
            task.cancel()
        for timer in self._timers.values():
            timer.cancel()

    @property
    def _now_s(self) -> float:
        return self._script.office.loop.time()

    def _note(self, event: str, **facts: object) -> None:
        self._script.office.note(self._now_s, event, call=self._script.call.uuid, **facts)

    def _start(self, voice: Voice, work: Coroutine[Any, Any, None]) -> None:
        self.stop(voice)
        self._sounds[voice] = self._script.office.loop.create_task(work)

    async def _clips(self, urls: Sequence[str], endless: bool) -> None:
        clips = []
        for url in urls:
            try:
                clips.append(await self._script.office.player.clip(url))
                self._note("played", url=url, seconds=round(duration_s(clips[-1]), 3), api=True)
            except MissingAudio as error:
                self._note("play_failed", url=url, reason=str(error), api=True)
        if clips:
            await self._sounds_of(clips, endless)

    async def _sounds_of(self, clips: Sequence[Samples], endless: bool) -> None:
        at_s = self._now_s
        while True:
            for clip in clips:
                self._script.line.lay_over(at_s, clip)
                at_s += duration_s(clip)
                await asyncio.sleep(at_s - self._now_s)
            if not endless:
                return

    def _later(self, key: str, after_s: float, action: Callable[[], object]) -> None:
        if key in self._timers:
            self._timers[key].cancel()
        self._timers[key] = self._script.office.loop.call_later(after_s, action)
