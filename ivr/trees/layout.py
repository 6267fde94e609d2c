"""Where the boxes and arrows of a drawing go: layers from the top down, arrows between neighbouring layers. Pure.

The usual four steps (Sugiyama, Tagawa and Toda 1981): turn arrows that lead back round, put every box below all that
lead to it, order each layer by its neighbours so that few arrows cross, and move boxes sideways towards them. An arrow
that passes layers has a bend in each, which keeps its own place between the boxes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP_X, GAP_Y = 26.0, 46.0
_BEND_WIDTH = 6.0
_SWEEPS = 12


@dataclass(frozen=True)
class Size:
    """A box in pixels."""

    width: float
    height: float


@dataclass(frozen=True)
class Arrow:
    """From one box to another, with `room` pixels for its words where it leaves."""

    start: str
    to: str
    room: float = 0.0


@dataclass(frozen=True)
class Spot:
    """Where a box stands: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Line:
    """Points of an arrow in the order of walking: it leaves a box at the first and reaches another at the last."""

    arrow: Arrow
    points: tuple[tuple[float, float], ...]
    leads_up: bool


@dataclass(frozen=True)
class Layout:
    spots: Mapping[str, Spot]
    lines: Sequence[Line]

    @property
    def width(self) -> float:
        bends = [x for line in self.lines for x, _ in line.points]
        return max([spot.x + spot.width for spot in self.spots.values()] + bends, default=0.0)

    @property
    def height(self) -> float:
        return max((spot.y + spot.height for spot in self.spots.values()), default=0.0)


@dataclass
class _Graph:
    """Boxes and bends by layer, and the ways between neighbouring layers; all of it is worked on step by step."""

    sizes: dict[str, Size]
    chains: list[tuple[Arrow, tuple[str, ...], bool]]
    layers: list[list[str]]
    down: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    up: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    x: dict[str, float] = field(default_factory=dict)


def place(sizes: Mapping[str, Size], arrows: Iterable[Arrow]) -> Layout:
    """Return where boxes of these sizes and their arrows go. The first box is the top; equal input, equal picture."""
    arrows = list(arrows)
    graph = _layered(dict(sizes), arrows)
    _order(graph)
    _spread(graph)
    left = min((graph.x[name] - graph.sizes[name].width / 2 for name in graph.x), default=0.0)
    tops = _tops(graph)
    spots = {
        name: Spot(graph.x[name] - size.width / 2 - left, tops[at] + (_tallest(graph, at) - size.height) / 2,
                   size.width, size.height)
        for at, layer in enumerate(graph.layers) for name in layer if name in sizes and (size := graph.sizes[name])
    }  # fmt: skip
    return Layout(spots, _lines(graph, spots, tops, left))


def _layered(sizes: dict[str, Size], arrows: list[Arrow]) -> _Graph:
    turned = _turned(list(sizes), arrows)
    depth = _depths(list(sizes), [(arrow.to, arrow.start) if arrow in turned else (arrow.start, arrow.to)
                                  for arrow in arrows if arrow.start != arrow.to])  # fmt: skip
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sizes:
        layers[depth[name]].append(name)
    graph = _Graph(sizes, [], layers)
    for number, arrow in enumerate(arrows):
        if arrow.start != arrow.to:
            _chain(graph, depth, number, arrow, is_turned=arrow in turned)
    return graph


def _turned(names: list[str], arrows: list[Arrow]) -> set[Arrow]:
    """Return the arrows that lead back to a box which is still being walked through: turned round, nothing circles."""
    leads: dict[str, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        leads[arrow.start].append(arrow)
    back: set[Arrow] = set()
    done: set[str] = set()
    for root in names:
        trail = [(root, iter(leads[root]))] if root not in done else []
        inside = {root}
        while trail:
            name, rest = trail[-1]
            following = next(rest, None)
            if following is None:
                trail.pop()
                inside.discard(name)
                done.add(name)
            elif following.to in inside:
                back.add(following)
            elif following.to not in done:
                inside.add(following.to)
                trail.append((following.to, iter(leads[following.to])))
    return back


def _depths(names: list[str], ways: list[tuple[str, str]]) -> dict[str, int]:
    """Return the layer of each box: one below the lowest that leads to it."""
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for start, to in ways:
            depth[to] = max(depth[to], depth[start] + 1)
    return depth


def _chain(graph: _Graph, depth: Mapping[str, int], number: int, arrow: Arrow, *, is_turned: bool) -> None:
    """Lead an arrow from layer to layer, by a bend in each that it passes."""
    top, bottom = (arrow.to, arrow.start) if is_turned else (arrow.start, arrow.to)
    bends = [f"{number}/{at}" for at in range(depth[top] + 1, depth[bottom])]
    for at, bend in enumerate(bends, depth[top] + 1):
        graph.sizes[bend] = Size(_BEND_WIDTH, 0.0)
        graph.layers[at].append(bend)
    chain = (top, *bends, bottom)
    for upper, lower in pairwise(chain):
        graph.down[upper].append(lower)
        graph.up[lower].append(upper)
    graph.chains.append((arrow, chain, is_turned))


def _order(graph: _Graph) -> None:
    """Sort each layer by the mean place of its neighbours, down and up in turn; keep what crosses least."""
    best, fewest = [list(layer) for layer in graph.layers], _crossings(graph)
    for sweep in range(_SWEEPS):
        goes_down = sweep % 2 == 0
        pairs = list(pairwise(graph.layers))
        for upper, lower in pairs if goes_down else reversed(pairs):
            fixed, moved, neighbours = (upper, lower, graph.up) if goes_down else (lower, upper, graph.down)
            place_of = {name: at for at, name in enumerate(fixed)}
            mean = {
                name: sum(near) / len(near) if (near := [place_of[one] for one in neighbours[name]]) else float(at)
                for at, name in enumerate(moved)
            }
            moved.sort(key=mean.__getitem__)
        if (crossings := _crossings(graph)) < fewest:
            best, fewest = [list(layer) for layer in graph.layers], crossings
    graph.layers[:] = best


def _crossings(graph: _Graph) -> int:
    count = 0
    for upper, lower in pairwise(graph.layers):
        place_of = {name: at for at, name in enumerate(lower)}
        ends = [(at, place_of[to]) for at, name in enumerate(upper) for to in graph.down[name]]
        count += sum(a < c and b > d for a, b in ends for c, d in ends)
    return count


def _spread(graph: _Graph) -> None:
    """Give every box its middle: side by side first, then step by step towards its neighbours."""
    for layer in graph.layers:
        at = 0.0
        for name in layer:
            graph.x[name] = at + graph.sizes[name].width / 2
            at += graph.sizes[name].width + GAP_X
        for name in layer:
            graph.x[name] -= at / 2
    for sweep in range(4 * _SWEEPS):
        neighbours = graph.up if sweep % 2 == 0 else graph.down
        for layer in graph.layers if sweep % 2 == 0 else reversed(graph.layers):
            _move(graph, layer, neighbours)


def _move(graph: _Graph, layer: list[str], neighbours: Mapping[str, list[str]]) -> None:
    """Move a layer's boxes to the mean of their neighbours as far as they leave each other room."""
    wanted = [
        sum(graph.x[one] for one in near) / len(near) if (near := neighbours.get(name)) else graph.x[name]
        for name in layer
    ]
    half = [graph.sizes[name].width / 2 for name in layer]
    rightwards, leftwards = list(wanted), list(wanted)
    for at in range(1, len(layer)):
        least = rightwards[at - 1] + half[at - 1] + GAP_X + half[at]
        rightwards[at] = max(rightwards[at], least)
    for at in range(len(layer) - 2, -1, -1):
        most = leftwards[at + 1] - half[at + 1] - GAP_X - half[at]
        leftwards[at] = min(leftwards[at], most)
    for name, right, left in zip(layer, rightwards, leftwards, strict=True):
        graph.x[name] = (right + left) / 2


def _tallest(graph: _Graph, layer: int) -> float:
    return max((graph.sizes[name].height for name in graph.layers[layer]), default=0.0)


def _tops(graph: _Graph) -> list[float]:
    tops, y = [], 0.0
    for at in range(len(graph.layers)):
        tops.append(y)
        y += _tallest(graph, at) + GAP_Y
    return tops


def _lines(graph: _Graph, spots: Mapping[str, Spot], tops: Sequence[float], left: float) -> list[Line]:
    layer_of = {name: at for at, layer in enumerate(graph.layers) for name in layer}
    below, above = _ports(graph, at_the_bottom=True), _ports(graph, at_the_bottom=False)
    lines = []
    for number, (arrow, chain, is_turned) in enumerate(graph.chains):
        first, *bends, last = chain
        upper, lower = spots[first], spots[last]
        begin, end = graph.x[first] + below[number] - left, graph.x[last] + above[number] - left
        floor = tops[layer_of[first]] + _tallest(graph, layer_of[first])
        points = [(begin, upper.y + upper.height), (begin, floor)]
        for bend in bends:
            top = tops[layer_of[bend]]
            points += [(graph.x[bend] - left, top), (graph.x[bend] - left, top + _tallest(graph, layer_of[bend]))]
        points += [(end, tops[layer_of[last]]), (end, lower.y)]
        ordered = tuple(reversed(points)) if is_turned else tuple(points)
        lines.append(Line(arrow, ordered, is_turned))
    return lines


def _ports(graph: _Graph, *, at_the_bottom: bool) -> dict[int, float]:
    """Return how far from the middle of its box each arrow leaves or arrives: side by side in the order of its way."""
    by_box: dict[str, list[tuple[float, int, float]]] = defaultdict(list)
    for number, (arrow, chain, is_turned) in enumerate(graph.chains):
        box, towards = (chain[0], chain[1]) if at_the_bottom else (chain[-1], chain[-2])
        leaves_here = at_the_bottom != is_turned
        by_box[box].append((graph.x[towards], number, max(arrow.room if leaves_here else 0.0, 12.0)))
    ports: dict[int, float] = {}
    for ways in by_box.values():
        ways.sort()
        at = -sum(room for *_, room in ways) / 2
        for _, number, room in ways:
            ports[number] = at + room / 2
            at += room
    return ports
