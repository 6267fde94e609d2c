"""How Alembic reaches the database: through the connection that ptm.schema hands over, never a URL of its own."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from ptm.models import Base, Instant


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our instants as plain SQL types: an old migration must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=_render,
    render_as_batch=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
