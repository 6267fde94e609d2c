"""Seal every number anew with the present key, while calls go on."""

from __future__ import annotations

from sqlalchemy import func, select, update

from ptm.database import Database
from ptm.models import PhoneNumber
from ptm.sealing import Vault

PER_TRANSACTION = 500
"""Rows. On SQLite every other writer waits for them: a few milliseconds."""


def reseal(database: Database, vault: Vault) -> int:
    """Return how many numbers were sealed anew. Killed in the middle it goes on where it was; again changes nothing.

    Raises SettingsError for a number whose key is not known; what was done before stays done.
    """
    done = 0
    while resealed := _reseal_some(database, vault):
        done += resealed
    return done


def outdated(database: Database, vault: Vault) -> int:
    """Count the numbers that were sealed with another key."""
    with database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(PhoneNumber).where(vault.is_outdated())) or 0


def _reseal_some(database: Database, vault: Vault) -> int:
    with database.writing() as tx:
        rows = tx.execute(
            select(PhoneNumber.id, PhoneNumber.sealed_msisdn)
            .where(vault.is_outdated())
            .order_by(PhoneNumber.id)
            .limit(PER_TRANSACTION)
            .with_for_update()
        ).all()
        for row in rows:
            msisdn = vault.unseal(row.sealed_msisdn)
            tx.execute(
                update(PhoneNumber)
                .where(PhoneNumber.id == row.id)
                .values(sealed_msisdn=vault.seal(msisdn), msisdn_index=vault.index(msisdn))
            )
    return len(rows)
