"""A column among many ids, as one parameter where the database can: a text with a thousand places is slow to read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, any_, literal


def among(tx: Connection, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    if tx.dialect.name == "postgresql":
        found: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(BigInteger)))
    else:
        found = column.in_(ids)
    return found
