"""Participation is exact at every moment: as calls end, before and after folding, whoever folds."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from callqueue import ledger
from callqueue.participation import FIELDS, count, fold, load_participation
from callqueue.planning import plan_round, prepared
from callqueue.pulses import pulses_of
from callqueue.runtime import Runtime
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.models import Attempt, Call, Participation, ParticipationChange
from tests.unit.callqueue.village import Village


def counted(village: Village, kind: str, place_id: int) -> dict[str, int]:
    with village.runtime.database.reading() as tx:
        return dict(load_participation(tx, 1, kind, [place_id])[place_id])  # type: ignore[arg-type]


def recomputed(village: Village) -> dict[str, int]:
    """Count the state anew from the calls and attempts themselves."""
    counts = Counter(dict.fromkeys(FIELDS, 0))
    with village.runtime.database.reading() as tx:
        for state, reach in tx.execute(select(Call.state, Call.reach)):
            counts["calls"] += 1
            if state == "ended":
                counts["ended"] += 1
                counts[reach] += 1
        for outcome, talk_s in tx.execute(select(Attempt.outcome, Attempt.talk_s).where(Attempt.state == "ended")):
            counts["dials"] += outcome not in ("not_dialed", "not_placed", "throttled")
            counts["pulses"] += pulses_of(talk_s)
    return dict(counts)


def test_counts_are_exact_whatever_happens(village: Village, clock: ManualClock) -> None:
    chance = random.Random(7)
    far_class = village.add_class(village.add_school(village.area("district", village.state)), "9C")
    for number in range(30):
        village.family(children=[far_class if number % 3 else village.school_class])
    round_id = village.open_round()
    plan_round(village.runtime.database, round_id, user_id=None, now=village.now)
    for batch_id in (1, 2):
        with village.runtime.database.session() as session:
            prepared(session, batch_id)
    attempts: list[int] = []
    for _ in range(40):
        clock.advance(timedelta(minutes=20))
        attempts += village.claim()
        _something_happens(village, chance, attempts)
        assert counted(village, "area", village.state) == recomputed(village)
        if chance.random() < 0.3:
            with village.writing() as tx:
                fold(tx, most=7)
    assert recomputed(village)["ended"] > 5
    with village.writing() as tx:
        fold(tx)
    assert village.count(ParticipationChange) == 0
    assert counted(village, "area", village.state) == recomputed(village)
    parts = [counted(village, "school", school_id) for school_id in (1, 2)]
    assert {field: sum(part[field] for part in parts) for field in FIELDS} == recomputed(village)


def _something_happens(village: Village, chance: random.Random, attempts: list[int]) -> None:
    for attempt_id in chance.sample(attempts, min(3, len(attempts))):
        what = chance.choice(["busy", "no_answer", "rejected", "not_dialed", "heard", "answered", "opt_out"])
        if what == "opt_out":
            with village.writing() as tx:
                ledger.opt_out(tx, attempt_id, now=village.runtime.clock.now())
        elif what in ("heard", "answered"):
            with village.writing() as tx:
                ledger.raise_reach(tx, attempt_id, what)
            village.end(attempt_id, "ended_after_answer", talk_s=chance.randrange(1, 200))
        else:
            village.end(attempt_id, what)


def test_a_transaction_that_fails_counts_nothing(village: Village) -> None:
    village.family()
    village.start(village.open_round())
    (attempt_id,) = village.claim()
    before = counted(village, "school", village.school)
    try:
        with village.writing() as tx:
            ledger.opt_out(tx, attempt_id, now=village.now)
            ledger.ended(tx, attempt_id, ledger.CarrierEnd("busy", village.now))
            raise InterruptedError
    except InterruptedError:
        pass
    assert counted(village, "school", village.school) == before


def test_two_that_fold_at_once_count_once(runtime: Runtime, village: Village) -> None:
    for _ in range(40):
        village.family()
    village.start(village.open_round())
    with village.writing() as tx:
        ledger.end_planned(tx, list(range(1, 41)), disposition="expired", now=village.now)
        for _ in range(200):
            count(tx, 1, village.school, dials=1)
    together = threading.Barrier(3)

    def sweeper() -> None:
        database = Database(runtime.settings.database.url)
        together.wait()
        folded = 1
        while folded:
            with database.writing() as tx:
                folded = fold(tx, most=20)
        database.dispose()

    threads = [threading.Thread(target=sweeper) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with runtime.database.reading() as tx:
        folded = tx.execute(select(Participation.ended, Participation.dials).where(Participation.kind == "area")).all()
        assert tx.scalar(select(func.count()).select_from(ParticipationChange)) == 0
    assert [tuple(row) for row in folded] == [(40, 200)] * 3  # block, district and state


def test_a_place_without_calls_counts_nothing(village: Village) -> None:
    assert counted(village, "school", village.school) == dict.fromkeys(FIELDS, 0)
