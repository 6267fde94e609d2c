"""Open the zip archive that an .xlsx file is, having read what it says of its sizes before anything is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO, cast

from ptm.roster.refusals import FileRefused

MAX_DIRECTORY_BYTES = 256 * 1024
"""Bytes of the archive's table of contents: about 3,000 parts. A class list has a dozen."""
MAX_RATIO = 120
"""Unpacked bytes per packed byte. Sheets of one repeated word reach 60 (measured); a bomb reaches 1,000."""
FREE_OF_RATIO_BYTES = 1 << 20

_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_LONGEST_COMMENT_BYTES = 1 << 16
_ENCRYPTED = 0x1

_DAMAGED = "the workbook is damaged: it cannot be unpacked"
_SAVE_AGAIN = "open it in Excel or LibreOffice and save it again as .xlsx"
_TOO_LARGE = "the workbook unpacks to far more than a class list needs"
_KEEP_LESS = "copy the columns of the class list into a new workbook"


class Archive:
    """The parts of a workbook by name. Nothing is ever written to disk, so names with `..` lead nowhere."""

    def __init__(self, data: bytes) -> None:
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise FileRefused(_DAMAGED, _SAVE_AGAIN) from None
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            name = info.filename.replace("\\", "/").lstrip("/").lower()
            if name in self._parts:  # two programs would read two different workbooks
                raise FileRefused(_DAMAGED, _SAVE_AGAIN)
            self._parts[name] = info

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def open(self, name: str, *, at_most_bytes: int) -> IO[bytes]:
        """Open one part for reading, if what the archive says of it is within bounds.

        The sizes can be believed: zipfile never hands out more bytes than the table of contents announces.
        """
        info = self._parts.get(name.lower())
        if info is None:
            raise FileRefused(f"the workbook is damaged: its part {name[:60]!r} is missing", _SAVE_AGAIN)
        _check_part(info, at_most_bytes)
        try:
            return cast(IO[bytes], _Checked(self._zip.open(info)))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise FileRefused(_DAMAGED, _SAVE_AGAIN) from None


class _Checked(io.RawIOBase):
    """A part whose damage shows as a refusal wherever in it the damage is."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part

    def read(self, size: int = -1) -> bytes:
        try:
            return self._part.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError):
            raise FileRefused(_DAMAGED, _SAVE_AGAIN) from None


def _check_directory(data: bytes) -> None:
    """Bound the table of contents: zipfile would build an object for each of its million entries."""
    at = data.rfind(_END_SIGNATURE, max(0, len(data) - _LONGEST_COMMENT_BYTES - _END_OF_DIRECTORY.size))
    if at < 0 or at + _END_OF_DIRECTORY.size > len(data):
        raise FileRefused(_DAMAGED, _SAVE_AGAIN)
    directory_bytes = _END_OF_DIRECTORY.unpack_from(data, at)[5]
    # The 64-bit form has a second table of contents with sizes of its own; a file of a few megabytes never needs it.
    is_zip64 = data[max(0, at - _LOCATOR_BYTES) : at].startswith(_ZIP64_LOCATOR)
    if is_zip64 or directory_bytes > MAX_DIRECTORY_BYTES:
        raise FileRefused("the workbook has far too many parts", _KEEP_LESS)


def _check_part(info: zipfile.ZipInfo, at_most_bytes: int) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise FileRefused("the workbook is locked with a password", "remove the password and save it again")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefused(_DAMAGED, _SAVE_AGAIN)
    ratio_exceeded = info.file_size > FREE_OF_RATIO_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1)
    if info.file_size > at_most_bytes or ratio_exceeded:
        raise FileRefused(_TOO_LARGE, _KEEP_LESS)
