"""A village to call: schools, classes, families with numbers, a round. Everybody is known by role, nobody by name."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from callqueue import ledger, pacer, planning
from callqueue.ledger import CarrierEnd
from callqueue.runtime import Runtime
from ptm.models import (
    Area,
    Attempt,
    Batch,
    Call,
    Child,
    Guardianship,
    Household,
    PhoneNumber,
    Round,
    School,
    SchoolClass,
    Switch,
    TreeVersion,
)

LADDER = {"busy": 15, "no_answer": 180, "switched_off": 1440, "carrier_failed": 10, "hung_up_early": 120}


class Village:
    """Makes what a test needs and reads back what became of it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.now: datetime = runtime.clock.now()
        self._numbers = itertools.count(9_814_000_001)
        self._admissions = itertools.count(1)
        with self.writing() as tx:
            tx.execute(insert(TreeVersion).values(hash="tree", definition="", created_at=self.now))
        self.state = self.area("state", None)
        self.district = self.area("district", self.state)
        self.block = self.area("block", self.district)
        self.school = self.add_school()
        self.school_class = self.add_class(self.school, "5A")

    def writing(self) -> Any:
        return self.runtime.database.writing()

    def insert(self, table: Any, **values: Any) -> int:
        with self.writing() as tx:
            return int(tx.execute(insert(table).values(**values).returning(table.id)).scalar_one())

    def area(self, kind: str, parent_id: int | None) -> int:
        return self.insert(Area, kind=kind, code=f"{kind}{next(self._admissions)}", name=kind, parent_id=parent_id)

    def add_school(self, area_id: int | None = None) -> int:
        udise = f"0301{next(self._admissions):07d}"
        return self.insert(School, udise=udise, name="School", spoken={}, area_id=area_id or self.block)

    def add_class(self, school_id: int, name: str) -> int:
        return self.insert(SchoolClass, school_id=school_id, name=name)

    def family(self, *, children: Sequence[int] = (), numbers: int = 1, **household: Any) -> int:
        """Add a household with this many numbers and one child in each class of `children` (default: the class)."""
        values = {"language": "pa", "created_at": self.now} | household
        household_id = self.insert(Household, **values)
        for position in range(numbers):
            self.number(household_id, position)
        for class_id in children or [self.school_class]:
            child = self.insert(Child, class_id=class_id, name="Child", admission_no=str(next(self._admissions)))
            with self.writing() as tx:
                tx.execute(insert(Guardianship).values(child_id=child, household_id=household_id))
        return household_id

    def number(self, household_id: int, position: int) -> int:
        msisdn = f"91{next(self._numbers)}"
        vault = self.runtime.vault
        return self.insert(
            PhoneNumber, household_id=household_id, position=position, sealed_msisdn=vault.seal(msisdn),
            msisdn_index=vault.index(msisdn), last4=msisdn[-4:],
        )  # fmt: skip

    def open_round(self, **values: Any) -> int:
        today: date = self.now.date()
        defaults = {
            "area_id": self.state, "name": "Round", "starts_on_ist": today, "ends_on_ist": today + timedelta(days=5),
            "opens_ist": time(10), "closes_ist": time(19), "weekdays": "mon,tue,wed,thu,fri,sat", "holidays": {},
            "meeting_on_ist": today + timedelta(days=10), "tries": 3, "ladder": LADDER, "tree_hash": "tree",
        }  # fmt: skip
        return self.insert(Round, **(defaults | values))

    def start(self, round_id: int, class_id: int | None = None) -> int:
        """Press "call my class" and have the audio prepared."""
        batch_id = self.press(round_id, class_id)
        with self.runtime.database.session() as session:
            planning.prepared(session, batch_id)
        return batch_id

    def press(self, round_id: int, class_id: int | None = None) -> int:
        class_id = class_id or self.school_class
        with self.runtime.database.session() as session:
            key = f"form-{round_id}-{class_id}"
            now = self.runtime.clock.now()
            batch = planning.start_batch(
                session, round_id=round_id, class_id=class_id, user_id=None, form_key=key, now=now
            )
            return batch.id

    def claim(self) -> list[int]:
        return pacer.release(self.runtime)

    def end(self, attempt_id: int, outcome: str, **end: Any) -> None:
        with self.writing() as tx:
            ledger.ended(tx, attempt_id, CarrierEnd(outcome, self.runtime.clock.now(), **end))

    def call(self, household_id: int) -> Any:
        return self.row(select(Call.__table__).where(Call.household_id == household_id))

    def only_call(self) -> Any:
        return self.row(select(Call.__table__))

    def attempt(self, attempt_id: int) -> Any:
        return self.row(select(Attempt.__table__).where(Attempt.id == attempt_id))

    def attempts(self) -> Sequence[Any]:
        with self.runtime.database.reading() as tx:
            return tx.execute(select(Attempt.__table__).order_by(Attempt.id)).all()

    def batch_state(self, batch_id: int) -> str:
        return str(self.row(select(Batch.state).where(Batch.id == batch_id)).state)

    def row(self, query: Any) -> Any:
        with self.runtime.database.reading() as tx:
            return tx.execute(query).one()

    def set(self, table: Any, row_id: int, **values: Any) -> None:
        with self.writing() as tx:
            tx.execute(update(table).where(table.id == row_id).values(**values))

    def stop_dialing(self) -> None:
        with self.writing() as tx:
            tx.execute(insert(Switch).values(name="stop_dialing", on_since_at=self.now))

    def count(self, table: Any, *where: Any) -> int:
        with self.runtime.database.reading() as tx:
            return tx.scalar(select(func.count()).select_from(table).where(*where)) or 0
