"""Which folder recognises which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asr.errors import ModelUnusable
from asr.manifests import differences, read_manifest
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


@dataclass(frozen=True)
class ModelLine:
    """One configured model, as it is listed."""

    language: str
    folder: Path
    state: str
    rate_hz: int | None = None
    size_bytes: int = 0
    menus: str = "no"


def describe_models(folders: Mapping[Any, Path]) -> list[ModelLine]:
    """What stands behind each language, without loading it."""
    return [_describe(str(language), folder) for language, folder in sorted(folders.items())]


def _describe(language: str, folder: Path) -> ModelLine:
    if not folder.is_dir():
        return ModelLine(language, folder, "no model: what is said goes to a person")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    try:
        recogniser = VoskRecogniser(folder)
    except ModelUnusable as error:
        return ModelLine(language, folder, str(error), size_bytes=size)
    if read_manifest(folder) is None:
        state = "published"
    elif wrong := differences(folder):
        state = f"DAMAGED: {', '.join(wrong)}"
    else:
        state = "synthetic voices: for tests and demonstrations"
    return ModelLine(language, folder, state, recogniser.rate_hz, size, "yes" if recogniser.takes_grammars else "no")
