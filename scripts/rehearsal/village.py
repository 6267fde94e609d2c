"""The schools and families that a stack rehearsal calls, and the press of the buttons that calls them."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from callqueue.opening import open_round
from callqueue.planning import plan_round, start_batch
from callqueue.runtime import Runtime
from ivr.trees.load import PTM_TREE, load_tree
from prompts.catalogues import ids, load_catalogue
from ptm.clock import IST
from ptm.models import Area, Child, Household, Message, SchoolClass
from ptm.roster import import_roster, read_roster
from scripts.demonstration.families import Family

CLASS_SIZE, CLASSES_OF_SCHOOL, NAMES = 40, 10, 12
# Of all children so many are brother or sister of another, in whatever class; so many families have a second number.
SIBLINGS, SECOND_NUMBERS = 0.15, 0.15
LANGUAGES = {"Punjabi": 6, "Hindi": 3, "English": 2}
_HEADINGS = (
    "UDISE Code", "School Name", "Admission No", "Student Name", "Guardian", "Mobile No", "Alternate No", "Class",
    "Language",
)  # fmt: skip
# Numbers of nobody, one after the other.
_FIRST_NUMBER = 7_000_100_000


@dataclass(frozen=True)
class Village:
    """What was set up: the round and every family's numbers, in the order in which they are to be tried."""

    round_id: int
    families: tuple[Family, ...]


def settle(runtime: Runtime, households: int, *, last_day: date, seed: int) -> Village:
    """Import class lists of that many households into an empty database, and open a round for them."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    now = runtime.clock.now()
    with runtime.database.session() as session:
        for rows in _schools(_children(households, chance)):
            roster = read_roster("class.csv", _csv(rows))
            import_roster(session, roster, vault=runtime.vault, user_id=None, now=now)
        round_id = _open(session, runtime, last_day)
        _write_messages(session, round_id, chance)
    with runtime.database.reading_session() as session:
        found = session.scalars(select(Household).order_by(Household.id)).all()
        families = tuple(
            Family(tuple(runtime.vault.unseal(number.sealed_msisdn) for number in one.numbers), one.language)
            for one in found
        )
    return Village(round_id, families)


def press(runtime: Runtime, village: Village) -> None:
    """Let every other teacher call the class, and the state call everybody else; a second time changes nothing."""
    now = runtime.clock.now()
    with runtime.database.reading_session() as session:
        classes = session.scalars(select(SchoolClass.id).order_by(SchoolClass.id)).all()
    for class_id in classes[::2]:
        with runtime.database.session() as session:
            start_batch(
                session, round_id=village.round_id, class_id=class_id, user_id=None, form_key=f"class-{class_id}",
                now=now,
            )  # fmt: skip
    plan_round(runtime.database, village.round_id, user_id=None, now=now)


@dataclass(frozen=True)
class _Child:
    number: int
    second_number: int | None
    language: str


def _children(households: int, chance: random.Random) -> list[_Child]:
    children = []
    for family in range(households):
        first = _FIRST_NUMBER + 2 * family
        second = first + 1 if chance.random() < SECOND_NUMBERS else None
        (language,) = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))
        count = 2 if chance.random() < SIBLINGS else 1
        children += [_Child(first, second, language)] * count
    chance.shuffle(children)
    return children


def _schools(children: Sequence[_Child]) -> Iterator[list[tuple[str, ...]]]:
    per_school = CLASS_SIZE * CLASSES_OF_SCHOOL
    for school, first in enumerate(range(0, len(children), per_school)):
        udise, name = f"0301{school % 7 + 1:02d}{school:05d}", f"Government Primary School {school + 1}"
        yield [
            (udise, name, str(first + at + 1), _name(first + at), "Guardian",
             str(child.number), str(child.second_number or ""), f"{at // CLASS_SIZE + 1}A", child.language)
            for at, child in enumerate(children[first : first + per_school])
        ]  # fmt: skip


def _name(number: int) -> str:
    """Return one of few names: each is spoken and kept as a clip, which would take longer than all of the calls."""
    return f"Child {chr(ord('A') + number % NAMES)}"


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_HEADINGS, *rows])
    return text.getvalue().encode()


def _open(session: Session, runtime: Runtime, last_day: date) -> int:
    now = runtime.clock.now()
    today = now.astimezone(IST).date()
    tree = load_tree(PTM_TREE)
    state_id = session.scalars(select(Area.id).where(Area.parent_id.is_(None))).one()
    opened = open_round(
        session, area_id=state_id, name="Rehearsal", starts_on_ist=today, ends_on_ist=last_day,
        meeting_on_ist=today + timedelta(days=10), calling=runtime.settings.calling, tree_hash=tree.hash,
        tree_definition=tree.definition, now=now,
    )  # fmt: skip
    return opened.id


def _write_messages(session: Session, round_id: int, chance: random.Random) -> None:
    catalogue = load_catalogue()
    levels, praises = ids(catalogue, "level."), ids(catalogue, "praise.")
    rows = [
        {"round_id": round_id, "child_id": child_id, "attendance": chance.randint(55, 100),
         "level": chance.choice(levels), "praise": chance.choice(praises) if chance.random() < 0.5 else None}
        for child_id in session.scalars(select(Child.id).order_by(Child.id))
    ]  # fmt: skip
    session.execute(insert(Message), rows)
