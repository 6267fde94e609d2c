"""Where a class stands in the teacher's pages."""

from __future__ import annotations

from sqlalchemy import select

from ptm.models import Batch
from tests.web.district import District


def page_of(class_id: int) -> str:
    return f"/teacher/classes/{class_id}"


def batch_of(district: District) -> int:
    found = district.value(select(Batch.id))
    assert isinstance(found, int)
    return found
