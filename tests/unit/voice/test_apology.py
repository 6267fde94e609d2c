"""Whoever listens hears an answer or an apology, within three seconds, and never an error's text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from ivr.trees.model import LANGUAGES, Say
from ptm.models import Attempt, CarrierEvent, TreeVersion
from tests.callflow.stage import Delivery, Document, Phone, Stage, open_stage
from tests.support import servers

TOO_LONG_S = 3.0


def sorry(stage: Stage) -> tuple[str, ...]:
    says = [Say("apology", language, {}) for language in LANGUAGES]
    return tuple(clip.name for say in says for clip in stage.parts.studio.resolve(say))


def apologises(stage: Stage, delivery: Delivery) -> None:
    began = time.monotonic()
    response = delivery.send()
    assert time.monotonic() - began < TOO_LONG_S
    assert (response.status_code, response.content_type) == (200, "application/xml; charset=utf-8")
    document = Document.read(response.text)
    assert document.plays == sorry(stage)
    assert document.waits == "hang up"


def tells_again(delivery: Delivery) -> None:
    """Nobody listens: the carrier is asked to deliver again."""
    assert delivery.send().status_code == 503


def test_a_prompt_that_was_never_rendered_is_an_apology_and_nothing_is_written(stage: Stage) -> None:
    stage.dial()
    phone = stage.dial({"name": "Nobody Prepared"}, prepared=False)
    events = stage.counted(CarrierEvent)
    apologises(stage, phone.answer())
    assert stage.counted(CarrierEvent) == events
    assert phone.row().state == "placed"


def test_a_call_goes_on_when_the_missing_prompt_is_there(stage: Stage) -> None:
    stage.dial()
    later = {"name": f"Later {stage.runtime.database.dialect.title()}"}
    phone = stage.dial(later, prepared=False)
    apologises(stage, phone.answer())
    stage.dial(later)
    assert phone.answer().deliver().waits == "menu"


def test_a_tree_that_cannot_be_read_is_an_apology(stage: Stage) -> None:
    phone = stage.dial()
    with stage.runtime.database.session() as session:
        session.add(TreeVersion(hash="b" * 64, definition="broken", created_at=stage.clock.now()))
    with stage.runtime.database.writing() as tx:
        tx.execute(update(Attempt).where(Attempt.id == phone.attempt_id).values(tree_hash="b" * 64))
    apologises(stage, phone.answer())


def test_the_fallback_apologises_in_every_language_to_whom_the_carrier_signed_for(stage: Stage) -> None:
    phone = stage.dial()
    apologises(stage, phone.event("fallback", {"CallStatus": "in-progress"}))
    assert stage.client().post(f"/voice/{phone.token}/fallback").status_code == 403


def test_where_not_even_the_apology_was_rendered_the_carriers_own_voice_says_it(redis_url: str, tmp_path: Path) -> None:
    with open_stage(database_url=f"sqlite:///{tmp_path}/a.db", redis_url=redis_url, folder=tmp_path) as stage:
        document = stage.dial(prepared=False).answer().deliver()
        assert document.waits == "hang up"
        assert '<Speak voice="WOMAN" language="en-GB" loop="1">Sorry, something went wrong.' in document.text


def test_a_row_that_somebody_else_holds_is_an_apology_in_time_and_the_call_goes_on_afterwards(stage: Stage) -> None:
    phone = stage.dial()
    phone.answer().deliver()
    with stage.runtime.database.writing() as tx:
        tx.execute(select(Attempt.id).where(Attempt.id == phone.attempt_id).with_for_update())
        apologises(stage, phone.press("1"))
    assert phone.press("1").deliver().waits == "continue"


# ---- a database that goes away in mid-call ----

Away = tuple[Stage, Callable[[], None], Callable[[], None]]


@pytest.fixture(params=["sqlite", "postgresql"])
def away(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path, folder: Path) -> Iterator[Away]:
    """A stage, and how to take its database away and bring it back."""
    if request.param == "sqlite":
        file, elsewhere = tmp_path / "a.db", tmp_path / "elsewhere"

        def take_away() -> None:
            stage.runtime.database.dispose()
            stage.parts.close()
            file.rename(elsewhere)
            file.mkdir()

        def bring_back() -> None:
            file.rmdir()
            elsewhere.rename(file)

        with open_stage(database_url=f"sqlite:///{file}", redis_url=redis_url, folder=folder) as stage:
            yield stage, take_away, bring_back
        return
    server = request.getfixturevalue("postgresql_server")
    with (
        servers.fresh_database(server, f"away_{tmp_path.name}") as url,
        open_stage(database_url=url, redis_url=redis_url, folder=folder) as stage,
    ):
        name = make_url(url).database
        admin = servers.create_engine(server, isolation_level="AUTOCOMMIT")

        def rename(old: str, new: str) -> None:
            with admin.connect() as connection:
                kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{old}'"
                connection.exec_driver_sql(kill)
                connection.exec_driver_sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

        yield stage, lambda: rename(f"{name}", f"{name}_gone"), lambda: rename(f"{name}_gone", f"{name}")
        admin.dispose()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "stage"


def called(stage: Stage) -> Phone:
    phone = stage.dial()
    phone.answer().deliver()
    phone.press("1").deliver()
    return phone


def test_a_database_that_is_away_is_an_apology_to_whoever_listens(away: Away) -> None:
    stage, take_away, bring_back = away
    phone, next_family = called(stage), stage.dial()
    take_away()
    apologises(stage, phone.silence())
    apologises(stage, next_family.answer())
    apologises(stage, phone.event("fallback", {}))
    for delivery in (phone.hang_up(), phone.ring()):
        tells_again(delivery)
    bring_back()


def test_what_was_told_while_the_database_was_away_is_taken_when_it_is_told_again(away: Away) -> None:
    stage, take_away, bring_back = away
    phone = called(stage)
    end = phone.hang_up()
    take_away()
    tells_again(end)
    bring_back()
    end.deliver()
    assert phone.row().state == "ended"


def test_a_database_that_restarted_is_not_noticed_by_the_family(away: Away) -> None:
    stage, take_away, bring_back = away
    phone = called(stage)
    take_away()
    bring_back()
    assert phone.silence().deliver().waits == "menu"
