"""Numbers at rest tell nothing without the key, and the key can be changed while calls go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select

from ptm.clock import ManualClock
from ptm.database import Database
from ptm.errors import SettingsError
from ptm.models import Household, PhoneNumber, TeacherLine, User
from ptm.resealing import PER_TRANSACTION, outdated, reseal
from ptm.roster import RosterRefused, import_roster, read_roster
from ptm.sealing import Vault

OLD, NEW = "the-data-key-of-last-year", "the-data-key-of-this-year"
NUMBER = "919814012345"


@pytest.fixture
def old() -> Vault:
    return Vault(OLD)


def test_a_sealed_number_comes_back(old: Vault) -> None:
    assert old.unseal(old.seal(NUMBER)) == NUMBER
    assert Vault(OLD).unseal(old.seal(NUMBER)) == NUMBER


def test_a_number_is_sealed_differently_each_time_and_found_the_same_each_time(old: Vault) -> None:
    assert old.seal(NUMBER) != old.seal(NUMBER)
    assert old.index(NUMBER) == Vault(OLD).index(NUMBER) != old.index("919814012346")


def test_neither_seal_nor_index_shows_a_digit_of_the_number_or_the_key(old: Vault) -> None:
    shown = old.seal(NUMBER) + bytes.fromhex(old.index(NUMBER))
    assert NUMBER.encode() not in shown and b"98140" not in shown and OLD.encode() not in shown


def test_another_key_finds_and_opens_nothing(old: Vault) -> None:
    assert Vault(NEW).index(NUMBER) != old.index(NUMBER)
    with pytest.raises(SettingsError, match="SUNVAI_DATA_KEY is not the key") as refused:
        Vault(NEW).unseal(old.seal(NUMBER))
    assert OLD not in str(refused.value) and NUMBER not in str(refused.value)


def test_a_changed_byte_anywhere_is_noticed(old: Vault) -> None:
    sealed = old.seal(NUMBER)
    for at in range(len(sealed)):
        bent = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(SettingsError):
            old.unseal(bent)


@pytest.mark.parametrize("sealed", [b"", b"x", b"x" * 20, b"\x00" * 60])
def test_what_was_never_sealed_is_refused(old: Vault, sealed: bytes) -> None:
    with pytest.raises(SettingsError):
        old.unseal(sealed)
    with pytest.raises(SettingsError):
        old.unseal(old.seal(NUMBER)[:4] + sealed)


def test_the_row_of_a_number_shows_its_last_four_digits_only(old: Vault) -> None:
    row = old.phone_number(NUMBER, household_id=1, position=0)
    assert row.last4 == "2345"
    assert old.unseal(row.sealed_msisdn) == NUMBER


def numbers(count: int) -> list[str]:
    return [f"9198{number:08}" for number in range(count)]


@pytest.fixture
def village(database: Database, old: Vault, clock: ManualClock) -> Iterator[Database]:
    """A few more numbers than are sealed in one transaction, all with the old key."""
    with database.writing() as tx:
        tx.execute(insert(Household).values(id=1, language="pa", created_at=clock.now()))
        tx.execute(insert(PhoneNumber), [
            {"household_id": 1, "position": at, "sealed_msisdn": old.seal(msisdn), "msisdn_index": old.index(msisdn),
             "last4": msisdn[-4:]}
            for at, msisdn in enumerate(numbers(PER_TRANSACTION + 20))
        ])  # fmt: skip
    yield database


def opened(database: Database, vault: Vault) -> list[str]:
    with database.reading() as tx:
        rows = tx.execute(select(PhoneNumber.sealed_msisdn, PhoneNumber.msisdn_index).order_by(PhoneNumber.id)).all()
    found = [vault.unseal(row.sealed_msisdn) for row in rows]
    assert all(
        row.msisdn_index in (vault.index(msisdn), Vault(OLD).index(msisdn))
        for row, msisdn in zip(rows, found, strict=True)
    )
    return found


def test_the_key_is_changed_step_by_step_and_every_number_can_be_called_at_each(village: Database, old: Vault) -> None:
    both_old, both_new, new = Vault(OLD, [NEW]), Vault(NEW, [OLD]), Vault(NEW)
    everyone = numbers(PER_TRANSACTION + 20)
    assert opened(village, both_old) == everyone  # step 1
    assert both_old.unseal(new.seal(NUMBER)) == NUMBER  # and what step 2 will seal
    assert opened(village, both_new) == everyone  # step 2
    assert outdated(village, both_new) == len(everyone)
    assert reseal(village, both_new) == len(everyone)  # step 3
    assert (outdated(village, both_new), reseal(village, both_new)) == (0, 0)
    assert opened(village, new) == everyone  # step 4
    with pytest.raises(SettingsError):
        opened(village, old)


def test_resealing_that_is_killed_goes_on_where_it_was(village: Database) -> None:
    both = Vault(NEW, [OLD])
    updates = 0

    def die(*told: object) -> None:
        nonlocal updates
        updates += str(told[2]).startswith("UPDATE")
        if updates == PER_TRANSACTION + 10:
            raise KeyboardInterrupt

    event.listen(village.engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        reseal(village, both)
    event.remove(village.engine, "before_cursor_execute", die)
    assert outdated(village, both) == 20
    assert opened(village, both) == numbers(PER_TRANSACTION + 20)
    assert reseal(village, both) == 20


def test_a_teachers_own_number_is_sealed_anew_too(village: Database, old: Vault, clock: ManualClock) -> None:
    now, both = clock.now(), Vault(NEW, [OLD])
    with village.session() as session:
        teacher = User(login="teacher", name="Teacher", role="teacher", password_hash="", created_at=now)
        session.add(teacher)
        session.flush()
        session.add(
            TeacherLine(
                user_id=teacher.id, sealed_msisdn=old.seal(NUMBER), msisdn_index=old.index(NUMBER), last4=NUMBER[-4:],
                opens_ist=time(15), closes_ist=time(17), updated_at=now,
            )
        )  # fmt: skip
    assert outdated(village, both) == PER_TRANSACTION + 21
    assert reseal(village, both) == PER_TRANSACTION + 21
    with village.reading() as tx:
        row = tx.execute(select(TeacherLine.sealed_msisdn, TeacherLine.msisdn_index)).one()
    assert (Vault(NEW).unseal(row.sealed_msisdn), row.msisdn_index) == (NUMBER, Vault(NEW).index(NUMBER))


def test_resealing_needs_the_key_before(village: Database) -> None:
    with pytest.raises(SettingsError, match="SUNVAI_OTHER_DATA_KEYS"):
        reseal(village, Vault(NEW))
    assert opened(village, Vault(OLD)) == numbers(PER_TRANSACTION + 20)


def test_no_list_is_imported_while_numbers_have_two_indexes(village: Database, clock: ManualClock) -> None:
    roster = read_roster(
        "list.csv", b"UDISE,School,Class,Name,Mobile\n03010100101,School,5A,Asha,9800000001\n"
    )  # fmt: skip
    both = Vault(NEW, [OLD])
    with pytest.raises(RosterRefused, match="sunvai db reseal"), village.session() as session:
        import_roster(session, roster, vault=both, user_id=None, now=clock.now())
    reseal(village, both)
    with village.session() as session:
        report = import_roster(session, roster, vault=both, user_id=None, now=clock.now())
    assert (report.children_added, report.numbers_added) == (1, 0)


def test_no_number_can_be_read_in_the_files_of_a_database(village: Database, tmp_path: Path) -> None:
    if village.dialect != "sqlite":
        pytest.skip("the files of a PostgreSQL server lie elsewhere")
    village.dispose()
    content = b"".join(file.read_bytes() for file in tmp_path.glob("sunvai.db*"))
    assert b"phone_number" in content
    assert not any(msisdn[2:].encode() in content for msisdn in numbers(PER_TRANSACTION + 20))
