"""A small program that speaks: one JSON request a line on stdin, one JSON header and its samples on stdout.

It is a process of its own because libespeak-ng is GPL-3: nothing of ours links to it, we only talk to it over pipes.
Run as ``python -m asr.training.speaker``. Request: ``{"text", "voice", "rate", "pitch", "range", "gap"}``.
Answer: one line ``{"hz", "bytes", "events": [[kind, sample, text_position, name], ...]}``, then that many bytes of
16 bit mono samples. Kind "w" is a word, "p" a phone; ``text_position`` counts characters from 1.
With ``"texts"`` instead of ``"text"`` the answer is the events of each, and no samples.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from . import made_voices

SYNCHRONOUS, PHONE_EVENTS, UTF8 = 2, 1, 1
END_OF_LIST, WORD, PHONE = 0, 1, 7
RATE, PITCH, RANGE, GAP = 1, 3, 4, 7  # espeak_PARAMETER, speak_lib.h


class Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h; its last field is a union of which we read the eight characters."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


def open_library() -> tuple[ctypes.CDLL, Path | None]:
    """The library of the ``espeakng-loader`` wheel and its espeak-ng-data, or the system's, which knows its own."""
    try:
        import espeakng_loader
    except ImportError:
        return ctypes.CDLL("libespeak-ng.so.1"), None
    return ctypes.CDLL(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path())


class Speaker:
    """Owns the one espeak engine of this process."""

    def __init__(self, library: ctypes.CDLL, data: Path | None) -> None:
        """``data`` is the folder that holds espeak-ng-data."""
        self._library = library
        self._samples = bytearray()
        self._events: list[tuple[str, int, int, str]] = []
        self._callback = Callback(self._heard)  # kept alive as long as the library may call it
        path = str(data).encode() if data else None
        self.hz = int(self._library.espeak_Initialize(SYNCHRONOUS, 0, path, PHONE_EVENTS))
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_Info.restype = ctypes.c_char_p
        if hasattr(self._library, "espeak_ng_SetRandSeed"):  # else breath is drawn by the time of day
            self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))

    def version(self) -> str:
        return str(self._library.espeak_Info(None).decode())

    def _heard(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, count * 2)
        index = 0
        while events[index].type != END_OF_LIST:
            event = events[index]
            if event.type in (WORD, PHONE):
                name = event.name.decode("utf-8", "replace") if event.type == PHONE else ""
                self._events.append(("w" if event.type == WORD else "p", event.sample, event.text_position, name))
            index += 1
        return 0

    def say(self, request: dict[str, Any]) -> tuple[bytes, list[tuple[str, int, int, str]]]:
        """Samples and events of one text. Raises ValueError when the voice does not exist."""
        self._samples, self._events = bytearray(), []
        if self._library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
            raise ValueError(f"no such voice: {request['voice']}")
        for parameter, key, usual in ((RATE, "rate", 150), (PITCH, "pitch", 50), (RANGE, "range", 50), (GAP, "gap", 0)):
            self._library.espeak_SetParameter(parameter, int(request.get(key, usual)), 0)
        text = request["text"].encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        return bytes(self._samples), self._events


def answer(speaker: Speaker, line: bytes) -> None:
    """One request's header and samples on stdout."""
    try:
        request = json.loads(line)
        events: list[Any]
        if "texts" in request:
            samples, events = b"", [speaker.say({**request, "text": text})[1] for text in request["texts"]]
        else:
            samples, events = speaker.say(request)
        header: dict[str, Any] = {"hz": speaker.hz, "bytes": len(samples), "events": events}
    except ValueError as problem:
        samples, header = b"", {"error": str(problem), "bytes": 0}
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + samples)
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer requests until stdin ends, each in a child of its own.

    The library keeps a voice's flutter going from text to text; a child begins where the library was opened, so the
    same request always gives the same samples, whatever was said before.
    """
    library, data = open_library()
    with made_voices.beside(data) if data else nullcontext() as folder:
        speaker = Speaker(library, folder)
        for line in sys.stdin.buffer:
            child = os.fork()
            if child == 0:
                answer(speaker, line)
                os._exit(0)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
