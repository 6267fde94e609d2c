"""Every promise that a stack rehearsal checks can be broken: a doctored journal or table is found out, by its name."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from carrier.exchange.truths import Hours, tell_truths
from scripts.rehearsal.evidence import Evidence, OurAttempt, OurCall, OurRecording
from scripts.rehearsal.judging import Broken, Terms, by_try, judge

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)  # eleven in India, a Wednesday
TERMS = Terms(Hours(time(10), time(19)), lines=2, calls_per_second=0.1, in_flight=1, tries=3, dials_per_day=2)
PARENT, OTHER_PARENT, SECOND_NUMBER = "917000000001", "917000000002", "917000000003"
HOUR = timedelta(hours=1)


def token(call: str) -> str:
    return f"{ord(call):032x}"


def dial(call: str, to: str, at: datetime, lasts_s: float | None = 60, order_of: str = "") -> list[dict[str, Any]]:
    order = {"answer_url": f"http://us/voice/{token(order_of or call)}/answer#rp=all"}
    begun = [
        {"at": at.isoformat(), "event": "accepted", "call": call, "order": order},
        {"at": at.isoformat(), "event": "dialled", "call": call, "to": to},
        {"at": at.isoformat(), "event": "answered", "call": call},
    ]
    if lasts_s is None:
        return begun
    return [*begun, {"at": (at + timedelta(seconds=lasts_s)).isoformat(), "event": "ended", "call": call, "code": 4000}]


def recording(call: str, name: str, at: datetime, words: str = "water") -> dict[str, Any]:
    facts = {"id": name, "sha256": f"sum of {name}", "text": words, "cut": False, "duration_ms": 3000}
    return {"at": at.isoformat(), "event": "recording", "call": call, **facts}


def attempt(call: str, msisdn: str, **changes: Any) -> OurAttempt:
    return replace(OurAttempt(msisdn, token(call), "ended", "ended_after_answer", "recorded"), **changes)


READ = OurRecording("transcribed", "sum of said", "sum of said", has_words=True, status="new")
KEPT = Evidence(
    journal=[*dial("a", PARENT, AT), recording("a", "said", AT), *dial("b", OTHER_PARENT, AT + HOUR)],
    families=[(PARENT, SECOND_NUMBER), (OTHER_PARENT,)],
    calls=[
        OurCall((PARENT, SECOND_NUMBER), "ended", "completed", "recorded", 1, None),
        OurCall((OTHER_PARENT,), "ended", "opted_out", "answered", 1, AT + HOUR + timedelta(seconds=30)),
    ],
    attempts=[attempt("a", PARENT), attempt("b", OTHER_PARENT)],
    recordings={"said": READ},
    open_batches=0,
    counts={"calls": 2, "ended": 2, "recorded": 1, "answered": 1, "dials": 2},
)


def more(*stories: list[dict[str, Any]], known: str = "") -> Evidence:
    """Return the kept evidence with more in the journal; `known` calls are in our tables, too."""
    journal = [*KEPT.journal, *(entry for story in stories for entry in story)]
    attempts = [*KEPT.attempts, *(attempt(call, PARENT) for call in known)]
    dialled = sum(entry["event"] == "dialled" for entry in journal)
    return replace(KEPT, journal=journal, attempts=attempts, counts={**KEPT.counts, "dials": dialled})


def with_recording(**changes: Any) -> Evidence:
    return replace(KEPT, recordings={"said": replace(READ, **changes)})


def with_call(**changes: Any) -> Evidence:
    return replace(KEPT, calls=[replace(KEPT.calls[0], **changes), KEPT.calls[1]])


DAY = timedelta(days=1)
DOCTORED = [
    ("families_forgotten", replace(KEPT, families=[*KEPT.families, ("917000000009",)])),
    ("suggestions_lost", replace(KEPT, recordings={})),
    ("suggestions_lost", with_recording(state="wanted")),
    ("suggestions_lost", with_recording(has_words=False)),
    ("suggestions_lost", with_recording(file_sha256=None)),
    ("suggestions_lost", with_recording(state="discarded")),
    ("recordings_spoilt", with_recording(file_sha256="another sum")),
    ("recordings_spoilt", with_recording(sha256="another sum", file_sha256="another sum")),
    ("double_dialled", more(dial("c", PARENT, AT + timedelta(seconds=30)), known="c")),
    ("double_dialled", more(dial("c", PARENT, AT + 2 * HOUR, None), dial("d", PARENT, AT + 3 * HOUR), known="cd")),
    ("double_dialled", more(dial("c", PARENT, AT + 2 * HOUR, order_of="a"))),
    ("outside_window", more(dial("c", PARENT, AT.replace(hour=13, minute=30)), known="c")),
    ("outside_window", more(dial("c", PARENT, AT.replace(hour=4, minute=29, second=59)), known="c")),
    (
        "above_lines",
        more(dial("c", SECOND_NUMBER, AT), dial("d", "917000000004", AT + timedelta(seconds=20)), known="cd"),
    ),
    ("above_lines", more([{"at": AT.isoformat(), "event": "refused", "call": "c"}])),
    ("above_calls_per_second", more(*(dial(call, PARENT, AT + HOUR / 2, 0) for call in "cde"), known="cde")),
    (
        "above_calls_per_second",
        more(
            *(dial(call, PARENT, AT + HOUR / 2 + at * timedelta(seconds=4), 1) for at, call in enumerate("cdefghijk")),
            known="cdefghijk",
        ),
    ),
    ("above_tries", more(*(dial(call, PARENT, AT + at * DAY) for at, call in enumerate("cde", 1)), known="cde")),
    ("above_tries", more(dial("c", "919999999999", AT + DAY), known="c")),
    ("above_dials_per_day", more(*(dial(call, PARENT, AT + at * HOUR) for at, call in enumerate("cd", 2)), known="cd")),
    ("after_opting_out", more(dial("c", OTHER_PARENT, AT + 2 * HOUR), known="c")),
    ("rung_unknown_to_us", more(dial("c", PARENT, AT + 2 * HOUR))),
    ("rung_unknown_to_us", replace(KEPT, attempts=[attempt("a", PARENT, outcome="not_there"), KEPT.attempts[1]])),
    ("not_final", with_call(state="open")),
    ("not_final", with_call(disposition=None)),
    ("not_final", replace(KEPT, attempts=[attempt("a", PARENT, state="unknown"), KEPT.attempts[1]])),
    ("not_final", replace(KEPT, open_batches=1)),
    ("not_final", replace(KEPT, calls=KEPT.calls[:1])),
    ("counts_wrong", replace(KEPT, counts={**KEPT.counts, "recorded": 2})),
    ("counts_wrong", replace(KEPT, counts={**KEPT.counts, "dials": 1})),
]  # fmt: skip


def test_a_week_without_fault_breaks_nothing() -> None:
    assert judge(KEPT, TERMS).total == 0


@pytest.mark.parametrize(("promise", "evidence"), DOCTORED, ids=[f"{at}-{one[0]}" for at, one in enumerate(DOCTORED)])
def test_a_broken_promise_is_found(promise: str, evidence: Evidence) -> None:
    assert asdict(judge(evidence, TERMS))[promise] > 0


def test_no_promise_is_without_a_test_that_breaks_it() -> None:
    assert {promise for promise, _ in DOCTORED} == set(Broken.__dataclass_fields__)


def test_a_family_that_the_carrier_never_had_is_forgotten_unless_people_are_told() -> None:
    third = OurCall(("917000000009",), "ended", "provider_failed", "unreached", 0, None)
    counts = {**KEPT.counts, "calls": 3, "ended": 3, "unreached": 1}
    told = replace(KEPT, families=[*KEPT.families, third.msisdns], calls=[*KEPT.calls, third], counts=counts)
    assert judge(told, TERMS).total == 0
    untold = replace(told, calls=[*KEPT.calls, replace(third, disposition="no_answer")])
    assert judge(untold, TERMS).families_forgotten == 1


def test_dials_are_told_by_try() -> None:
    truths = tell_truths(more(dial("c", SECOND_NUMBER, AT + DAY)).journal, TERMS.hours)
    assert by_try(truths, KEPT.families) == {"1": (2, 2), "2": (1, 1)}


def test_words_that_were_taken_back_are_not_lost() -> None:
    journal = [*KEPT.journal, recording("a", "said again", AT + timedelta(seconds=20))]
    again = replace(READ, sha256="sum of said again", file_sha256="sum of said again")
    taken_back = replace(READ, state="discarded")
    assert judge(replace(KEPT, journal=journal, recordings={"said": taken_back, "said again": again}), TERMS).total == 0


def test_words_that_an_analyst_has_to_listen_for_are_not_lost() -> None:
    assert judge(with_recording(state="parked", has_words=False, status="needs_listening"), TERMS).total == 0
