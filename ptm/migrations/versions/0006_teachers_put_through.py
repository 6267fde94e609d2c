"""teachers put through to families: a table of who asked for whom.

Only a new table, which the code before it does not know and never misses: nothing is locked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "put_through",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("household_id", _KEY, nullable=False),
        sa.Column("child_id", _KEY, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("inbound_id", _KEY, nullable=True),
        sa.Column("spoken_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_put_through_child_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_put_through_household_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_call.id"], name=op.f("fk_put_through_inbound_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_put_through_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_put_through")),
    )
    op.create_index("ix_put_through_user_id", "put_through", ["user_id", "asked_at"], unique=False)
    op.create_index(op.f("ix_put_through_household_id"), "put_through", ["household_id"], unique=False)
    op.create_index(op.f("ix_put_through_inbound_id"), "put_through", ["inbound_id"], unique=False)
