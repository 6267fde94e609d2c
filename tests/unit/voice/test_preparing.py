"""Before a batch may ring anybody, every sentence that its families could hear is there."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select, update

from ivr.launching import NotFit
from ivr.preparing import prepare_batch
from prompts.audio import wav_of
from prompts.errors import NotPrepared
from ptm.models import Batch, Message
from tests.callflow.stage import Stage


@pytest.fixture
def batch_id(stage: Stage) -> int:
    """The class's batch, not yet prepared."""
    with stage.runtime.database.writing() as tx:
        tx.execute(update(Batch).where(Batch.id == stage.batch_id).values(state="preparing"))
    return stage.batch_id


def state_of(stage: Stage, batch_id: int) -> str | None:
    with stage.runtime.database.reading() as tx:
        return tx.scalar(select(Batch.state).where(Batch.id == batch_id))


def test_a_batch_is_opened_when_all_its_audio_is_there(stage: Stage, batch_id: int) -> None:
    phone = stage.dial({"name": f"Prepared {stage.runtime.database.dialect.title()}"}, prepared=False)
    with stage.runtime.database.session() as session:
        child = phone.facts["children"][0]["id"]
        session.add(Message(round_id=stage.round_id, child_id=child, attendance=87, level="level.sentences",
                            praise="praise.asks_questions"))  # fmt: skip
    assert prepare_batch(stage.runtime, batch_id) > 0
    assert state_of(stage, batch_id) == "calling"
    assert phone.answer().deliver().waits == "menu"
    assert phone.press("1").deliver().waits == "continue"


def test_a_family_that_changes_the_language_in_mid_call_was_prepared_for_it(stage: Stage, batch_id: int) -> None:
    phone = stage.dial({"name": f"Changing {stage.runtime.database.dialect.title()}"}, prepared=False)
    prepare_batch(stage.runtime, batch_id)
    phone.answer().deliver()
    phone.press("*").deliver()
    assert phone.press("3").deliver().waits == "menu"


def test_prepared_twice_renders_nothing(stage: Stage, batch_id: int) -> None:
    prepare_batch(stage.runtime, batch_id)
    assert prepare_batch(stage.runtime, batch_id) == 0


def test_a_batch_with_a_prompt_that_drags_stays_shut_and_says_why(stage: Stage, batch_id: int) -> None:
    stage.dial(prepared=False)
    studio = stage.parts.studio
    dragging = wav_of(3_000 * np.random.default_rng(2).standard_normal(13 * 8_000))
    words = studio.catalogue["listen.speak", "hi"].text
    studio.recorded.add(dragging, words, "hi", recorded_by="teacher", recorded_at=stage.clock.now())
    try:
        with pytest.raises(NotFit, match=r"listen\.speak \(hi\): it lasts 13\.0 s"):
            prepare_batch(stage.runtime, batch_id)
        assert state_of(stage, batch_id) == "preparing"
    finally:
        studio.unrecord_prompt("listen.speak", "hi")
    prepare_batch(stage.runtime, batch_id)
    assert state_of(stage, batch_id) == "calling"


def test_a_batch_with_a_praise_that_nobody_wrote_stays_shut_and_says_why(stage: Stage, batch_id: int) -> None:
    phone = stage.dial(prepared=False)
    child = phone.facts["children"][0]["id"]
    with stage.runtime.database.session() as session:
        session.add(Message(round_id=stage.round_id, child_id=child, praise="praise.unheard_of"))
    with pytest.raises(NotPrepared, match=r"praise\.unheard_of"):
        prepare_batch(stage.runtime, batch_id)
    assert state_of(stage, batch_id) == "preparing"
