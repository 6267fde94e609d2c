"""Before a batch may ring anybody: every sentence that its families could hear is rendered and found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import select

from callqueue.briefing import brief
from callqueue.jobs import runtime
from callqueue.planning import prepared
from callqueue.runtime import Runtime
from ivr.launching import refuse_unfit_round
from ivr.trees.load import parse_tree
from ivr.trees.walk import everything_said
from ivr.voice.parts import studio_of
from ptm.models import Batch, Call, CallChild, Household, Round, TreeVersion


def prepare(batch_id: int) -> None:
    """The job: render a batch's audio, then let its calls be claimed."""
    prepare_batch(runtime(), batch_id)


def prepare_batch(parts: Runtime, batch_id: int) -> int:
    """Render what is missing for a batch's calls, in every language, and open the batch; return how much was missing.

    Done again it finds everything there. A prompt that cannot be rendered, or is not fit to be heard, leaves the batch
    preparing, and says so: raises NotPrepared, NotFit.
    """
    with closing(studio_of(parts)) as studio:
        says = (say for facts, tree in _calls(parts, batch_id) for say in everything_said(tree, facts))
        rendered = studio.prepare(says)
        refuse_unfit_round(parts, studio, _round_of(parts, batch_id))
    with parts.database.session() as session:
        prepared(session, batch_id)
    return rendered


def _round_of(parts: Runtime, batch_id: int) -> int:
    with parts.database.reading() as tx:
        return tx.execute(select(Batch.round_id).where(Batch.id == batch_id)).scalar_one()


def _calls(parts: Runtime, batch_id: int) -> Iterator[tuple[dict[str, Any], Any]]:
    with parts.database.reading() as tx:
        the_round = (
            tx.execute(
                select(Round.__table__, TreeVersion.definition)
                .join(Batch, Batch.round_id == Round.id)
                .join(TreeVersion, TreeVersion.hash == Round.tree_hash)
                .where(Batch.id == batch_id)
            )
            .mappings()
            .one()
        )
        calls = tx.execute(
            select(Call.id, Call.school_id, Household.language)
            .distinct()
            .join(CallChild, CallChild.call_id == Call.id)
            .join(Household, Household.id == Call.household_id)
            .where(CallChild.batch_id == batch_id)
        ).all()
        briefs = [brief(tx, row.id, the_round, language=row.language, school_id=row.school_id) for row in calls]
    tree = parse_tree(the_round["definition"])
    for facts in briefs:
        yield facts, tree
