"""What a file is, is told by its content; what it is instead of a list, and how to mend it, is said."""

from __future__ import annotations

import pytest

from ptm.roster import read_roster
from ptm.roster.opening import open_file
from ptm.roster.refusals import FileRefused
from tests.unit.ptm.roster.lists import packed

HTML = "<html><body><table><tr><td>Name</td></tr></table></body></html>"
OTHERS = {
    "web page": (HTML.encode(), "a web page saved under a spreadsheet's name"),
    "web page with a mark": (b"\xef\xbb\xbf\r\n  " + HTML.upper().encode(), "a web page"),
    "web page in UTF-16": (HTML.encode("utf-16"), "a web page"),
    "spreadsheet in XML": (b'<?xml version="1.0"?><Workbook/>', "a web page saved under"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Excel file (.xls)"),
    "locked workbook": (
        b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "locked with a password",
    ),
    "binary workbook": (packed({"xl/workbook.bin": b"x", "[Content_Types].xml": b"<x/>"}), "a binary workbook (.xlsb)"),
    "OpenDocument": (packed({"content.xml": b"<x/>", "mimetype": b"x"}), "an OpenDocument file"),
    "letter": (packed({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "a text document"),
    "zip of lists": (packed({"5a.csv": b"Name,Mobile"}), "a zip file, not a workbook"),
    "cut workbook": (b"PK\x03\x04" + bytes(100), "damaged"),
    "PDF": (b"%PDF-1.7 ...", "this is a PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "this is a picture"),
    "photograph": (b"\xff\xd8\xff\xe0" + bytes(50), "this is a picture"),
    "rich text": (b"{\\rtf1 Name}", "this is a text document"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "this file is packed"),
    "RAR": (b"Rar!\x1a\x07", "this file is packed"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_list_is_called_by_its_name_and_mended(kind: str) -> None:
    data, reason = OTHERS[kind]
    with pytest.raises(FileRefused) as refused:
        open_file(data)
    assert reason in refused.value.reason
    assert refused.value.mend


@pytest.mark.parametrize("data", [b"garbage \x01\xff\x9a", b"no list at all"])
def test_what_only_its_name_makes_an_excel_file_is_said_to_be_none(data: bytes) -> None:
    roster = read_roster("5A.xlsx", data)
    assert not roster.is_clean
    assert roster.notes == ("5A.xlsx is not an Excel file, whatever its name says",)
