"""calls that come in, teachers on the phone, answers.

New tables, and recordings, suggestions and consents that need no call of ours. On SQLite three tables are written
anew for that (`ptm.schema` holds foreign keys back meanwhile); on PostgreSQL nothing is rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _answers()
    _calls_that_come_in()
    _teachers_on_the_phone()
    _recordings_of_any_call()


def _answers() -> None:
    op.create_table(
        "answer",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("school_id", _KEY, nullable=True),
        sa.Column("area_id", _KEY, nullable=True),
        sa.Column("theme", sa.String(length=40), nullable=True),
        sa.Column("texts", _DOCUMENT, nullable=False),
        sa.Column("clips", _DOCUMENT, nullable=False),
        sa.Column("created_by_id", _KEY, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.CheckConstraint("(school_id is null) <> (area_id is null)", name=op.f("ck_answer_place")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_answer_area_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_answer_created_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_answer_round_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_answer_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_area_id"), "answer", ["area_id"], unique=False)
    op.create_index(op.f("ix_answer_round_id"), "answer", ["round_id"], unique=False)
    op.create_index(op.f("ix_answer_school_id"), "answer", ["school_id"], unique=False)


def _calls_that_come_in() -> None:
    op.create_table(
        "inbound_call",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("call_uuid", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("caller_index", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("household_id", _KEY, nullable=True),
        sa.Column("user_id", _KEY, nullable=True),
        sa.Column("call_id", _KEY, nullable=True),
        sa.Column("tree_hash", sa.String(length=64), nullable=True),
        sa.Column("facts", _DOCUMENT, nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("early", sa.Boolean(), nullable=False),
        sa.Column("reach", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("cause_code", sa.Integer(), nullable=True),
        sa.Column("cause_name", sa.String(length=200), nullable=True),
        sa.Column("talk_s", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "purpose in ('family', 'missed', 'teacher', 'unknown')", name=op.f("ck_inbound_call_purpose")
        ),
        sa.CheckConstraint("state in ('ringing', 'answered', 'ended')", name=op.f("ck_inbound_call_state")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_inbound_call_call_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_inbound_call_household_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_inbound_call_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_call")),
        sa.UniqueConstraint("call_uuid", name=op.f("uq_inbound_call_call_uuid")),
        sa.UniqueConstraint("token", name=op.f("uq_inbound_call_token")),
    )
    op.create_index("ix_inbound_call_caller", "inbound_call", ["caller_index", "began_at"], unique=False)
    op.create_index(op.f("ix_inbound_call_household_id"), "inbound_call", ["household_id"], unique=False)
    op.create_index(
        "ix_inbound_call_open",
        "inbound_call",
        ["began_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'ended'"),
        sqlite_where=sa.text("state <> 'ended'"),
    )
    op.add_column("call", sa.Column("asked_at", _INSTANT, nullable=True))
    op.create_table(
        "inbound_event",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("inbound_id", _KEY, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("form", _DOCUMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_call.id"], name=op.f("fk_inbound_event_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_event")),
        sa.UniqueConstraint("inbound_id", "key", name=op.f("uq_inbound_event_inbound_id_key")),
        sa.UniqueConstraint("nonce", name=op.f("uq_inbound_event_nonce")),
    )


def _teachers_on_the_phone() -> None:
    op.create_table(
        "teacher_line",
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("sealed_msisdn", sa.LargeBinary(), nullable=False),
        sa.Column("msisdn_index", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("pin_hash", sa.String(length=300), nullable=True),
        sa.Column("failed_pins", sa.Integer(), nullable=False),
        sa.Column("locked_until_at", _INSTANT, nullable=True),
        sa.Column("takes_calls", sa.Boolean(), nullable=False),
        sa.Column("opens_ist", sa.Time(), nullable=False),
        sa.Column("closes_ist", sa.Time(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_teacher_line_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_teacher_line")),
        sa.UniqueConstraint("msisdn_index", name=op.f("uq_teacher_line_msisdn_index")),
    )
    op.create_table(
        "voice_message",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("class_id", _KEY, nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("recording_id", _KEY, nullable=True),
        sa.Column("clip", sa.String(length=200), nullable=True),
        sa.Column("length_ms", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["school_class.id"], name=op.f("fk_voice_message_class_id")),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_voice_message_recording_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_voice_message_round_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_voice_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_message")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_voice_message_recording_id")),
    )
    op.create_index("ix_voice_message_class", "voice_message", ["round_id", "class_id"], unique=False)
    op.create_table(
        "callback_request",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("household_id", _KEY, nullable=False),
        sa.Column("class_id", _KEY, nullable=False),
        sa.Column("child_id", _KEY, nullable=True),
        sa.Column("attempt_id", _KEY, nullable=True),
        sa.Column("inbound_id", _KEY, nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("done_by_id", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_callback_request_attempt_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_callback_request_child_id")),
        sa.ForeignKeyConstraint(["class_id"], ["school_class.id"], name=op.f("fk_callback_request_class_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["app_user.id"], name=op.f("fk_callback_request_done_by_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_callback_request_household_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_call.id"], name=op.f("fk_callback_request_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_request")),
    )
    op.create_index(op.f("ix_callback_request_household_id"), "callback_request", ["household_id"], unique=False)
    op.create_index(
        "ix_callback_request_open",
        "callback_request",
        ["class_id"],
        unique=False,
        postgresql_where=sa.text("done_at is null"),
        sqlite_where=sa.text("done_at is null"),
    )


def _recordings_of_any_call() -> None:
    with op.batch_alter_table("consent") as consent:
        consent.add_column(sa.Column("inbound_id", _KEY, nullable=True))
        consent.alter_column("household_id", existing_type=_KEY, nullable=True)
        consent.create_foreign_key(op.f("fk_consent_inbound_id"), "inbound_call", ["inbound_id"], ["id"])
    with op.batch_alter_table("recording") as recording:
        recording.add_column(sa.Column("inbound_id", _KEY, nullable=True))
        recording.add_column(sa.Column("purpose", sa.String(length=40), server_default="suggestion", nullable=False))
        recording.alter_column("attempt_id", existing_type=_KEY, nullable=True)
        recording.create_foreign_key(op.f("fk_recording_inbound_id"), "inbound_call", ["inbound_id"], ["id"])
        recording.create_index(op.f("ix_recording_inbound_id"), ["inbound_id"])
        recording.drop_constraint(op.f("ck_recording_state"), type_="check")
        recording.create_check_constraint(op.f("ck_recording_state"), sa.text(_STATES))
        recording.create_check_constraint(op.f("ck_recording_purpose"), sa.text(_PURPOSES))
    with op.batch_alter_table("suggestion") as suggestion:
        suggestion.alter_column("call_id", existing_type=_KEY, nullable=True)
        suggestion.alter_column("school_id", existing_type=_KEY, nullable=True)


_STATES = "state in ('wanted', 'stored', 'transcribed', 'parked', 'discarded', 'used')"
_PURPOSES = "purpose in ('suggestion', 'message', 'prompt')"
