"""What is kept of a webhook, of a call that we place or of one that comes in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ptm.models.base import At, Code, Document


class KeptWebhook:
    """A webhook that was verified, with the answer it got: a repeat gets the same answer. Rows are never changed."""

    # Sorted behind the key and the call it belongs to, as the tables were made.
    key: Mapped[Code] = mapped_column(sort_order=1)
    nonce: Mapped[str] = mapped_column(String(64), sort_order=1)
    body_sha256: Mapped[str] = mapped_column(String(64), sort_order=1)
    at: Mapped[At] = mapped_column(sort_order=1)
    form: Mapped[dict[str, Any]] = mapped_column(Document, sort_order=1)
    answer: Mapped[str] = mapped_column(Text, sort_order=1)
