"""The engine: (tree, facts, state, input) -> turn. Pure and deterministic; the same input gives the same turn.

A turn walks the tree until it has to wait: for a key, for a recording, for the carrier to have played what it was
given, or for nothing any more.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.trees.facts import Facts, is_known, slots_for
from ivr.trees.load import BACK
from ivr.trees.model import (
    LANGUAGES,
    REACHES,
    AnyNode,
    Continue,
    Digits,
    EndNode,
    Event,
    HangUp,
    Input,
    Menu,
    MenuNode,
    NextChildNode,
    Record,
    Recorded,
    RecordNode,
    Say,
    SayNode,
    State,
    Step,
    Tree,
    Turn,
)

OPT_OUT_KEY, LANGUAGE_KEY = "9", "*"
MOST_REPROMPTS = 3
# No parent needs this many turns: somebody who presses star for ever must still come to an end.
MOST_STEPS = 60
NO_INPUT, NO_MATCH = "reprompt.no_input", "reprompt.no_match"


def start(tree: Tree, facts: Facts) -> Turn:
    """Begin a call that was just answered."""
    return _Walk(tree, facts, State(node=tree.start, language=facts["language"], reach="answered")).enter(tree.start)


def advance(tree: Tree, facts: Facts, state: State, given: Input) -> Turn:
    """Go on from `state` with what the parent did. A call that is over stays over."""
    if state.over:
        return Turn(state, (HangUp(),), ())
    walk = _Walk(tree, facts, replace(state, step=state.step + 1))
    node = tree.nodes[state.node]
    if state.step >= MOST_STEPS:
        return walk.hang_up()
    if isinstance(node, MenuNode):
        return walk.answer_menu(node, given)
    if isinstance(node, RecordNode):
        return walk.answer_record(node, given)
    if isinstance(node, SayNode):
        walk.leave(node)
        return walk.enter(node.next)
    return walk.hang_up()


class _Walk:
    """One turn under way: collects steps and events while it moves the state."""

    def __init__(self, tree: Tree, facts: Facts, state: State) -> None:
        self._tree, self._facts, self._state = tree, facts, state
        self._steps: list[Step] = []
        self._events: list[Event] = []

    def enter(self, name: str) -> Turn:
        """Walk from a node on until something has to be waited for."""
        while True:
            self._state = replace(self._state, node=name, reprompts=0)
            node = self._tree.nodes[name]
            if isinstance(node, MenuNode):
                self._emit(node)
                return self._ask(node, ())
            if isinstance(node, NextChildNode):
                name = self._next_child(node)
                continue
            self._steps += self._says(node)
            if isinstance(node, RecordNode):
                self._emit(node)
                return self._wait(Record(node.max_length_s, node.silence_s))
            if isinstance(node, EndNode):
                self._emit(node)
                return self.hang_up()
            if node.checkpoint:
                return self._wait(Continue())
            self.leave(node)
            name = node.next

    def answer_menu(self, node: MenuNode, given: Input) -> Turn:
        key = given.keys if isinstance(given, Digits) else ""
        if key in node.keys:
            self._raise("responded")
            return self._follow(node.keys[key])
        if key == OPT_OUT_KEY and node.name != self._tree.opt_out:
            self._state = replace(self._state, back=node.name)
            return self.enter(self._tree.opt_out)
        if key == LANGUAGE_KEY:
            language = LANGUAGES[(LANGUAGES.index(self._state.language) + 1) % len(LANGUAGES)]
            self._state = replace(self._state, language=language)
            self._events.append(Event("language_chosen", {"language": language}))
            return self._ask(node, ())
        if self._state.reprompts >= MOST_REPROMPTS:
            return self._follow(node.default)
        self._state = replace(self._state, reprompts=self._state.reprompts + 1)
        return self._ask(node, (self._say(NO_MATCH if key else NO_INPUT),))

    def answer_record(self, node: RecordNode, given: Input) -> Turn:
        if not isinstance(given, Recorded) or given.duration_ms < node.least_ms:
            return self.enter(node.empty)
        self._raise("recorded")
        self._state = replace(self._state, recording=given.recording_id)
        self._events.append(
            Event("recording_made", {"id": given.recording_id, "url": given.url, "duration_ms": given.duration_ms})
        )
        return self.enter(node.next)

    def leave(self, node: SayNode) -> None:
        """Note what a node that was played in full means."""
        self._emit(node)

    def hang_up(self) -> Turn:
        self._state = replace(self._state, over=True)
        return self._wait(HangUp())

    def _follow(self, way: str) -> Turn:
        return self.enter(self._state.back if way == BACK else way)

    def _next_child(self, node: NextChildNode) -> str:
        following = self._state.child + 1
        if following >= len(self._facts["children"]):
            return node.done
        self._state = replace(self._state, child=following)
        return node.more

    def _ask(self, node: MenuNode, first: tuple[Say, ...]) -> Turn:
        keys = "".join(sorted({*node.keys, OPT_OUT_KEY, LANGUAGE_KEY}))
        return self._wait(Menu((*first, *self._says(node)), keys, node.timeout_s))

    def _says(self, node: AnyNode) -> tuple[Say, ...]:
        said = (line for line in node.says if not line.when or is_known(self._facts, self._state.child, line.when))
        return tuple(self._say(line.prompt) for line in said)

    def _say(self, prompt: str) -> Say:
        language = self._state.language
        return Say(prompt, language, slots_for(self._facts, self._state.child, language))

    def _emit(self, node: AnyNode) -> None:
        if node.reach:
            self._raise(node.reach)
        if node.emits:
            values = {**node.values, **({"id": self._state.recording} if "recording" in node.emits else {})}
            self._events.append(Event(node.emits, values))

    def _raise(self, reach: str) -> None:
        if REACHES.index(reach) > REACHES.index(self._state.reach):
            self._state = replace(self._state, reach=reach)

    def _wait(self, step: Step) -> Turn:
        return Turn(self._state, (*self._steps, step), tuple(self._events))
