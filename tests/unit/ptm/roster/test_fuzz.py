"""Whatever a file holds, a roster comes out: rows that are right, or problems that say why not."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptm.phone import is_msisdn
from ptm.roster import read_roster
from tests.unit.ptm.roster.lists import as_text, as_workbook, with_shared_texts

HEADINGS = ["UDISE Code", "Class", "Student Name", "Mobile No", "Language", "Admission No", "Alternate No"]
GOOD = ["03010100101", "5A", "ਅਨਮੋਲ ਸਿੰਘ", "98140-12345", "Punjabi", "4101", "9876500001"]

cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from([*HEADINGS, *GOOD, "", "9.81401E+09", "=1+1", '"', "<x>", "{{7*7}}", "\x00", "NA", "9" * 400]),
    st.from_regex(r"[0-9+\-. ()/,;]{0,14}", fullmatch=True),
)
some = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def check(data: bytes) -> None:
    """Read `data` and see that what comes out keeps its promises."""
    roster = read_roster("list", data)
    assert roster.rows or roster.problems
    assert all(problem.reason and problem.mend and problem.row >= 0 for problem in roster.problems)
    for row in roster.rows:
        numbers = (*([row.msisdn] if row.msisdn else []), *row.alternate_msisdns)
        assert all(is_msisdn(number) for number in numbers)
        assert row.child_name and row.class_name and len(row.school_udise) == 11
        assert not set(row.child_name) & set('<>{}="\x00;')


@given(st.lists(st.lists(cells, min_size=1, max_size=9), max_size=6))
@some
def test_any_cells_below_good_headings(rows: list[list[str]]) -> None:
    check(as_text([HEADINGS, *rows], encoding="utf-8-sig"))


@given(st.lists(st.lists(cells, max_size=9), max_size=6))
@some
def test_any_cells_at_all(rows: list[list[str]]) -> None:
    check(as_text(rows, encoding="utf-16"))


@given(st.binary(max_size=400))
@some
def test_any_bytes(data: bytes) -> None:
    check(data)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with a few bytes changed, cut out or doubled."""
    bent = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(bent))
        match chance.randrange(3):
            case 0:
                bent[at] = chance.randrange(256)
            case 1:
                del bent[at : at + chance.randrange(1, 40)]
            case _:
                bent[at:at] = bent[at : at + chance.randrange(1, 40)]
        if not bent:
            break
    return bytes(bent)


def damaged_part(data: bytes, chance: random.Random) -> bytes:
    """Return a workbook that unpacks well and whose parts are damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        names = source.namelist()
        for name in names:
            content = source.read(name)
            target.writestr(name, damaged(content, chance) if content and chance.random() < 0.4 else content)
    return out.getvalue()


def fuzz(times: int, seed: int) -> None:
    chance = random.Random(seed)
    rows = [HEADINGS, GOOD, [*GOOD[:2], "Asha", "9814012346", "Hindi", "4102", ""]]
    texts = [as_text(rows, encoding=encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16")]
    books = (as_workbook(rows), with_shared_texts(as_workbook(rows)))
    for _ in range(times):
        check(damaged(chance.choice(texts), chance))
        check(damaged(chance.choice(books), chance))
        check(damaged_part(chance.choice(books), chance))


def test_damaged_files() -> None:
    fuzz(150, seed=20)


@pytest.mark.long
def test_a_hundred_thousand_damaged_files() -> None:
    fuzz(33_400, seed=21)
