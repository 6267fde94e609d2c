"""Read a tree from TOML. Whatever is wrong is said with its node, its key and how to mend it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ivr.trees.model import (
    REACHES,
    AnyNode,
    EndNode,
    Line,
    MenuNode,
    NextChildNode,
    RecordNode,
    SayNode,
    Tree,
)
from ptm.errors import SunvaiError

BACK = "@back"
_KINDS: dict[str, type[AnyNode]] = {
    "say": SayNode,
    "menu": MenuNode,
    "record": RecordNode,
    "next_child": NextChildNode,
    "end": EndNode,
}
_WAYS = ("next", "default", "empty", "more", "done")


class TreeError(SunvaiError):
    """A tree's definition is wrong; the message lists every place."""


def load_tree(path: Path) -> Tree:
    """Read the tree in a file. Raises TreeError."""
    return parse_tree(path.read_text("utf-8"), source=path.name)


def parse_tree(definition: str, *, source: str = "tree") -> Tree:
    """Read a tree from its TOML text, which is also what a round keeps. Raises TreeError."""
    try:
        data = tomllib.loads(definition)
    except tomllib.TOMLDecodeError as error:
        raise TreeError(f"{source}: not TOML: {error}") from None
    problems: list[str] = []
    nodes = {name: node for name, table in data.get("nodes", {}).items() if (node := _node(name, table, problems))}
    for key in ("name", "start", "opt_out"):
        if not isinstance(data.get(key), str):
            problems.append(f"{key} is missing")
        elif key != "name" and data[key] not in nodes:
            problems.append(f"{key} names no node: {data[key]!r}")
    problems += _broken_ways(nodes)
    if problems:
        raise TreeError("\n  ".join([f"{source}: {len(problems)} thing(s) to mend", *problems]))
    digest = hashlib.sha256(definition.encode()).hexdigest()
    return Tree(data["name"], data["start"], data["opt_out"], nodes, definition, digest)


def ways(node: AnyNode) -> list[str]:
    """Return the names of the nodes that may follow."""
    found = [getattr(node, way) for way in _WAYS if hasattr(node, way)]
    return [*found, *(node.keys.values() if isinstance(node, MenuNode) else ())]


def _node(name: str, table: Mapping[str, Any], problems: list[str]) -> AnyNode | None:
    given = dict(table)
    kind = _KINDS.get(given.pop("kind", ""))
    if kind is None:
        problems.append(f"nodes.{name}: kind must be one of {', '.join(_KINDS)}")
        return None
    allowed = {item.name for item in fields(kind)} - {"name"}
    problems += [f"nodes.{name}: no such key {key!r} in a {table['kind']} node" for key in given.keys() - allowed]
    given = {key: value for key, value in given.items() if key in allowed}
    given["says"] = tuple(Line(line) if isinstance(line, str) else Line(**line) for line in given.get("says", ()))
    if given.get("reach", "heard") not in REACHES:
        problems.append(f"nodes.{name}: reach must be one of {', '.join(REACHES)}")
    if kind is MenuNode and not given.get("default"):
        problems.append(f"nodes.{name}: a menu needs a default, the way on after silence")
    return kind(name=name, **given)


def _broken_ways(nodes: Mapping[str, AnyNode]) -> list[str]:
    return [
        f"nodes.{node.name}: leads to {way!r}, which is no node"
        for node in nodes.values()
        for way in ways(node)
        if way not in nodes and way != BACK
    ]
