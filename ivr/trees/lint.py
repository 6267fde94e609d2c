"""What is wrong with a tree that can be read: found by walking it, without a call. Pure; the catalogue is handed in.

`ivr.trees.load` refuses what no engine could run. Here stands what would run and be wrong: words that nobody wrote in
one language, a child's marks told to whoever picked up, a silence that never ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.trees.engine import LANGUAGE_KEY, OPT_OUT_KEY
from ivr.trees.errors import nearest
from ivr.trees.facts import (
    CALLER_FACTS,
    CHILD_FACTS,
    CLASS_FACTS,
    COUNTS,
    DERIVED,
    NUMBER_FACTS,
    PERSONAL_SLOTS,
    PROMPT_FACTS,
)
from ivr.trees.load import ways
from ivr.trees.model import (
    BACK,
    LANGUAGES,
    AnyNode,
    AskNode,
    BranchNode,
    EndNode,
    Line,
    MenuNode,
    SayNode,
    SetNode,
    Tree,
)
from ivr.trees.walk import ALWAYS, lines_of
from prompts.catalogues import Catalogue, ids

ALWAYS_FILLED = {
    "outgoing": frozenset({"child", "school", "day"}),
    "family": frozenset({"child", "school"}),
    "unknown": frozenset[str](),
    "teacher": frozenset(COUNTS) - {"place"},
    "prompts": frozenset({"words"}),
    "speaking": frozenset({"child"}),
}
"""The slots that every call of a line can fill."""
FILLED_BY = {
    "class": "class_name", "percent": "attendance", "level": "level", "praise": "praise", "answer": "answer",
    "voice": "voice", "day": "meeting.on", "place": "place",
}  # fmt: skip
"""The fact that must be known for a slot to be filled."""
IMPLIES = {
    "low_attendance": "attendance", "ask_every_day": "attendance", "spare_level": "level", "praise_alone": "praise",
}  # fmt: skip
CALL_FACTS = frozenset({"language", "school.name", "meeting.on"})
_IN_THE_PLACE_OF_CHILDREN = {"teacher": CLASS_FACTS, "prompts": PROMPT_FACTS, "speaking": NUMBER_FACTS}


@dataclass(frozen=True)
class Finding:
    """One thing to mend: where, what, how."""

    place: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.mend}"


def lint(tree: Tree, catalogue: Catalogue) -> list[Finding]:
    """Return all that is wrong, in the order of the file."""
    found = [
        *_unreachable(tree),
        *_unknown_facts(tree),
        *_taken_keys(tree),
        *_endless(tree),
        *_too_early(tree, catalogue),
    ]
    found += [*_unwritten(tree, catalogue), *_unfilled(tree, catalogue)]
    order = {name: at for at, name in enumerate(tree.nodes)}
    return sorted(dict.fromkeys(found), key=lambda finding: order.get(finding.place.split(".")[1], -1))


def reachable(tree: Tree, start: Iterable[str], stop_at: Iterable[str] = ()) -> set[str]:
    """Return the nodes that can be walked to, without going on behind those of `stop_at`."""
    seen: set[str] = set()
    waiting, stops = list(start), set(stop_at)
    while waiting:
        name = waiting.pop()
        if name == BACK or name in seen:
            continue
        seen.add(name)
        if name not in stops:
            waiting += ways(tree.nodes[name]).values()
    return seen


def _roots(tree: Tree) -> list[str]:
    return [name for name in (tree.start, tree.opt_out, tree.goodbye, tree.language) if name]


def _unreachable(tree: Tree) -> Iterator[Finding]:
    for name in tree.nodes.keys() - reachable(tree, _roots(tree)):
        yield Finding(f"nodes.{name}", "no way leads here", "lead one here or delete it")


def _unknown_facts(tree: Tree) -> Iterator[Finding]:
    remembered = {f"var.{name}" for node in tree.nodes.values() if isinstance(node, SetNode) for name in node.variables}
    known = _IN_THE_PLACE_OF_CHILDREN.get(tree.line, CHILD_FACTS) | DERIVED.keys() | CALL_FACTS | remembered
    known |= CALLER_FACTS if tree.line != "outgoing" else set()
    for node in tree.nodes.values():
        asked = [line.when for line in lines_of(node) if line.when]
        asked += [node.on] if isinstance(node, BranchNode) else []
        for name in asked:
            if name not in known:
                mend = f"ask for one of {', '.join(sorted(known))}{nearest(name, known)}"
                yield Finding(f"nodes.{node.name}", f"nobody ever knows {name!r}", mend)


def _taken_keys(tree: Tree) -> Iterator[Finding]:
    meant = {OPT_OUT_KEY: (tree.opt_out, "do not call again"), LANGUAGE_KEY: (tree.language, "another language")}
    for node in tree.nodes.values():
        for key, (owner, wish) in meant.items():
            if isinstance(node, MenuNode) and owner and node.name != owner and key in node.keys:
                yield Finding(f"nodes.{node.name}", f"{key} means something else here", f"everywhere it means: {wish}")


def _endless(tree: Tree) -> Iterator[Finding]:
    """Find where somebody who does nothing goes round and never comes to an end."""
    for name in tree.nodes:
        trail: list[str] = []
        at = name
        while at != BACK and at not in trail and not isinstance(tree.nodes[at], EndNode):
            trail.append(at)
            at = _silent_way(tree.nodes[at])
        if at in trail and at == name:
            round_trip = " -> ".join([*trail, at])
            yield Finding(f"nodes.{name}", f"silence goes round for ever: {round_trip}", "lead its default to an end")


def _silent_way(node: AnyNode) -> str:
    leads = ways(node)
    return next(leads[way] for way in ("default", "empty", "done", "next") if way in leads)


def _too_early(tree: Tree, catalogue: Catalogue) -> Iterator[Finding]:
    """Find what is personal and can be heard before somebody said that they are the family."""
    nodes = tree.nodes.values()
    sure = {node.name for node in nodes if isinstance(node, SayNode) and node.emits == "family_confirmed"}
    sure |= {name for node in nodes if isinstance(node, AskNode) for name in node.ways.values()}
    for name in reachable(tree, _roots(tree), stop_at=sure) - sure:
        for line in lines_of(tree.nodes[name]):
            personal = set().union(*(_slots(catalogue, line, language) for language in LANGUAGES)) & PERSONAL_SLOTS
            if personal:
                what = f"{line.prompt} says {_braced(personal)} before anybody said that they are the family"
                yield Finding(f"nodes.{name}", what, "say it behind a node that emits family_confirmed")


def _unwritten(tree: Tree, catalogue: Catalogue) -> Iterator[Finding]:
    known = ids(catalogue)
    wanted = [(f"nodes.{node.name}", line) for node in tree.nodes.values() for line in lines_of(node)]
    for place, line in [*wanted, *(("nodes.", Line(prompt)) for prompt in ALWAYS)]:
        missing = [it for it in _languages(line) if (line.prompt, it) not in catalogue]
        if missing:
            where = ", ".join(f"{language}.toml" for language in missing)
            hint = nearest(line.prompt, known) if line.prompt not in known else ""
            yield Finding(place, f"{line.prompt} is not written in {', '.join(missing)}", f"write it in {where}{hint}")


def _unfilled(tree: Tree, catalogue: Catalogue) -> Iterator[Finding]:
    for node in tree.nodes.values():
        for line in lines_of(node):
            needed = set().union(*(_slots(catalogue, line, language) for language in _languages(line)))
            for slot in sorted(needed - ALWAYS_FILLED[tree.line]):
                yield from _needs(node, line, slot)


def _needs(node: AnyNode, line: Line, slot: str) -> Iterator[Finding]:
    fact = FILLED_BY.get(slot)
    if fact is None:
        yield Finding(f"nodes.{node.name}", f"{line.prompt} needs {{{slot}}}, which no call knows", "say it otherwise")
    elif IMPLIES.get(line.when or "", line.when) != fact:
        what = f"{line.prompt} needs {{{slot}}}, which is not known of every child"
        yield Finding(f"nodes.{node.name}", what, f'write {{ prompt = "{line.prompt}", when = "{fact}" }}')


def _languages(line: Line) -> tuple[str, ...]:
    return (line.language,) if line.language else LANGUAGES


def _slots(catalogue: Mapping[tuple[str, str], object], line: Line, language: str) -> frozenset[str]:
    prompt = catalogue.get((line.prompt, language))
    slots: frozenset[str] = getattr(prompt, "slots", frozenset())
    return slots


def _braced(slots: Iterable[str]) -> str:
    return ", ".join(f"{{{slot}}}" for slot in sorted(slots))
