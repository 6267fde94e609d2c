from __future__ import annotations

from typing import Any

import pytest

from ivr.trees.engine import advance, start
from ivr.trees.load import INBOUND_TREES, load_tree, parse_tree
from ivr.trees.model import (
    HUNG_UP,
    NOT_AVAILABLE,
    Dial,
    Dialled,
    Digits,
    HungUp,
    Input,
    Menu,
    NoInput,
    Record,
    Recorded,
    Say,
    Tree,
)
from tests.unit.trees.calls import heard, last, told, turns
from tests.unit.trees.families import (
    CALLERS,
    NO_ROUND,
    ONE_CHILD,
    OPTED_OUT,
    SIBLINGS,
    VOICE,
    WAITING,
    child,
    family,
    school_class,
    teacher,
)

SPEECH = Recorded("r-1", "https://carrier.example/r-1.wav", 12_000)


def test_the_first_thing_heard_is_who_calls_and_how_to_be_left_alone(ptm: Tree) -> None:
    turn = start(ptm, ONE_CHILD)
    assert heard(turn) == ["greeting.family", "greeting.keys", "[menu]"]
    assert turn.state.reach == "answered"
    assert turn.events == ()


def test_the_whole_call_is_told_in_order(ptm: Tree) -> None:
    assert told(ptm, ONE_CHILD, "1 1 r12 2") == [
        "family_confirmed", "heard", "responded", "consent_given", "recording_made", "responded", "slot_chosen",
        "recording_kept", "finished",
    ]  # fmt: skip


def test_what_is_said_of_a_child_counts_as_heard_only_when_it_was_played_to_its_end(ptm: Tree) -> None:
    *_, confirmed = turns(ptm, ONE_CHILD, "1")[:2]
    assert heard(confirmed) == ["inform.attendance", "inform.level", "appreciate.praise", "[continue]"]
    assert confirmed.state.reach == "answered"
    behind = advance(ptm, ONE_CHILD, confirmed.state, NoInput())
    assert behind.state.reach == "heard"
    assert [event.values for event in behind.events if event.kind == "heard"] == [{"child": 1}]


def test_what_is_not_known_of_a_child_is_not_said(ptm: Tree) -> None:
    quiet = family(child(1, attendance=None, praise=None))
    assert heard(turns(ptm, quiet, "1")[1]) == ["inform.level", "[continue]"]


def test_a_low_attendance_brings_the_request_to_come_every_day(ptm: Tree) -> None:
    seldom = heard(turns(ptm, family(child(1, attendance=74)), "1")[1])
    assert ("inform.every_day" in seldom, "inform.level" in seldom) == (True, False), "a paid minute holds one of them"
    with_voice = heard(turns(ptm, family(child(1, attendance=74, voice=VOICE)), "1")[1])
    assert "inform.every_day" not in with_voice
    assert "inform.every_day" not in heard(turns(ptm, family(child(1, attendance=75)), "1")[1])


def test_siblings_are_spoken_of_one_after_the_other(ptm: Tree) -> None:
    call = turns(ptm, SIBLINGS, "1")
    names = [say.slots["child"].value for turn in call for say in turn.steps if isinstance(say, Say)]
    assert list(dict.fromkeys(names)) == ["Harmanpreet Kaur", "ਗੁਰਨੂਰ ਸਿੰਘ"]
    assert [event.values["child"] for turn in call for event in turn.events if event.kind == "heard"] == [1, 2, 3]
    assert heard(call[2])[0] == "child.next"


def test_behind_the_last_sibling_the_call_speaks_of_the_first_again(ptm: Tree) -> None:
    assert last(ptm, SIBLINGS, "1").state.child == 0


def test_an_unknown_language_falls_back_to_punjabi(ptm: Tree) -> None:
    assert start(ptm, ONE_CHILD | {"language": "ur"}).state.language == "pa"


# ---- silence and wrong keys ----


def test_silence_is_answered_with_a_reprompt_that_says_so(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "-")) == ["reprompt.no_input", "greeting.again", "[menu]"]


def test_a_wrong_key_is_answered_with_a_reprompt_that_says_so(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "5")) == ["reprompt.no_match", "greeting.again", "[menu]"]


def test_a_menu_without_short_words_says_all_of_them_again(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 5")) == ["reprompt.no_match", "listen.consent", "[menu]"]


def test_after_the_last_reprompt_the_call_goes_on(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 - 5 -")) == ["reprompt.no_input", "listen.consent", "[menu]"]
    assert heard(last(ptm, ONE_CHILD, "1 - 5 - 7")) == ["meet.day", "meet.choose", "[menu]"]


def test_who_never_presses_the_family_key_hears_nothing_personal_and_when_the_meeting_is(ptm: Tree) -> None:
    ended = last(ptm, ONE_CHILD, "- - -")
    assert heard(ended) == ["meet.invitation", "goodbye.thanks", "[hang up]"]
    assert ended.events[-1].values == {"way": "not_confirmed", "reach": "answered"}


def test_a_wrong_number_is_told(ptm: Tree) -> None:
    assert told(ptm, ONE_CHILD, "2") == ["wrong_number", "finished"]


# ---- the suggestion ----


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


# ---- opt-out and language ----


@pytest.mark.parametrize("script", ["9", "1 9", "1 1 r12 9", "1 2 9", "* 9", "1 1 9"])
def test_nine_works_in_every_menu(ptm: Tree, script: str) -> None:
    assert heard(last(ptm, ONE_CHILD, script)) == ["opt_out.confirm", "[menu]"]


@pytest.mark.parametrize("certain", ["9", "- -", "5 5", "h"])
def test_nine_again_silence_and_hanging_up_all_mean_what_nine_said(ptm: Tree, certain: str) -> None:
    assert told(ptm, ONE_CHILD, f"9 {certain}")[:1] == ["opted_out"]


def test_one_takes_nine_back_and_the_call_goes_on_where_it_was(ptm: Tree) -> None:
    back = last(ptm, ONE_CHILD, "1 - - 9 1")
    assert back.state.node == "listen"
    assert back.state.reprompts == 2  # what was used up stays used up
    assert "opted_out" not in told(ptm, ONE_CHILD, "1 9 1 h")


def test_each_language_offers_itself(ptm: Tree) -> None:
    menu = last(ptm, ONE_CHILD, "*").steps[-1]
    assert isinstance(menu, Menu)
    assert [(say.prompt, say.language) for say in menu.says] == [
        ("language.this", "pa"),
        ("language.this", "hi"),
        ("language.this", "en"),
    ]


def test_the_chosen_language_is_told_and_spoken_from_then_on(ptm: Tree) -> None:
    english = last(ptm, ONE_CHILD, "* 3")
    assert [event.values for event in english.events] == [{"language": "en"}]
    assert english.state.language == "en"
    assert {say.language for say in english.steps[-1].says} == {"en"}  # type: ignore[union-attr]
    assert heard(english) == ["greeting.family", "greeting.keys", "[menu]"]


def test_star_in_the_opt_out_menu_and_nine_in_the_language_menu_do_not_pile_up(ptm: Tree) -> None:
    wavering = last(ptm, ONE_CHILD, "9 * 9 * 9")
    assert [place.node for place in wavering.state.back] == ["greeting"]


def test_a_key_in_an_aside_is_no_response_to_the_school(ptm: Tree) -> None:
    assert "responded" not in told(ptm, ONE_CHILD, "1 * 2 9 1")


# ---- hanging up and coming late ----


@pytest.mark.parametrize("script", ["", "1", "1 1", "1 1 r12", "1 2", "*"])
def test_hanging_up_ends_the_call_wherever_it_stands(ptm: Tree, script: str) -> None:
    ended = last(ptm, ONE_CHILD, f"{script} h")
    assert ended.state.over
    assert ended.events[-1].values["way"] == "hung_up"
    assert heard(ended) == ["[hang up]"]


def test_a_call_that_is_over_stays_over(ptm: Tree) -> None:
    over = last(ptm, ONE_CHILD, "2")
    assert advance(ptm, ONE_CHILD, over.state, Digits("1")).state == over.state
    assert advance(ptm, ONE_CHILD, over.state, HungUp()).events == ()


def test_a_recording_that_comes_after_the_end_is_kept(ptm: Tree) -> None:
    over = last(ptm, ONE_CHILD, "1 1 h")
    late = advance(ptm, ONE_CHILD, over.state, SPEECH)
    assert [event.kind for event in late.events] == ["recording_made", "recording_kept"]
    assert late.state.reach == "recorded"
    assert advance(ptm, ONE_CHILD, over.state, Recorded("click", "u", 50)).state.reach == "responded"


def test_the_same_input_gives_the_same_turn(ptm: Tree) -> None:
    state = last(ptm, SIBLINGS, "1 1").state
    assert advance(ptm, SIBLINGS, state, SPEECH) == advance(ptm, SIBLINGS, state, SPEECH)


# ---- kinds of node that the meeting's call does not use ----

BRANCHING = """
name = "branching"
start = "look"
opt_out = "stop"
goodbye = "bye"

[nodes.look]
kind = "branch"
on = "level"
ways = { "level.words" = "praise" }
default = "remember"

[nodes.remember]
kind = "set"
variables = { path = "quiet" }
next = "second"

[nodes.second]
kind = "branch"
on = "var.path"
ways = { quiet = "bye" }
default = "praise"

[nodes.praise]
kind = "say"
says = ["appreciate.praise", { prompt = "meet.day", when = "var.path" }, { prompt = "listen.speak", when = "siblings" }]
reach = "heard"
next = "@back"

[nodes.stop]
kind = "menu"
says = ["opt_out.confirm"]
keys = { 9 = "bye" }
default = "bye"

[nodes.bye]
kind = "end"
says = [{ prompt = "goodbye.thanks", when = "school.name" }]
"""


def _branching(facts: dict[str, Any]) -> list[str]:
    return heard(start(parse_tree(BRANCHING), facts))


def test_a_branch_follows_what_is_known() -> None:
    # A way back that nobody left for anything ends the call politely.
    assert _branching(family(child(1, level="level.words"))) == ["appreciate.praise", "goodbye.thanks", "[hang up]"]


def test_a_branch_on_what_the_tree_remembered() -> None:
    assert _branching(ONE_CHILD) == ["goodbye.thanks", "[hang up]"]


def test_a_tree_without_a_language_menu_has_no_star(ptm: Tree) -> None:
    tree = parse_tree(BRANCHING.replace('start = "look"', 'start = "stop"'))
    assert heard(advance(tree, ONE_CHILD, start(tree, ONE_CHILD).state, Digits("*")))[0] == "reprompt.no_match"


def test_a_tree_may_say_itself_when_a_recording_is_kept(ptm: Tree) -> None:
    keeper = '[nodes.morning]\nkind = "say"\nemits = "recording_kept"\nnext = "evening"\n\n[nodes.never]'
    tree = parse_tree(ptm.definition.replace("[nodes.morning]", keeper))
    assert told(tree, ONE_CHILD, "1 1 r12 2")[-3:] == ["recording_kept", "slot_chosen", "finished"]


# ---- the teacher on the line ----


def test_a_talk_with_the_teacher_ends_the_call_kindly(ptm: Tree) -> None:
    asked = last(ptm, ONE_CHILD, "1 2 1")
    assert heard(asked) == ["meet.connecting", "[dial]"]
    assert asked.steps[-1] == Dial(child=1, timeout_s=25, limit_s=150)
    assert heard(last(ptm, ONE_CHILD, "1 2 1 talk")) == ["goodbye.thanks", "[hang up]"]
    assert told(ptm, ONE_CHILD, "1 2 1 talk")[-2:] == ["dialled", "finished"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [(Dialled("busy"), "no_answer"), (Dialled(NOT_AVAILABLE), NOT_AVAILABLE), (NoInput(), "no_answer")],
)
def test_a_teacher_who_cannot_be_reached_is_told_of_the_wish(ptm: Tree, given: Input, reason: str) -> None:
    turn = advance(ptm, ONE_CHILD, last(ptm, ONE_CHILD, "1 2 1").state, given)
    assert heard(turn) == ["meet.callback", "goodbye.thanks", "[hang up]"]
    assert [event.values for event in turn.events if event.kind == "callback_asked"] == [{"child": 1, "reason": reason}]


def test_who_hangs_up_while_the_teacher_is_rung_wants_to_be_called(ptm: Tree) -> None:
    ringing = last(ptm, ONE_CHILD, "1 2 1")
    turn = advance(ptm, ONE_CHILD, ringing.state, HungUp())
    assert [event.kind for event in turn.events] == ["callback_asked", "finished"]
    assert turn.events[0].values == {"child": 1, "reason": HUNG_UP}
    assert "callback_asked" not in told(ptm, ONE_CHILD, "1 2 h")
    assert ringing.state.variables == {"dialling": "yes"}
    assert "dialling" not in last(ptm, ONE_CHILD, "1 2 1 talk").state.variables
    assert "dialling" not in last(ptm, ONE_CHILD, "1 2 1 nobody").state.variables


def test_only_a_teacher_who_takes_calls_now_is_offered(ptm: Tree) -> None:
    assert heard(last(ptm, ONE_CHILD, "1 2")) == ["meet.day", "meet.choose", "[menu]"]
    assert heard(last(ptm, family(child(1, teacher="yes")), "1 2")) == ["meet.day", "meet.choose_now", "[menu]"]


def test_the_teachers_own_voice_stands_in_the_place_of_the_praise(ptm: Tree) -> None:
    said = heard(turns(ptm, family(child(1, voice=VOICE)), "1")[1])
    assert said == ["inform.attendance", "appreciate.voice", "[continue]"]


# ---- calls that come in ----


def tree(line: str) -> Tree:
    return load_tree(INBOUND_TREES[line])


def test_a_family_that_calls_in_hears_what_its_call_would_have_said() -> None:
    call = turns(tree("family"), ONE_CHILD | {"caller": WAITING}, "1")
    assert heard(call[0]) == ["inbound.welcome", "inbound.family", "greeting.keys", "[menu]"]
    assert heard(call[1]) == ["inform.attendance", "inform.level", "appreciate.praise", "[continue]"]
    assert call[2].state.reach == "heard"


def test_without_a_message_whoever_calls_in_is_listened_to() -> None:
    assert heard(last(tree("family"), NO_ROUND, "1")) == ["listen.consent", "[menu]"]
    assert heard(last(tree("family"), ONE_CHILD | {"caller": WAITING}, "- - -")) == ["listen.consent", "[menu]"]


def test_a_family_that_wanted_no_calls_takes_that_back_with_a_key_alone() -> None:
    opted_out = ONE_CHILD | {"caller": OPTED_OUT}
    assert told(tree("family"), opted_out, "1") == ["opted_in"]
    assert heard(last(tree("family"), opted_out, "1"))[0] == "inbound.opted_in"
    assert told(tree("family"), opted_out, "- -") == told(tree("family"), opted_out, "2") == []


def test_a_number_that_nobody_knows_chooses_a_language_and_says_what_it_has_to_say() -> None:
    unknown = CALLERS["unknown"]["nobody"]
    assert heard(last(tree("unknown"), unknown, "2")) == ["inbound.unknown", "listen.consent", "[menu]"]
    assert told(tree("unknown"), unknown, "2 1 r12 -") == [
        "language_chosen", "consent_given", "recording_made",
    ]  # fmt: skip
    assert heard(last(tree("unknown"), unknown, "9"))[0] == "reprompt.no_match"  # nobody calls it: nothing to stop


# ---- the teacher's line ----

TEACHER = teacher(school_class(1, can_start="yes"))


def test_a_teacher_gives_a_pin_before_anything_is_told() -> None:
    asked = start(tree("teacher"), TEACHER)
    assert heard(asked) == ["teacher.welcome", "teacher.pin", "[ask]"]
    assert asked.steps[-1].digits == 6  # type: ignore[union-attr]
    assert heard(last(tree("teacher"), TEACHER, "no")) == ["teacher.pin_wrong", "teacher.pin", "[ask]"]
    assert heard(last(tree("teacher"), TEACHER, "-")) == [
        "reprompt.no_input",
        "teacher.welcome",
        "teacher.pin",
        "[ask]",
    ]
    assert heard(last(tree("teacher"), TEACHER, "no no no")) == ["teacher.refused", "[hang up]"]
    assert heard(last(tree("teacher"), TEACHER, "pin")) == ["teacher.menu", "[menu]"]


def test_whoever_set_no_line_up_is_told_how_to() -> None:
    assert heard(start(tree("teacher"), teacher({}, ready=None))) == ["teacher.not_set_up", "[hang up]"]


def test_a_star_at_the_pin_leads_to_the_languages() -> None:
    assert heard(last(tree("teacher"), TEACHER, "* 3")) == ["teacher.welcome", "teacher.pin", "[ask]"]
    assert last(tree("teacher"), TEACHER, "* 3").state.language == "en"


def test_a_teacher_hears_the_message_before_a_class_does() -> None:
    back = last(tree("teacher"), TEACHER, "pin 1 r5")
    assert heard(back) == ["teacher.you_said", "@recording", "teacher.keep", "[menu]"]
    kept = last(tree("teacher"), TEACHER, "pin 1 r5 1")
    assert [event.values for event in kept.events if event.kind == "message_kept"] == [{"child": 1, "id": "try-2"}]


def test_a_message_that_was_kept_is_not_taken_back_by_the_next_one() -> None:
    again = told(tree("teacher"), TEACHER, "pin 1 r5 1 1 r4 2 r3 1 h")
    assert again.count("message_kept") == 2
    assert again.count("recording_discarded") == 1


def test_a_message_that_nobody_kept_is_not_used() -> None:
    assert "message_kept" not in told(tree("teacher"), TEACHER, "pin 1 r5 - -")
    assert "message_kept" not in told(tree("teacher"), TEACHER, "pin 1 r5 h")


def test_a_teacher_of_several_classes_chooses_one() -> None:
    several = teacher(school_class(7), school_class(8, class_name=None, place=2, can_start="yes"))
    assert heard(last(tree("teacher"), several, "pin")) == ["teacher.class", "teacher.choose", "[menu]"]
    assert heard(last(tree("teacher"), several, "pin 2")) == ["teacher.class_nth", "teacher.choose", "[menu]"]
    started = last(tree("teacher"), several, "pin 2 1 3 1")
    assert [event.values for event in started.events if event.kind == "batch_asked"] == [{"child": 8}]
    assert heard(last(tree("teacher"), several, "pin 1 3"))[0] == "teacher.cannot_start"


def test_a_teacher_hears_how_the_calls_stand() -> None:
    assert heard(last(tree("teacher"), TEACHER, "pin 2")) == ["teacher.figures", "teacher.menu", "[menu]"]
    idle = teacher(school_class(1, started=None))
    assert heard(last(tree("teacher"), idle, "pin 2"))[0] == "teacher.not_started"
