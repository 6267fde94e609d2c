"""Gather what is wrong with a list, as far as anybody reads."""

from __future__ import annotations

from collections.abc import Callable

from ptm.roster.records import RowProblem
from ptm.roster.refusals import FileRefused

MAX_PROBLEMS = 2_000
"""Problems after which reading stops: nobody reads more, and a file of nonsense must not fill the memory."""


class TooManyProblems(Exception):
    """There is no use in reading on."""


class Problems:
    """The problems found so far."""

    def __init__(self) -> None:
        self._found: list[RowProblem] = []

    def __len__(self) -> int:
        return len(self._found)

    def all(self) -> tuple[RowProblem, ...]:
        return tuple(self._found)

    def add(self, problem: RowProblem) -> None:
        """Raises TooManyProblems, having said so in the list, when there are enough."""
        self._found.append(problem)
        if len(self._found) >= MAX_PROBLEMS:
            reason = f"reading stopped after {MAX_PROBLEMS:,} problems"
            self._found.append(RowProblem(0, "", "", reason, "mend those listed, then try again"))
            raise TooManyProblems

    def add_refusal(self, refused: FileRefused) -> None:
        """Note why the file cannot be read, or not any further."""
        self._found.append(RowProblem(refused.row, "", "", refused.reason, refused.mend, refused.sheet))

    def forget(self, is_explained: Callable[[RowProblem], bool]) -> None:
        """Drop the problems that a better explanation makes noise."""
        self._found = [problem for problem in self._found if not is_explained(problem)]
