"""A village, and a carrier that speaks real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callqueue.runtime import Runtime
from carrier.plivo.client import Limits, PlivoCarrier
from carrier.plivo.wire import Budget
from tests.conftest import SECRETS
from tests.unit.callqueue.one_database import database, database_url, migrated
from tests.unit.callqueue.small_carrier import SmallCarrier, opened_carrier
from tests.unit.callqueue.village import Village

__all__ = ["database", "database_url", "migrated"]

QUICK = Budget(connect_s=0.3, total_s=0.3)


@pytest.fixture
def village(runtime: Runtime) -> Village:
    return Village(runtime)


@pytest.fixture
def carrier(runtime: Runtime) -> Iterator[SmallCarrier]:
    """The real client, dialling a carrier that does what the test says."""
    with opened_carrier() as carrier:
        carrier.at = runtime.clock.now()
        runtime.__dict__["carrier"] = PlivoCarrier(
            SECRETS["PLIVO_AUTH_ID"], SECRETS["PLIVO_AUTH_TOKEN"], api_url=carrier.url,
            limits=Limits(dial=QUICK, question=QUICK),
        )  # fmt: skip
        yield carrier
