"""Speech by eSpeak NG, which lives in a process of its own (see docs/decisions/003-espeak-licence.md)."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from prompts.audio import Samples, resample, wav_of
from prompts.errors import SynthesisError


@dataclass(frozen=True)
class Manner:
    """How one of our voices is asked of the engine."""

    voice: str
    words_per_minute: int
    pitch: int = 50


# The engine's own pace is 175 words a minute. The line is narrow, the listener may be old and hears a machine for the
# first time, so we go slower; much slower and a call no longer fits its 58 seconds.
# English: the engine has no Indian accent. `en-us` is the nearest in what matters for names: it sounds the r of
# "Kaur" and "Harmanpreet", as Punjab does and British voices do not.
MANNERS = {"pa": Manner("pa", 158), "hi": Manner("hi", 155), "en": Manner("en-us", 150)}

# `-I`: no environment, no current folder on the path, so the program cannot pick up anything of ours by accident.
PROGRAM = (sys.executable, "-I", str(Path(__file__).with_name("espeak_process.py")))

_MAX_TEXT_CHARACTERS = 2000  # about two minutes of speech: a mistake, not a prompt
_MAX_ANSWER_BYTES = 50_000_000


class EspeakSynthesiser:
    """Keeps one speaking process, starts it when first needed and again when it died.

    Threads may share it; they take turns. A text that takes longer than `timeout_s` or kills the process twice is
    given up with SynthesisError.
    """

    # Raise the last figure when MANNERS change, the first when the engine is renewed (a test compares it with the
    # engine's own word). Not asked of the engine itself: see Synthesiser.version.
    version = "espeak-ng 1.52/2"

    def __init__(self, program: Sequence[str] = PROGRAM, *, timeout_s: float = 20.0) -> None:
        self._program = tuple(program)
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._process: _Process | None = None

    def speak(self, text: str, voice: str) -> bytes:
        request = self._request(text, voice)
        with self._turn:
            try:
                sound = self._ask(request)
            except _Died:
                sound = self._ask_again(request)
        if not len(sound):
            raise SynthesisError(f"the engine said nothing for {text!r}", permanent=True)
        return wav_of(sound)

    def engine_version(self) -> str:
        """Return what the engine calls itself. Starts it."""
        with self._turn:
            return self._running().engine

    def close(self) -> None:
        with self._turn:
            self._drop()

    def _request(self, text: str, voice: str) -> dict[str, Any]:
        if voice not in MANNERS:
            raise SynthesisError(f"unknown voice {voice!r}; there are {', '.join(MANNERS)}", permanent=True)
        if not any(character.isalnum() for character in text):  # a full stop alone would be read out as "dot"
            raise SynthesisError(f"there are no words in {text!r}", permanent=True)
        if len(text) > _MAX_TEXT_CHARACTERS:
            raise SynthesisError(f"a text has at most {_MAX_TEXT_CHARACTERS} characters", permanent=True)
        manner = MANNERS[voice]
        return {
            "voice": manner.voice,
            "words_per_minute": manner.words_per_minute,
            "pitch": manner.pitch,
            "text": text.replace("\0", " "),  # the library reads a C string
        }

    def _ask_again(self, request: dict[str, Any]) -> Samples:
        try:
            return self._ask(request)
        except _Died as problem:
            raise SynthesisError(f"the speaking process failed twice: {problem}", permanent=True) from problem

    def _ask(self, request: dict[str, Any]) -> Samples:
        process = self._running()
        try:
            return process.ask(request, self._timeout_s)
        except _Died:
            self._drop()
            raise
        except TimeoutError as problem:
            self._drop()
            raise SynthesisError(f"no speech within {self._timeout_s:g} s", permanent=True) from problem

    def _running(self) -> _Process:
        if self._process is None:
            try:
                self._process = _Process(self._program, self._timeout_s)
            except (OSError, _Died, TimeoutError) as problem:
                raise SynthesisError(f"the speaking process does not start: {problem}") from problem
        return self._process

    def _drop(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class _Died(Exception):
    """The process ended or answered nonsense; a fresh one may do better."""


class _Process:
    """One running program and its pipes."""

    def __init__(self, program: Sequence[str], timeout_s: float) -> None:
        # Its own session: a Ctrl-C in the terminal must not kill it in the middle of an answer. It ends with its input.
        self._popen = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
        )
        assert self._popen.stdin is not None and self._popen.stdout is not None  # noqa: S101 (asked for above)
        self._in: IO[bytes] = self._popen.stdin
        self._out: IO[bytes] = self._popen.stdout
        self._pending = bytearray()
        self._deadline = time.monotonic() + timeout_s
        try:
            hello = self._read_header()
            self.engine, self.rate_hz = str(hello["engine"]), int(hello["rate_hz"])
        except BaseException as problem:
            self.end()
            if isinstance(problem, KeyError | TypeError | ValueError):
                raise _Died(f"it does not speak our protocol: {problem!r}") from problem
            raise

    def ask(self, request: dict[str, Any], timeout_s: float) -> Samples:
        self._deadline = time.monotonic() + timeout_s
        try:
            self._in.write(json.dumps(request).encode("ascii") + b"\n")
        except OSError as problem:
            raise _Died(f"it is gone: {problem}") from problem
        header = self._read_header()
        if "error" in header:
            raise SynthesisError(f"the engine refused: {header['error']}", permanent=True)
        length = header.get("bytes")
        if not isinstance(length, int) or not 0 <= length <= _MAX_ANSWER_BYTES:
            raise _Died(f"it announced {length!r} bytes")
        samples = np.frombuffer(self._read(length), dtype="<i2").astype(np.float64)
        return resample(samples, self.rate_hz)

    def end(self) -> None:
        self._popen.kill()
        self._popen.wait()
        self._in.close()
        self._out.close()

    def _read_header(self) -> dict[str, Any]:
        while (end := self._pending.find(b"\n")) < 0:
            self._receive()
        line = self._take(end + 1)
        try:
            header = json.loads(line)
        except ValueError as problem:
            raise _Died(f"it said {line[:80]!r}") from problem
        if not isinstance(header, dict):
            raise _Died(f"it said {line[:80]!r}")
        return header

    def _read(self, length: int) -> bytes:
        while len(self._pending) < length:
            self._receive()
        return self._take(length)

    def _take(self, length: int) -> bytes:
        taken = bytes(self._pending[:length])
        del self._pending[:length]
        return taken

    def _receive(self) -> None:
        """Wait for more output until the deadline of the present request."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if not selector.select(max(0.0, self._deadline - time.monotonic())):
                raise TimeoutError
        data = os.read(self._out.fileno(), 1 << 16)
        if not data:
            raise _Died("its output ended")
        self._pending.extend(data)
