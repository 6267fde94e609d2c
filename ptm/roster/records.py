"""What reading a class list gives: rows that are right, and problems that name what is not."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

SHOWN_CHARS = 40


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One child. Names and numbers stay out of `repr`, so that a log or a traceback cannot carry them.

    `msisdn` is None for a family that has no phone at all, which the file must say in words. `language`,
    `guardian_name`, `admission_no` and `school_name` are empty where the file says nothing of them.
    """

    row: int
    school_udise: str
    school_name: str
    class_name: str
    child_name: str = field(repr=False)
    guardian_name: str = field(repr=False)
    msisdn: str | None = field(repr=False)
    alternate_msisdns: tuple[str, ...] = field(repr=False)
    language: str
    admission_no: str
    district_name: str = ""
    block_name: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One bad cell: where it stands, what stands in it, why that cannot be taken and how to mend it.

    `row` counts as a spreadsheet does; row 0 is the file as a whole. `column` is the spreadsheet's letter and `heading`
    what stands at its top; both are empty when the whole row is meant. `value_shown` may be a family's number: it is
    for the person who brought the file, never for a log.
    """

    row: int
    column: str
    value_shown: str = field(repr=False)
    reason: str
    mend: str
    sheet: str = ""
    heading: str = ""

    @property
    def place(self) -> str:
        """Say where it is: `row 7, column F (Mobile No)`."""
        if not self.row:
            return "the file"
        column = f", column {self.column}" + (f" ({self.heading})" if self.heading else "") if self.column else ""
        return (f"sheet {self.sheet}, " if self.sheet else "") + f"row {self.row}{column}"


@dataclass(frozen=True, slots=True)
class Place:
    """The school, and perhaps the class, that a list is imported for: it fills columns that the list does not have,
    and a row of another school or class is a problem.
    """

    udise: str
    school_name: str = ""
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """A class list as read. With a single problem in it nothing may be imported; `rows` then serve to count."""

    filename: str
    rows: tuple[RosterRow, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def is_clean(self) -> bool:
        """Say whether it may be imported: there are children, and nothing is wrong anywhere."""
        return bool(self.rows) and not self.problems

    def households(self) -> dict[str, tuple[RosterRow, ...]]:
        """Group children by the number that will be called: more than one are siblings. No number, no household."""
        families: dict[str, list[RosterRow]] = defaultdict(list)
        for row in self.rows:
            if row.msisdn is not None:
                families[row.msisdn].append(row)
        return {msisdn: tuple(children) for msisdn, children in families.items()}


def shown(text: str) -> str:
    """Return `text` as it may be printed: short, on one line, with no power over a terminal or a page's direction."""
    cut = text[:SHOWN_CHARS] + ("…" if len(text) > SHOWN_CHARS else "")
    return "".join(char if _is_printable(char) else f"<U+{ord(char):04X}>" for char in cut)


def _is_printable(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] not in "CZ"
