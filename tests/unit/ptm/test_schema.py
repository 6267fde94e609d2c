"""Migrations make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from ptm import schema
from ptm.database import Database
from ptm.models import Recording, Suggestion


def test_migrations_and_models_agree(database: Database) -> None:
    assert schema.differences(database) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.is_current(database)


def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)
    assert not schema.is_current(database)
    database.dispose()


def test_a_database_with_calls_in_it_is_upgraded_and_loses_nothing(database_url: str) -> None:
    database = Database(database_url)
    schema.upgrade(database, "0002")
    with database.writing() as tx:
        for statement in _A_SUGGESTION_OF_OLD:
            tx.execute(text(statement))
    schema.upgrade(database)
    with database.reading() as tx:
        said = tx.execute(select(Suggestion.status, Recording.purpose).join(Suggestion.recording)).one()
    assert (said.status, said.purpose) == ("read", "suggestion")
    assert schema.differences(database) == []
    with pytest.raises(IntegrityError), database.writing() as tx:
        tx.execute(delete(Recording))  # the suggestion points to it: foreign keys watch again
    database.dispose()


_AT = "'2026-11-25 10:00:00'"
_A_SUGGESTION_OF_OLD = (
    "INSERT INTO area (id, kind, code, name) VALUES (1, 'state', '03', 'State')",
    "INSERT INTO school (id, udise, name, spoken, area_id) VALUES (1, '03010100101', 'School', '{}', 1)",
    f"INSERT INTO tree_version (hash, definition, created_at) VALUES ('h', '', {_AT})",
    "INSERT INTO round (id, area_id, name, starts_on_ist, ends_on_ist, opens_ist, closes_ist, weekdays, holidays,"
    " meeting_on_ist, tries, ladder, tree_hash)"
    " VALUES (1, 1, 'Week', '2026-11-23', '2026-11-28', '10:00', '19:00', 'mon', '{}', '2026-11-28', 3, '{}', 'h')",
    f"INSERT INTO household (id, language, created_at) VALUES (1, 'pa', {_AT})",
    "INSERT INTO phone_number (id, household_id, position, sealed_msisdn, msisdn_index, last4)"
    " VALUES (1, 1, 0, '', 'i', '0001')",
    "INSERT INTO call (id, round_id, household_id, school_id, state, due_at, tries, unplaced, number_position, reach)"
    f" VALUES (1, 1, 1, 1, 'open', {_AT}, 0, 0, 0, 'recorded')",
    "INSERT INTO attempt (id, call_id, number, phone_id, token, state, claimed_at, lease_until_at, tree_hash, facts,"
    f" step, early, opted_out, reach) VALUES (1, 1, 1, 1, 't', 'ended', {_AT}, {_AT}, 'h', '{{}}', 0, false, false,"
    " 'recorded')",
    "INSERT INTO recording (id, attempt_id, carrier_id, url, language, state, duration_ms, wanted_at, due_at, tries)"
    f" VALUES (1, 1, 'r', 'u', 'pa', 'stored', 4000, {_AT}, {_AT}, 0)",
    "INSERT INTO suggestion (recording_id, call_id, school_id, source, language, public_text, doubt, escalated, status,"
    f" created_at) VALUES (1, 1, 1, 'call', 'pa', '', 1.0, false, 'read', {_AT})",
)
