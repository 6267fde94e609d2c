"""Files made to fill the memory or to keep the machine busy are refused within two seconds, before they unfold."""

from __future__ import annotations

import contextlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ptm.roster import read_roster
from ptm.roster.opening import MAX_FILE_BYTES
from tests.unit.ptm.roster.lists import as_text, as_workbook, packed, with_shared_texts

ROOT = Path(__file__).parents[4]
WITHIN_S, WITHIN_MB = 2.0, 100
SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSE = b"</sheetData></worksheet>"

# In a process of its own: what it takes can then be told from what the tests before it took.
MEASURE = """
import json, resource, sys, time
from ptm.roster import read_roster
read_roster("warm", b"Name,Mobile")
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with open(sys.argv[1], "rb") as file:
    before, started = peak_mb(), time.process_time()
    roster = read_roster("list", file)
print(json.dumps({"s": time.process_time() - started, "mb": peak_mb() - before,
                  "reasons": [problem.reason for problem in roster.problems], "rows": len(roster.rows)}))
"""


def workbook(parts: dict[str, bytes]) -> bytes:
    """Return a workbook with some of its parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(with_shared_texts(as_workbook([("Name", "Mobile")])))) as source:
        return packed({name: source.read(name) for name in source.namelist()} | parts)


NOISE = random.Random(1).randbytes(2_000_000).hex().encode()
"""What packs badly: it passes the check of sizes and must be stopped while it is read."""


def cells(number: int) -> bytes:
    return b"".join(b"<c><v>%d</v></c>" % (n * n) for n in range(number))


def zip_bomb() -> bytes:
    return workbook({SHEET: OPEN + b"<row><c><v>1</v></c></row>" * 1_000_000 + CLOSE})


def text_bomb() -> bytes:
    return workbook({"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 1_000_000 + b"</sst>"})


def billion_laughs() -> bytes:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return workbook({SHEET: b'<!DOCTYPE x [<!ENTITY l0 "ha">' + entities + b"]>" + OPEN + b"&l9;" + CLOSE})


def quadratic_entity() -> bytes:
    doctype = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100_000 + b'">]>'
    return workbook({"xl/sharedStrings.xml": doctype + b"<sst><si><t>" + b"&a;" * 50_000 + b"</t></si></sst>"})


def outside_file() -> bytes:
    doctype = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return workbook({SHEET: doctype + OPEN + b'<row><c t="inlineStr"><is><t>&a;</t></is></c></row>' + CLOSE})


def million_columns() -> bytes:
    return workbook({SHEET: OPEN + b"<row>" + cells(1_000_000) + b"</row>" + CLOSE})


def many_texts() -> bytes:
    texts = b"".join(b"<si><t>%d</t></si>" % n for n in range(900_000))
    return workbook({"xl/sharedStrings.xml": b"<sst>" + texts + b"</sst>"})


def many_cells_without_rows() -> bytes:
    return workbook({SHEET: OPEN + cells(1_000_000) + CLOSE})


def million_columns_of_text() -> bytes:
    return b"Name,Mobile\n" + b"," * 1_000_000


def million_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for number in range(60_000):
            target.writestr(f"{number}", b"")
    return out.getvalue()


def deep_xml() -> bytes:
    return workbook({SHEET: OPEN + b"".join(b"<a%d>" % n for n in range(100_000)) + CLOSE})


def endless_tag() -> bytes:
    return workbook({SHEET: OPEN + b"<row " + b'a="' + NOISE + b'"/>' + CLOSE})


def endless_cell() -> bytes:
    return workbook({SHEET: OPEN + b'<row><c t="inlineStr"><is><t>' + NOISE + b"</t></is></c></row>" + CLOSE})


def endless_line() -> bytes:
    return b"Name,Mobile\n" + NOISE


def open_quotation() -> bytes:
    return as_text([("UDISE", "Class", "Name", "Mobile")]) + b'"' + b"03010100101,5A,Asha,9814012345\n" * 500_000


def too_large() -> bytes:
    return b"Name,Mobile\n" * (MAX_FILE_BYTES // 12 + 10)


def lying_sizes() -> bytes:
    """A part that says it is small and is not."""
    data = bytearray(workbook({SHEET: OPEN + b"<row><c><v>1</v></c></row>" * 1_000_000 + CLOSE}))
    real = len(OPEN) + 26 * 1_000_000 + len(CLOSE)
    told = real.to_bytes(4, "little")
    assert data.count(told) >= 1
    return bytes(data.replace(told, (1000).to_bytes(4, "little")))


BOMBS: dict[Callable[[], bytes], str] = {
    zip_bomb: "unpacks to far more",
    text_bomb: "unpacks to far more",
    billion_laughs: "declares entities",
    quadratic_entity: "declares entities",
    outside_file: "declares entities",
    million_columns: "columns",
    many_texts: "far more text",
    many_cells_without_rows: "",
    million_columns_of_text: "longer than",
    million_parts: "far too many parts",
    deep_xml: "",
    endless_tag: "",
    endless_cell: "",
    endless_line: "longer than",
    open_quotation: "quotation mark",
    too_large: "larger than",
    lying_sizes: "",
}


@pytest.mark.parametrize(("bomb", "reason"), BOMBS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_a_bomb_is_refused_at_once(bomb: Callable[[], bytes], reason: str, tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(bomb())
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["rows"] == 0
    assert any(reason in one for one in told["reasons"]), told
    assert told["s"] <= WITHIN_S, told
    assert told["mb"] <= WITHIN_MB, told


def test_a_part_named_to_lead_out_of_the_folder_writes_nothing(tmp_path: Path) -> None:
    before = sorted(tmp_path.parent.rglob("*"))
    with contextlib.chdir(tmp_path):
        read_roster("list.xlsx", workbook({"../was-here": b"x", "..\\was-here-too": b"x"}))
    assert sorted(tmp_path.parent.rglob("*")) == before
