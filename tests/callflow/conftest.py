"""Calls are played on a stage: a school on each kind of database."""

from __future__ import annotations

from tests.callflow.staging import stage

__all__ = ["stage"]
