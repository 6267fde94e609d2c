"""Seal every number anew with the present key, while calls go on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update

from ptm.database import Database
from ptm.models import PhoneNumber, TeacherLine
from ptm.sealing import Vault

SEALED = ((PhoneNumber, PhoneNumber.id), (TeacherLine, TeacherLine.user_id))
"""Every table that holds a sealed number, with its key."""

PER_TRANSACTION = 500
"""Rows. On SQLite every other writer waits for them: a few milliseconds."""


def reseal(database: Database, vault: Vault) -> int:
    """Return how many numbers were sealed anew. Killed in the middle it goes on where it was; again changes nothing.

    Raises SettingsError for a number whose key is not known; what was done before stays done.
    """
    done = 0
    for table, key in SEALED:
        while resealed := _reseal_some(database, vault, table, key):
            done += resealed
    return done


def outdated(database: Database, vault: Vault) -> int:
    """Count the numbers that were sealed with another key."""
    with database.reading() as tx:
        counts = (select(func.count()).where(vault.is_outdated(table.sealed_msisdn)) for table, _ in SEALED)
        return sum(tx.scalar(count) or 0 for count in counts)


def _reseal_some(database: Database, vault: Vault, table: Any, key: Any) -> int:
    with database.writing() as tx:
        rows = tx.execute(
            select(key.label("key"), table.sealed_msisdn)
            .where(vault.is_outdated(table.sealed_msisdn))
            .order_by(key)
            .limit(PER_TRANSACTION)
            .with_for_update()
        ).all()
        for row in rows:
            msisdn = vault.unseal(row.sealed_msisdn)
            anew = {"sealed_msisdn": vault.seal(msisdn), "msisdn_index": vault.index(msisdn)}
            tx.execute(update(table).where(key == row.key).values(**anew))
    return len(rows)
