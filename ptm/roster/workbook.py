"""Find the sheets of an .xlsx workbook and what their cells lean on: shared texts and date formats."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from ptm.roster.archive import Archive
from ptm.roster.markup import DAMAGED, SAVE_AGAIN, elements, feed, local
from ptm.roster.refusals import FileRefused
from ptm.roster.sheet import MAX_CELL_CHARS, SheetReader
from ptm.roster.table import Table

MAX_SHEETS = 200
MAX_SHEET_BYTES = 300 << 20
MAX_TEXTS_BYTES = 80 << 20
MAX_SMALL_PART_BYTES = 4 << 20
MAX_SHARED_TEXTS = 800_000
MAX_SMALL_PART_ELEMENTS = 60_000

_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_FORMAT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile("[dmyhs]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Workbook:
    tables: tuple[Table, ...]
    notes: list[str] = field(default_factory=list)


def open_workbook(data: bytes) -> Workbook:
    """Return the visible sheets of a workbook, in order. Raises FileRefused, at once or while lines are read.

    openpyxl is not used here: it builds a whole row before anybody can count its cells (a million of them cost 300 MB)
    and does not say which rows are hidden. In the tests it is the witness that this reader sees the same cells.
    """
    archive = Archive(data)
    main = _main_part(archive)
    targets = _targets(archive, main)
    sheets = [attributes for name, attributes in _small(archive, main) if name == "sheet"]
    if len(sheets) > MAX_SHEETS:
        raise FileRefused(
            f"the workbook has {len(sheets)} sheets, at most {MAX_SHEETS} are read", "split it into several files"
        )
    texts = _shared_texts(archive, _part_of_kind(targets, "sharedStrings"))
    dates = _date_styles(archive, _part_of_kind(targets, "styles"))
    tables, notes = [], []
    for sheet in sheets:
        kind, path = targets.get(sheet.get("id", ""), ("", ""))
        if sheet.get("state", "visible") != "visible":
            notes.append(f"the hidden sheet {sheet.get('name', '')!r} was not read")
        elif kind == "worksheet":
            stream = archive.open(path, at_most_bytes=MAX_SHEET_BYTES)
            tables.append(SheetReader(stream, texts, dates).table(sheet.get("name", "")))
    return Workbook(tuple(tables), notes)


def _main_part(archive: Archive) -> str:
    if "xl/workbook.bin" in archive:
        raise FileRefused("this is a binary workbook (.xlsb)", "save it as .xlsx")
    for kind, target in _relations(archive, "_rels/.rels", base="").values():
        if kind == "officeDocument":
            return target
    return "xl/workbook.xml"


def _targets(archive: Archive, main: str) -> dict[str, tuple[str, str]]:
    folder, name = posixpath.split(main)
    return _relations(archive, f"{folder}/_rels/{name}.rels", base=folder)


def _relations(archive: Archive, path: str, *, base: str) -> dict[str, tuple[str, str]]:
    """Return, by id, the kind of each part that `path` speaks of and where it is."""
    if path not in archive:
        return {}
    return {
        attributes.get("Id", ""): (
            attributes.get("Type", "").rpartition("/")[2],
            _resolved(attributes.get("Target", ""), base),
        )
        for name, attributes in _small(archive, path)
        if name == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _resolved(target: str, base: str) -> str:
    return posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")


def _small(archive: Archive, path: str) -> list[tuple[str, dict[str, str]]]:
    return elements(archive.open(path, at_most_bytes=MAX_SMALL_PART_BYTES), at_most=MAX_SMALL_PART_ELEMENTS)


def _part_of_kind(targets: dict[str, tuple[str, str]], wanted: str) -> str | None:
    return next((path for kind, path in targets.values() if kind == wanted), None)


def _shared_texts(archive: Archive, path: str | None) -> list[str]:
    if path is None or path not in archive:
        return []
    collector = _Texts()
    return collector.read(archive.open(path, at_most_bytes=MAX_TEXTS_BYTES))


class _Texts:
    """The texts that cells share, in order. A text may be cut into runs of different fonts; hints for reading aloud
    (`rPh`) stand beside it and are not part of it.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._collecting = False
        self._in_hint = False

    def read(self, stream: IO[bytes]) -> list[str]:
        for _ in feed(stream, start=self._start, end=self._end, text=self._text):
            pass
        return self._texts

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "t":
            self._collecting = not self._in_hint
        elif tag == "rPh":
            self._in_hint = True

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "t":
            self._collecting = False
        elif tag == "rPh":
            self._in_hint = False
        elif tag == "si":
            self._texts.append("".join(self._pieces))
            self._pieces, self._length = [], 0
            if len(self._texts) > MAX_SHARED_TEXTS:
                raise FileRefused("the workbook holds far more text than a class list", "keep the columns needed only")

    def _text(self, piece: str) -> None:
        if self._collecting:
            self._length += len(piece)
            if self._length > MAX_CELL_CHARS:
                raise FileRefused(DAMAGED, SAVE_AGAIN)
            self._pieces.append(piece)


def _date_styles(archive: Archive, path: str | None) -> frozenset[int]:
    """Return which cell styles show a number as a date: that is what a spreadsheet makes of a class called 5-1."""
    if path is None or path not in archive:
        return frozenset()
    found = _small(archive, path)
    custom = {
        attributes.get("numFmtId"): attributes.get("formatCode", "") for name, attributes in found if name == "numFmt"
    }
    return frozenset(
        index
        for index, number_format in enumerate(_cell_formats(found))
        if _is_date(number_format, custom.get(number_format))
    )


def _cell_formats(found: list[tuple[str, dict[str, str]]]) -> Iterator[str]:
    inside = False
    for name, attributes in found:
        if name in ("cellXfs", "cellStyles", "cellStyleXfs", "dxfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            yield attributes.get("numFmtId", "0")


def _is_date(number_format: str, code: str | None) -> bool:
    if code is None:
        return number_format.isascii() and number_format.isdigit() and int(number_format[:4]) in _BUILT_IN_DATES
    return _DATE_LETTERS.search(_NOT_FORMAT_LETTERS.sub("", code)) is not None
