"""Read a tree from TOML. Whatever is wrong is said with its file, node, key and how to mend it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ivr.trees.errors import TreeError, nearest
from ivr.trees.model import (
    BACK,
    LINES,
    AnyNode,
    AskNode,
    BranchNode,
    CallbackNode,
    DialNode,
    EndNode,
    MenuNode,
    NextChildNode,
    RecordNode,
    SayNode,
    SetNode,
    Tree,
)
from ivr.trees.reading import read_keys
from ivr.trees.script import parse_script

__all__ = ["BACK", "INBOUND_TREES", "PTM_TREE", "TreeError", "load_tree", "parse_tree", "ways"]

PTM_TREE = Path(__file__).with_name("ptm.toml")
"""The call of the parent-teacher meeting week."""

INBOUND_TREES = {
    line: Path(__file__).with_name(f"{name}.toml")
    for line, name in (
        ("family", "inbound"),
        ("unknown", "unknown"),
        ("teacher", "teacher"),
        ("prompts", "prompts"),
        ("speaking", "speaking"),
    )
}
"""What is heard by whoever calls us, by the line of the tree."""

KINDS: dict[str, type[AnyNode]] = {
    "say": SayNode,
    "menu": MenuNode,
    "record": RecordNode,
    "branch": BranchNode,
    "set": SetNode,
    "next_child": NextChildNode,
    "ask": AskNode,
    "dial": DialNode,
    "callback": CallbackNode,
    "end": EndNode,
}
_REQUIRED: dict[type[AnyNode], tuple[str, ...]] = {
    SayNode: ("next",),
    MenuNode: ("says", "keys", "default"),
    RecordNode: ("next", "empty"),
    BranchNode: ("on", "ways", "default"),
    SetNode: ("next",),
    NextChildNode: ("more", "done"),
    AskNode: ("says", "ways", "default"),
    DialNode: ("next", "default"),
    CallbackNode: ("next",),
    EndNode: (),
}
# A branch, a set and a next_child node only think: what they said would be heard before nobody knows which words.
_SILENT = (BranchNode, SetNode, NextChildNode)
_WAYS = ("next", "default", "empty", "more", "done")
_HEAD = {"name", "start", "opt_out", "goodbye", "language", "typical", "line", "nodes"}
# Only a family that we call, or may call again, can want no more calls.
_MAY_OPT_OUT = ("outgoing", "family")
_HEAD_NODES = {"start": None, "opt_out": MenuNode, "language": MenuNode, "goodbye": EndNode}


def load_tree(path: Path) -> Tree:
    """Read the tree in a file. Raises TreeError."""
    return parse_tree(path.read_text("utf-8"), source=path.name)


def parse_tree(definition: str, *, source: str = "tree") -> Tree:
    """Read a tree from its TOML text, which is also what a round keeps. Raises TreeError with every problem."""
    try:
        data = tomllib.loads(definition)
    except tomllib.TOMLDecodeError as error:
        raise TreeError(source, [f"not TOML: {error}"]) from None
    problems: list[str] = []
    nodes = _nodes(data.get("nodes"), problems)
    problems += _head_problems(data, nodes)
    if not problems:
        problems += [*_broken_ways(nodes), *_loops(nodes)]
    if problems:
        raise TreeError(source, problems)
    head = {key: data[key] for key in _HEAD - {"nodes"} if key in data}
    return Tree(**head, nodes=nodes, definition=definition, hash=hashlib.sha256(definition.encode()).hexdigest())


def ways(node: AnyNode) -> dict[str, str]:
    """Return where a node leads, by the key that says so (`next`, `keys.1`, `ways.yes`)."""
    found = {way: getattr(node, way) for way in _WAYS if hasattr(node, way)}
    many = {"keys": getattr(node, "keys", {}), "ways": getattr(node, "ways", {})}
    found.update({f"{key}.{at}": to for key, table in many.items() for at, to in table.items()})
    return found


def _nodes(tables: Any, problems: list[str]) -> dict[str, AnyNode]:
    if not isinstance(tables, dict) or not tables:
        problems.append("nodes: there are none; a node begins with a line such as [nodes.greeting]")
        return {}
    read = {name: _node(name, table, problems) for name, table in tables.items()}
    return {name: node for name, node in read.items() if node is not None}


def _node(name: str, table: Any, problems: list[str]) -> AnyNode | None:
    place = f"nodes.{name}"
    kind = KINDS.get(str(table.get("kind"))) if isinstance(table, dict) else None
    if kind is None:
        problems.append(f"{place}.kind: must be one of {', '.join(KINDS)}")
        return None
    allowed = {item.name for item in fields(kind)} - {"name"} - ({"says"} if kind in _SILENT else set())
    given = {key: value for key, value in table.items() if key != "kind"}
    unknown = sorted(given.keys() - allowed)
    problems += [f"{place}.{key}: a {table['kind']} node has no such key{nearest(key, allowed)}" for key in unknown]
    problems += [f"{place}.{key}: is missing" for key in _REQUIRED[kind] if not given.get(key)]
    return kind(name=name, **read_keys(place, {key: given[key] for key in given.keys() & allowed}, problems))


def _head_problems(data: Mapping[str, Any], nodes: Mapping[str, AnyNode]) -> Iterator[str]:
    for key in sorted(data.keys() - _HEAD):
        yield f"{key}: no such key{nearest(key, _HEAD)}"
    line = data.get("line", LINES[0])
    if line not in LINES:
        yield f"line: must be one of {', '.join(LINES)}{nearest(str(line), LINES)}"
    for key in ("name", "start", *(["opt_out"] if line in _MAY_OPT_OUT else []), "goodbye"):
        if not isinstance(data.get(key), str) or not data[key]:
            yield f"{key}: is missing; write it above the first node"
    for key, kind in _HEAD_NODES.items():
        node = nodes.get(str(data.get(key)))
        if data.get(key) and node is None:
            yield f"{key}: names no node: {data[key]!r}{nearest(str(data[key]), nodes)}"
        elif node is not None and kind is not None and not isinstance(node, kind):
            yield f"{key}: must name {'a menu' if kind is MenuNode else 'an end'}, {node.name!r} is none"
    try:
        parse_script(str(data.get("typical", "")))
    except ValueError as error:
        yield f"typical: {error}"


def _broken_ways(nodes: Mapping[str, AnyNode]) -> Iterator[str]:
    for node in nodes.values():
        for key, way in ways(node).items():
            if way not in nodes and way != BACK:
                yield f"nodes.{node.name}.{key}: leads to {way!r}, which is no node{nearest(way, nodes)}"


def _loops(nodes: Mapping[str, AnyNode]) -> Iterator[str]:
    """Find ways round that never wait for the parent: the engine would walk them for ever."""
    seen: set[str] = set()
    for name in nodes:
        trail: list[str] = []
        yield from _follow(nodes, name, trail, seen)


def _follow(nodes: Mapping[str, AnyNode], name: str, trail: list[str], seen: set[str]) -> Iterator[str]:
    if name in trail:
        yield f"nodes.{name}: goes round without waiting for a key: {' -> '.join([*trail[trail.index(name) :], name])}"
    if name in seen or name not in nodes:
        return
    seen.add(name)
    trail.append(name)
    for way in _unwaited(nodes[name]):
        yield from _follow(nodes, way, trail, seen)
    trail.pop()


def _unwaited(node: AnyNode) -> list[str]:
    """Return where the engine goes from a node within the same turn. `more` ends with the children."""
    if isinstance(node, MenuNode | RecordNode | AskNode | DialNode) or (isinstance(node, SayNode) and node.checkpoint):
        return []
    return [way for key, way in ways(node).items() if key != "more"]
