from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from carrier.exchange.command import command
from carrier.exchange.population import Speech
from carrier.exchange.truths import Hours, Truths, tell_truths
from tests.unit.exchange.rehearsal import ANSWERS, HOME, PARENT, Rehearsal
from tests.unit.exchange.sounds import write_tone

OTHER = "919812345679"
AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)  # eleven in India, a Wednesday


def dial(call: str, to: str, minute: float, *, lasts: float | None = 1.0, url: str = "") -> list[dict[str, Any]]:
    at, end = AT + timedelta(minutes=minute), AT + timedelta(minutes=minute + (lasts or 0))
    order = {"answer_url": url or f"{HOME}/{call}"}
    story: list[dict[str, Any]] = [
        {"at": at.isoformat(), "event": "accepted", "call": call, "order": order},
        {"at": at.isoformat(), "event": "dialled", "call": call, "to": to},
        {"at": at.isoformat(), "event": "webhook", "call": call, "kind": "ring"},
    ]
    return story + ([{"at": end.isoformat(), "event": "ended", "call": call, "code": 3000}] if lasts else [])


def told(*stories: list[dict[str, Any]], hours: Hours | None = None, **asked: Any) -> Truths:
    return tell_truths([entry for story in stories for entry in story], hours or Hours(), **asked)


def test_a_calm_batch_proves_nothing_against_us() -> None:
    truths = told(dial("a", PARENT, 0), dial("b", OTHER, 1), dial("c", PARENT, 30), expected=[PARENT, OTHER])
    figures = truths.figures()
    assert (figures["dials"], figures["numbers"]) == (3, 2)
    assert (figures["lost"], figures["double_dialled"], figures["outside_window"]) == (0, 0, 0)


@pytest.mark.parametrize("lasts", [2.0, None])
def test_a_second_call_while_the_first_is_up_is_double(lasts: float | None) -> None:
    ((double, reason),) = told(dial("a", PARENT, 0, lasts=lasts), dial("b", PARENT, 1)).double_dialled
    assert (double.call, reason) == ("b", "another call to this number was up")


def test_the_same_order_twice_is_double_but_not_for_another_number() -> None:
    url = f"{HOME}/answer/4f1c"
    assert len(told(dial("a", PARENT, 0, url=url), dial("b", PARENT, 60, url=url)).double_dialled) == 1
    assert not told(dial("a", PARENT, 0, url=url), dial("b", OTHER, 60, url=url)).double_dialled


def test_more_dials_on_a_day_than_allowed_are_double() -> None:
    stories = [dial(str(hour), PARENT, 60 * hour) for hour in range(3)]
    assert len(told(*stories, dials_per_day=2).double_dialled) == 1
    assert not told(*stories[:2], dial("tomorrow", PARENT, 24 * 60), dials_per_day=2).double_dialled


@pytest.mark.parametrize(
    "hours",
    [
        Hours(opens=time(11, 1)),
        Hours(closes=time(11)),
        Hours(weekdays=frozenset({"mon"})),
        Hours(holidays=frozenset({date(2026, 11, 25)})),
    ],
)
def test_a_dial_outside_the_hours_is_found(hours: Hours) -> None:
    assert told(dial("a", PARENT, 0), hours=hours).figures()["outside_window"] == 1
    assert told(dial("a", PARENT, 0)).figures()["outside_window"] == 0


def test_a_household_that_was_never_dialled_is_lost() -> None:
    assert told(dial("a", PARENT, 0), expected=[PARENT, OTHER]).lost == [OTHER]


def test_what_was_said_is_known_and_lost_until_somebody_fetches_it(exchange: Rehearsal, tmp_path: Path) -> None:
    exchange.customer.documents["answer"] = f'<Record action="{HOME}/done" timeout="4"/>'
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "ਧੰਨਵਾਦ")
    exchange.call(type(ANSWERS)("answer", 4000, 5.0, speeches=(said,)))
    journal = exchange.exchange.plan.journal
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    (spoken,) = tell_truths(entries, Hours()).spoken
    assert (spoken.text, spoken.to, spoken.cut) == ("ਧੰਨਵਾਦ", PARENT, False)
    assert tell_truths(entries, Hours()).lost == [spoken.recording]
    fetched = {"at": AT.isoformat(), "event": "recording_fetched", "id": spoken.recording}
    assert tell_truths([*entries, fetched], Hours()).lost == []
    shown = CliRunner().invoke(command, ["truths", str(journal), "--closes", "10:00"])
    assert json.loads(shown.output)["outside_window"] == 1


def test_a_time_or_a_day_that_is_none_is_said_so(exchange: Rehearsal) -> None:
    journal = str(exchange.exchange.plan.journal)
    for option, text, reason in (("--opens", "nine", "nine: write a time"), ("--weekdays", "mon,day", "choose among")):
        shown = CliRunner().invoke(command, ["truths", journal, option, text])
        assert shown.exit_code == 1
        assert reason in shown.output
