"""What can be wrong with audio and models."""

from __future__ import annotations

from ptm.errors import SunvaiError


class AudioUnreadable(SunvaiError):
    """The file is not audio that we can read; the message says what it is instead."""


class ModelUnusable(SunvaiError):
    """A model folder cannot be used; the message says which and why."""


class GrammarUnusable(SunvaiError):
    """A model cannot listen for these phrases; the message says why."""


class FetchFailed(SunvaiError):
    """A model could not be fetched; the message says what was wrong and what to do."""
