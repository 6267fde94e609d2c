"""The cast: an exchange in virtual time and a customer who answers as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from carrier.exchange.clock import ClockLoop, VirtualPace
from tests.unit.exchange.rehearsal import Rehearsal, rehearsal

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Rehearsal]]:
    """Open an exchange; one opened again in the same folder is the next life of the first."""
    all_opened: list[Rehearsal] = []

    def opening(**plan: Any) -> Rehearsal:
        loop = ClockLoop(VirtualPace(), AT)
        all_opened.append(rehearsal(tmp_path, loop, **plan))
        return all_opened[-1]

    yield opening
    for one in all_opened:
        one.close()


@pytest.fixture
def exchange(opened: Callable[..., Rehearsal]) -> Rehearsal:
    return opened()
