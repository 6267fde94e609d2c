"""What a tree is made of, what goes into the engine and what comes out: frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prompts.slots import Slot

LANGUAGES = ("pa", "hi", "en")
REACHES = ("unreached", "rang", "answered", "heard", "responded", "recorded")

LINES = ("outgoing", "family", "unknown", "teacher", "prompts", "speaking")
"""Whom a tree speaks to: a family that we call; one that calls in; a number that we do not know; a teacher; who says
prompts; a teacher who is put through to a family."""

HEAR_BACK = "@recording"
"""Stands where a prompt could: what was just recorded."""

BACK = "@back"
"""The way out of an aside (opt-out, language): on from where the parent left the call."""

MOST_REPROMPTS = 3
ANY_KEY = "0123456789*#"

# ---- the tree ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One prompt of a node.

    Said only when the fact `when` is known, and in `language` instead of the call's own where that is given: a menu
    offers Punjabi in Punjabi.
    """

    prompt: str
    when: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Node:
    """What all kinds share."""

    name: str
    says: tuple[Line, ...] = ()


@dataclass(frozen=True)
class SayNode(Node):
    """Speaks and goes on, tells the domain `emits` with `values`, and raises how far the call got to `reach`.

    With `checkpoint` the carrier comes back when all was played, and only then the rest is done: so we know it was
    heard. Without, the walk does not wait.
    """

    next: str = ""
    checkpoint: bool = False
    emits: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    reach: str | None = None


@dataclass(frozen=True)
class MenuNode(Node):
    """Speaks, waits for one key. After the last re-prompt it goes on along `default`: one bad key never ends a call.

    `again` is what a re-prompt says (shorter, as a rule); empty means the whole of `says`. `timeout_s` is counted by
    the carrier from the end of the last prompt.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    timeout_s: int = 5
    reprompts: int = MOST_REPROMPTS
    again: tuple[Line, ...] = ()


@dataclass(frozen=True)
class RecordNode(Node):
    """Records what the parent says; a recording shorter than `least_ms` counts as nothing said.

    `again` stands in for `says` when nothing was said, at most `reprompts` times; then the call goes on along `empty`.
    """

    next: str = ""
    empty: str = ""
    max_length_s: int = 45
    silence_s: int = 4
    least_ms: int = 800
    reprompts: int = 1
    again: tuple[Line, ...] = ()


@dataclass(frozen=True)
class BranchNode(Node):
    """Goes along the way that `ways` has for the fact `on`, or along `default`. Says nothing."""

    on: str = ""
    ways: Mapping[str, str] = field(default_factory=dict)
    default: str = ""


@dataclass(frozen=True)
class SetNode(Node):
    """Remembers `variables` for later branches (`var.<name>`), or changes the call's language. Says nothing."""

    next: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True)
class NextChildNode(Node):
    """Turns to the next child of the household, along `more`; with none left, along `done`, back at the first."""

    more: str = ""
    done: str = ""


@dataclass(frozen=True)
class AskNode(Node):
    """Asks for a secret of up to `digits` keys, ended by #, which not the tree but its host compares.

    `ways` leads on by the host's verdict; any other is answered with `again`, and after the last with `default`. A star
    alone leads to the languages; nine is a digit like the others here.
    """

    ways: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    digits: int = 6
    timeout_s: int = 8
    reprompts: int = 2
    again: tuple[Line, ...] = ()


@dataclass(frozen=True)
class DialNode(Node):
    """Connects to the present child's teacher: `next` when they have spoken, `default` when they could not.

    On a teacher's call it is the family's number that stands in the child's place. It rings `timeout_s`, and the two
    have `limit_s`. Whether somebody may be rung now is the host's to know.
    """

    next: str = ""
    default: str = ""
    timeout_s: int = 25
    limit_s: int = 600


@dataclass(frozen=True)
class CallbackNode(Node):
    """Speaks, and puts a wish to be called on the teacher's page; why is what the last dial came to."""

    next: str = ""


@dataclass(frozen=True)
class EndNode(Node):
    """Speaks, tells the domain `emits` and hangs up. `way` is the word for this end in the `finished` event."""

    way: str = "completed"
    emits: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


AnyNode = (
    SayNode | MenuNode | RecordNode | BranchNode | SetNode | NextChildNode | AskNode | DialNode | CallbackNode | EndNode
)


@dataclass(frozen=True)
class Tree:
    """A call tree. `opt_out` and `language` name the menus behind keys 9 and *, which every other menu then has.

    `goodbye` is the end for somebody who goes round in circles. `typical` is an ordinary call as `ivr.trees.script`
    reads it: the one that has to fit into a minute. `line` is one of LINES.
    """

    name: str
    start: str
    goodbye: str
    nodes: Mapping[str, AnyNode]
    definition: str  # the TOML it was read from: what a round keeps
    hash: str  # SHA-256 of `definition`
    opt_out: str = ""
    language: str = ""
    typical: str = ""
    line: str = "outgoing"


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


@dataclass(frozen=True)
class Checked:
    """The host compared what was asked for: `right`, or anything else for a way that the node does not name."""

    verdict: str


@dataclass(frozen=True)
class Dialled:
    """How connecting ended: COMPLETED, NOT_AVAILABLE when nothing was dialled, or the carrier's word for a failure."""

    status: str


@dataclass(frozen=True)
class HungUp:
    """The parent put the phone down, or the line broke."""


Input = Digits | NoInput | Recorded | Checked | Dialled | HungUp
COMPLETED, NOT_AVAILABLE = "completed", "not_available"
HUNG_UP = "hung_up"
"""Why a family wants to be called that hung up while the teacher's phone rang."""

# ---- out ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say:
    """Play a prompt in a language, with its slots filled."""

    prompt: str
    language: str
    slots: Mapping[str, Slot]


@dataclass(frozen=True)
class Replay:
    """Play the recording of that id."""

    recording_id: str

    @property
    def prompt(self) -> str:
        return HEAR_BACK


Sound = Say | Replay


@dataclass(frozen=True)
class Menu:
    """Play, and take one of `keys`; a key stops the playing (barge-in)."""

    says: tuple[Sound, ...]
    keys: str
    timeout_s: int


@dataclass(frozen=True)
class Record:
    """Beep and record, until a finish key, `silence_s` of silence or `max_length_s`.

    Any key may finish: who has never used an answering machine presses whichever is near.
    """

    max_length_s: int
    silence_s: int
    finish_keys: str = ANY_KEY


@dataclass(frozen=True)
class Ask:
    """Play, and take up to `digits` keys, ended by # or by a pause."""

    says: tuple[Sound, ...]
    digits: int
    timeout_s: int


@dataclass(frozen=True)
class Dial:
    """Connect to the teacher of `child`, an id of the facts; come back when that is over."""

    child: int | str
    timeout_s: int
    limit_s: int


@dataclass(frozen=True)
class Continue:
    """Come back when all before this was played."""


@dataclass(frozen=True)
class HangUp:
    """End the call."""


Step = Say | Replay | Menu | Record | Ask | Dial | Continue | HangUp

EVENTS: Mapping[str, frozenset[str]] = {
    "family_confirmed": frozenset(),
    "wrong_number": frozenset(),
    "language_chosen": frozenset({"language"}),
    "heard": frozenset({"child"}),
    "consent_given": frozenset({"wording", "language"}),
    "consent_refused": frozenset({"wording", "language"}),
    "recording_made": frozenset({"id", "url", "duration_ms"}),
    "recording_kept": frozenset({"id"}),
    "recording_discarded": frozenset({"id"}),
    "responded": frozenset({"node", "key"}),
    "slot_chosen": frozenset({"slot"}),
    "opted_out": frozenset(),
    "opted_in": frozenset({"wording", "language"}),
    "dialled": frozenset({"child", "status"}),
    "callback_asked": frozenset({"child", "reason"}),
    "message_kept": frozenset({"child", "id"}),
    "batch_asked": frozenset({"child"}),
    "prompt_kept": frozenset({"child", "id"}),
    "finished": frozenset({"way", "reach"}),
}
"""Everything that a call can tell the domain, and the values that come with it.

`heard`: the core message about `child` (its id in the facts) was played to its end. `recording_kept` and
`recording_discarded` speak of a recording that `recording_made` named; a recording is discarded only when a second
one is there. `message_kept` and `batch_asked` are a teacher's, whose classes stand where children do; `prompt_kept`
belongs to who says prompts, which stand there then. `finished` comes once, whoever ends the call; its `way` is an end
node's word, or hung_up.
"""


@dataclass(frozen=True)
class Event:
    """Something the domain wants to know: a kind of EVENTS with its values."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a parent left the call for an aside."""

    node: str
    child: int
    reprompts: int


@dataclass(frozen=True)
class State:
    """Where a call stands between two webhooks: plain values, so that `State.from_json(state.to_json())` is it again.

    `step` counts turns. `back` are the places left for asides, the last one on top. `recording` is one that was made
    and neither kept nor discarded so far; `made` are all of them.
    """

    node: str
    step: int = 0
    language: str = "pa"
    child: int = 0
    reprompts: int = 0
    reach: str = "answered"
    variables: Mapping[str, str] = field(default_factory=dict)
    back: tuple[Place, ...] = ()
    recording: str = ""
    made: tuple[str, ...] = ()
    over: bool = False

    @classmethod
    def from_json(cls, text: str) -> State:
        values = json.loads(text)
        back = tuple(Place(**place) for place in values["back"])
        return cls(**{**values, "back": back, "made": tuple(values["made"])})

    def to_json(self) -> str:
        # Not `asdict`: it copies every value deeply, and this stands in each webhook.
        return json.dumps(vars(self), default=vars, ensure_ascii=False)


@dataclass(frozen=True)
class Turn:
    """One turn of a call: the state after it, what the parent hears and is asked, what the domain is told."""

    state: State
    steps: tuple[Step, ...]
    events: tuple[Event, ...]
