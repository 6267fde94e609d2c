"""Why a file, or one cell of it, cannot be taken: a reason a teacher understands and how to mend it."""

from __future__ import annotations

from ptm.errors import SunvaiError


class CellRefused(SunvaiError):
    """One cell cannot be taken."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}: {mend}")
        self.reason = reason
        self.mend = mend


class FileRefused(SunvaiError):
    """The file cannot be read at all, or not beyond `row`. Row 0 is the file as a whole."""

    def __init__(self, reason: str, mend: str, *, row: int = 0, sheet: str = "") -> None:
        super().__init__(f"{reason}: {mend}")
        self.reason = reason
        self.mend = mend
        self.row = row
        self.sheet = sheet


class RosterRefused(SunvaiError):
    """A list cannot be imported: it has problems, or it says too little about something new. Nothing was written."""
