"""A person's voice comes into the calls, or leaves them: by command or by page, with its record in the audit.

A whole prompt is heard from the next answer on. Words inside a personal sentence, and names, have to be mixed in for
every child first: until a worker has done that, families hear the sentence as it was before. So adding one is safe at
any time; taking one away, or replacing it, would leave sentences that nobody has rendered, and waits for the end of
the batches under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from callqueue import bells
from callqueue.cases import UNDER_WAY
from callqueue.runtime import Runtime
from prompts.catalogues import prompt_of
from prompts.errors import AudioRejected
from prompts.listing import refuse_unknown
from prompts.recipes import is_whole
from prompts.recorded import NAMES, Recorded
from prompts.spoken import clean_name
from prompts.studio import Studio
from ptm import audit
from ptm.errors import SunvaiError
from ptm.models import Batch

LONGEST_VOICE = 80


class RecordingRefused(SunvaiError):
    """This voice cannot come or go now; the message says why and what to do."""


@dataclass(frozen=True)
class Recording:
    """What changes recordings: the installation, its studio, and who asks (None: somebody at the machine)."""

    parts: Runtime
    studio: Studio
    user_id: int | None

    def keep_prompt(self, prompt_id: str, language: str, wav: bytes, *, by: str, part: int | None = None) -> Recorded:
        """Let a recording say a prompt, or part `part` (from 1) of one. Raises PromptError, RecordingRefused."""
        words = self._words(prompt_id, language, part)
        self._may_change(words, language, personal=not self._is_whole(prompt_id, language))
        kept = self.studio.record_prompt(
            prompt_id, language, wav, recorded_by=_voice(by), recorded_at=self._now, words=words
        )
        self._note("prompt.record", {"prompt": prompt_id, "language": language, "part": part, "clip": kept.clip[:12]})
        if not self._is_whole(prompt_id, language):
            self._mix_in()
        return kept

    def drop_prompt(self, prompt_id: str, language: str, *, part: int | None = None) -> bool:
        """Let the machine say it again; return whether a person did. Raises PromptError, RecordingRefused."""
        words = self._words(prompt_id, language, part)
        self._may_change(words, language, personal=not self._is_whole(prompt_id, language))
        was_there = self.studio.unrecord_prompt(prompt_id, language, words)
        if was_there:
            self._note("prompt.remove", {"prompt": prompt_id, "language": language, "part": part})
        return was_there

    def keep_name(self, name: str, wav: bytes, *, by: str) -> Recorded:
        """Let a recording say a name, in every language. Raises AudioRejected, RecordingRefused."""
        self._may_change(clean_name(name), NAMES, personal=True)
        kept = self.studio.record_name(name, wav, recorded_by=_voice(by), recorded_at=self._now)
        self._note("name.record", {"clip": kept.clip[:12]})  # the audit keeps no names
        self._mix_in()
        return kept

    def drop_name(self, name: str) -> bool:
        """Let the machine say a name again; return whether a person did. Raises RecordingRefused."""
        self._may_change(clean_name(name), NAMES, personal=True)
        was_there = self.studio.unrecord_name(name)
        if was_there:
            self._note("name.remove", {})
        return was_there

    @property
    def _now(self) -> datetime:
        return self.parts.clock.now()

    def _is_whole(self, prompt_id: str, language: str) -> bool:
        return is_whole(prompt_of(self.studio.catalogue, prompt_id, language))

    def _words(self, prompt_id: str, language: str, part: int | None) -> str:
        refuse_unknown(self.studio, prompt_id, language)
        pieces = self.studio.recordable(prompt_id, language)
        if part is not None and not 1 <= part <= len(pieces):
            raise AudioRejected(f"{prompt_id} ({language}) has no part {part}: {_numbered(pieces)}")
        if part is None and pieces and not self._is_whole(prompt_id, language):
            raise AudioRejected(
                f"{prompt_id} ({language}) differs from child to child, so that it cannot be one recording; "
                f"its fixed parts can be recorded: {_numbered(pieces)}"
            )
        return pieces[(part or 1) - 1] if pieces else ""

    def _may_change(self, words: str, language: str, *, personal: bool) -> None:
        self.studio.recorded.fresh()
        if not personal or self.studio.recorded.find(words, language) is None:
            return
        if under_way := len(self._batches()):
            raise RecordingRefused(
                f"{words!r} is mixed into the sentences of {under_way} batch(es) under way: "
                "replace or remove it when they are over"
            )

    def _batches(self) -> list[int]:
        with self.parts.database.reading() as tx:
            return list(tx.scalars(select(Batch.id).where(Batch.state.in_(UNDER_WAY)).order_by(Batch.id)))

    def _mix_in(self) -> None:
        """Ask for the sentences of every batch under way once more. A lost bell costs nothing but the old voice."""
        self.parts.bells.ring(bells.PREPARE, self._batches())

    def _note(self, action: str, details: dict[str, Any]) -> None:
        with self.parts.database.writing() as tx:
            audit.record(
                tx, user_id=self.user_id, action=action, subject="prompt", subject_id=None, details=details,
                now=self._now,
            )  # fmt: skip


def _voice(by: str) -> str:
    voice = " ".join(by.split())
    if not voice:
        raise RecordingRefused("say whose voice it is: a name or a role, for instance the head teacher")
    return voice[:LONGEST_VOICE]


def _numbered(pieces: tuple[str, ...]) -> str:
    return ", ".join(f"{number} “{words}”" for number, words in enumerate(pieces, 1)) or "nothing of it"
