"""Two districts of schools and the people who look after them: what is whose, for every test of a page."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from callqueue import participation, planning
from callqueue.runtime import Runtime
from ivr.trees.load import PTM_TREE, load_tree
from ptm.models import (
    Answer,
    Area,
    Attempt,
    Batch,
    Call,
    CallbackRequest,
    CallChild,
    Child,
    Guardianship,
    Household,
    PhoneNumber,
    PutThrough,
    Recording,
    Round,
    School,
    SchoolClass,
    Suggestion,
    Transcript,
    TreeVersion,
    User,
    VoiceMessage,
)

PASSWORD = "three words are easy"
LADDER = {"busy": 15, "no_answer": 180, "switched_off": 1440, "carrier_failed": 10, "hung_up_early": 120}


@cache
def hashed_password() -> str:
    """Return a hash that is quick to compare: that real ones are slow is proved where passwords are."""
    return generate_password_hash(PASSWORD, "scrypt:1024:8:1")


@dataclass(frozen=True)
class Family:
    """A household as tests name it. Its number and its child's name must stay where they belong."""

    household_id: int
    child_id: int
    msisdn: str
    child_name: str


class District:
    """Makes places, people, families, batches and suggestions, and reads back what became of them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.now: datetime = runtime.clock.now()
        self._numbers = itertools.count(9_814_000_001)
        self._counts = itertools.count(1)
        tree = load_tree(PTM_TREE)
        self.tree_hash = tree.hash
        self._add(TreeVersion(hash=tree.hash, definition=tree.definition, created_at=self.now))
        self.state = self.area("state", None)
        self.round_id = self.open_round()

    # ---- places and people ----

    def area(self, kind: str, parent_id: int | None) -> int:
        number = next(self._counts)
        return self._add(Area(kind=kind, code=f"{number:02d}", name=f"{kind.title()} {number}", parent_id=parent_id))

    def school(self, area_id: int, name: str | None = None) -> int:
        number = next(self._counts)
        return self._add(School(udise=f"0301{number:07d}", name=name or f"School {number}", spoken={}, area_id=area_id))

    def school_class(self, school_id: int, name: str, teacher_id: int | None = None) -> int:
        return self._add(SchoolClass(school_id=school_id, name=name, teacher_id=teacher_id))

    def give_class(self, class_id: int, teacher_id: int) -> None:
        with self.runtime.database.session() as session:
            session.get_one(SchoolClass, class_id).teacher_id = teacher_id

    def person(self, login: str, role: str, *, area_id: int | None = None, school_id: int | None = None) -> int:
        return self._add(
            User(
                login=login, name=f"Person {login}", role=role, password_hash=hashed_password(), area_id=area_id,
                school_id=school_id, created_at=self.now,
            )
        )  # fmt: skip

    def open_round(self, **values: Any) -> int:
        today: date = self.now.date()
        defaults = {
            "area_id": self.state, "name": "Winter week", "starts_on_ist": today,
            "ends_on_ist": today + timedelta(days=5), "opens_ist": time(10), "closes_ist": time(19),
            "weekdays": "mon,tue,wed,thu,fri,sat", "holidays": {}, "meeting_on_ist": today + timedelta(days=10),
            "tries": 3, "ladder": LADDER, "tree_hash": self.tree_hash,
        }  # fmt: skip
        return self._add(Round(**(defaults | values)))

    # ---- families and their calls ----

    def family(self, class_id: int, *, child_name: str | None = None, phone: bool = True, **household: Any) -> Family:
        """Add a household with one number and one child in a class."""
        number = next(self._counts)
        msisdn = f"91{next(self._numbers)}"
        name = child_name or f"Child {number}"
        with self.runtime.database.session() as session:
            home = Household(**({"language": "pa", "created_at": self.now} | household))
            child = Child(class_id=class_id, name=name, admission_no=str(number), guardian_name=f"Parent {number}")
            session.add_all([home, child])
            session.flush()
            if phone:
                session.add_all([self._number(home.id, msisdn), Guardianship(child_id=child.id, household_id=home.id)])
            return Family(home.id, child.id, msisdn, name)

    def sibling(self, family: Family, class_id: int) -> int:
        child_id = self._add(Child(class_id=class_id, name="Sibling", admission_no=str(next(self._counts))))
        self._add(Guardianship(child_id=child_id, household_id=family.household_id))
        return child_id

    def start(self, class_id: int, *, prepared: bool = True) -> int:
        """Start the calls of a class as its teacher would."""
        with self.runtime.database.session() as session:
            batch = planning.start_batch(
                session, round_id=self.round_id, class_id=class_id, user_id=None,
                form_key=f"{class_id:032x}", now=self.runtime.clock.now(),
            )  # fmt: skip
            if prepared:
                planning.prepared(session, batch.id)
            return batch.id

    def call_of(self, family: Family) -> int:
        found = self.value(select(Call.id).where(Call.household_id == family.household_id))
        assert isinstance(found, int)
        return found

    def attempt(self, family: Family, **values: Any) -> int:
        """Add a dial of the family's call, under way unless `values` say otherwise."""
        call_id = self.call_of(family)
        phone_id = self.value(select(PhoneNumber.id).where(PhoneNumber.household_id == family.household_id))
        number = 1 + int(self.value(select(func.count()).select_from(Attempt).where(Attempt.call_id == call_id)))
        now = self.runtime.clock.now()
        defaults = {
            "call_id": call_id, "number": number, "phone_id": phone_id, "token": f"{next(self._counts):032x}",
            "state": "ringing", "claimed_at": now, "lease_until_at": now, "tree_hash": self.tree_hash, "facts": {},
        }  # fmt: skip
        return self._add(Attempt(**(defaults | values)))

    def set_call(self, family: Family, **values: Any) -> None:
        with self.runtime.database.session() as session:
            call = session.get_one(Call, self.call_of(family))
            ends = call.state != "ended" and values.get("state") == "ended"
            for name, value in values.items():
                setattr(call, name, value)
            session.flush()
            if ends:
                participation.count_ended(session.connection(), [(call.round_id, call.school_id, call.reach)])

    def cover(self, family: Family) -> None:
        """Note that a dial of the family's call carried the messages of its children."""
        with self.runtime.database.session() as session:
            for one in session.scalars(select(CallChild).where(CallChild.call_id == self.call_of(family))):
                one.covered = True

    def suggestion(self, family: Family, *, words: list[dict[str, Any]] | None = None, **values: Any) -> int:
        """Add what a family said at the end of its call: its sound, its transcript when `words` are given."""
        attempt_id = self.attempt(family, state="ended", reach="recorded")
        now = self.runtime.clock.now()
        with self.runtime.database.session() as session:
            call = session.get_one(Call, self.call_of(family))
            file = f"{attempt_id}.wav"
            recording = Recording(
                attempt_id=attempt_id, carrier_id=f"recording-{attempt_id}", url="https://media.example/1.wav",
                language="pa", state="transcribed", duration_ms=4000, wanted_at=now, due_at=now, file=file,
            )  # fmt: skip
            session.add(recording)
            session.flush()
            text = " ".join(word["text"] for word in words or [])
            if words is not None:
                session.add(self._transcript(recording.id, text, words))
            defaults = {
                "recording_id": recording.id, "call_id": call.id, "school_id": call.school_id, "source": "call",
                "language": "pa", "public_text": text, "created_at": now,
            }  # fmt: skip
            suggestion = Suggestion(**(defaults | values))
            session.add(suggestion)
            session.flush()
            self._write_sound(file)
            return suggestion.id

    def said(self, school_id: int, text: str = "", **values: Any) -> int:
        """Add what a parent of a school said in person, as an analyst has read it unless `values` say otherwise."""
        defaults = {
            "school_id": school_id, "source": "in_person", "language": "en", "public_text": text, "status": "read",
            "doubt": 0.0, "created_at": self.now,
        }  # fmt: skip
        return self._add(Suggestion(**(defaults | values)))

    def wish(self, family: Family, class_id: int, **values: Any) -> int:
        """Add a family's wish to be called by the teacher of a class."""
        defaults = {
            "household_id": family.household_id, "class_id": class_id, "child_id": family.child_id, "reason": "asked",
            "asked_at": self.runtime.clock.now(),
        }  # fmt: skip
        return self._add(CallbackRequest(**(defaults | values)))

    def put_through(self, family: Family, **values: Any) -> int:
        """Add that the teacher of a family's child, or somebody else where there is none, asked for the family."""
        of_child = select(SchoolClass.teacher_id).join(Child, Child.class_id == SchoolClass.id)
        teacher_id = self.value(of_child.where(Child.id == family.child_id)) or self.person(
            f"asking {family.child_id}", "teacher"
        )
        defaults = {
            "user_id": teacher_id, "household_id": family.household_id, "child_id": family.child_id,
            "asked_at": self.runtime.clock.now(),
        }  # fmt: skip
        return self._add(PutThrough(**(defaults | values)))

    def voice(self, class_id: int, **values: Any) -> int:
        """Add a teacher's own words for a class, ready unless `values` say otherwise."""
        teacher_id = self.value(select(func.min(User.id))) or self.person("speaker", "teacher")
        defaults = {
            "round_id": self.round_id, "class_id": class_id, "user_id": teacher_id, "clip": "0" * 64 + ".wav",
            "length_ms": 4200, "created_at": self.runtime.clock.now(),
        }  # fmt: skip
        return self._add(VoiceMessage(**(defaults | values)))

    def answer(self, school_id: int | None, **values: Any) -> int:
        """Add an answer of a school in English; other places and languages by `values`."""
        defaults = {
            "round_id": self.round_id, "school_id": school_id, "texts": {"en": "there is clean water now"},
            "clips": {}, "created_at": self.now,
        }  # fmt: skip
        return self._add(Answer(**(defaults | values)))

    # ---- what stands in the tables ----

    def value(self, query: Any) -> Any:
        with self.runtime.database.reading() as tx:
            return tx.scalar(query)

    def rows(self, query: Any) -> list[Any]:
        with self.runtime.database.reading() as tx:
            return list(tx.execute(query).all())

    def count(self, table: Any, *where: Any) -> int:
        return int(self.value(select(func.count()).select_from(table).where(*where)))

    def batch_state(self, batch_id: int) -> str:
        return str(self.value(select(Batch.state).where(Batch.id == batch_id)))

    def _add(self, row: Any) -> int:
        with self.runtime.database.session() as session:
            session.add(row)
            session.flush()
            return int(row.id) if hasattr(row, "id") else 0

    def _number(self, household_id: int, msisdn: str) -> PhoneNumber:
        vault = self.runtime.vault
        return PhoneNumber(
            household_id=household_id, position=0, sealed_msisdn=vault.seal(msisdn), msisdn_index=vault.index(msisdn),
            last4=msisdn[-4:],
        )  # fmt: skip

    def _transcript(self, recording_id: int, text: str, words: list[dict[str, Any]]) -> Transcript:
        return Transcript(
            recording_id=recording_id, model="small", verdict="speech" if text else "no_speech", text=text,
            words=words, confidence=0.7, details={}, created_at=self.runtime.clock.now(),
        )  # fmt: skip

    def _write_sound(self, file: str) -> None:
        folder = self.runtime.settings.storage.recordings
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28))
