"""The apology as plain files, for a web server that stands apart from ours and answers when nothing of ours does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from carrier.plivo import xml
from ivr.trees.model import LANGUAGES, Say
from prompts.clips import Clip, write_whole
from prompts.studio import Studio
from ptm.errors import SunvaiError

DOCUMENT = "apology.xml"


class NoAddress(SunvaiError):
    """Nobody said under which address the files will stand: the document has to name its clips by it."""


def write_apology(studio: Studio, folder: Path, url: str) -> tuple[Path, tuple[Clip, ...]]:
    """Write the document and its clips, rendering what is missing; `url` is the address of `folder` outside.

    The clips come first and are named by their content, so that a folder which is being served is right at any moment.
    Raises NoAddress, PromptError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoAddress(f"{url!r} is no address of a folder, such as https://static.example.org/sunvai")
    says = [Say("apology", language, {}) for language in LANGUAGES]
    studio.prepare(says)
    clips = studio.resolve(*says)
    folder.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        write_whole(folder / clip.name, studio.store.read(clip.name), durable=True)
    plays = [xml.play(f"{url.rstrip('/')}/{clip.name}") for clip in clips]
    document = folder / DOCUMENT
    write_whole(document, xml.response(*plays, xml.hang_up()).encode(), durable=True)
    return document, clips
