"""Prints what a first worker costs in memory, and a second and third: MB of proportional set size, all together.

A worker is a parent that loaded every model and the child that it forks for a recording; the child of a further worker
shares the models with its parent's other children.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from asr.model_store import load_recognisers
from asr.recogniser import Recogniser

MODELS = Path(__file__).parents[2] / "asr" / "models"
HEARD_S = 10


def proportional_mb(process: int) -> float:
    """A process's memory, where what n processes share counts a n-th in each."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError("the kernel tells no proportional set size")


class Child:
    """A forked worker that has heard something and now waits, so that it can be looked at."""

    def __init__(self, recognisers: dict[str, Recogniser], pcm: bytes) -> None:
        ready_out, ready_in = os.pipe()
        wait_out, self._release = os.pipe()
        self.id = os.fork()
        if self.id == 0:
            os.close(self._release)
            for recogniser in recognisers.values():
                recogniser.hear(pcm)
            os.write(ready_in, b"1")
            os.read(wait_out, 1)
            os._exit(0)
        os.read(ready_out, 1)

    def end(self) -> None:
        os.write(self._release, b"1")
        os.waitpid(self.id, 0)


def main() -> None:
    folders = {path.name: path for path in sorted(MODELS.iterdir()) if path.is_dir()}
    recognisers = load_recognisers(folders)
    chance = np.random.default_rng(1)
    pcm = (chance.standard_normal(HEARD_S * 8000) * 3000).astype("<i2").tobytes()
    children: list[Child] = []
    totals = []
    for _ in range(3):
        children.append(Child(recognisers, pcm))
        totals.append(sum(map(proportional_mb, (os.getpid(), *(child.id for child in children)))))
    for child in children:
        child.end()
    print(*(f"{mb:.1f}" for mb in (totals[0], totals[1] - totals[0], totals[2] - totals[1])))


if __name__ == "__main__":
    main()
