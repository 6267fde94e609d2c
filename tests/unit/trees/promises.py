"""What every call keeps, whatever the parent does: checked turn by turn, so that a broken one names its turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ivr.trees.engine import advance, start
from ivr.trees.facts import PERSONAL_SLOTS, Facts
from ivr.trees.model import (
    ANY_KEY,
    COMPLETED,
    EVENTS,
    MOST_REPROMPTS,
    NOT_AVAILABLE,
    Ask,
    Checked,
    Continue,
    Dial,
    Dialled,
    Digits,
    HangUp,
    HungUp,
    Input,
    Menu,
    MenuNode,
    NoInput,
    Record,
    Recorded,
    Replay,
    Say,
    State,
    Tree,
    Turn,
)
from prompts.catalogues import Catalogue, prompt_of
from prompts.recipes import Planner

WAITS = (Menu, Record, Ask, Dial, Continue, HangUp)
# Silence after whatever was done ends the slowest call within so many turns.
TURNS_OF_SILENCE = 30


@dataclass(frozen=True)
class Standing:
    """Where a call stands, and what was promised on the way."""

    state: State
    confirmed: bool = False
    finished: bool = False

    @property
    def key(self) -> str:
        return f"{self.state.to_json()} {self.confirmed}"


class Caller:
    """Walks calls of one tree to one family and checks each turn."""

    def __init__(self, tree: Tree, facts: Facts, catalogue: Catalogue) -> None:
        self.tree, self.facts = tree, facts
        planner = Planner(catalogue, lambda _words, _language: None)
        self._plan: Callable[..., object] = cache(planner.plan)
        self._is_personal = cache(
            lambda prompt, language: bool(prompt_of(catalogue, prompt, language).slots & PERSONAL_SLOTS)
        )

    def begin(self) -> tuple[Standing, Turn]:
        turn = start(self.tree, self.facts)
        return self._checked(Standing(turn.state), turn, None), turn

    def go_on(self, standing: Standing, given: Input) -> tuple[Standing, Turn]:
        turn = advance(self.tree, self.facts, standing.state, given)
        return self._checked(standing, turn, given), turn

    def _checked(self, before: Standing, turn: Turn, given: Input | None) -> Standing:
        where = f"{before.state} given {given}"
        self._waits_once_and_last(turn, where)
        self._can_be_said(turn, where)
        self._tells_what_it_should(turn, where)
        confirmed = before.confirmed or any(event.kind == "family_confirmed" for event in turn.events)
        confirmed |= given == Checked("right")
        assert confirmed or not self._says_personal(turn), f"personal before the family key: {where}"
        assert turn.state.reprompts <= MOST_REPROMPTS, where
        assert State.from_json(turn.state.to_json()) == turn.state, where
        finished = sum(event.kind == "finished" for event in turn.events)
        assert finished <= (not before.finished), f"finished twice: {where}"
        assert turn.state.over == (before.finished or bool(finished)), where
        return Standing(turn.state, confirmed, turn.state.over)

    def _waits_once_and_last(self, turn: Turn, where: str) -> None:
        *says, last = turn.steps
        assert isinstance(last, WAITS), where
        assert all(isinstance(step, Say | Replay) for step in says), where
        assert isinstance(last, HangUp) == turn.state.over, where
        if isinstance(last, Menu):
            node = self.tree.nodes[turn.state.node]
            assert isinstance(node, MenuNode), where
            is_aside = node.name in (self.tree.opt_out, self.tree.language)
            wishes = {"9"} if self.tree.opt_out else set()
            assert set(last.keys) >= set(node.keys) | (set() if is_aside else wishes | {"*"}), where

    def _can_be_said(self, turn: Turn, where: str) -> None:
        for say in _says_of(turn):
            try:
                self._plan(say.prompt, say.language, _Slots(say.slots))
            except Exception as error:
                raise AssertionError(f"{say.prompt} ({say.language}) cannot be said: {where}") from error

    def _says_personal(self, turn: Turn) -> bool:
        return any(self._is_personal(say.prompt, say.language) for say in _says_of(turn))

    def _tells_what_it_should(self, turn: Turn, where: str) -> None:
        for event in turn.events:
            assert event.values.keys() == EVENTS[event.kind], f"{event} is not as its table says: {where}"


class _Slots(dict):  # type: ignore[type-arg]
    """Slots that can be a cache's key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _says_of(turn: Turn) -> list[Say]:
    last = turn.steps[-1]
    nested = last.says if isinstance(last, Menu | Ask) else ()
    return [step for step in (*turn.steps, *nested) if isinstance(step, Say)]


def everything_done(turn: Turn) -> list[Input]:
    """Return all that a parent can do at a turn, nothing and hanging up included."""
    last, at = turn.steps[-1], turn.state.step
    if isinstance(last, Continue):
        return [NoInput(), HungUp()]
    if isinstance(last, Ask):
        return [Checked("right"), NoInput(), HungUp(), Checked("wrong"), Digits("*")]
    if isinstance(last, Dial):
        return [NoInput(), HungUp(), *map(Dialled, (COMPLETED, NOT_AVAILABLE, "busy"))]
    keys: list[Input] = [Digits(key) for key in ANY_KEY]
    if isinstance(last, Record):
        spoken = [Recorded(f"r{at}-{key}", "https://x", 12_000, key) for key in ("", "9", "*", "1")]
        return [NoInput(), HungUp(), Digits("9"), Recorded(f"s{at}", "https://x", 100), *spoken]
    return [NoInput(), HungUp(), Digits(""), *keys]
