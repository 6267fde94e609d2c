"""Read the XML inside a workbook without trusting it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat  # guarded below: a DOCTYPE, without which no entity exists, ends everything

from ptm.roster.refusals import FileRefused

CHUNK_BYTES = 1 << 16
MAX_TOKEN_BYTES = 1 << 20
MAX_DEPTH = 64

DAMAGED = "the workbook is damaged or was not made by a spreadsheet program"
SAVE_AGAIN = "open it in Excel or LibreOffice and save it again as .xlsx"

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def local(name: str) -> str:
    """Return `name` without its prefix: some programs write `x:row` where others write `row`."""
    return name.rpartition(":")[2]


def feed(stream: IO[bytes], *, start: Start, end: End, text: Text | None = None) -> Iterator[None]:
    """Run a parser over `stream`, a step at a time, calling back with names as they stand in the file.

    Raises FileRefused for a DOCTYPE (billion laughs, quadratic entities, external files all need one), for elements
    nested too deep, for a tag that never ends, and for XML that is broken.
    """
    parser = _guarded(start, end, text)
    fed = 0
    try:
        while chunk := stream.read(CHUNK_BYTES):
            parser.Parse(chunk, False)
            fed += len(chunk)
            # expat before 2.6 looks at an unfinished tag from its beginning with every chunk: 40 MB take minutes.
            if fed - max(parser.CurrentByteIndex, 0) > MAX_TOKEN_BYTES:
                raise FileRefused(DAMAGED, SAVE_AGAIN)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError:
        raise FileRefused(DAMAGED, SAVE_AGAIN) from None


def elements(stream: IO[bytes], *, at_most: int) -> list[tuple[str, dict[str, str]]]:
    """Return every element of a small part with its attributes, both without prefixes."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(found) >= at_most:
            raise FileRefused(DAMAGED, SAVE_AGAIN)
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    for _ in feed(stream, start=start, end=lambda _name: None):
        pass
    return found


def _guarded(start: Start, end: End, text: Text | None) -> Any:
    parser = expat.ParserCreate()
    depth = 0

    def deeper(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise FileRefused(DAMAGED, SAVE_AGAIN)
        start(name, attributes)

    def back(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    def doctype(*_declared: object) -> None:
        raise FileRefused("the workbook declares entities, which no spreadsheet program does", SAVE_AGAIN)

    parser.buffer_text = True
    parser.StartElementHandler = deeper
    parser.EndElementHandler = back
    parser.StartDoctypeDeclHandler = doctype
    if text is not None:
        parser.CharacterDataHandler = text
    return parser
