"""The sample school: its class list, its people, what the teacher says of each child, its families at the exchange."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from callqueue import bells
from callqueue.opening import open_round
from callqueue.planning import start_batch
from callqueue.runtime import Runtime
from ivr.trees.load import PTM_TREE, load_tree
from prompts.catalogues import ids, load_catalogue
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm import schema
from ptm.clock import IST
from ptm.models import Area, Child, Household, Message, PhoneNumber, Round, School, SchoolClass, TeacherLine, User
from ptm.passwords import hash_password
from ptm.roster import import_roster, read_roster
from scripts.demonstration.families import Family, write_population
from scripts.demonstration.place import Place

CLASS_LIST = Path(__file__).parent.parent / "sample" / "class_5a.csv"
SEED = 5
# Two children in three have been praised for something by the time the week begins.
PRAISED = 0.67
# The teacher's own phone: nobody of the sample list has this number.
TEACHER_PHONE, TEACHER_PIN = "917000000005", "246810"


@dataclass(frozen=True)
class Person:
    login: str
    name: str
    role: str
    does: str


PEOPLE = (
    Person("teacher", "Class teacher", "teacher", "calls the class and sees who still needs a call"),
    Person("analyst", "Analyst", "analyst", "listens to what families said and reviews it"),
    Person("leader", "District leader", "leader", "sees participation and the unreached"),
    Person("operator", "Operator", "operator", "stops all dialling, adds people"),
)


@dataclass(frozen=True)
class Sample:
    """What the demonstration needs to know of it."""

    round_id: int
    class_id: int
    class_name: str
    teacher_id: int
    families: tuple[Family, ...]

    def start_batch(self, runtime: Runtime) -> None:
        """Do what the teacher's button does; a second time changes nothing."""
        with runtime.database.session() as session:
            batch = start_batch(
                session, round_id=self.round_id, class_id=self.class_id, user_id=self.teacher_id,
                form_key="demonstration", now=runtime.clock.now(),
            )  # fmt: skip
            batch_id = batch.id
        runtime.bells.ring(bells.PREPARE, [batch_id])


def furnish(runtime: Runtime, place: Place) -> Sample:
    """Bring the place to where the teacher can press the button; what is there already stays as it is."""
    schema.upgrade(runtime.database)
    with runtime.database.session() as session:
        if session.scalar(select(User.id).limit(1)) is None:
            _fill(session, runtime, place)
    with runtime.database.reading_session() as session:
        sample = _load(session, runtime)
    population = place.folder / "families"
    if not (population / "population.json").exists():
        voice = EspeakSynthesiser()
        write_population(population, sample.families, voice, seed=SEED)
        voice.close()
    return sample


def _fill(session: Session, runtime: Runtime, place: Place) -> None:
    now = runtime.clock.now()
    roster = read_roster(CLASS_LIST.name, CLASS_LIST.read_bytes())
    import_roster(session, roster, vault=runtime.vault, user_id=None, now=now)
    school_class = session.scalars(select(SchoolClass)).one()
    people = _people(session, place.password, school_class, runtime)
    school_class.teacher_id = people["teacher"].id
    today = now.astimezone(IST).date()
    tree = load_tree(PTM_TREE)
    the_round = open_round(
        session, area_id=_state(session).id, name="PTM week", starts_on_ist=today,
        ends_on_ist=date.fromisoformat(place.round_ends_on), meeting_on_ist=today + timedelta(days=3),
        calling=runtime.settings.calling, tree_hash=tree.hash, tree_definition=tree.definition, now=now,
    )  # fmt: skip
    session.add_all(_messages(session, the_round.id, school_class.id))
    session.add(_teacher_line(people["teacher"], runtime))


def _people(session: Session, password: str, school_class: SchoolClass, runtime: Runtime) -> dict[str, User]:
    school = session.get_one(School, school_class.school_id)
    state = _state(session)
    hashed = hash_password(password)  # slow on purpose; the four share it
    users = {
        person.role: User(
            login=person.login, name=person.name, role=person.role, password_hash=hashed,
            school_id=school.id if person.role == "teacher" else None,
            area_id=None if person.role == "teacher" else state.id, created_at=runtime.clock.now(),
        )
        for person in PEOPLE
    }  # fmt: skip
    session.add_all(users.values())
    session.flush()
    return users


def _teacher_line(teacher: User, runtime: Runtime) -> TeacherLine:
    """Let families reach the teacher, and the teacher the teachers' line."""
    return TeacherLine(
        user_id=teacher.id, sealed_msisdn=runtime.vault.seal(TEACHER_PHONE),
        msisdn_index=runtime.vault.index(TEACHER_PHONE), last4=TEACHER_PHONE[-4:], pin_hash=hash_password(TEACHER_PIN),
        takes_calls=True, opens_ist=time(9), closes_ist=time(18), updated_at=runtime.clock.now(),
    )  # fmt: skip


def _state(session: Session) -> Area:
    return session.scalars(select(Area).where(Area.parent_id.is_(None))).one()


def _messages(session: Session, round_id: int, class_id: int) -> list[Message]:
    """Choose for each child what a teacher would: attendance, what it is learning, perhaps a praise."""
    chance = random.Random(SEED)  # noqa: S311 - nobody guesses against it
    catalogue = load_catalogue()
    levels, praises = ids(catalogue, "level."), ids(catalogue, "praise.")
    children: Sequence[int] = session.scalars(
        select(Child.id).where(Child.class_id == class_id).order_by(Child.id)
    ).all()
    return [
        Message(
            round_id=round_id, child_id=child_id, attendance=chance.randint(55, 100), level=chance.choice(levels),
            praise=chance.choice(praises) if chance.random() < PRAISED else None,
        )
        for child_id in children
    ]  # fmt: skip


def _load(session: Session, runtime: Runtime) -> Sample:
    school_class = session.scalars(select(SchoolClass).order_by(SchoolClass.id).limit(1)).one()
    households = session.scalars(select(Household).order_by(Household.id)).all()
    families = [Family(tuple(_numbers(household.numbers, runtime)), household.language) for household in households]
    return Sample(
        round_id=session.scalars(select(Round.id).order_by(Round.id).limit(1)).one(),
        class_id=school_class.id,
        class_name=school_class.name,
        teacher_id=school_class.teacher_id or 0,
        families=tuple(family for family in families if family.msisdns),
    )


def _numbers(numbers: Sequence[PhoneNumber], runtime: Runtime) -> list[str]:
    return [runtime.vault.unseal(number.sealed_msisdn) for number in numbers]
