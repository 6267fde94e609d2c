"""Speaks for others: reads requests on standard input, writes speech on standard output.

This program loads eSpeak NG, which is GPL-3-or-later, so while it runs it is part of a GPL work. It stands alone on
purpose: it imports the standard library and `espeakng_loader` and nothing else, and anyone may replace it by another
program that keeps the same small protocol.

    at start     out: {"engine": "1.52.0", "rate_hz": 22050}
    request      in:  {"voice": "pa", "words_per_minute": 150, "pitch": 50, "text": "..."}
    answer       out: {"bytes": 12345}, then that many bytes of 16 bit little-endian mono samples
    refusal      out: {"error": "..."}

Every line is JSON in ASCII and ends with a newline. End of input ends the program.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import IO, Any

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 1 << 15  # report a wrong data folder instead of ending the process
_UTF8 = 1
_RATE, _PITCH = 1, 3
_POSITION_CHARACTER = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Engine:
    """The loaded library. It keeps global state, so there is one per process and one request at a time."""

    def __init__(self, library: str, data_folder: str) -> None:
        self._heard = bytearray()
        self._callback = _Callback(self._keep)  # kept alive here: the library holds only a bare pointer
        self._library = ctypes.CDLL(library)
        self._library.espeak_Info.restype = ctypes.c_char_p
        self.rate_hz = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data_folder.encode(), _DO_NOT_EXIT))
        if self.rate_hz <= 0:
            raise RuntimeError(f"no usable voice data in {data_folder}")
        self._library.espeak_SetSynthCallback(self._callback)
        self.version = self._library.espeak_Info(None).decode()

    def speak(self, text: str, voice: str, words_per_minute: int, pitch: int) -> bytes:
        """Return the samples of `text`. Raises ValueError when the library refuses."""
        self._heard.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise ValueError(f"no voice {voice!r}")
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.encode() + b"\0"
        if self._library.espeak_Synth(data, len(data), 0, _POSITION_CHARACTER, 0, _UTF8, None, None):
            raise ValueError("the library refused the text")
        return bytes(self._heard)

    def _keep(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard.extend(ctypes.string_at(samples, count * 2))
        return 0


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until the input ends."""
    import espeakng_loader

    engine = Engine(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    _send(answers, {"engine": engine.version, "rate_hz": engine.rate_hz})
    for line in requests:
        try:
            request = json.loads(line)
            sound = _afresh(
                engine, request["text"], request["voice"], int(request["words_per_minute"]), int(request["pitch"])
            )
        except (ValueError, KeyError, TypeError) as problem:
            _send(answers, {"error": f"{type(problem).__name__}: {problem}"})
            continue
        _send(answers, {"bytes": len(sound)}, sound)


def _afresh(engine: Engine, text: str, voice: str, words_per_minute: int, pitch: int) -> bytes:
    """Speak in a fork of this process, as the first thing it ever said.

    The library carries something from one text to the next, so that the same words never come out as the same samples
    twice; and a text that crashes it must not take the service along. A fork costs two milliseconds and mends both.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(engine.speak(text, voice, words_per_minute, pitch))
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        sound = pipe.read()
    _, ended = os.waitpid(child, 0)
    if ended:
        raise ValueError(f"the library could not say this in voice {voice!r} (status {ended})")
    return sound


def _send(answers: IO[bytes], header: dict[str, Any], body: bytes = b"") -> None:
    answers.write(json.dumps(header).encode("ascii") + b"\n" + body)
    answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
