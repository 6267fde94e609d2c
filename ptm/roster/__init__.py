"""Class lists: read whole or not at all, then written so that a second time changes nothing.

roster = read_roster("5A.xlsx", data)          # rows, and every bad cell by row and column
report = import_roster(session, roster, vault=vault, user_id=None, now=now)
"""

from ptm.roster.importing import ImportReport, import_roster
from ptm.roster.reading import read_roster
from ptm.roster.records import Place, Roster, RosterRow, RowProblem
from ptm.roster.refusals import RosterRefused

__all__ = [
    "ImportReport",
    "Place",
    "Roster",
    "RosterRefused",
    "RosterRow",
    "RowProblem",
    "import_roster",
    "read_roster",
]
