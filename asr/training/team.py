"""Several processes that teach one network (synchronous data-parallel descent): each hears its part of every batch, and
all take the same step by the mean of what they found. Threads of torch share cores badly, processes do not.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

SIZE = 2  # of every team, whatever the machine has: a seed shall give the same network anywhere
Found = TypeVar("Found")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Member:
    """One process of a team."""

    number: int
    size: int

    def part(self, batch: Sequence[Item]) -> Sequence[Item]:
        """What of a batch this one hears."""
        return batch[self.number :: self.size]

    def agree(self, parameters: Sequence[Any]) -> None:
        """Every slope becomes the mean of the team's."""
        import torch
        from torch import distributed

        slopes = torch.cat([parameter.grad.flatten() for parameter in parameters])
        distributed.all_reduce(slopes)
        slopes /= self.size
        at = 0
        for parameter in parameters:
            parameter.grad.copy_(slopes[at : at + parameter.numel()].view_as(parameter))
            at += parameter.numel()


def together(teach: Callable[[Member], Found], size: int = SIZE) -> Found:
    """What the first member returns. Raises RuntimeError when one fails; its own message is on standard error."""
    here, there = multiprocessing.Pipe(duplex=False)
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="sunvai-team-") as folder:
        meeting = Path(folder) / "meeting"
        team = [fork.Process(target=_work, args=(Member(n, size), meeting, teach, there)) for n in range(size)]
        for process in team:
            process.start()
        there.close()
        try:
            found: Found = here.recv()
        except EOFError:
            raise RuntimeError("teaching the network failed: see the message of its process above") from None
        finally:
            for process in team:
                process.join()
    return found


def _work(member: Member, meeting: Path, teach: Callable[[Member], Found], there: Connection) -> None:
    from torch import distributed

    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    distributed.init_process_group("gloo", f"file://{meeting}", rank=member.number, world_size=member.size)
    found = teach(member)
    if member.number == 0:
        there.send(found)
    distributed.destroy_process_group()
