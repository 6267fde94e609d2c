"""prompts said by phone: a table of what waits to be said.

Only a new table, which the code before it does not know and never misses: nothing is locked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "prompt_order",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("prompt_id", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.Column("recording_id", _KEY, nullable=True),
        sa.Column("said_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_prompt_order_recording_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_prompt_order_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_order")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_prompt_order_recording_id")),
    )
    op.create_index("ix_prompt_order_prompt", "prompt_order", ["prompt_id", "language"], unique=False)
    op.create_index(op.f("ix_prompt_order_user_id"), "prompt_order", ["user_id"], unique=False)
