"""Write a class list: what is new is added, what changed is changed, and a second time nothing happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ptm import audit
from ptm.models import Call, Household, PhoneNumber
from ptm.roster.batches import in_batches
from ptm.roster.children import Wanted, write_children
from ptm.roster.families import group_families
from ptm.roster.households import Settled, settle_families
from ptm.roster.known import Known, KnownChild, load_known
from ptm.roster.matching import match_children
from ptm.roster.numbers import plan_numbers, write_numbers
from ptm.roster.places import Places, settle_places
from ptm.roster.records import Roster, RosterRow
from ptm.roster.refusals import RosterRefused
from ptm.sealing import Vault

DEFAULT_LANGUAGE = "pa"
MOST_CLASSES_NAMED = 50
_IMPORT_LOCK = 8126319


@dataclass
class ImportReport:
    """What an import did, in counts, and the ids of the classes it touched.

    `siblings` are households with more than one child. `not_in_list` are children of the listed classes who are not in
    the list: they stay where they are. `numbers_left` are numbers that the list no longer has: they are not called.
    `opted_out` are households of the list that asked not to be called.
    """

    children: int = 0
    children_added: int = 0
    children_changed: int = 0
    children_moved: int = 0
    without_phone: int = 0
    not_in_list: int = 0
    households: int = 0
    households_added: int = 0
    siblings: int = 0
    numbers_added: int = 0
    numbers_left: int = 0
    opted_out: int = 0
    schools_added: int = 0
    classes_added: int = 0
    class_ids: tuple[int, ...] = field(default=())


def import_roster(
    session: Session, roster: Roster, *, vault: Vault, user_id: int | None, now: datetime,
    default_language: str = DEFAULT_LANGUAGE,
) -> ImportReport:  # fmt: skip
    """Write all of `roster` in the caller's transaction, with its record in the audit, and say what changed.

    1. Schools and classes. 2. What is known of them. 3. Which child is which. 4. Households. 5. Numbers. 6. Children.
    Raises RosterRefused, with nothing written, for a list that has problems or that does not name a new school.
    """
    if not roster.is_clean:
        raise RosterRefused(f"nothing was imported: the list has {len(roster.problems)} problem(s), mend them first")
    if session.get_bind().dialect.name == "postgresql":
        # Two imports that find the same number new must not both add it. SQLite has one writer anyway.
        session.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))
    _refuse_while_resealing(session, vault)
    indexes = {number: vault.index(number) for number in _numbers(roster)}
    places = settle_places(session, roster.rows)
    known = load_known(session, school_ids=places.schools.values(), indexes=indexes.values())
    matched = _match(roster, known, places, indexes)
    settled = settle_families(group_families(roster.rows), matched, known, indexes)
    report = _report(roster, places, settled, known, matched)
    _write_households(session, settled, now, default_language)
    plan = plan_numbers(settled, known)
    write_numbers(session, plan, vault=vault, msisdn_of={index: msisdn for msisdn, index in indexes.items()}, now=now)
    _write_languages(session, settled, known)
    wanted = list(_wanted(roster, places, settled, matched))
    write_children(session, wanted, user_id=user_id, now=now)
    report.numbers_added, report.numbers_left = len(plan.new), sum(move.is_left for move in plan.moves)
    report.children_added = sum(one.is_new for one in wanted)
    report.children_changed = sum(one.is_changed or one.is_moved for one in wanted)
    report.children_moved = sum(one.is_moved for one in wanted)
    audit.record(
        session, user_id=user_id, action="roster.import", subject="roster", subject_id=None,
        details=asdict(report) | {"class_ids": list(report.class_ids[:MOST_CLASSES_NAMED])}, now=now,
    )  # fmt: skip
    return report


def _refuse_while_resealing(session: Session, vault: Vault) -> None:
    """A number is found by an index of the present key: one that still has the old index would be added again."""
    if vault.is_changing_key and session.scalar(select(PhoneNumber.id).where(vault.is_outdated()).limit(1)) is not None:
        raise RosterRefused("the data key is being changed: run `sunvai db reseal` first, then import the list")


def _numbers(roster: Roster) -> list[str]:
    numbers = {number for row in roster.rows for number in (row.msisdn, *row.alternate_msisdns) if number is not None}
    return sorted(numbers)


def _match(roster: Roster, known: Known, places: Places, indexes: Mapping[str, str]) -> dict[int, KnownChild]:
    """Return the known child of each row, by the row's `id()`."""

    def household_of(row: RosterRow) -> int | None:
        number = known.numbers.get(indexes[row.msisdn]) if row.msisdn is not None else None
        return number.household_id if number else None

    # Only a list of many schools may take a child out of one: a teacher's list speaks for one class.
    found = match_children(roster.rows, known, places, household_of, across_schools=roster.place is None)
    return {id(roster.rows[at]): child for at, child in found.items()}


def _report(
    roster: Roster, places: Places, settled: list[Settled], known: Known, matched: Mapping[int, KnownChild]
) -> ImportReport:
    """Return what can be counted before anything is written."""
    in_list = {child.id for child in matched.values()}
    class_ids = {places.classes[row.school_udise, row.class_name] for row in roster.rows}
    return ImportReport(
        children=len(roster.rows),
        without_phone=sum(row.msisdn is None for row in roster.rows),
        not_in_list=sum(child.class_id in class_ids and child.id not in in_list for child in known.children.values()),
        households=len(settled),
        households_added=sum(one.household_id is None for one in settled),
        siblings=sum(_children(one, known, matched) > 1 for one in settled),
        opted_out=sum(_has_opted_out(one, known) for one in settled),
        schools_added=places.schools_added,
        classes_added=places.classes_added,
        class_ids=tuple(sorted(class_ids)),
    )


def _children(one: Settled, known: Known, matched: Mapping[int, KnownChild]) -> int:
    """Count the children of a household: those in the list, and those known from other lists."""
    in_list = {child.id for row in one.family.rows if (child := matched.get(id(row))) is not None}
    elsewhere = known.children_of[one.household_id] - in_list if one.household_id is not None else set()
    return len(one.family.rows) + len(elsewhere)


def _has_opted_out(one: Settled, known: Known) -> bool:
    wish = known.households[one.household_id].opted_out_at if one.household_id is not None else one.opted_out_at
    return wish is not None


def _write_households(session: Session, settled: list[Settled], now: datetime, default_language: str) -> None:
    new = [one for one in settled if one.household_id is None]
    if not new:
        return
    values = [
        {"language": one.family.language or default_language, "opted_out_at": one.opted_out_at, "created_at": now}
        for one in new
    ]
    added = session.scalars(insert(Household).returning(Household.id, sort_by_parameter_order=True), values)
    for one, household_id in zip(new, added.all(), strict=True):
        one.household_id = household_id


def _write_languages(session: Session, settled: list[Settled], known: Known) -> None:
    """Take a household's language from the list until it has answered a call: then the key it pressed counts more."""
    changed = {
        one.household_id: one.family.language
        for one in settled
        if one.speaks and one.household_id in known.households
        and one.family.language not in ("", known.households[one.household_id].language)
    }  # fmt: skip
    answered: set[int] = set()
    for ids in in_batches(changed):
        answered.update(
            session.scalars(
                select(Call.household_id).where(Call.household_id.in_(ids), Call.reach.not_in(("unreached", "rang")))
            )
        )
    values = [{"id": id, "language": language} for id, language in changed.items() if id not in answered]
    if values:
        session.execute(update(Household), values)


def _wanted(roster: Roster, places: Places, settled: list[Settled], matched: Mapping[int, KnownChild]) -> list[Wanted]:
    household_of = {id(row): one.household_id for one in settled for row in one.family.rows}
    wanted = []
    for row in roster.rows:
        known = matched.get(id(row))
        wanted.append(
            Wanted(
                known=known,
                class_id=places.classes[row.school_udise, row.class_name],
                household_id=household_of.get(id(row)),
                name=row.child_name,
                # A list without these columns says nothing about them.
                admission_no=row.admission_no or (known.admission_no if known else None),
                guardian_name=row.guardian_name or (known.guardian_name if known else None),
            )
        )
    return wanted
