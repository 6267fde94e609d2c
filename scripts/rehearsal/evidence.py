"""What a stack rehearsal leaves behind: the exchange's journal, and what our tables say of the same calls."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from callqueue.participation import load_participation
from callqueue.runtime import Runtime
from carrier.exchange.journal import Entry, read_journal
from ptm.models import Area, Attempt, Batch, Call, Household, PhoneNumber, Recording, Round, Suggestion, Transcript
from scripts.rehearsal.stage import Stage


@dataclass(frozen=True)
class OurCall:
    """A call as our tables have it at the end."""

    msisdns: tuple[str, ...]
    state: str
    disposition: str | None
    reach: str
    tries: int
    opted_out_at: datetime | None


@dataclass(frozen=True)
class OurAttempt:
    msisdn: str
    token: str
    state: str
    outcome: str | None
    reach: str


@dataclass(frozen=True)
class OurRecording:
    """`file_sha256` is that of the file as it lies on the disk now, None when there is none."""

    state: str
    sha256: str | None
    file_sha256: str | None
    has_words: bool
    status: str | None


@dataclass(frozen=True)
class Evidence:
    """`counts` are the participation that pages show, for the whole state; `batches` counts those not over."""

    journal: Sequence[Entry]
    families: Sequence[tuple[str, ...]]
    calls: Sequence[OurCall]
    attempts: Sequence[OurAttempt]
    recordings: Mapping[str, OurRecording]
    open_batches: int
    counts: Mapping[str, int]


def gather(stage: Stage, runtime: Runtime, families: Sequence[tuple[str, ...]]) -> Evidence:
    with runtime.database.reading() as tx:
        ordered = select(PhoneNumber.__table__).order_by(PhoneNumber.household_id, PhoneNumber.position)
        numbers = {row.id: (row.household_id, runtime.vault.unseal(row.sealed_msisdn)) for row in tx.execute(ordered)}
        return Evidence(
            journal=list(read_journal(stage.folder / "exchange" / "journal.jsonl")),
            families=families,
            calls=_calls(tx, numbers),
            attempts=_attempts(tx, numbers),
            recordings=_recordings(tx, runtime.settings.storage.recordings),
            open_batches=_count(tx, select(func.count()).where(Batch.state != "done")),
            counts=_participation(tx),
        )


def _calls(tx: Connection, numbers: Mapping[int, tuple[int, str]]) -> list[OurCall]:
    of_household: dict[int, list[str]] = {}
    for household_id, msisdn in numbers.values():
        of_household.setdefault(household_id, []).append(msisdn)
    rows = tx.execute(
        select(Call.__table__, Household.opted_out_at).join(Household, Household.id == Call.household_id)
    )  # fmt: skip
    return [
        OurCall(tuple(of_household.get(row.household_id, ())), row.state, row.disposition, row.reach, row.tries,
                row.opted_out_at)
        for row in rows
    ]  # fmt: skip


def _attempts(tx: Connection, numbers: Mapping[int, tuple[int, str]]) -> list[OurAttempt]:
    rows = tx.execute(select(Attempt.__table__).order_by(Attempt.id))
    return [OurAttempt(numbers[row.phone_id][1], row.token, row.state, row.outcome, row.reach) for row in rows]


def _recordings(tx: Connection, folder: Path) -> dict[str, OurRecording]:
    words = set(tx.scalars(select(Transcript.recording_id)))
    rows = tx.execute(
        select(Recording.__table__, Suggestion.status).outerjoin(Suggestion, Suggestion.recording_id == Recording.id)
    )
    return {
        row.carrier_id: OurRecording(
            row.state, row.sha256, _sha256(folder / row.file) if row.file else None, row.id in words, row.status
        )
        for row in rows
    }


def _sha256(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _participation(tx: Connection) -> Mapping[str, int]:
    state_id = tx.scalars(select(Area.id).where(Area.parent_id.is_(None))).one()
    round_id = tx.scalars(select(Round.id)).one()
    return load_participation(tx, round_id, "area", [state_id])[state_id]


def _count(tx: Connection, query: Any) -> int:
    return int(tx.scalar(query) or 0)
