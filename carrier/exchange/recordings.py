"""Recordings kept by the exchange: a WAV file and a journal entry each, until the customer deletes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from .audio import Samples, wav_bytes, write_file
from .call import Call, Recording
from .clock import iso
from .journal import Entry
from .webhooks import Chronicle


class Recordings:
    """The shelf of recordings, oldest first."""

    def __init__(self, folder: Path, base_url: str, chronicle: Chronicle) -> None:
        self._folder = folder
        self._base_url = base_url
        self._chronicle = chronicle
        self._shelf: dict[str, Recording] = {}

    def keep(
        self,
        recording_id: str,
        call: Call,
        begin_at: datetime,
        end_at: datetime,
        channels: Iterable[Samples],
        file_format: str,
        facts: Mapping[str, object],
    ) -> Recording:
        """Write the file, then the journal entry; after that the recording survives a kill."""
        content = wav_bytes(*channels)
        duration_ms = round((end_at - begin_at).total_seconds() * 1000)
        order = call.order
        recording = Recording(
            recording_id, call.uuid, order.from_number, order.to_number, begin_at, end_at, duration_ms, file_format
        )
        write_file(self.path(recording.id), content)
        self._shelf[recording.id] = recording
        self._chronicle(
            iso(end_at),
            "recording",
            call=call.uuid,
            id=recording.id,
            file=f"recordings/{recording.id}.wav",
            sha256=hashlib.sha256(content).hexdigest(),
            duration_ms=duration_ms,
            begin_at=iso(begin_at),
            format=file_format,
            **facts,
        )
        return recording

    def restore(self, entry: Entry, call: Call) -> Recording:
        """Put back a recording that the journal tells of."""
        begin_at, end_at = datetime.fromisoformat(entry["begin_at"]), datetime.fromisoformat(entry["at"])
        order = call.order
        recording = Recording(
            *(entry["id"], call.uuid, order.from_number, order.to_number, begin_at, end_at),
            entry["duration_ms"],
            entry["format"],
        )
        self._shelf[recording.id] = recording
        return recording

    def forget(self, recording_id: str) -> None:
        """Take a recording off the shelf and its file off the disk."""
        self._shelf.pop(recording_id, None)
        self.path(recording_id).unlink(missing_ok=True)

    def get(self, recording_id: str) -> Recording | None:
        return self._shelf.get(recording_id)

    def all(self) -> list[Recording]:
        return list(self._shelf.values())

    def path(self, recording_id: str) -> Path:
        return self._folder / "recordings" / f"{recording_id}.wav"

    def url(self, recording: Recording) -> str:
        return self.url_of(recording.id, recording.file_format)

    def url_of(self, recording_id: str, file_format: str) -> str:
        """Return where a recording will lie, also before it is made."""
        return f"{self._base_url}/{recording_id}.{file_format}"
