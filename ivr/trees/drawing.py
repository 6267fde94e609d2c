"""A tree as a picture: Mermaid for whoever writes documents, SVG for pages and printers. Pure text in, text out.

Kinds of nodes that are not known here are drawn as plain boxes under the name that a tree calls them by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ivr.trees.layout import Arrow, Layout, Line, Size, Spot, place
from ivr.trees.lint import reachable
from ivr.trees.load import KINDS, ways
from ivr.trees.model import BACK, AnyNode, Tree

_SHAPES: dict[str, tuple[str, str]] = {
    "say": ("[", "]"),
    "menu": ("{{", "}}"),
    "record": ("[/", "/]"),
    "branch": ("{", "}"),
    "set": ("[[", "]]"),
    "next_child": ("{", "}"),
    "ask": ("{{", "}}"),
    "dial": ("[(", ")]"),
    "callback": ("[[", "]]"),
    "end": ("([", "])"),
}
_WORDS = {"next": "", "default": "silence", "empty": "nothing said", "more": "another child", "done": "no more"}
_KIND_OF = {kind: name for name, kind in KINDS.items()}


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
            by_target.setdefault(to, []).append(_word(node, key))
        for to, words in by_target.items():
            yield Way(node.name, to, ", ".join(word for word in words if word))


def kind_of(node: AnyNode) -> str:
    """Return what a tree calls this kind of node."""
    return _KIND_OF.get(type(node), type(node).__name__.removesuffix("Node").lower())


def _word(node: AnyNode, key: str) -> str:
    if key == "default" and kind_of(node) != "menu":
        return "otherwise"
    return _WORDS.get(key, (key.partition(".")[2] or key).replace("_", " "))


def mermaid(tree: Tree, here: str = "") -> str:
    """Return a Mermaid flowchart; `here` is drawn thick: the node that a call stands at."""
    lines = ["flowchart TD"]
    for node in tree.nodes.values():
        opens, closes = _SHAPES.get(kind_of(node), ("[", "]"))
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


# ---- SVG: what a call goes through from the top down; below it, what nine and star lead to from any menu ----

_LINE, _PAD, _LETTER, _BOLD_LETTER, _LEAST_WIDTH, _MARGIN, _TIP = 17.0, 11.0, 6.7, 7.6, 92.0, 16.0, 9.0
_MENU, _BACK = "any menu", "back to the call"
_PAPER, _INK, _FAINT, _WAY, _LIT = "#f3f4f1", "#1a1d21", "#4d555e", "#5f6871", "#ffd34d"
_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


@dataclass(frozen=True)
class _Look:
    """How a kind of node is drawn, and what it is called in the legend."""

    fill: str
    stroke: str
    shape: str
    called: str


_LOOKS = {
    "say": _Look("#ffffff", "#0b5d4e", "box", "says"),
    "menu": _Look("#e1edfa", "#0a4f94", "hexagon", "asks for a key"),
    "ask": _Look("#e1edfa", "#0a4f94", "slanted", "asks for a secret"),
    "record": _Look("#fff5d6", "#8a6700", "slanted", "records"),
    "branch": _Look("#e7eae5", "#4d555e", "diamond", "decides"),
    "set": _Look("#e7eae5", "#4d555e", "box", "remembers"),
    "next_child": _Look("#e7eae5", "#4d555e", "diamond", "turns to the next child"),
    "dial": _Look("#e2f2e5", "#14632a", "box", "connects"),
    "callback": _Look("#e2f2e5", "#14632a", "slanted", "promises a call back"),
    "end": _Look("#dcdfd9", "#1a1d21", "round", "ends"),
    "aside": _Look("none", "#5f6871", "round", ""),
}


def svg(tree: Tree, here: str = "") -> str:
    """Return a picture that needs nothing else, no script, no font, no style sheet; `here` is drawn as lit up.

    Each node is a group with its name in `data-node`, for a page that lights up another.
    """
    main, asides = _layouts(tree)
    below = main.height + 3 * _LINE if asides.spots else main.height
    width = max(main.width, asides.width, 260.0) + 2 * _MARGIN
    legend, legend_height = _legend(tree, width - 2 * _MARGIN)
    height = below + asides.height + 2 * _MARGIN + legend_height + _LINE
    drawn = [
        f'<g transform="translate({_centred(main, width)} {_MARGIN:g})">{"".join(_drawn(tree, main, here))}</g>',
        f'<g transform="translate({_centred(asides, width)} {below + _MARGIN:g})">'
        f"{''.join(_drawn(tree, asides, here))}</g>",
        f'<g transform="translate({_MARGIN:g} {height - legend_height:g})">{legend}</g>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" font-family="{_FONT}" font-size="12.5" fill="{_INK}">'
        f"<title>The call tree {escape(tree.name)}</title>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0.5L8 4L0 7.5z" fill="{_WAY}"/></marker></defs>{"".join(drawn)}</svg>\n'
    )


def _centred(layout: Layout, width: float) -> str:
    return f"{(width - layout.width) / 2:g}"


def _layouts(tree: Tree) -> tuple[Layout, Layout]:
    """Return the call, with what is never reached beside its start; and what hangs on nine and star."""
    reached = reachable(tree, [tree.start])
    aside = reachable(tree, [root for root in (tree.opt_out, tree.language) if root]) - reached
    main = [name for name in tree.nodes if name not in aside]
    main.sort(key=lambda name: name != tree.start)
    drawn = list(arrows(tree))
    sizes = {name: _size(tree.nodes[name], drawn) for name in main}
    inside = [_arrow(way) for way in drawn if way.start in sizes and way.to in sizes]
    others = {name: _size(tree.nodes[name], drawn) for name in tree.nodes if name in aside}
    roots = [
        Arrow(_MENU, root, _room(key)) for key, root in (("9", tree.opt_out), ("*", tree.language)) if root in others
    ]
    backs = [Arrow(way.start, _BACK, _room(way.when)) for way in drawn if way.start in others and way.to == BACK]
    around = [_arrow(way) for way in drawn if way.start in others and way.to in others]
    if roots:
        others = {_MENU: Size(_LEAST_WIDTH, 30), **others} | ({_BACK: Size(130, 30)} if backs else {})
    return place(sizes, inside), place(others, [*roots, *around, *backs])


def _arrow(way: Way) -> Arrow:
    return Arrow(way.start, way.to, _room(way.when))


def _room(words: str) -> float:
    return len(words) * _LETTER + 12


def _size(node: AnyNode, drawn: Sequence[Way]) -> Size:
    """Return how large a box must be for its words, and for the words of the arrows that leave it."""
    words = max([len(node.name) * _BOLD_LETTER, *(len(line.prompt) * _LETTER for line in node.says)])
    leaving = sum(_room(way.when) for way in drawn if way.start == node.name)
    side = 2 * _PAD + (18 if _look(node).shape in ("hexagon", "diamond", "slanted") else 0)
    return Size(max(words + side, leaving + 12, _LEAST_WIDTH), _LINE * (1 + len(node.says)) + 13)


def _look(node: AnyNode) -> _Look:
    return _LOOKS.get(kind_of(node), _LOOKS["say"])


def _drawn(tree: Tree, layout: Layout, here: str) -> Iterator[str]:
    words = {(way.start, way.to): way.when for way in arrows(tree)} | {(_MENU, tree.opt_out): "9"}
    words |= {(_MENU, tree.language): "*"} | {(way.start, _BACK): way.when for way in arrows(tree) if way.to == BACK}
    for line in layout.lines:
        yield _path(line)
    for way in arrows(tree):
        if way.start == way.to and way.start in layout.spots:
            yield _loop(layout.spots[way.start], way.when)
    for name, spot in layout.spots.items():
        yield _node(tree.nodes[name], spot, is_here=name == here) if name in tree.nodes else _aside(name, spot)
    for line in layout.lines:
        yield _when(line, words.get((line.arrow.start, line.arrow.to), ""))


def _node(node: AnyNode, spot: Spot, *, is_here: bool) -> str:
    look, kind = _look(node), kind_of(node)
    words = [_text(spot.middle, spot.y + _LINE, node.name, weight="bold")]
    words += [_text(spot.middle, spot.y + at * _LINE, line.prompt, fill=_FAINT) for at, line in enumerate(node.says, 2)]
    fill, thick = (_LIT, 4) if is_here else (look.fill, 1.5)
    shape = f'<path d="{_outline(look.shape, spot)}" fill="{fill}" stroke="{look.stroke}" stroke-width="{thick}"/>'
    classes = f"node {kind}{' here' if is_here else ''}"
    return f'<g class="{classes}" data-node="{escape(node.name)}">{shape}{"".join(words)}</g>'


def _aside(name: str, spot: Spot) -> str:
    look = _LOOKS["aside"]
    outline = _outline(look.shape, spot)
    shape = f'<path d="{outline}" fill="none" stroke="{look.stroke}" stroke-width="1.2" stroke-dasharray="4 3"/>'
    return f"<g>{shape}{_text(spot.middle, spot.y + spot.height / 2 + 4, name, fill=_FAINT)}</g>"


def _outline(shape: str, spot: Spot) -> str:
    left, top = spot.x, spot.y
    right, bottom, middle = left + spot.width, top + spot.height, top + spot.height / 2
    if shape in ("hexagon", "diamond"):
        corner = 9 if shape == "hexagon" else 14
        return (
            f"M{left + corner:g} {top:g}H{right - corner:g}L{right:g} {middle:g}"
            f"L{right - corner:g} {bottom:g}H{left + corner:g}L{left:g} {middle:g}Z"
        )
    if shape == "slanted":
        return f"M{left + 9:g} {top:g}H{right:g}L{right - 9:g} {bottom:g}H{left:g}Z"
    radius = min(spot.height / 2, 16.0) if shape == "round" else 5.0
    return (
        f"M{left + radius:g} {top:g}H{right - radius:g}Q{right:g} {top:g} {right:g} {top + radius:g}"
        f"V{bottom - radius:g}Q{right:g} {bottom:g} {right - radius:g} {bottom:g}"
        f"H{left + radius:g}Q{left:g} {bottom:g} {left:g} {bottom - radius:g}V{top + radius:g}"
        f"Q{left:g} {top:g} {left + radius:g} {top:g}Z"
    )


def _path(line: Line) -> str:
    (x, y), *rest = _straight_at_the_tip(line)
    bend = [f"M{x:g} {y:g}"]
    for to_x, to_y in rest:
        half = (to_y - y) / 2
        bend.append(f"V{to_y:g}" if to_x == x else f"C{x:g} {y + half:g} {to_x:g} {to_y - half:g} {to_x:g} {to_y:g}")
        x, y = to_x, to_y
    dashes = ' stroke-dasharray="4 3"' if line.arrow.start == _MENU or line.arrow.to == _BACK else ""
    return f'<path d="{"".join(bend)}" fill="none" stroke="{_WAY}" stroke-width="1.3"{dashes} marker-end="url(#tip)"/>'


def _straight_at_the_tip(line: Line) -> list[tuple[float, float]]:
    """Return an arrow's points, each once, with a last stretch that is upright, so that its tip points into the box."""
    points = list(dict.fromkeys(line.points))
    x, y = points[-1]
    before = points[-2][1]
    tip = y + _TIP if line.leads_up else y - _TIP
    if abs(before - y) < _TIP:
        points[-2] = (x, tip)
    else:
        points.insert(-1, (x, tip))
    return points


def _loop(spot: Spot, words: str) -> str:
    x, y = spot.x + spot.width, spot.y + spot.height / 2
    bend = f"M{x:g} {y - 6:g}C{x + 22:g} {y - 12:g} {x + 22:g} {y + 12:g} {x:g} {y + 6:g}"
    path = f'<path d="{bend}" fill="none" stroke="{_WAY}" stroke-width="1.3" marker-end="url(#tip)"/>'
    return path + _text(x + 12, y - 14, words, fill=_FAINT)


def _when(line: Line, words: str) -> str:
    """Return an arrow's words, close to where it leaves, with a rim that lets them be read across other arrows."""
    x, y = line.points[0]
    rim = f' stroke="{_PAPER}" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'
    return _text(x, y - 7 if line.leads_up else y + 15, words, fill=_INK, more=rim) if words else ""


def _text(x: float, y: float, words: str, *, weight: str = "", fill: str = "", more: str = "") -> str:
    styles = (f' font-weight="{weight}"' if weight else "") + (f' fill="{fill}"' if fill else "") + more
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle"{styles}>{escape(words)}</text>'


def _legend(tree: Tree, width: float) -> tuple[str, float]:
    """Return what the shapes of this tree mean, in as many rows as `width` asks for; and the height of that."""
    kinds = dict.fromkeys(kind_of(node) for node in tree.nodes.values())
    drawn, x, y = [], 0.0, 0.0
    for kind in kinds:
        look = _LOOKS.get(kind, _Look("#ffffff", "#0b5d4e", "box", kind))
        room = len(look.called) * _LETTER + 44
        if x and x + room > width:
            x, y = 0.0, y + 24
        spot = Spot(x, y, 24, 15)
        drawn.append(f'<path d="{_outline(look.shape, spot)}" fill="{look.fill}" stroke="{look.stroke}"/>')
        drawn.append(f'<text x="{x + 30:g}" y="{y + 12:g}" fill="{_FAINT}">{escape(look.called)}</text>')
        x += room
    return "".join(drawn), y + 24 + _MARGIN
