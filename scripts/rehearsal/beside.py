"""Several weeks beside each other: a week mostly waits, so two cores play several of them in the time of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context

from scripts.rehearsal import stack
from scripts.rehearsal.result import Result
from scripts.supervisor import die_with_parent

Week = Callable[[stack.Wish, Callable[[str], None]], Result]


def play(wishes: Sequence[stack.Wish], at_once: int, week: Week = stack.play) -> Iterator[Result]:
    """Play each week in a process of its own, `at_once` of them at a time, and yield their results as they end.

    Their lines go to standard output as they come, with the seed before each. After a week that did not keep its
    promises no further one begins; those that were begun end, and are yielded.
    """
    with ProcessPoolExecutor(at_once, get_context("spawn"), initializer=die_with_parent) as pool:
        # Handed over one by one: what lies in the pool's queue can no longer be called off.
        to_come = iter([(week, wish, len(wishes) > 1) for wish in wishes])
        running: set[Future[Result]] = {pool.submit(_played, *each) for each in islice(to_come, at_once)}
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            results = [each.result() for each in ended]
            if not all(result.is_kept for result in results):
                to_come = iter(())
            running |= {pool.submit(_played, *each) for each in islice(to_come, len(ended))}
            yield from results


def _played(week: Week, wish: stack.Wish, is_one_of_many: bool) -> Result:
    mark = f"[{wish.seed}] " if is_one_of_many else ""
    return week(wish, lambda line: print(f"{mark}{line}", flush=True))
