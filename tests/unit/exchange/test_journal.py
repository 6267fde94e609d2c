from __future__ import annotations

from pathlib import Path

import pytest

from carrier.exchange.errors import BadJournal
from carrier.exchange.journal import Journal, read_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchange" / "journal.jsonl"


def write(path: Path, *events: str) -> None:
    journal = Journal(path)
    for event in events:
        journal.append("2026-11-25T05:30:00.000Z", event, to="919812345678", text="हाँ")
    journal.close()


def test_what_was_appended_is_read_back_in_order(path: Path) -> None:
    write(path, "dialled", "ringing")
    write(path, "ended")
    assert [entry["event"] for entry in read_journal(path)] == ["dialled", "ringing", "ended"]
    assert next(read_journal(path))["text"] == "हाँ"


def test_a_line_torn_by_a_power_cut_is_dropped_and_the_journal_goes_on(path: Path) -> None:
    write(path, "dialled")
    with path.open("a") as file:
        file.write('{"at":"2026-11-25T05:30')
    write(path, "ended")
    assert [entry["event"] for entry in read_journal(path)] == ["dialled", "ended"]


def test_a_journal_damaged_in_its_middle_names_the_line(path: Path) -> None:
    write(path, "dialled")
    with path.open("a") as file:
        file.write("not a line of ours\n")
    write(path, "ended")
    with pytest.raises(BadJournal, match=r"journal.jsonl:2"):
        list(read_journal(path))


def test_only_one_exchange_writes_a_journal(path: Path) -> None:
    first = Journal(path)
    with pytest.raises(BadJournal, match="another exchange"):
        Journal(path)
    first.close()
    Journal(path).close()


def test_a_journal_that_is_not_there_is_empty(path: Path) -> None:
    assert list(read_journal(path)) == []
