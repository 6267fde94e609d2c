"""Several processes that teach one network (synchronous data-parallel descent): each hears its part of every batch, and
all take the same step by the mean of what they found. Threads of torch share cores badly, processes do not.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

SIZE = 2  # of every team, however many cores there are: a seed shall give the same network
Found = TypeVar("Found")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Member:
    """One process of a team, and the process that called it together."""

    number: int
    size: int
    caller: int

    def part(self, batch: Sequence[Item]) -> Sequence[Item]:
        """What of a batch this one hears."""
        return batch[self.number :: self.size]

    def agree(self, parameters: Sequence[Any]) -> None:
        """Every slope becomes the mean of the team's. Raises SystemExit when nobody waits for the network any more."""
        import torch
        from torch import distributed

        if os.getppid() != self.caller:
            raise SystemExit("the process that wanted this network is gone")
        slopes = torch.cat([parameter.grad.flatten() for parameter in parameters])
        distributed.all_reduce(slopes)
        slopes /= self.size
        at = 0
        for parameter in parameters:
            parameter.grad.copy_(slopes[at : at + parameter.numel()].view_as(parameter))
            at += parameter.numel()


def together(teach: Callable[[Member], Found], size: int = SIZE) -> Found:
    """What the first member returns, once all have ended well.

    Raises RuntimeError when one fails; its own message is on standard error, and the others are ended.
    """
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="sunvai-team-") as folder:
        meeting = Path(folder) / "meeting"
        members = [Member(number, size, os.getpid()) for number in range(size)]
        team = [fork.Process(target=_work, args=(member, meeting, teach, here, there)) for member in members]
        try:
            for process in team:
                process.start()
            there.close()
            found: Found = _awaited(team, here)
            return found
        finally:
            for process in team:
                if process.is_alive():
                    process.terminate()
                    process.join()
            here.close()


def _awaited(team: Sequence[BaseProcess], here: Connection) -> Any:
    """What comes through ``here``, when every process has ended with exit code 0."""
    found: list[Any] = []
    waited: dict[Any, BaseProcess | None] = {here: None, **{process.sentinel: process for process in team}}
    while waited:
        for ready in wait(list(waited)):
            process = waited.pop(ready)
            try:
                failed = bool(process and process.exitcode)
                found += [] if process else [here.recv()]
            except (EOFError, OSError):
                failed = True
            if failed:
                raise RuntimeError("teaching the network failed: the message of the process that did is above")
    return found[0]


def _work(member: Member, meeting: Path, teach: Callable[[Member], Found], here: Connection, there: Connection) -> None:
    from torch import distributed

    here.close()
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    distributed.init_process_group("gloo", f"file://{meeting}", rank=member.number, world_size=member.size)
    found = teach(member)
    distributed.barrier()
    if member.number == 0:
        there.send(found)
    distributed.destroy_process_group()
