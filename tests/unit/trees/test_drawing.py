from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import cast
from xml.etree import ElementTree

from ivr.trees.drawing import arrows, kind_of, mermaid, svg
from ivr.trees.load import parse_tree
from ivr.trees.model import AnyNode, Node, Tree
from tests.unit.trees.test_load import SMALL

SVG = "{http://www.w3.org/2000/svg}"


def nodes_of(picture: str) -> dict[str, ElementTree.Element]:
    groups = ElementTree.fromstring(picture).iter(f"{SVG}g")
    return {group.attrib["data-node"]: group for group in groups if "data-node" in group.attrib}


def words_of(picture: str) -> set[str]:
    return {text.text or "" for text in ElementTree.fromstring(picture).iter(f"{SVG}text")}


def test_every_way_is_an_arrow_with_its_key(ptm: Tree) -> None:
    drawn = {(way.start, way.to): way.when for way in arrows(ptm)}
    assert drawn["greeting", "confirmed"] == "1"
    assert drawn["greeting", "not_family"] == "silence"
    assert drawn["opt_out", "opted_out"] == "silence, 9"
    assert drawn["confirmed", "child"] == ""


def test_mermaid_names_every_node_once_and_every_way(each_tree: Tree) -> None:
    text = mermaid(each_tree)
    assert text.startswith("flowchart TD\n")
    nodes = re.findall(r'^    (\w+)[\[{(]+/?"', text, re.MULTILINE)
    assert sorted(name for name in nodes if name in each_tree.nodes) == sorted(each_tree.nodes)
    assert len(re.findall("-->", text)) == len(list(arrows(each_tree)))


def test_the_node_that_a_call_stands_at_is_drawn_thick_and_lit(ptm: Tree) -> None:
    assert "style record stroke-width:4px" in mermaid(ptm, "record")
    assert "stroke-width:4px" not in mermaid(ptm)
    lit = nodes_of(svg(ptm, "record"))
    assert [name for name, group in lit.items() if "here" in group.attrib["class"].split()] == ["record"]
    assert svg(ptm).count('stroke-width="4"') < svg(ptm, "record").count('stroke-width="4"')


def test_the_picture_is_whole_and_needs_nothing_else(each_tree: Tree) -> None:
    picture = svg(each_tree)
    assert nodes_of(picture).keys() == each_tree.nodes.keys()
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "style" not in picture, "a page's policy may forbid styles inside"
    assert words_of(picture) >= set(each_tree.nodes)
    arrowheads = [path for path in ElementTree.fromstring(picture).iter(f"{SVG}path") if "marker-end" in path.attrib]
    asides = sum(1 for root in (each_tree.opt_out, each_tree.language) if root)
    assert len(arrowheads) == len(list(arrows(each_tree))) + asides


def test_every_key_is_written_at_its_arrow(ptm: Tree) -> None:
    assert words_of(svg(ptm)) >= {"1", "2", "3", "9", "*", "silence", "silence, 9", "another child", "nothing said"}


def test_each_kind_has_its_shape_and_the_legend_says_which(ptm: Tree) -> None:
    picture = svg(ptm)
    shapes = {}
    for name, group in nodes_of(picture).items():
        kind = kind_of(ptm.nodes[name])
        assert kind in group.attrib["class"].split()
        outline = group[0].attrib["d"]
        shapes.setdefault(kind, set()).add((re.sub("[^A-Z]", "", outline), group[0].attrib["fill"]))
    assert all(len(looks) == 1 for looks in shapes.values())
    assert len({look for looks in shapes.values() for look in looks}) == len(shapes)
    assert words_of(picture) >= {"asks for a key", "records", "says", "ends"}


@dataclass(frozen=True)
class TransferNode(Node):
    """A kind that drawing has never heard of."""

    next: str = ""


def test_a_kind_that_nobody_drew_before_is_a_plain_box(ptm: Tree) -> None:
    transfer = cast(AnyNode, TransferNode("confirmed", next="child"))
    tree = replace(ptm, nodes={**ptm.nodes, "confirmed": transfer})
    assert "transfer" in nodes_of(svg(tree))["confirmed"].attrib["class"].split()
    assert "transfer" in words_of(svg(tree))
    assert 'confirmed["<b>confirmed</b>"]' in mermaid(tree)


def test_what_is_never_reached_is_drawn_all_the_same() -> None:
    island = parse_tree(SMALL + '\n[nodes.island]\nkind = "end"\nsays = ["<b>"]\n')
    assert "island" in nodes_of(svg(island))
    assert "&lt;b&gt;" in svg(island)
