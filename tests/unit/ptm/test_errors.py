"""The first question about an error of the carrier: may the phone have rung?"""

from __future__ import annotations

import pytest

from ptm import errors
from ptm.errors import CarrierError, CarrierUnavailable, NotPlaced, OutcomeUnknown, SunvaiError, Throttled


def test_whatever_we_raise_on_purpose_has_one_root() -> None:
    ours = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert len(ours) > 5
    assert all(issubclass(one, SunvaiError) and one.__doc__ for one in ours)


def test_certainly_not_dialled_and_perhaps_rung_are_never_caught_together() -> None:
    certain, perhaps = (NotPlaced, Throttled), (OutcomeUnknown, CarrierUnavailable)
    assert not any(issubclass(one, other) or issubclass(other, one) for one in certain for other in perhaps)
    assert all(issubclass(one, CarrierError) for one in (*certain, *perhaps))


@pytest.mark.parametrize("permanent", [True, False])
def test_a_dial_that_was_not_placed_says_whether_another_can_help(permanent: bool) -> None:
    error = NotPlaced("no such number", permanent=permanent)
    assert (str(error), error.reason, error.permanent) == ("no such number", "no such number", permanent)


def test_who_asks_too_fast_is_told_how_long_to_wait() -> None:
    assert (Throttled(2.5).retry_after_s, str(Throttled(2.5))) == (2.5, "the carrier asks us to slow down for 2.5 s")


def test_an_unknown_outcome_keeps_its_reason() -> None:
    assert OutcomeUnknown("a time-out").reason == "a time-out"
