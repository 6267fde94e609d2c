"""priority, deadline, budget, breaker, participation.

Adds columns that are empty or have a default and tables that nobody reads yet: the code before this works on. Locks
are waited for 4 s and no statement runs longer than 60 s (ptm.schema); `ix_call_due` is built anew, which takes about
2 s for two million planned calls.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_COUNTS = (
    "calls", "ended", "unreached", "rang", "answered", "heard", "responded", "recorded", "dials", "pulses",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("call", sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("withdrawn_at", _INSTANT, nullable=True))
    for column in (
        sa.Column("theme", sa.String(length=200), nullable=True),
        sa.Column("deadline_at", _INSTANT, nullable=True),
        sa.Column("paused_at", _INSTANT, nullable=True),
        sa.Column("lines", sa.Integer(), nullable=True),
        sa.Column("budget_paise", sa.BigInteger(), nullable=True),
        sa.Column("pulse_paise", sa.Integer(), nullable=True),
    ):
        op.add_column("round", column)
    for column in (
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=True),
        sa.Column("probe_at", _INSTANT, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
    ):
        op.add_column("pace", column)
    _partial_index("ix_household_opted_out", "household", ["id"], "opted_out_at is not null")
    _partial_index("ix_phone_number_retired", "phone_number", ["household_id"], "retired_at is not null")
    op.drop_index("ix_call_due", table_name="call")
    _partial_index("ix_call_due", "call", ["priority", "due_at", "id"], "state = 'planned'")
    _participation()


def _participation() -> None:
    op.create_table(
        "participation",
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("place_id", _KEY, nullable=False),
        *_counts(),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_participation_round_id")),
        sa.PrimaryKeyConstraint("round_id", "kind", "place_id", name=op.f("pk_participation")),
    )
    op.create_table(
        "participation_change",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("round_id", _KEY, nullable=False),
        sa.Column("school_id", _KEY, nullable=False),
        *_counts(),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_participation_change_round_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_participation_change_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_change")),
    )
    op.create_index(op.f("ix_participation_change_round_id"), "participation_change", ["round_id"], unique=False)


def _counts() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS]


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
