"""Write the same class list in all the ways in which one arrives."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence

import openpyxl

Row = Sequence[object]


def as_text(rows: Sequence[Row], *, encoding: str = "utf-8", delimiter: str = ",", newline: str = "\r\n") -> bytes:
    """Return `rows` as a text file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return text.getvalue().encode(encoding)


def as_workbook(rows: Sequence[Row], *, title: str = "Sheet1") -> bytes:
    """Return `rows` as the first sheet of a workbook, numbers as numbers."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


_INLINE = re.compile(rb't="inlineStr"><is>(.*?)</is>', re.DOTALL)
_SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_CONTENT = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_KIND = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def with_shared_texts(data: bytes) -> bytes:
    """Return a workbook of one sheet as Excel writes it: texts in a part of their own, each once."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    texts: dict[bytes, int] = {}
    parts["xl/worksheets/sheet1.xml"] = _INLINE.sub(
        lambda found: b't="s"><v>%d</v>' % texts.setdefault(found[1], len(texts)), parts["xl/worksheets/sheet1.xml"]
    )
    parts["xl/sharedStrings.xml"] = _SST + b"".join(b"<si>" + text + b"</si>" for text in texts) + b"</sst>"
    relation = b'<Relationship Id="texts" Type="' + _KIND + b'" Target="sharedStrings.xml"/></Relationships>'
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relation)
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + _CONTENT + b'"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    return packed(parts)


def packed(parts: dict[str, bytes]) -> bytes:
    """Return parts as the archive that a workbook is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()
