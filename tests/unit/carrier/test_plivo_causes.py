"""Why a call ended, in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrier.contract import Outcome
from carrier.plivo.causes import CAUSES, UNREADABLE, classify, is_listed

STATUSES = ["", "ringing", "in-progress", "completed", "busy", "failed", "timeout", "no-answer", "cancel", "new"]

DOCUMENTED = [
    *(1000, 1010, 1020),
    *range(2000, 2080, 10),
    *range(3000, 3060, 10),
    *range(3070, 3150, 10),
    *range(4000, 4040, 10),
    *range(5000, 5040, 10),
    *(6000, 6010, 6020),
    *range(7011, 7015),
    *range(7022, 7025),
    *range(7032, 7035),
    *range(8011, 8015),
    *(9000, 9100, 9110),
]


def test_every_documented_code_has_exactly_one_word() -> None:
    assert sorted(CAUSES) == sorted(DOCUMENTED)
    assert all(is_listed(code) for code in [*DOCUMENTED, 0, None])


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        (3000, "no-answer", Outcome.NO_ANSWER),
        (6010, "timeout", Outcome.NO_ANSWER),
        (3010, "busy", Outcome.BUSY),
        (3100, "failed", Outcome.BUSY),
        (3020, "busy", Outcome.REJECTED),
        (3110, "failed", Outcome.REJECTED),
        (2000, "failed", Outcome.INVALID_NUMBER),
        (3050, "failed", Outcome.INVALID_NUMBER),
        (3120, "failed", Outcome.INVALID_NUMBER),
        (2010, "failed", Outcome.SWITCHED_OFF),
        (5000, "failed", Outcome.CARRIER_FAILED),
        (3090, "failed", Outcome.CARRIER_FAILED),
        (5030, "failed", Outcome.THROTTLED),
        (1000, "failed", Outcome.CANCELED),
        (9100, "completed", Outcome.MACHINE),
        (1010, "failed", Outcome.OUR_FAULT),
        (2070, "failed", Outcome.OUR_FAULT),
        (7011, "completed", Outcome.OUR_FAULT),
        (8011, "completed", Outcome.OUR_FAULT),
    ],
)
def test_the_code_decides(code: int, status: str, outcome: Outcome) -> None:
    assert classify(code, status, answered=False) is outcome


@pytest.mark.parametrize("code", [4000, 4010, 6000])
def test_a_hang_up_that_overtakes_its_answer_still_counts_as_answered(code: int) -> None:
    assert classify(code, "completed", answered=False) is Outcome.ENDED_AFTER_ANSWER
    assert classify(code, "", answered=False) is Outcome.ENDED_AFTER_ANSWER
    assert classify(code, "no-answer", answered=False) is Outcome.NO_ANSWER


@pytest.mark.parametrize("code", [0, 1000, 3000, 3010, 3020, 5000, 5030, 6020, 4242, UNREADABLE, None])
@pytest.mark.parametrize("status", STATUSES)
def test_no_network_code_makes_an_answered_call_look_unanswered(code: int | None, status: str) -> None:
    assert classify(code, status, answered=True) is Outcome.ENDED_AFTER_ANSWER


@pytest.mark.parametrize("code", [7011, 7012, 7014, 8011, 8014])
def test_our_own_failure_stays_ours_after_the_answer(code: int) -> None:
    assert classify(code, "completed", answered=True) is Outcome.OUR_FAULT


@pytest.mark.parametrize("code", [None, 0])
def test_without_a_code_the_status_decides(code: int | None) -> None:
    told = {status: classify(code, status, answered=False) for status in STATUSES}
    assert told == {
        "": Outcome.UNKNOWN,
        "ringing": Outcome.UNKNOWN,
        "in-progress": Outcome.UNKNOWN,
        "completed": Outcome.ENDED_AFTER_ANSWER,
        "busy": Outcome.BUSY,
        "failed": Outcome.CARRIER_FAILED,
        "timeout": Outcome.NO_ANSWER,
        "no-answer": Outcome.NO_ANSWER,
        "cancel": Outcome.CANCELED,
        "new": Outcome.UNKNOWN,
    }


@given(st.integers().filter(lambda code: code not in CAUSES and code != 0), st.text())
def test_a_code_we_have_no_word_for_is_unknown_and_raises_the_alarm(code: int, status: str) -> None:
    assert classify(code, status, answered=False) is Outcome.UNKNOWN
    assert not is_listed(code)
