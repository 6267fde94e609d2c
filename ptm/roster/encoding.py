"""Find out how the letters of a text file are written, and never guess: a wrong guess is spoken to a parent."""

from __future__ import annotations

import codecs
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE

from ptm.roster.refusals import FileRefused

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
    (BOM_UTF8, "utf-8-sig"),
)
_SAMPLE_BYTES = 4096
_CHUNK_BYTES = 1 << 16
SAVE_AS_UTF8 = "open it in the program it came from and save it as 'CSV UTF-8' or as .xlsx"


def encoding_of(data: bytes) -> str:
    """Return the encoding in which all of `data` can be read. Raises FileRefused, naming the line, when there is none.

    Windows-1252 is not tried: every byte is a letter there, so a list in an old code page would come out as nonsense
    names without a single error. Plain ASCII is UTF-8 already.
    """
    name = _by_bom(data) or _by_zeros(data[:_SAMPLE_BYTES]) or "utf-8"
    _check(data, name)
    return name


def _by_bom(data: bytes) -> str | None:
    return next((name for bom, name in _BOMS if data.startswith(bom)), None)


def _by_zeros(sample: bytes) -> str | None:
    """Recognise UTF-16 without a mark: commas and digits leave every second byte zero."""
    even, odd = sample[0::2], sample[1::2]
    zeros_even, zeros_odd = even.count(0), odd.count(0)
    if zeros_odd > len(odd) // 10 and zeros_even <= len(even) // 100:
        return "utf-16-le"
    if zeros_even > len(even) // 10 and zeros_odd <= len(odd) // 100:
        return "utf-16-be"
    return None


def _check(data: bytes, name: str) -> None:
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    for at in range(0, max(len(data), 1), _CHUNK_BYTES):
        chunk = data[at : at + _CHUNK_BYTES]
        try:
            text = decoder.decode(chunk, final=at + _CHUNK_BYTES >= len(data))
        except UnicodeDecodeError as error:
            line += _readable(error).count("\n")
            raise _unreadable(name, line) from None
        line += text.count("\n")


def _readable(error: UnicodeDecodeError) -> str:
    return error.object[: error.start].decode(error.encoding, errors="ignore")


def _unreadable(name: str, line: int) -> FileRefused:
    if name == "utf-8":
        reason = "the letters are not in Unicode (an old Windows code page or an old Punjabi or Hindi font?)"
    else:
        reason = f"the file says that it is {name.upper()} but is cut off or damaged"
    return FileRefused(f"line {line} cannot be read: {reason}", SAVE_AS_UTF8, row=line)
