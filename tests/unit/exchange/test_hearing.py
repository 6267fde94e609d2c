"""How a call was to listen to, told from the journal alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from carrier.exchange.command import command
from carrier.exchange.hearing import Hearing, measure, tell_hearings
from carrier.exchange.journal import read_journal
from carrier.exchange.population import Behaviour, Speech
from tests.unit.exchange.rehearsal import ANSWERS, HOME, Rehearsal
from tests.unit.exchange.sounds import write_tone

CLIP = f"<Play>{HOME}/a.wav</Play>"  # two seconds
WAIT = "<Wait length='1'/>"
MENU = f'<GetDigits action="{HOME}/step" timeout="4" numDigits="1">{CLIP}</GetDigits>'


def heard(exchange: Rehearsal, document: str, behaviour: Behaviour = ANSWERS) -> Hearing:
    exchange.customer.documents["answer"] = document
    exchange.call(behaviour)
    (hearing,) = tell_hearings(read_journal(exchange.exchange.plan.journal))
    return hearing


def test_clips_that_follow_each_other_leave_no_gap(exchange: Rehearsal) -> None:
    hearing = heard(exchange, CLIP * 3)
    assert (hearing.gaps, hearing.longest_gap_s, hearing.talk_s) == ((), 0.0, 6.0)


@pytest.mark.parametrize(
    ("document", "behaviour", "gaps"),
    [
        (WAIT + CLIP, ANSWERS, [("answer", 1.0)]),
        (CLIP + WAIT + CLIP, ANSWERS, [("clip", 1.0)]),
        (MENU, replace(ANSWERS, keys=("1",), key_delay_s=3.0), [("key", 1.0)]),
        (MENU, replace(ANSWERS, keys=("1",), key_delay_s=0.5, barge_in=True), [("key", 1.0)]),
        (MENU + WAIT + CLIP, ANSWERS, [("no_input", 1.0)]),
    ],
)
def test_a_gap_is_where_the_person_waits_for_us(
    exchange: Rehearsal, document: str, behaviour: Behaviour, gaps: list[tuple[str, float]]
) -> None:
    exchange.customer.documents["step"] = WAIT + CLIP
    hearing = heard(exchange, document, behaviour)
    assert [(gap.after, gap.seconds) for gap in hearing.gaps] == gaps


def test_speaking_is_no_gap(exchange: Rehearsal, tmp_path: Path) -> None:
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "thank you")
    exchange.customer.documents["done"] = WAIT + CLIP
    record = f'<Record action="{HOME}/done" timeout="4"/>'
    hearing = heard(exchange, CLIP + record, replace(ANSWERS, speeches=(said,)))
    assert [(gap.after, gap.seconds) for gap in hearing.gaps] == [("recording", 1.0)]


def test_unanswered_calls_have_nothing_to_be_heard(exchange: Rehearsal) -> None:
    exchange.call(Behaviour("busy", 3010, 0.0))
    assert tell_hearings(read_journal(exchange.exchange.plan.journal)) == []


def test_loudness_is_measured_where_there_is_sound(exchange: Rehearsal, tmp_path: Path) -> None:
    hearing = heard(exchange, CLIP + "<Wait length='60'/>")
    loudness = measure(tmp_path / "calls" / hearing.call / "heard.wav")
    assert loudness.peak_dbfs == pytest.approx(-16.3, abs=0.2)  # a tone of 5000 of 32768
    assert loudness.mean_dbfs == pytest.approx(-19.3, abs=0.2)


def test_the_command_tells_one_line_a_call(exchange: Rehearsal) -> None:
    hearing = heard(exchange, CLIP + WAIT + CLIP)
    told = CliRunner().invoke(command, ["heard", str(exchange.exchange.plan.journal)])
    line = json.loads(told.output)
    assert (line["call"], line["longest_gap_s"], line["after"]) == (hearing.call, 1.0, "clip")
    assert line["mean_dbfs"] < line["peak_dbfs"] < 0
