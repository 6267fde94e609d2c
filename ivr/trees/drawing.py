"""A tree as a picture: Mermaid for whoever writes documents, SVG for pages and printers. Pure text in, text out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ivr.trees.lint import reachable
from ivr.trees.load import ways
from ivr.trees.model import (
    BACK,
    AnyNode,
    BranchNode,
    EndNode,
    MenuNode,
    NextChildNode,
    RecordNode,
    SayNode,
    SetNode,
    Tree,
)

_SHAPES: dict[type[AnyNode], tuple[str, str]] = {
    SayNode: ("[", "]"),
    MenuNode: ("{{", "}}"),
    RecordNode: ("[/", "/]"),
    BranchNode: ("{", "}"),
    SetNode: ("[[", "]]"),
    NextChildNode: ("{", "}"),
    EndNode: ("([", "])"),
}
_WORDS = {"next": "", "default": "silence", "empty": "nothing said", "more": "another child", "done": "no more"}


@dataclass(frozen=True)
class Way:
    """An arrow: where from, where to, and when."""

    start: str
    to: str
    when: str


def arrows(tree: Tree) -> Iterator[Way]:
    """Yield every way between nodes; several between the same two are one. Ways back stay where they are."""
    for node in tree.nodes.values():
        by_target: dict[str, list[str]] = {}
        for key, to in ways(node).items():
            by_target.setdefault(to, []).append(_WORDS.get(key, key.partition(".")[2]))
        for to, words in by_target.items():
            yield Way(node.name, to, ", ".join(word for word in words if word))


def mermaid(tree: Tree, here: str = "") -> str:
    """Return a Mermaid flowchart; `here` is drawn thick: the node that a call stands at."""
    lines = ["flowchart TD"]
    for node in tree.nodes.values():
        opens, closes = _SHAPES[type(node)]
        lines.append(f'    {node.name}{opens}"{_label(node)}"{closes}')
    if any(way.to == BACK for way in arrows(tree)):
        lines.append('    back(("back"))')
    for way in arrows(tree):
        to = "back" if way.to == BACK else way.to
        lines.append(f'    {way.start} -->|"{way.when}"| {to}' if way.when else f"    {way.start} --> {to}")
    for key, aside in (("9", tree.opt_out), ("*", tree.language)):
        if aside:
            lines.append(f'    any_menu(("any menu")) -.->|"{key}"| {aside}')
    if here in tree.nodes:
        lines.append(f"    style {here} stroke-width:4px")
    return "\n".join(lines) + "\n"


def _label(node: AnyNode) -> str:
    said = "<br>".join(line.prompt for line in node.says)
    return f"<b>{node.name}</b><br>{said}" if said else f"<b>{node.name}</b>"


# ---- SVG: layers from the start downwards, each node below the ones that lead to it ----

_WIDTH, _LINE, _GAP_X, _GAP_Y, _MARGIN = 190, 16, 40, 70, 30
_STYLE = (
    "rect{fill:#fff;stroke:#333}.menu{fill:#eef5ff}.record{fill:#fff3e6}.end{fill:#eee}.here{stroke-width:4}"
    "path{fill:none;stroke:#777}.aside{stroke-dasharray:4 3}text{font:12px sans-serif;fill:#222}"
    ".name{font-weight:bold}.when{font-size:11px;fill:#555}"
)


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + _WIDTH / 2


def svg(tree: Tree, here: str = "") -> str:
    """Return a picture that needs nothing else: no script, no font, no style sheet."""
    layers = _layers(tree)
    boxes = _boxes(tree, layers)
    width = max(box.x for box in boxes.values()) + _WIDTH + _MARGIN
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    drawn = [_arrow(boxes, way) for way in arrows(tree) if way.to != BACK]
    drawn += [_node(tree.nodes[name], box, name == here) for name, box in boxes.items()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">'
        f"<title>{escape(tree.name)}</title><style>{_STYLE}</style>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" style="fill:#777"/></marker></defs>{"".join(drawn)}</svg>\n'
    )


def _layers(tree: Tree) -> list[list[str]]:
    """Return the nodes by how many steps they are from the start; asides and what is never reached come last."""
    layers: list[list[str]] = []
    seen: set[str] = set()
    following = [tree.start]
    while following:
        layers.append(following)
        seen |= set(following)
        leads = [way for name in following for way in ways(tree.nodes[name]).values() if way != BACK]
        following = [name for name in dict.fromkeys(leads) if name not in seen]
    for root in (tree.opt_out, tree.language):
        rest = reachable(tree, [root]) - seen if root else set()
        if rest:
            layers.append([name for name in tree.nodes if name in rest])
            seen |= rest
    lost = [name for name in tree.nodes if name not in seen]
    return [*layers, lost] if lost else layers


def _boxes(tree: Tree, layers: list[list[str]]) -> dict[str, _Box]:
    widest = max(map(len, layers)) * (_WIDTH + _GAP_X)
    boxes: dict[str, _Box] = {}
    y = float(_MARGIN)
    for layer in layers:
        x = _MARGIN + (widest - len(layer) * (_WIDTH + _GAP_X)) / 2
        heights = {name: _LINE * (1 + len(tree.nodes[name].says)) + 12.0 for name in layer}
        for name in layer:
            boxes[name] = _Box(x, y, heights[name])
            x += _WIDTH + _GAP_X
        y += max(heights.values()) + _GAP_Y
    return boxes


def _node(node: AnyNode, box: _Box, is_here: bool) -> str:
    kind = {MenuNode: "menu", RecordNode: "record", EndNode: "end"}.get(type(node), "other")
    words = [f'<text class="name" x="{box.x + 8:g}" y="{box.y + _LINE:g}">{escape(node.name)}</text>']
    for at, line in enumerate(node.says, 2):
        words.append(f'<text x="{box.x + 8:g}" y="{box.y + at * _LINE:g}">{escape(line.prompt)}</text>')
    classes = f"{kind} here" if is_here else kind
    frame = f'<rect class="{classes}" x="{box.x:g}" y="{box.y:g}" width="{_WIDTH}" height="{box.height:g}" rx="6"/>'
    return f"<g>{frame}{''.join(words)}</g>"


def _arrow(boxes: dict[str, _Box], way: Way) -> str:
    start, to = boxes[way.start], boxes[way.to]
    x, y = start.middle, start.y + start.height
    end_x, end_y = to.middle, to.y
    if to.y > start.y:
        bend = f"M{x:g} {y:g}C{x:g} {y + 35:g} {end_x:g} {end_y - 35:g} {end_x:g} {end_y:g}"
    else:  # upwards: out at the side and back in at the side
        x, y, end_x, end_y = start.x + _WIDTH, start.y + start.height / 2, to.x + _WIDTH, to.y + to.height / 2
        out = max(x, end_x) + _GAP_X
        bend = f"M{x:g} {y:g}C{out:g} {y:g} {out:g} {end_y:g} {end_x:g} {end_y:g}"
    label_x, label_y = (3 * x + end_x) / 4 + 4, (3 * y + end_y) / 4 + (8 if to.y > start.y else 0)
    words = f'<text class="when" x="{label_x:g}" y="{label_y:g}">{escape(way.when)}</text>' if way.when else ""
    return f'<path d="{bend}" marker-end="url(#tip)"/>{words}'
