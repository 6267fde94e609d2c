"""What a family says after the beep: consent, the recording, and saying it again."""

from __future__ import annotations

from ivr.trees.engine import advance
from ivr.trees.model import (
    Digits,
    Record,
    Recorded,
    Tree,
)
from tests.unit.trees.calls import heard, last, told, turns
from tests.unit.trees.families import (
    ONE_CHILD,
)

SPEECH = Recorded("r-1", "https://carrier.example/r-1.wav", 12_000)


def test_consent_is_told_with_its_wording_and_the_language_it_was_asked_in(ptm: Tree) -> None:
    given = [event for event in last(ptm, ONE_CHILD, "1 1").events if event.kind == "consent_given"]
    assert given[0].values == {"wording": "recording-1", "language": "pa"}


def test_who_refuses_is_not_recorded_and_still_asked_when_the_teacher_may_call(ptm: Tree) -> None:
    refused = last(ptm, ONE_CHILD, "1 2")
    assert [event.kind for event in refused.events] == ["responded", "consent_refused"]
    assert heard(refused) == ["meet.day", "meet.choose", "[menu]"]


def test_any_key_may_end_a_recording(ptm: Tree) -> None:
    waiting = last(ptm, ONE_CHILD, "1 1").steps[-1]
    assert isinstance(waiting, Record)
    assert waiting.finish_keys == "0123456789*#"
    assert (waiting.max_length_s, waiting.silence_s) == (45, 3)


def test_who_says_nothing_after_the_beep_is_asked_once_more_and_then_not_again(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 1 -")) == ["listen.nothing", "listen.speak", "[record]"]
    assert heard(last(ptm, ONE_CHILD, "1 1 - -")) == ["meet.day", "meet.choose", "[menu]"]


def test_a_click_is_no_suggestion_but_the_carriers_file_is_known(ptm: Tree) -> None:
    at_record = last(ptm, ONE_CHILD, "1 1")
    turn = advance(ptm, ONE_CHILD, at_record.state, Recorded("r-1", "u", 400))
    assert heard(turn)[0] == "listen.nothing"
    assert [event.kind for event in turn.events] == ["recording_made"]
    assert turn.state.reach == "responded"


def test_a_second_try_replaces_the_first_only_when_it_is_there(ptm: Tree) -> None:
    assert "recording_discarded" not in told(ptm, ONE_CHILD, "1 1 r12 4")
    call = turns(ptm, ONE_CHILD, "1 1 r12 4 r7 2")
    discarded = [event.values["id"] for turn in call for event in turn.events if event.kind == "recording_discarded"]
    kept = [event.values["id"] for turn in call for event in turn.events if event.kind == "recording_kept"]
    assert (discarded, kept) == (["try-2"], ["try-4"])


def test_who_asks_to_say_it_again_and_hangs_up_has_still_said_it(ptm: Tree) -> None:
    call = turns(ptm, ONE_CHILD, "1 1 r12 4 h")
    assert [event.values["id"] for event in call[-1].events if event.kind == "recording_kept"] == ["try-2"]


def test_the_same_recording_twice_is_taken_once(ptm: Tree) -> None:
    at_record = last(ptm, ONE_CHILD, "1 1")
    once = advance(ptm, ONE_CHILD, at_record.state, SPEECH)
    again = advance(ptm, ONE_CHILD, once.state, SPEECH)
    assert [event.kind for event in again.events] == []


def test_nine_after_speaking_keeps_what_was_said_and_asks_whether_to_stop_calling(ptm: Tree) -> None:
    at_record = last(ptm, ONE_CHILD, "1 1")
    nine = advance(ptm, ONE_CHILD, at_record.state, Recorded("r-1", "u", 9_000, "9"))
    assert nine.state.node == "opt_out"
    back = advance(ptm, ONE_CHILD, nine.state, Digits("1"))
    assert heard(back)[0] == "listen.thanks"
    assert back.state.recording == "r-1"


def test_star_after_speaking_ends_the_recording_and_nothing_else(ptm: Tree) -> None:
    at_record = last(ptm, ONE_CHILD, "1 1")
    assert advance(ptm, ONE_CHILD, at_record.state, Recorded("r-1", "u", 9_000, "*")).state.node == "recorded"


def test_star_without_a_word_asks_for_the_language_and_then_to_speak(ptm: Tree) -> None:
    at_record = last(ptm, ONE_CHILD, "1 1")
    star = advance(ptm, ONE_CHILD, at_record.state, Recorded("r-1", "u", 100, "*"))
    assert star.state.node == "language"
    hindi = advance(ptm, ONE_CHILD, star.state, Digits("2"))
    assert heard(hindi) == ["listen.speak", "[record]"]
    assert hindi.state.language == "hi"


def test_a_recording_that_is_told_at_a_menu_is_taken_all_the_same(ptm: Tree) -> None:
    at_menu = last(ptm, ONE_CHILD, "1 1 r12")
    turn = advance(ptm, ONE_CHILD, at_menu.state, Recorded("late", "u", 5_000))
    assert turn.state.recording == "late"
    assert heard(turn)[0] == "reprompt.no_input"
