"""A parent's side of a call as one line of text, and the call that it makes.

    1 r12 -          press 1, speak for 12 seconds, do nothing
    1/2 1 h          press 1 as soon as the menu's second prompt is over (barge-in), press 1, hang up
    1/meet.choose    press 1 as soon as that prompt is over, wherever it stands in the menu, or meet.choose_now for it
    pin talk         give the right secret, speak with the teacher (no, nobody: a wrong one, the teacher is not there)

A checkpoint, where the carrier comes back by itself, has no word: it is passed on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat

from ivr.trees.engine import advance, start
from ivr.trees.facts import Facts
from ivr.trees.model import (
    ANY_KEY,
    COMPLETED,
    Checked,
    Continue,
    Dialled,
    Digits,
    HungUp,
    Input,
    NoInput,
    Recorded,
    Sound,
    Tree,
    Turn,
)

_KEY = re.compile(rf"([{re.escape(ANY_KEY)}])(?:/([1-9]|[a-z][a-z0-9_.]*))?")
_SPEECH = re.compile(r"r(\d{1,3})")


@dataclass(frozen=True)
class Word:
    """What a parent does. A key may come once `heard` prompts of a menu, or the one of that id, are over; None: all."""

    given: Input
    heard: int | str | None = None

    def listened_to(self, says: tuple[Sound, ...]) -> tuple[Sound, ...]:
        """Return those prompts of a menu that are over when the key comes."""
        if not isinstance(self.heard, str):
            return says[: self.heard]
        ends = [at for at, say in enumerate(says, 1) if f"{say.prompt}_".startswith(f"{self.heard}_")]
        return says[: ends[0]] if ends else says


_TOLD_BY_THE_HOST: Mapping[str, Input] = {
    "pin": Checked("right"), "talk": Dialled(COMPLETED), "no": Checked("wrong"), "nobody": Dialled("no-answer"),
}  # fmt: skip


@dataclass(frozen=True)
class Exchanged:
    """What a parent did (None at the beginning) and the turn that answered it."""

    word: Word | None
    turn: Turn


SILENCE = Word(NoInput())


def parse_script(text: str) -> tuple[Word, ...]:
    """Return the words in a line of text. Raises ValueError naming the one that is none."""
    return tuple(_word(word, at) for at, word in enumerate(text.split()))


def play(tree: Tree, facts: Facts, words: Iterable[Word], *, to_the_end: bool = True) -> Iterator[Exchanged]:
    """Yield a call turn by turn. When the words are used up the parent stays silent, or the call stops there."""
    turn = start(tree, facts)
    yield Exchanged(None, turn)
    following = chain(words, repeat(SILENCE) if to_the_end else ())
    while not turn.state.over:
        word = SILENCE if isinstance(turn.steps[-1], Continue) else next(following, None)
        if word is None:
            return
        turn = advance(tree, facts, turn.state, word.given)
        yield Exchanged(word, turn)


def _word(text: str, at: int) -> Word:
    if text in ("-", "h"):
        return SILENCE if text == "-" else Word(HungUp())
    if key := _KEY.fullmatch(text):
        return Word(Digits(key[1]), int(key[2]) if key[2] and key[2].isdigit() else key[2])
    if text in _TOLD_BY_THE_HOST:
        return Word(_TOLD_BY_THE_HOST[text])
    if speech := _SPEECH.fullmatch(text):
        return Word(Recorded(f"try-{at}", "", int(speech[1]) * 1000))
    raise ValueError(
        f"{text!r} is no key (0-9, *, #), nothing (-), speech (r12: 12 seconds), hanging up (h)"
        f" or one of {', '.join(_TOLD_BY_THE_HOST)}"
    )
