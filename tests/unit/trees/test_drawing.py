from __future__ import annotations

import re
from xml.etree import ElementTree

from ivr.trees.drawing import arrows, mermaid, svg
from ivr.trees.load import parse_tree
from ivr.trees.model import Tree
from tests.unit.trees.test_load import SMALL

SVG = "{http://www.w3.org/2000/svg}"


def test_every_way_is_an_arrow_with_its_key(ptm: Tree) -> None:
    drawn = {(way.start, way.to): way.when for way in arrows(ptm)}
    assert drawn["greeting", "confirmed"] == "1"
    assert drawn["greeting", "not_family"] == "silence"
    assert drawn["opt_out", "opted_out"] == "silence, 9"
    assert drawn["child", "siblings"] == ""


def test_mermaid_names_every_node_once_and_every_way(each_tree: Tree) -> None:
    text = mermaid(each_tree)
    assert text.startswith("flowchart TD\n")
    nodes = re.findall(r'^    (\w+)[\[{(]+/?"', text, re.MULTILINE)
    assert sorted(name for name in nodes if name in each_tree.nodes) == sorted(each_tree.nodes)
    assert len(re.findall("-->", text)) == len(list(arrows(each_tree)))


def test_the_node_that_a_call_stands_at_is_drawn_thick(ptm: Tree) -> None:
    assert "style record stroke-width:4px" in mermaid(ptm, "record")
    assert "stroke-width:4px" not in mermaid(ptm)
    assert '<rect class="record here"' in svg(ptm, "record")


def test_the_picture_is_whole_and_needs_nothing_else(each_tree: Tree) -> None:
    root = ElementTree.fromstring(svg(each_tree))
    assert len(root.findall(f"{SVG}g")) == len(each_tree.nodes)
    assert "http" not in svg(each_tree).replace('xmlns="http://www.w3.org/2000/svg"', "")
    names = {text.text for text in root.iter(f"{SVG}text")}
    assert names >= set(each_tree.nodes)


def test_no_two_boxes_of_a_picture_lie_on_each_other(each_tree: Tree) -> None:
    root = ElementTree.fromstring(svg(each_tree))
    boxes = [[float(each.attrib[side]) for side in ("x", "y", "width", "height")] for each in root.iter(f"{SVG}rect")]
    for at, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[at + 1 :]:
            beside = x + width <= other_x or other_x + other_width <= x
            assert beside or y + height <= other_y or other_y + other_height <= y


def test_what_is_never_reached_is_drawn_all_the_same() -> None:
    island = parse_tree(SMALL + '\n[nodes.island]\nkind = "end"\nsays = ["<b>"]\n')
    assert "island" in svg(island)
    assert "&lt;b&gt;" in svg(island)
