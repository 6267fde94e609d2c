"""What people recorded: a human voice wins over the synthesised one wherever it says exactly the same words.

    <folder>/<key>.json    the words, who recorded them and when, the finished clip's name, length and level
    <folder>/<key>.wav     the sound as it was handed in, for the day the mixing gets better
    <folder>/changed       replaced at every change; readers look at this one file to see that something is new

A recording belongs to words in a language, not to a prompt id: when the text changes, the old recording no longer says
it and steps back by itself. Names belong to no language: the family says them one way.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from prompts.audio import clipped_share
from prompts.clips import ClipStore, write_whole
from prompts.errors import AudioRejected
from prompts.mixing import finish, measure, sound_of, wav_from

NAMES = "name"  # stands in the place of a language for recordings of names
MAX_UPLOAD_BYTES = 20_000_000  # three minutes of CD sound
MAX_RECORDED_S = 60.0
# A parent loses the thread of a spoken sentence after about ten seconds; a whole call has 58.
LONGEST_PROMPT_S = 12.0
LEAST_RECORDED_S = 0.15  # shorter than any word
# Lifted from below this, the room and the microphone are as loud as the voice.
LEAST_LEVEL_DBFS = -50.0
# A few cut peaks nobody hears; above this a voice rattles.
MOST_CLIPPED_SHARE = 0.005


@dataclass(frozen=True)
class Recorded:
    """One recording in use. `clip` is its finished clip in the clip folder."""

    words: str
    language: str
    clip: str
    seconds: float
    level_dbfs: float
    recorded_by: str
    recorded_at: str
    prompt_id: str = ""


class RecordedStore:
    """The recordings of one folder, held in memory and read again when another process changed them."""

    def __init__(self, folder: Path, clips: ClipStore) -> None:
        self._folder = folder
        self._clips = clips
        self._seen: object = None
        self.version = 0
        """Counts up with every change that was read: what was made of recordings is stale when it has moved."""
        self._by_words: dict[tuple[str, str], Recorded] = {}

    def fresh(self) -> bool:
        """Read the folder again if it changed; return whether it had. Costs one look at one file when it had not."""
        seen = self._state()
        if seen == self._seen:
            return False
        self._by_words = {(entry.words, entry.language): entry for entry in self._load()}
        self._seen = seen
        self.version += 1
        return True

    def find(self, words: str, language: str, before: str = "") -> Recorded | None:
        """Return the recording of these words as of the last `fresh`; with `before`, unless it is as new as that."""
        found = self._by_words.get((words, language))
        return None if found is None or (before and found.recorded_at >= before) else found

    def all(self) -> tuple[Recorded, ...]:
        self.fresh()
        return tuple(sorted(self._by_words.values(), key=lambda entry: (entry.language, entry.prompt_id, entry.words)))

    def add(
        self, wav: bytes, words: str, language: str, *, recorded_by: str, recorded_at: datetime, prompt_id: str = "",
        most_s: float = MAX_RECORDED_S,
    ) -> Recorded:  # fmt: skip
        """Keep a sound as the way to say `words` from now on.

        Any PCM WAV of at least 8 kHz is accepted. Raises AudioRejected when it is silent, too long, too short, too
        quiet, clipped or not such a WAV; then nothing has changed.
        """
        clip = self._clips.add(finished(wav, most_s), durable=True)
        said = unicodedata.normalize("NFC", words).strip()
        entry = Recorded(
            said, language, clip.name, clip.seconds, clip.level_dbfs, recorded_by, recorded_at.isoformat(), prompt_id
        )
        key = _key(said, language)
        write_whole(self._folder / f"{key}.wav", wav, durable=True)
        write_whole(self._folder / f"{key}.json", json.dumps(asdict(entry), ensure_ascii=False).encode(), durable=True)
        self._tell()
        return entry

    def remove(self, words: str, language: str) -> bool:
        """Go back to the synthesised voice for these words; return whether there was a recording."""
        path = self._folder / f"{_key(unicodedata.normalize('NFC', words).strip(), language)}.json"
        there = path.exists()
        path.unlink(missing_ok=True)
        if there:
            self._tell()
        return there

    def _load(self) -> list[Recorded]:
        return [Recorded(**json.loads(path.read_bytes())) for path in self._folder.glob("*.json")]

    def _tell(self) -> None:
        write_whole(self._folder / "changed", secrets.token_bytes(8))

    def _state(self) -> object:
        try:
            stat = (self._folder / "changed").stat()
        except FileNotFoundError:
            return "nothing recorded"
        return stat.st_ino, stat.st_mtime_ns


def finished(wav: bytes, most_s: float) -> bytes:
    """Return what a person handed in as a clip for the telephone. Raises AudioRejected and says how to do better."""
    if len(wav) > MAX_UPLOAD_BYTES:
        raise AudioRejected(f"the file is larger than {MAX_UPLOAD_BYTES // 1_000_000} MB")
    sound = sound_of(wav)
    made = wav_from(finish(sound))
    figures = measure(made)
    if figures.seconds > most_s:
        raise AudioRejected(f"the recording lasts {figures.seconds:.1f} s; at most {most_s:g} s fit a call")
    if figures.seconds < LEAST_RECORDED_S:
        raise AudioRejected(f"the recording lasts {figures.seconds:.2f} s, which is no word; say it once more, whole")
    if (share := clipped_share(wav)) > MOST_CLIPPED_SHARE:
        raise AudioRejected(f"{share:.0%} of the recording is clipped, it was too loud; speak softer or further away")
    if (level := measure(wav_from(sound)).level_dbfs) < LEAST_LEVEL_DBFS:
        raise AudioRejected(f"the recording is too quiet ({level:.0f} dBFS); speak nearer to the microphone")
    return made


def _key(words: str, language: str) -> str:
    return hashlib.sha256(f"{language}\n{words}".encode()).hexdigest()[:32]
