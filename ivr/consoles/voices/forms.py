"""What the forms of the prompts' pages say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from prompts.errors import AudioRejected
from prompts.recorded import MAX_UPLOAD_BYTES

LONGEST_NAME = 200


@dataclass(frozen=True)
class Handed:
    """A sound that somebody handed in, and whose voice it is. `part` counts from 1; None for a whole prompt."""

    wav: bytes
    by: str
    part: int | None


def parse_sound(form: Mapping[str, str], file: FileStorage | None) -> Handed:
    """Read an upload. Raises AudioRejected when there is none."""
    if file is None or not file.filename:
        raise AudioRejected("there is no sound yet: choose a WAV file, or record one with the microphone")
    with file.stream as stream:
        wav = stream.read(MAX_UPLOAD_BYTES + 1)
    return Handed(wav, form.get("by", ""), parse_part(form))


def parse_part(form: Mapping[str, str]) -> int | None:
    text = form.get("part", "")
    return int(text) if text.isdecimal() and len(text) < 4 else None


def parse_name(form: Mapping[str, str]) -> str:
    return form.get("name", "").strip()[:LONGEST_NAME]
