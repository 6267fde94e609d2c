"""Which folder recognises which language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asr.recogniser import Recogniser
from asr.vosk_recogniser import VoskRecogniser


def load_recognisers(folders: Mapping[Any, Path]) -> dict[str, Recogniser]:
    """Return a recogniser for each language whose folder exists, models loaded: call it before forking.

    A folder that exists but is no model raises ModelUnusable; a language without a folder has no recogniser, and its
    recordings go to a person.
    """
    recognisers: dict[str, Recogniser] = {}
    for language, folder in folders.items():
        if folder.is_dir():
            recogniser = VoskRecogniser(folder)
            recogniser.loaded  # noqa: B018 - loaded here, once, so that forks share it
            recognisers[language] = recogniser
    return recognisers
