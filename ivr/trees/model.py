"""What a tree is made of, what goes into the engine and what comes out: frozen values, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prompts.slots import Slot

LANGUAGES = ("pa", "hi", "en")
REACHES = ("unreached", "rang", "answered", "heard", "responded", "recorded")

# ---- the tree ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One prompt of a node; said only when the fact `when` of the present child is known."""

    prompt: str
    when: str | None = None


@dataclass(frozen=True)
class Node:
    """What all kinds share: what is said on entering, what is told to the domain, how far the call got by it."""

    name: str
    says: tuple[Line, ...] = ()
    emits: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    reach: str | None = None


@dataclass(frozen=True)
class SayNode(Node):
    """Speaks and goes on. With `checkpoint` the carrier comes back when all was played: so we know it was heard."""

    next: str = ""
    checkpoint: bool = False


@dataclass(frozen=True)
class MenuNode(Node):
    """Speaks, waits for one key. After the last re-prompt it goes on along `default`: one bad key never ends a call."""

    keys: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    timeout_s: int = 5


@dataclass(frozen=True)
class RecordNode(Node):
    """Records what the parent says; a recording shorter than `least_ms` counts as nothing said."""

    next: str = ""
    empty: str = ""
    max_length_s: int = 45
    silence_s: int = 4
    least_ms: int = 800


@dataclass(frozen=True)
class NextChildNode(Node):
    """Turns to the next child of the household, along `more`; with none left, along `done`."""

    more: str = ""
    done: str = ""


@dataclass(frozen=True)
class EndNode(Node):
    """Speaks and hangs up."""


AnyNode = SayNode | MenuNode | RecordNode | NextChildNode | EndNode


@dataclass(frozen=True)
class Tree:
    """A call tree. `opt_out` and `apology` name the nodes behind key 9 and behind our own failures."""

    name: str
    start: str
    opt_out: str
    nodes: Mapping[str, AnyNode]
    definition: str  # the TOML it was read from: what a round keeps
    hash: str


# ---- in -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Digits:
    """A key was pressed."""

    keys: str


@dataclass(frozen=True)
class NoInput:
    """Nothing was pressed or said, or a checkpoint was reached: the carrier came back for more."""


@dataclass(frozen=True)
class Recorded:
    """The carrier made a recording; `keys` ended it, if any."""

    recording_id: str
    url: str
    duration_ms: int
    keys: str = ""


Input = Digits | NoInput | Recorded

# ---- out ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say:
    """Play a prompt in a language, with its slots filled."""

    prompt: str
    language: str
    slots: Mapping[str, Slot]


@dataclass(frozen=True)
class Menu:
    """Play, and take one of `keys`; a key stops the playing (barge-in)."""

    says: tuple[Say, ...]
    keys: str
    timeout_s: int


@dataclass(frozen=True)
class Record:
    """Beep and record."""

    max_length_s: int
    silence_s: int


@dataclass(frozen=True)
class Continue:
    """Come back when all before this was played."""


@dataclass(frozen=True)
class HangUp:
    """End the call."""


Step = Say | Menu | Record | Continue | HangUp


@dataclass(frozen=True)
class Event:
    """Something the domain wants to know, for instance consent_given, recording_made, opted_out, slot_chosen."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """Where a call stands between two webhooks. `step` counts turns; `back` is where an opt-out menu returns to."""

    node: str
    step: int = 0
    language: str = "pa"
    child: int = 0
    reprompts: int = 0
    reach: str = "answered"
    back: str = ""
    recording: str = ""
    over: bool = False


@dataclass(frozen=True)
class Turn:
    """One turn of a call: the state after it, what the parent hears and is asked, what the domain is told."""

    state: State
    steps: tuple[Step, ...]
    events: tuple[Event, ...]
