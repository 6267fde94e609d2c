"""Write the children of a list: new ones, changed ones, and which household answers for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from ptm import audit
from ptm.models import Child, Guardianship
from ptm.roster.batches import in_batches
from ptm.roster.known import KnownChild


@dataclass(frozen=True, slots=True)
class Wanted:
    """A child as the list has it, and as it was known before, if it was."""

    known: KnownChild | None
    class_id: int
    household_id: int | None
    name: str = field(repr=False)
    admission_no: str | None
    guardian_name: str | None = field(repr=False)

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def is_changed(self) -> bool:
        known = self.known
        return known is not None and (
            (known.class_id, known.name, known.admission_no, known.guardian_name) != self._columns()
        )

    @property
    def is_moved(self) -> bool:
        """Say whether the child has another class or another household than before."""
        known = self.known
        return known is not None and (known.class_id, known.household_id) != (self.class_id, self.household_id)

    def values(self) -> dict[str, Any]:
        return dict(zip(("class_id", "name", "admission_no", "guardian_name"), self._columns(), strict=True))

    def _columns(self) -> tuple[int, str, str | None, str | None]:
        return self.class_id, self.name, self.admission_no, self.guardian_name


def write_children(session: Session, wanted: Iterable[Wanted], *, user_id: int | None, now: datetime) -> None:
    """Write what differs. The history of a child who moved goes to the audit, in ids."""
    wanted = list(wanted)
    changed = [(one.known.id, one) for one in wanted if one.known is not None and one.is_changed]
    # Two children whose admission numbers are exchanged must not both have one of them in between.
    _update(session, [{"id": child_id, "admission_no": None} for child_id, _ in changed])
    _update(session, [{"id": child_id, **one.values()} for child_id, one in changed])
    _guard(session, [(one.known, one.household_id) for one in wanted if one.known is not None])
    _add(session, [one for one in wanted if one.is_new])
    for one in wanted:
        if one.known is not None and one.is_moved:
            audit.record(
                session, user_id=user_id, action="child.move", subject="child", subject_id=one.known.id,
                details={"from_class": one.known.class_id, "to_class": one.class_id,
                         "from_household": one.known.household_id, "to_household": one.household_id}, now=now,
            )  # fmt: skip


def _update(session: Session, values: list[dict[str, Any]]) -> None:
    if values:
        session.execute(update(Child), values)


def _add(session: Session, new: list[Wanted]) -> None:
    if not new:
        return
    added = session.scalars(
        insert(Child).returning(Child.id, sort_by_parameter_order=True), [one.values() for one in new]
    )
    pairs = zip(new, added.all(), strict=True)
    guarded = [{"child_id": child_id, "household_id": one.household_id} for one, child_id in pairs if one.household_id]
    if guarded:
        session.execute(insert(Guardianship), guarded)


def _guard(session: Session, pairs: list[tuple[KnownChild, int | None]]) -> None:
    """Give children to the households that answer for them now."""
    changed = [(child, household_id) for child, household_id in pairs if child.household_id != household_id]
    for ids in in_batches(child.id for child, _ in changed):
        session.execute(delete(Guardianship).where(Guardianship.child_id.in_(ids)))
    values = [{"child_id": child.id, "household_id": household_id} for child, household_id in changed if household_id]
    if values:
        session.execute(insert(Guardianship), values)
