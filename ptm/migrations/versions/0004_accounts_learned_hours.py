"""several carrier accounts, learned hours, fewer indexes on calls.

A call is looked for by its family or by its key, never by its school alone, and never by its round alone: the unique
key, family first, answers both, and planning a state writes two index entries less for each call. On SQLite the
table of calls is written anew for that; on PostgreSQL building the key locks it against writers for some seconds.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("attempt", sa.Column("account", sa.String(length=40), server_default="main", nullable=False))
    op.add_column("round", sa.Column("hours", sa.String(length=40), server_default="ladder", nullable=False))
    op.add_column("participation_change", sa.Column("rang_at_hour", sa.Integer(), nullable=True))
    op.add_column("participation_change", sa.Column("picked_up", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "pick_up",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("place_id", _KEY, nullable=False),
        sa.Column("hour_ist", sa.Integer(), nullable=False),
        sa.Column("dials", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "place_id", "hour_ist", name=op.f("pk_pick_up")),
    )
    with op.batch_alter_table("call") as call:
        call.create_unique_constraint(op.f("uq_call_household_id_round_id"), ["household_id", "round_id"])
        call.drop_constraint(op.f("uq_call_round_id_household_id"), type_="unique")
        call.drop_index(op.f("ix_call_household_id"))
        call.drop_index(op.f("ix_call_school_id"))
