"""Recordings under way on a line: what a person says into a Record element, and whole calls from both sides."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from .audio import Samples
from .call import Call
from .line import Line
from .office import Office
from .payloads import record_params
from .xml import Element


@dataclass(frozen=True)
class Tape:
    """One recording under way, begun at loop time `begin_s`. Its id and URL are known before its end."""

    begin_s: float
    file_format: str = "mp3"
    is_mono: bool = False
    callback_url: str = ""
    callback_method: str = "POST"
    kind: str = "record"  # or "api_record": which webhook tells of it
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    def of(cls, element: Element, begin_s: float) -> Tape:
        attributes = element.attributes
        return cls(
            begin_s,
            attributes["fileFormat"],
            attributes["recordChannelType"] == "mono",
            attributes.get("callbackUrl", ""),
            attributes["callbackMethod"],
        )


class Tapes:
    """All recordings of one call."""

    def __init__(self, call: Call, line: Line, office: Office) -> None:
        self._call = call
        self._line = line
        self._office = office
        self._said: Tape | None = None
        self._sessions: dict[str, Tape] = {}

    def start_said(self, element: Element) -> None:
        """Record what the person says from now on, until `end_said`."""
        self._said = Tape.of(element, self._line.now_s)

    def start_session(self, tape: Tape) -> str:
        """Record both sides until `end_session` or the end of the call, and return where that will lie."""
        self._sessions[tape.id] = tape
        return self._office.recordings.url_of(tape.id, tape.file_format)

    def end_said(self, end_s: float) -> dict[str, str]:
        """Keep what was said, announce it, and return its parameters; nothing if nothing was being recorded."""
        tape, self._said = self._said, None
        if tape is None or end_s <= tape.begin_s:
            return {}
        spoken = self._line.spoken.samples(*self._offsets(tape.begin_s, end_s))
        return self._keep(tape, end_s, [spoken] if tape.is_mono else [spoken, spoken * 0], self._words(tape, end_s))

    def end_session(self, recording_id: str, end_s: float) -> None:
        tape = self._sessions.pop(recording_id, None)
        if tape is None:
            return
        offsets = self._offsets(tape.begin_s, end_s)
        spoken, heard = self._line.spoken.samples(*offsets), self._line.heard_between(*offsets)
        channels = [spoken // 2 + heard // 2] if tape.is_mono else [spoken, heard]
        self._keep(tape, end_s, channels, {"session": True})

    def end_sessions(self, end_s: float, kind: str | None = None) -> None:
        """End the recordings of both sides: all of them, or those of one kind."""
        for tape in list(self._sessions.values()):
            if kind in (None, tape.kind):
                self.end_session(tape.id, end_s)

    def _words(self, tape: Tape, end_s: float) -> dict[str, object]:
        said = [one for one in self._line.utterances if tape.begin_s <= one.begin_s < end_s]
        return {
            "text": " ".join(one.text for one in said if one.text) or None,
            "cut": any(one.end_s > end_s for one in said),
        }

    def _keep(self, tape: Tape, end_s: float, channels: list[Samples], facts: Mapping[str, object]) -> dict[str, str]:
        instant, recordings = self._office.loop.instant, self._office.recordings
        callback = {"callback_url": tape.callback_url, "callback_method": tape.callback_method, "kind": tape.kind}
        recording = recordings.keep(
            *(tape.id, self._call, instant(tape.begin_s), instant(end_s), channels, tape.file_format),
            facts={**callback, **facts},
        )
        self._office.announce(self._call, recording, tape.kind, tape.callback_url, tape.callback_method)
        return record_params(recording, recordings.url(recording))

    def _offsets(self, begin_s: float, end_s: float) -> tuple[float, float]:
        return begin_s - self._line.answered_s, end_s - self._line.answered_s
