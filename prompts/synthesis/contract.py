"""What we ask of any machine that speaks."""

from __future__ import annotations

from typing import Protocol

VOICES = ("pa", "hi", "en")


class Synthesiser(Protocol):
    """Turns text into speech. Replaceable: a better voice needs these members and nothing else of ours changes."""

    @property
    def version(self) -> str:
        """Return a name that changes whenever the same text would sound different; part of a clip's recipe.

        It must be known without starting anything: the web process compares recipes and never speaks.
        """
        ...

    def speak(self, text: str, voice: str) -> bytes:
        """Return `text` in one of VOICES as a WAV of 8 kHz, 16 bit, mono, not yet trimmed or levelled.

        Raises SynthesisError; with `permanent` set when the same text and voice would fail again.
        """
        ...

    def close(self) -> None:
        """Let go of processes and files. Speaking again is allowed and starts anew."""
        ...
