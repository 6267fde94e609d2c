"""Tell by its content, never by its name, what a file is."""

from __future__ import annotations

from ptm.roster.archive import Archive
from ptm.roster.delimited import open_text
from ptm.roster.refusals import FileRefused
from ptm.roster.workbook import Workbook, open_workbook

MAX_FILE_BYTES = 48 << 20
"""Bytes. 100,000 children with names in Gurmukhi are about 20 MB of text."""

_SAVE_AS_XLSX = "open it in Excel or LibreOffice and save it as .xlsx"
_HEAD_BYTES = 1024
_OTHER_KINDS = (
    (b"%PDF", "this is a PDF, not a table", "export the list as .xlsx or CSV"),
    (b"\x89PNG", "this is a picture, not a table", "export the list as .xlsx or CSV"),
    (b"\xff\xd8\xff", "this is a picture, not a table", "export the list as .xlsx or CSV"),
    (b"{\\rtf", "this is a text document, not a table", _SAVE_AS_XLSX),
    (b"\x1f\x8b", "this file is packed", "unpack it first"),
    (b"Rar!", "this file is packed", "unpack it first"),
    (b"7z\xbc\xaf", "this file is packed", "unpack it first"),
)
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<head", b"<?xml", b"<meta", b"<style", b"<!--")


def open_file(data: bytes) -> Workbook:
    """Return the tables in `data`. Raises FileRefused with what the file is instead."""
    if len(data) > MAX_FILE_BYTES:
        raise FileRefused(f"the file is larger than {MAX_FILE_BYTES >> 20} MB", "split it, for instance by block")
    if not data.strip(b"\x00\t\r\n ") or data in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        raise FileRefused("the file is empty", "export the list again")
    if data.startswith(b"PK"):
        return _open_zip(data)
    _refuse_other_kinds(data)
    return Workbook((open_text(data),))


def _open_zip(data: bytes) -> Workbook:
    archive = Archive(data)
    if "content.xml" in archive:
        raise FileRefused("this is an OpenDocument file", _SAVE_AS_XLSX)
    if "word/document.xml" in archive:
        raise FileRefused("this is a text document, not a table", _SAVE_AS_XLSX)
    if "[Content_Types].xml" not in archive and "xl/workbook.xml" not in archive:
        raise FileRefused("this is a zip file, not a workbook", "unpack it and import the lists in it one by one")
    return open_workbook(data)


def _refuse_other_kinds(data: bytes) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _old_excel(data)
    for mark, reason, mend in _OTHER_KINDS:
        if data.startswith(mark):
            raise FileRefused(reason, mend)
    head = data[:_HEAD_BYTES].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(_MARKUP):
        raise FileRefused("this is a web page saved under a spreadsheet's name", _SAVE_AS_XLSX)


def _old_excel(data: bytes) -> FileRefused:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return FileRefused("the workbook is locked with a password", "remove the password and save it again")
    return FileRefused("this is an old Excel file (.xls)", _SAVE_AS_XLSX)
