"""What whoever calls us is told and asked: a family, with a message waiting or not, and a number nobody knows."""

from __future__ import annotations

from tests.unit.trees.calls import heard, last, told, tree, turns
from tests.unit.trees.families import (
    CALLERS,
    NO_ROUND,
    ONE_CHILD,
    OPTED_OUT,
    WAITING,
)


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
