"""Whom a round leaves out is counted in its area alone."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from callqueue import planning
from callqueue.leaving_out import LeftOut, count_left_out
from ptm.models import Child, PhoneNumber
from tests.unit.callqueue.village import Village


def test_children_and_families_that_cannot_be_called_are_counted_by_reason(village: Village) -> None:
    elsewhere = village.add_class(village.add_school(village.area("district", village.state)), "5A")
    here, everywhere = village.open_round(area_id=village.district), village.open_round()
    for class_id in (village.school_class, elsewhere):
        village.insert(Child, class_id=class_id, name="Child", admission_no="no phone")
        village.family(children=[class_id, class_id], opted_out_at=village.now)
        village.family(children=[class_id])
        retired = village.family(children=[class_id], numbers=2)
        with village.writing() as tx:
            of_family = PhoneNumber.household_id == retired
            tx.execute(update(PhoneNumber).where(of_family).values(retired_at=village.now))
        one_works = village.family(children=[class_id], numbers=2)
        with village.writing() as tx:
            first = (PhoneNumber.household_id == one_works, PhoneNumber.position == 0)
            tx.execute(update(PhoneNumber).where(*first).values(retired_at=village.now))
    with village.runtime.database.reading() as tx:
        assert count_left_out(tx, here) == LeftOut(1, 1, 1)
        assert count_left_out(tx, everywhere) == LeftOut(2, 2, 2)


def test_planning_a_round_tells_how_far_it_is(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SCHOOLS_AT_ONCE", 1)
    for class_id in (village.school_class, village.add_class(village.add_school(), "5A")):
        village.family(children=[class_id])
    told: list[tuple[int, int, int]] = []
    planned = planning.plan_round(
        village.runtime.database, village.open_round(), user_id=None, now=village.now,
        on_progress=lambda *progress: told.append(progress),
    )  # fmt: skip
    assert (planned, told) == (2, [(1, 2, 1), (2, 2, 2)])
