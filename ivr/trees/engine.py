"""The engine: (tree, facts, state, input) -> turn. Pure and deterministic; the same input gives the same turn.

A turn walks the tree until it has to wait: for a key, for a recording, for the carrier to have played what it was
given, or for nothing any more.

Two keys work in every menu and lead aside: 9 to the opt-out menu, star to the language menu. From an aside the call
goes on where it was left (`@back`), with as many re-prompts used as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ivr.trees.facts import Facts, fact, slots_for
from ivr.trees.model import (
    BACK,
    COMPLETED,
    HEAR_BACK,
    HUNG_UP,
    LANGUAGES,
    NOT_AVAILABLE,
    REACHES,
    AnyNode,
    Ask,
    AskNode,
    BranchNode,
    CallbackNode,
    Checked,
    Continue,
    Dial,
    Dialled,
    DialNode,
    Digits,
    EndNode,
    Event,
    HangUp,
    HungUp,
    Input,
    Line,
    Menu,
    MenuNode,
    NextChildNode,
    Place,
    Record,
    Recorded,
    RecordNode,
    Replay,
    Say,
    SayNode,
    SetNode,
    Sound,
    State,
    Step,
    Tree,
    Turn,
)
from prompts.slots import Slot

OPT_OUT_KEY, LANGUAGE_KEY = "9", "*"
# No parent needs this many turns: somebody who presses star for ever must still come to an end.
MOST_STEPS = 60
# A recording that comes when its node is behind us is judged by this.
LEAST_MS = 800
# Kept with the language it was asked in.
_WORDED = ("consent_given", "consent_refused", "opted_in")
# What is kept with the child, or whatever stands in its place: another recording does not take its place.
_KEPT_FOR_A_CHILD = ("message_kept", "prompt_kept")
# Under these names a call remembers why the teacher could not be reached, and that a second line is in use for one.
_DIAL, _DIALLING = "dial", "dialling"
NO_INPUT, NO_MATCH = "reprompt.no_input", "reprompt.no_match"


def start(tree: Tree, facts: Facts) -> Turn:
    """Begin a call that was just answered."""
    language = facts["language"] if facts["language"] in LANGUAGES else LANGUAGES[0]
    return _Walk(tree, facts, State(node=tree.start, language=language, reach="answered")).enter(tree.start)


def advance(tree: Tree, facts: Facts, state: State, given: Input) -> Turn:
    """Go on from `state` with what the parent did. A call that is over stays over, but a late recording is taken."""
    if state.over:
        return _Walk(tree, facts, state).after_the_end(given)
    if isinstance(given, HungUp):
        # Answers no question: `step` stays, so that what was recorded until then still finds its place.
        return _Walk(tree, facts, state).hung_up()
    walk = _Walk(tree, facts, replace(state, step=state.step + 1))
    node = tree.nodes[state.node]
    if isinstance(node, RecordNode):
        return walk.answer_record(node, given)
    if isinstance(given, Recorded):
        walk.take(given, LEAST_MS)
    if isinstance(node, MenuNode):
        return walk.answer_menu(node, given)
    if isinstance(node, AskNode):
        return walk.answer_ask(node, given)
    if isinstance(node, DialNode):
        return walk.answer_dial(node, given)
    return walk.played(node)


class _Walk:
    """One turn under way: collects steps and events while it moves the state."""

    def __init__(self, tree: Tree, facts: Facts, state: State) -> None:
        self._tree, self._facts, self._state = tree, facts, state
        self._steps: list[Step] = []
        self._events: list[Event] = []
        self._slots: dict[tuple[int, str], Mapping[str, Slot]] = {}

    # ---- walking ----

    def enter(self, name: str, reprompts: int = 0) -> Turn:
        """Walk from a node on until something has to be waited for."""
        if self._state.step > MOST_STEPS:
            name = self._tree.goodbye
        while True:
            if name == BACK:
                name, reprompts = self._return()
            node = self._tree.nodes[name]
            self._state = replace(self._state, node=name, reprompts=reprompts)
            if isinstance(node, MenuNode):
                return self._ask(node, self._says(node.says))
            if isinstance(node, RecordNode):
                return self._record(node, node.says)
            if isinstance(node, EndNode):
                return self._end(node)
            if isinstance(node, AskNode):
                return self._wait(Ask(self._says(node.says), node.digits, node.timeout_s))
            if isinstance(node, DialNode):
                self._steps += self._says(node.says)
                self._remember(**{_DIALLING: "yes"})
                return self._wait(Dial(self._child_id(), node.timeout_s, node.limit_s))
            self._steps += self._says(node.says)
            if isinstance(node, SayNode) and node.checkpoint:
                return self._wait(Continue())
            name, reprompts = self._pass(node), 0

    def played(self, node: AnyNode) -> Turn:
        """Go on behind a checkpoint: all that stood before it was heard."""
        return self.enter(self._pass(node))

    def _pass(self, node: AnyNode) -> str:
        """Do what a node without a wait does and return the name of the next one."""
        if isinstance(node, NextChildNode):
            return self._next_child(node)
        if isinstance(node, BranchNode):
            state = self._state
            known = fact(self._facts, state.child, node.on, state.variables, state.language)
            return node.ways.get(known or "", node.default)
        if isinstance(node, SetNode):
            return self._set(node)
        if isinstance(node, CallbackNode):
            reason = self._state.variables.get(_DIAL, "asked")
            self._tell("callback_asked", child=self._child_id(), reason=reason)
            return node.next
        assert isinstance(node, SayNode), node  # noqa: S101 - every other kind waits or ends
        if node.reach:
            self._raise(node.reach)
        self._emit(node)
        return node.next

    def _next_child(self, node: NextChildNode) -> str:
        following = self._state.child + 1
        is_there = following < len(self._facts["children"])
        self._state = replace(self._state, child=following if is_there else 0)
        return node.more if is_there else node.done

    def _set(self, node: SetNode) -> str:
        self._remember(**node.variables)
        if node.language:
            self._state = replace(self._state, language=node.language)
            self._tell("language_chosen", language=node.language)
        return node.next

    # ---- answers ----

    def answer_menu(self, node: MenuNode, given: Input) -> Turn:
        """Follow a key of the menu, go aside, ask again or, after the last re-prompt, go on along the default."""
        key = given.keys[:1] if isinstance(given, Digits) else ""
        if key in node.keys:
            self._respond(node, key)
            return self.enter(node.keys[key])
        if key in self._asides(node):
            return self._go_aside(self._asides(node)[key], node.name)
        if self._state.reprompts >= node.reprompts:
            return self.enter(node.default)
        self._state = replace(self._state, reprompts=self._state.reprompts + 1)
        reprompt = Line(NO_MATCH if key else NO_INPUT)
        return self._ask(node, self._says((reprompt, *(node.again or node.says))))

    def answer_record(self, node: RecordNode, given: Input) -> Turn:
        """Take what was said. The key that ended it may be a wish: 9 always is, star only when nothing was said."""
        has_said = isinstance(given, Recorded) and self.take(given, node.least_ms)
        key = given.keys[:1] if isinstance(given, Recorded | Digits) else ""
        aside = self._asides(node).get(key)
        if aside and (key == OPT_OUT_KEY or not has_said):
            return self._go_aside(aside, node.next if has_said else node.name)
        if has_said:
            return self.enter(node.next)
        if self._state.reprompts >= node.reprompts:
            return self.enter(node.empty)
        self._state = replace(self._state, reprompts=self._state.reprompts + 1)
        return self._record(node, node.again or node.says)

    def answer_ask(self, node: AskNode, given: Input) -> Turn:
        """Follow the host's verdict on a secret; the star alone goes aside."""
        if isinstance(given, Digits) and given.keys == LANGUAGE_KEY and LANGUAGE_KEY in self._asides(node):
            return self._go_aside(self._asides(node)[LANGUAGE_KEY], node.name)
        verdict = given.verdict if isinstance(given, Checked) else ""
        if verdict in node.ways:
            return self.enter(node.ways[verdict])
        if self._state.reprompts >= node.reprompts:
            return self.enter(node.default)
        self._state = replace(self._state, reprompts=self._state.reprompts + 1)
        lines = node.again if verdict and node.again else (Line(NO_INPUT), *node.says)
        return self._wait(Ask(self._says(lines), node.digits, node.timeout_s))

    def answer_dial(self, node: DialNode, given: Input) -> Turn:
        """Go on when the two have spoken, or could not; why not is remembered for the wish to be called."""
        status = given.status if isinstance(given, Dialled) else "failed"
        self._tell("dialled", child=self._child_id(), status=status)
        over = {name: value for name, value in self._state.variables.items() if name != _DIALLING}
        self._state = replace(self._state, variables=over)
        if status == COMPLETED:
            return self.enter(node.next)
        self._remember(**{_DIAL: NOT_AVAILABLE if status == NOT_AVAILABLE else "no_answer"})
        return self.enter(node.default)

    def take(self, given: Recorded, least_ms: int) -> bool:
        """Note a recording, and return whether something was said in it.

        The one before it is discarded only now: a parent who asks to say it again and hangs up has still said it.
        """
        if given.recording_id in self._state.made:
            return False
        self._state = replace(self._state, made=(*self._state.made, given.recording_id))
        self._tell("recording_made", id=given.recording_id, url=given.url, duration_ms=given.duration_ms)
        if given.duration_ms < least_ms:
            return False
        if self._state.recording:
            self._tell("recording_discarded", id=self._state.recording)
        self._state = replace(self._state, recording=given.recording_id)
        self._raise("recorded")
        return True

    def hung_up(self) -> Turn:
        """End the call. Nine and then hanging up is as clear a wish as nine twice.

        So is hanging up while the teacher's phone rings: they wanted to speak. That they have spoken by then, the host
        knows.
        """
        if self._tree.opt_out and self._state.node == self._tree.opt_out:
            self._tell("opted_out")
        if isinstance(self._tree.nodes[self._state.node], DialNode):
            self._tell("callback_asked", child=self._child_id(), reason=HUNG_UP)
        return self._finish("hung_up")

    def after_the_end(self, given: Input) -> Turn:
        """Answer a webhook that comes when the call is over. Hanging up while speaking still leaves a recording."""
        if isinstance(given, Recorded) and self.take(given, LEAST_MS):
            self._keep()
        return self._wait(HangUp())

    # ---- asides ----

    def _asides(self, node: AnyNode) -> dict[str, str]:
        ways = {OPT_OUT_KEY: self._tree.opt_out, LANGUAGE_KEY: self._tree.language}
        return {key: name for key, name in ways.items() if name and name != node.name}

    def _go_aside(self, aside: str, back_to: str) -> Turn:
        """Remember the place and enter the aside. An aside that was itself left for this one is not entered twice."""
        left = [place.node for place in self._state.back]
        if aside in left:
            back = self._state.back[: left.index(aside)]
        else:
            # Another node than the one that asked (after a recording) begins with no re-prompt used.
            used = self._state.reprompts if back_to == self._state.node else 0
            back = (*self._state.back, Place(back_to, self._state.child, used))
        self._state = replace(self._state, back=back)
        return self.enter(aside)

    def _return(self) -> tuple[str, int]:
        if not self._state.back:
            return self._tree.goodbye, 0
        place = self._state.back[-1]
        self._state = replace(self._state, back=self._state.back[:-1], child=place.child)
        return place.node, place.reprompts

    # ---- what is said, told and waited for ----

    def _ask(self, node: MenuNode, says: tuple[Sound, ...]) -> Turn:
        keys = "".join(sorted({*node.keys, *self._asides(node)}))
        return self._wait(Menu(says, keys, node.timeout_s))

    def _record(self, node: RecordNode, lines: Iterable[Line]) -> Turn:
        self._steps += self._says(lines)
        return self._wait(Record(node.max_length_s, node.silence_s))

    def _end(self, node: EndNode) -> Turn:
        self._steps += self._says(node.says)
        self._emit(node)
        return self._finish(node.way)

    def _finish(self, way: str) -> Turn:
        self._keep()
        self._tell("finished", way=way, reach=self._state.reach)
        self._state = replace(self._state, over=True)
        return self._wait(HangUp())

    def _wait(self, step: Step) -> Turn:
        return Turn(self._state, (*self._steps, step), tuple(self._events))

    def _says(self, lines: Iterable[Line]) -> tuple[Sound, ...]:
        state = self._state
        known = (line for line in lines if not line.when or self._is_known(line.when))
        return tuple(self._say(line.prompt, line.language or state.language) for line in known)

    def _is_known(self, path: str) -> bool:
        state = self._state
        return fact(self._facts, state.child, path, state.variables, state.language) is not None

    def _say(self, prompt: str, language: str) -> Sound:
        if prompt == HEAR_BACK:
            return Replay(self._state.recording)
        at = (self._state.child, language)
        if at not in self._slots:
            self._slots[at] = slots_for(self._facts, *at)
        return Say(prompt, language, self._slots[at])

    def _respond(self, node: MenuNode, key: str) -> None:
        """Count a key as a response only behind the core message: the family key answers nothing yet."""
        if node.name in (self._tree.opt_out, self._tree.language) or not self._has_reached("heard"):
            return
        self._tell("responded", node=node.name, key=key)
        self._raise("responded")

    def _keep(self) -> None:
        if self._state.recording:
            self._tell("recording_kept", id=self._state.recording)
            self._state = replace(self._state, recording="")

    def _emit(self, node: SayNode | EndNode) -> None:
        if node.emits == "recording_kept":
            self._keep()
        elif node.emits:
            self._tell(node.emits, **node.values, **self._context(node.emits))
            if node.emits in _KEPT_FOR_A_CHILD:
                self._state = replace(self._state, recording="")

    def _context(self, kind: str) -> dict[str, Any]:
        """Return what the engine knows better than the tree's author."""
        if kind in ("heard", "batch_asked"):
            return {"child": self._child_id()}
        if kind in _KEPT_FOR_A_CHILD:
            return {"child": self._child_id(), "id": self._state.recording}
        return {"language": self._state.language} if kind in _WORDED else {}

    def _child_id(self) -> int | str:
        found: int | str = self._facts["children"][self._state.child].get("id", self._state.child)
        return found

    def _remember(self, **variables: str) -> None:
        self._state = replace(self._state, variables={**self._state.variables, **variables})

    def _tell(self, kind: str, **values: Any) -> None:
        self._events.append(Event(kind, values))

    def _has_reached(self, reach: str) -> bool:
        return REACHES.index(self._state.reach) >= REACHES.index(reach)

    def _raise(self, reach: str) -> None:
        if not self._has_reached(reach):
            self._state = replace(self._state, reach=reach)
