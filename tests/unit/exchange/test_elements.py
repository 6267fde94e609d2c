"""What each element does on the line, heard and timed."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import pytest

from carrier.exchange.population import Speech
from tests.unit.exchange.rehearsal import ANSWERS, HOME, Rehearsal
from tests.unit.exchange.sounds import write_tone

MENU = f'<GetDigits action="{HOME}/step" timeout="4" numDigits="1"><Play>{HOME}/a.wav</Play></GetDigits>'
RECORD = f'<Record action="{HOME}/done" timeout="4" maxLength="30" fileFormat="wav" callbackUrl="{HOME}/ready"'


def answering(exchange: Rehearsal, document: str) -> None:
    exchange.customer.documents["answer"] = document


def hangup_code(exchange: Rehearsal) -> str:
    return exchange.customer.got("hangup")[0]["HangupCauseCode"]


def at_s(exchange: Rehearsal, kind: str) -> float:
    """Return when the customer was asked, in seconds from the answer."""
    first = {one.kind: one.at_s for one in reversed(exchange.customer.heard)}
    return round(first[kind] - first["answer"], 3)


def test_a_key_after_the_prompt_reaches_the_action(exchange: Rehearsal) -> None:
    answering(exchange, MENU)
    exchange.call(replace(ANSWERS, keys=("1",), key_delay_s=1.0))
    assert exchange.customer.got("step")[0]["Digits"] == "1"
    assert at_s(exchange, "step") == 3.0


def test_barge_in_stops_the_prompt(exchange: Rehearsal) -> None:
    answering(exchange, MENU)
    exchange.call(replace(ANSWERS, keys=("1",), key_delay_s=0.5, barge_in=True))
    assert at_s(exchange, "step") == 0.5


@pytest.mark.parametrize(("times", "pressed_s"), [((0.7,), 0.7), ((2.5,), 2.5), ((None,), 3.0), ((), 3.0)], ids=str)
def test_a_menu_s_own_time_goes_before_the_general_habit(
    exchange: Rehearsal, times: tuple[float | None, ...], pressed_s: float
) -> None:
    answering(exchange, MENU)
    exchange.call(replace(ANSWERS, keys=("1",), key_delay_s=1.0, barge_in_s=times))
    assert at_s(exchange, "step") == pressed_s


def test_without_a_key_the_next_element_runs_and_the_action_is_not_called(exchange: Rehearsal) -> None:
    answering(exchange, f"{MENU}<Redirect>{HOME}/silent</Redirect>")
    exchange.call(ANSWERS)
    assert not exchange.customer.got("step")
    assert at_s(exchange, "silent") == 6.0


def test_several_digits_end_with_the_finish_key_or_the_pause(exchange: Rehearsal) -> None:
    answering(exchange, MENU.replace('numDigits="1"', 'numDigits="9" digitTimeout="3"'))
    exchange.call(replace(ANSWERS, keys=("12#",)))
    exchange.call(replace(ANSWERS, keys=("34",)))
    assert [form["Digits"] for form in exchange.customer.got("step")] == ["12", "34"]


def test_keys_that_are_not_valid_are_no_keys(exchange: Rehearsal) -> None:
    document = MENU.replace("<GetDigits", f'<GetDigits validDigits="12" invalidDigitsSound="{HOME}/wrong.wav"')
    answering(exchange, document)
    exchange.call(replace(ANSWERS, keys=("7",)))
    assert not exchange.customer.got("step")
    assert exchange.customer.got("wrong.wav") == [{}]


def test_retries_play_the_prompt_again(exchange: Rehearsal) -> None:
    answering(exchange, MENU.replace("<GetDigits", '<GetDigits retries="2"'))
    exchange.call(replace(ANSWERS, keys=(None, "1")))
    assert exchange.customer.got("step")[0]["Digits"] == "1"
    assert at_s(exchange, "step") == 2 + 4 + 2 + 1


def test_with_redirect_false_the_answer_to_the_action_is_ignored(exchange: Rehearsal) -> None:
    answering(exchange, MENU.replace("<GetDigits", '<GetDigits redirect="false"') + f"<Redirect>{HOME}/next</Redirect>")
    exchange.customer.documents["step"] = "<Hangup/>"
    exchange.call(replace(ANSWERS, keys=("1",)))
    assert [kind for kind in exchange.customer.kinds if not kind.endswith(".wav")][:4] == [
        "ring", "answer", "step", "next",
    ]  # fmt: skip


def test_get_input_gives_keys_as_dtmf(exchange: Rehearsal) -> None:
    answering(exchange, f'<GetInput action="{HOME}/step" inputType="dtmf speech" numDigits="1"/>')
    exchange.call(replace(ANSWERS, keys=("3",)))
    (step,) = exchange.customer.got("step")
    assert (step["InputType"], step["Digits"], step["Speech"]) == ("dtmf", "3", "")


def test_get_input_hears_what_a_simulated_parent_says(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f'<GetInput action="{HOME}/step" inputType="dtmf speech" speechEndTimeout="3"/>')
    said = Speech(write_tone(tmp_path / "said.wav", 4.0), "ਹਾਂ ਜੀ")
    exchange.call(replace(ANSWERS, speeches=(said,), speech_delay_s=1.0))
    (step,) = exchange.customer.got("step")
    assert (step["InputType"], step["Speech"], step["Digits"]) == ("speech", "ਹਾਂ ਜੀ", "")
    assert at_s(exchange, "step") == 1 + 4 + 3


def test_the_first_kind_of_input_wins(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f'<GetInput action="{HOME}/step" inputType="dtmf speech" numDigits="1"/>')
    said = Speech(write_tone(tmp_path / "said.wav", 4.0), "yes")
    exchange.call(replace(ANSWERS, keys=("1",), key_delay_s=0.5, speeches=(said,), speech_delay_s=1.0))
    assert exchange.customer.got("step")[0]["InputType"] == "dtmf"


@pytest.mark.parametrize(("waits", "talk_s"), [("false", 0.2 + 0.5 + 1.0 + 0.2), ("true", 0.0)])
def test_keys_are_sent_down_the_line(exchange: Rehearsal, waits: str, talk_s: float) -> None:
    answering(exchange, f'<DTMF async="{waits}">1wW#</DTMF>')
    assert exchange.call(ANSWERS).talk_s == pytest.approx(talk_s)
    assert exchange.journal("sent_digits")[0]["digits"] == "1wW#"


def test_keys_may_be_sent_with_the_answer(exchange: Rehearsal) -> None:
    exchange.call(ANSWERS, send_digits="12#")
    assert exchange.journal("sent_digits")[0]["digits"] == "12#"


def test_speak_takes_its_time_and_the_journal_has_the_words(exchange: Rehearsal) -> None:
    answering(
        exchange, '<Speak voice="Polly.Aditi" language="hi-IN" loop="2">नमस्ते, यह विद्यालय है।</Speak><Wait beep="true"/>'
    )
    call = exchange.call(ANSWERS)
    assert [entry["language"] for entry in exchange.journal("played")] == ["hi-IN"] * 2
    assert call.talk_s > 2 * 1.5 + 0.3 + 1


def test_keys_at_a_loop_without_end_still_stop_it(exchange: Rehearsal) -> None:
    answering(exchange, MENU.replace("<Play>", '<Play loop="0">'))
    exchange.call(replace(ANSWERS, keys=("1",), key_delay_s=7.0, barge_in=True))
    assert at_s(exchange, "step") == 7.0


def test_the_next_clip_is_fetched_while_the_first_is_played(exchange: Rehearsal) -> None:
    answering(exchange, f"<Play>{HOME}/a.wav</Play><Play>{HOME}/b.wav</Play>")
    exchange.call(ANSWERS)
    assert at_s(exchange, "b.wav") == 0.0


def test_wait_ends_with_silence_where_it_says_so(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, '<Wait length="30" silence="true" minSilence="3000"/>')
    assert exchange.call(ANSWERS).talk_s == 3
    answering(exchange, '<Wait length="30" silence="false" minSilence="3000"/>')
    assert exchange.call(ANSWERS).talk_s == 30


def test_noise_is_recorded_and_keeps_silence_from_being_found(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f"{RECORD}/>")
    for level, length_s in ((-50.0, "4"), (-40.0, "30")):
        exchange.customer.heard.clear()
        exchange.call(replace(ANSWERS, noise_dbfs=level))
        assert exchange.customer.got("done")[0]["RecordingDuration"] == length_s
    with wave.open(str(tmp_path / exchange.journal("recording")[-1]["file"])) as file:
        assert any(file.readframes(file.getnframes()))


@pytest.mark.parametrize("empty", [False, True])
def test_get_input_without_input_may_call_its_action(exchange: Rehearsal, empty: bool) -> None:
    exchange.switch(getinput_empty_action=empty)
    answering(exchange, f'<GetInput action="{HOME}/step" inputType="dtmf"/>')
    exchange.call(ANSWERS)
    assert bool(exchange.customer.got("step")) is empty


def test_speech_is_recorded_until_silence(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f"{RECORD}/>")
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "ਧੰਨਵਾਦ")
    call = exchange.call(replace(ANSWERS, speeches=(said,), speech_delay_s=1.0))
    (done,) = exchange.customer.got("done")
    assert (done["Digits"], done["RecordingDuration"]) == ("", "10")
    assert at_s(exchange, "done") == pytest.approx(0.3 + 1 + 5 + 4, abs=0.05)
    (kept,) = exchange.journal("recording")
    assert (kept["id"], kept["text"], kept["cut"], kept["call"]) == (done["RecordingID"], "ਧੰਨਵਾਦ", False, call.uuid)
    with wave.open(str(tmp_path / kept["file"])) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)  # stereo unless asked for mono
        assert file.getnframes() / 8000 == pytest.approx(10, abs=0.05)


def test_the_callback_comes_after_the_action_and_has_no_digits(exchange: Rehearsal) -> None:
    answering(exchange, f"{RECORD}/>")
    exchange.call(ANSWERS)
    (done,), (ready,) = exchange.customer.got("done"), exchange.customer.got("ready")
    assert ready["RecordingID"] == done["RecordingID"]
    assert (
        ready["RecordUrl"]
        == f"http://exchange:8800/v1/Account/MAEXCHANGE0000000000/Recording/{done['RecordingID']}.wav"
    )
    assert "Digits" not in ready
    assert exchange.customer.kinds.index("done") < exchange.customer.kinds.index("ready")


def test_how_long_the_callback_takes_is_a_switch(exchange: Rehearsal) -> None:
    exchange.switch(record_callback_delay_s=30.0)
    answering(exchange, f"{RECORD}/>")
    exchange.call(ANSWERS)
    assert exchange.customer.kinds[-1] == "ready"  # after the hang-up
    assert at_s(exchange, "ready") - at_s(exchange, "done") == pytest.approx(30, abs=0.01)


def test_a_finish_key_ends_the_recording_and_is_told(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f"{RECORD}/>")
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "thank you")
    exchange.call(replace(ANSWERS, speeches=(said,), speech_delay_s=1.0, record_key="#"))
    (done,) = exchange.customer.got("done")
    assert (done["Digits"], done["RecordingDurationMs"]) == ("#", "7000")


def test_the_maximum_length_cuts_the_speech(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f"{RECORD}/>".replace("30", "3"))
    exchange.call(replace(ANSWERS, speeches=(Speech(write_tone(tmp_path / "said.wav", 5.0), "long"),)))
    assert exchange.customer.got("done")[0]["RecordingDuration"] == "3"
    assert exchange.journal("recording")[0]["cut"] is True


@pytest.mark.parametrize("told", [False, True])
def test_what_was_said_before_a_hang_up_is_kept(exchange: Rehearsal, tmp_path: Path, told: bool) -> None:
    exchange.switch(record_action_on_hangup=told)
    answering(exchange, f"{RECORD}/>")
    said = Speech(write_tone(tmp_path / "said.wav", 5.0), "thank you")
    exchange.call(replace(ANSWERS, speeches=(said,), hang_up_at_record=1))
    assert bool(exchange.customer.got("done")) is told
    assert exchange.customer.got("ready")
    assert hangup_code(exchange) == "4000"


def test_a_session_is_recorded_from_both_sides(exchange: Rehearsal, tmp_path: Path) -> None:
    session = f'<Record recordSession="true" action="{HOME}/done" redirect="false" callbackUrl="{HOME}/ready"/>'
    answering(exchange, f"{session}<Play>{HOME}/a.wav</Play>")
    exchange.call(ANSWERS)
    assert exchange.customer.got("done")[0]["RecordingDuration"] == "-1"
    assert exchange.customer.got("ready")[0]["RecordingDurationMs"] == "2000"


def test_clips_follow_each_other_without_a_gap_and_are_fetched_once(exchange: Rehearsal, tmp_path: Path) -> None:
    answering(exchange, f"<Play>{HOME}/a.wav</Play>" * 3)
    call = exchange.call(ANSWERS)
    assert call.talk_s == 6.0
    assert len(exchange.customer.got("a.wav")) == 1
    with wave.open(str(tmp_path / "calls" / call.uuid / "heard.wav")) as file:
        assert (file.getnchannels(), file.getnframes() / 8000) == (2, 6.0)


@pytest.mark.parametrize(("choice", "code"), [("skip", "4010"), ("hangup", "5010")])
def test_a_clip_that_is_missing(exchange: Rehearsal, choice: str, code: str) -> None:
    exchange.switch(play_missing=choice)
    answering(exchange, f"<Play>{HOME}/missing.mp3</Play>")
    exchange.call(ANSWERS)
    assert hangup_code(exchange) == code
    assert exchange.journal("play_failed")[0]["url"] == f"{HOME}/missing.mp3"


def test_a_scheduled_hang_up_ends_what_follows(exchange: Rehearsal) -> None:
    answering(exchange, '<Hangup schedule="8"/><Wait length="100"/>')
    call = exchange.call(ANSWERS)
    assert (hangup_code(exchange), call.talk_s) == ("6000", 8.0)


def test_hang_up_is_normal(exchange: Rehearsal) -> None:
    answering(exchange, "<Hangup/><Wait length='9'/>")
    exchange.call(ANSWERS)
    assert hangup_code(exchange) == "4000"
    assert exchange.customer.got("hangup")[0]["HangupSource"] == "Answer XML"


def test_nothing_after_a_redirect_runs(exchange: Rehearsal) -> None:
    answering(exchange, f"<Redirect>{HOME}/next</Redirect><Play>{HOME}/never.wav</Play>")
    exchange.call(ANSWERS)
    assert exchange.customer.kinds == ["ring", "answer", "next", "hangup"]
