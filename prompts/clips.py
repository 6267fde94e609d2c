"""The clip folder: sounds under the hash of their bytes, and which recipe gave which.

    <folder>/<sha256 of the file>.wav    never changes once it is there, so the carrier may cache it for ever
    <folder>/index/<ab>/<recipe key>     one line: clip name, seconds, level; replaced as a whole

Any number of processes read and write without locks: a file is written under another name and renamed, two that
render the same recipe write the same bytes, and a crash leaves at most a `.part` file that nobody reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from prompts.errors import ClipDamaged
from prompts.mixing import measure

_REMEMBERED_CLIPS = 20_000  # about 10 MB

CLIP_NAME = re.compile(r"[0-9a-f]{64}\.wav")


@dataclass(frozen=True, slots=True)
class Clip:
    """One sound that can be played. `name` is its file name and the last part of its address."""

    name: str
    seconds: float
    level_dbfs: float


class ClipStore:
    """Clips in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = folder / "index"
        self._known: dict[str, Clip] = {}

    def add(self, wav: bytes, *, durable: bool = False) -> Clip:
        """Store a finished telephone WAV and return its clip. `durable` waits for the disk: for what people recorded.

        Raises AudioRejected when it is not 8 kHz, 16 bit, mono.
        """
        figures = measure(wav)
        name = f"{hashlib.sha256(wav).hexdigest()}.wav"
        if not (self.folder / name).exists():
            write_whole(self.folder / name, wav, durable=durable)
        return Clip(name, round(figures.seconds, 3), figures.level_dbfs)

    def remember(self, key: str, clip: Clip) -> None:
        """Let `key`, a recipe's hash, lead to a clip that is already stored."""
        line = json.dumps({"clip": clip.name, "seconds": clip.seconds, "level_dbfs": clip.level_dbfs})
        write_whole(self._entry(key), line.encode("ascii"))
        self._know(key, clip)

    def find(self, key: str) -> Clip | None:
        """Return the clip of a recipe, or None when nobody rendered it or its sound was taken away."""
        clip = self._known.get(key)
        return clip if clip is not None else self._look_up(key)

    def read(self, name: str) -> bytes:
        """Return the bytes of a clip. Raises ClipDamaged when they are missing or not what the name promises."""
        try:
            wav = self.path(name).read_bytes()
        except FileNotFoundError as problem:
            raise ClipDamaged(f"{name} is not in {self.folder}") from problem
        if hashlib.sha256(wav).hexdigest() != name.removesuffix(".wav"):
            raise ClipDamaged(f"{name} in {self.folder} has other bytes than its name says; delete it and build again")
        return wav

    def described(self, name: str) -> Clip:
        """Return the clip of that name with its figures, measured the first time. Raises ClipDamaged."""
        key = self.path(name).stem  # longer than any recipe's key, so the two never meet in the index
        clip = self.find(key)
        if clip is None:
            figures = measure(self.read(name))
            clip = Clip(name, round(figures.seconds, 3), figures.level_dbfs)
            self.remember(key, clip)
        return clip

    def path(self, name: str) -> Path:
        """Return where a clip lies. Raises ClipDamaged for anything that is not a clip's name, such as `../x`."""
        if not CLIP_NAME.fullmatch(name):
            raise ClipDamaged(f"{name!r} is not the name of a clip")
        return self.folder / name

    def forget(self) -> None:
        """Drop what this process remembers, so that the next look-ups read the folder again."""
        self._known.clear()

    def _look_up(self, key: str) -> Clip | None:
        try:
            entry = json.loads(self._entry(key).read_bytes())
            clip = Clip(entry["clip"], entry["seconds"], entry["level_dbfs"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return None  # an entry that cannot be read is rendered again
        if not self.path(clip.name).exists():
            return None
        self._know(key, clip)
        return clip

    def _know(self, key: str, clip: Clip) -> None:
        if len(self._known) >= _REMEMBERED_CLIPS:
            self._known.clear()  # a state has millions of personal clips; what is in use comes back in 20 µs each
        self._known[key] = clip

    def _entry(self, key: str) -> Path:
        return self._index / key[:2] / key


def write_whole(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Make `path` hold `data`; a reader sees all of it or what was there before, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with part.open("wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    part.replace(path)
