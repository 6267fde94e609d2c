"""How long a call takes. The provider bills started minutes, so the ordinary call must end well within one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ivr.trees.engine import LANGUAGE_KEY, OPT_OUT_KEY, advance, start
from ivr.trees.facts import Facts
from ivr.trees.model import (
    COMPLETED,
    Ask,
    Checked,
    Continue,
    Dial,
    Dialled,
    Digits,
    Menu,
    Record,
    Recorded,
    Say,
    Sound,
    Tree,
    Turn,
)
from ivr.trees.script import SILENCE, Word, parse_script, play

PULSE_S = 58.0
"""The longest ordinary call: 60 s are billed as one minute, and two are for what we do not see."""

LONGEST_ANSWER_S = 5.5
"""How long "you said, we did" may take, so that the ordinary call which tells it still ends within PULSE_S."""

LONGEST_VOICE_S = 5.5
"""How long a teacher's own words may last, beside the longest answer. `teacher.toml` has five seconds for them, and a
carrier may stop a moment late."""

# Assumptions of the sums below: from the end of a prompt to the key, the carrier's beep, from a key to the next sound.
REACTION_S, BEEP_S, TURN_S = 1.5, 0.5, 0.2

Duration = Callable[[Say], float]
"""How many seconds a say takes: a catalogue's clips know."""


def typical_s(tree: Tree, facts: Facts, duration: Duration) -> float:
    """Return the seconds of the call that the tree calls typical."""
    return script_s(tree, facts, parse_script(tree.typical), duration)


def silent_s(tree: Tree, facts: Facts, duration: Duration) -> float:
    """Return the seconds of a call in which nobody ever does anything: an answering machine's."""
    return script_s(tree, facts, (), duration)


def script_s(tree: Tree, facts: Facts, words: Iterable[Word], duration: Duration) -> float:
    """Return the seconds of a call with these words, then silence."""
    call = list(play(tree, facts, words))
    answers = [exchanged.word or SILENCE for exchanged in call[1:]]
    waited = sum(turn_s(one.turn, word, duration) for one, word in zip(call, answers, strict=False))
    return waited + turn_s(call[-1].turn, SILENCE, duration)


def turn_s(turn: Turn, word: Word, duration: Duration) -> float:
    """Return the seconds from the beginning of a turn to the next one, when the parent answers it with `word`."""
    said = sum(duration(step) for step in turn.steps if isinstance(step, Say))
    last = turn.steps[-1]
    if isinstance(last, Menu):
        pressed = isinstance(word.given, Digits)
        heard = _spoken(word.listened_to(last.says) if pressed else last.says)
        return said + sum(map(duration, heard)) + (REACTION_S if pressed else last.timeout_s) + TURN_S
    if isinstance(last, Ask):
        is_answered = isinstance(word.given, Checked)
        return said + sum(map(duration, _spoken(last.says))) + (REACTION_S if is_answered else last.timeout_s) + TURN_S
    if isinstance(last, Dial):
        # What two people have to say to each other is not in these sums.
        return said + (0 if isinstance(word.given, Dialled) else last.timeout_s) + TURN_S
    if isinstance(last, Record):
        spoken = word.given.duration_ms / 1000 if isinstance(word.given, Recorded) else 0
        # Speech that reaches the longest length is cut there; anything else ends with the silence that ends it.
        return said + BEEP_S + min(spoken + last.silence_s, last.max_length_s) + TURN_S
    return said + (TURN_S if isinstance(last, Continue) else 0)


def _spoken(sounds: Iterable[Sound]) -> list[Say]:
    return [sound for sound in sounds if isinstance(sound, Say)]


@dataclass(frozen=True)
class _Longest:
    """The search for the longest call: depth first over states, each state once."""

    tree: Tree
    facts: Facts
    duration: Duration
    known: dict[str, float]

    def from_turn(self, turn: Turn, trail: frozenset[str]) -> float:
        key = replace(turn.state, step=0).to_json()
        if key in trail:
            return 0.0  # somebody who goes round in circles is stopped by the engine, not by this sum
        if key not in self.known:
            ways = (self._one_way(turn, word, trail | {key}) for word in _answers(turn))
            self.known[key] = max(ways, default=turn_s(turn, SILENCE, self.duration))
        return self.known[key]

    def _one_way(self, turn: Turn, word: Word, trail: frozenset[str]) -> float:
        following = advance(self.tree, self.facts, turn.state, word.given)
        return turn_s(turn, word, self.duration) + self.from_turn(following, trail)


def longest_s(tree: Tree, facts: Facts, duration: Duration) -> float:
    """Return the seconds of the slowest call that goes forward: every silence, every re-prompt, every recording full.

    Left out are the asides (9 and star) and second recordings, which anybody may take again and again.
    """
    return _Longest(tree, facts, duration, {}).from_turn(start(tree, facts), frozenset())


def _answers(turn: Turn) -> Iterator[Word]:
    """Yield what can be done at a turn and leads on."""
    last, state = turn.steps[-1], turn.state
    if state.over:
        return
    yield SILENCE
    if isinstance(last, Menu):
        yield from (Word(Digits(key)) for key in last.keys if key not in (OPT_OUT_KEY, LANGUAGE_KEY))
    if isinstance(last, Ask):
        yield Word(Checked("right"))
    if isinstance(last, Dial):
        yield Word(Dialled(COMPLETED))
    if isinstance(last, Record) and not state.made:
        yield Word(Recorded("longest", "", last.max_length_s * 1000))
