"""A simulated parent on the line: presses, speaks and hangs up as its behaviour says."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from .audio import Samples, read_wav
from .line import Line
from .population import Behaviour

_KEY_AFTER_SPEECH_S = 1.0
_FULL_SCALE = 32768


class SimulatedParent:
    """Plays one answered call of a behaviour."""

    def __init__(
        self,
        behaviour: Behaviour,
        line: Line,
        press: Callable[[str, float], None],
        hang_up: Callable[[float], None],
    ) -> None:
        self._behaviour = behaviour
        self._line = line
        self._press = press
        self._hang_up = hang_up
        self._menus = 0
        self._records = 0

    def on_answer(self) -> None:
        if self._behaviour.noise_dbfs is not None:
            self._line.spoken.noise_rms = _FULL_SCALE * 10 ** (self._behaviour.noise_dbfs / 20)
        if self._behaviour.hang_up_after_s is not None:
            self._later(self._line.now_s + self._behaviour.hang_up_after_s, self._hang_up)

    def on_menu(self) -> None:
        self._menus += 1
        if self._barge_in_s is not None:
            self._react(self._barge_in_s)
        elif self._behaviour.barge_in:
            self._react(self._behaviour.key_delay_s)

    def on_prompted(self) -> None:
        if not self._behaviour.barge_in and self._barge_in_s is None:
            self._react(self._behaviour.key_delay_s)

    @property
    def _barge_in_s(self) -> float | None:
        """Return when the key of the present menu is due, where that was said of this very menu."""
        times = self._behaviour.barge_in_s
        return times[self._menus - 1] if self._menus <= len(times) else None

    def on_record(self) -> None:
        self._records += 1
        speeches = self._behaviour.speeches
        speech = speeches[self._records - 1] if self._records <= len(speeches) else None
        end_s = self._line.now_s + self._behaviour.speech_delay_s
        if speech is not None:
            end_s = self._line.say(end_s, _speech_samples(speech.wav), speech.text)
        if self._behaviour.hang_up_at_record == self._records:
            self._later(end_s + _KEY_AFTER_SPEECH_S, self._hang_up)
        elif self._behaviour.record_key is not None:
            self._type(self._behaviour.record_key, end_s + _KEY_AFTER_SPEECH_S)

    def on_recorded(self) -> None:
        """Silence, a key, the maximum: whatever ended it."""

    def _react(self, after_s: float) -> None:
        at_s = self._line.now_s + after_s
        keys = self._behaviour.keys
        if self._behaviour.hang_up_at_menu == self._menus:
            self._later(at_s, self._hang_up)
        elif self._menus <= len(keys):
            self._type(keys[self._menus - 1] or "", at_s)

    def _type(self, keys: str, at_s: float) -> None:
        for index, key in enumerate(keys):
            due_s = at_s + index * self._behaviour.key_gap_s
            self._line.loop.call_at(due_s, self._press, key, due_s)

    def _later(self, at_s: float, action: Callable[[float], None]) -> None:
        self._line.loop.call_at(at_s, action, at_s)


@lru_cache(maxsize=256)
def _speech_samples(path: Path) -> Samples:
    return read_wav(path.read_bytes())
