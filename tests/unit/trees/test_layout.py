"""Boxes keep clear of each other, arrows lead from border to border: for our trees and for graphs of any shape."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from ivr.trees.layout import Arrow, Layout, Size, Spot, place


def some_graph(seed: int) -> tuple[dict[str, Size], list[Arrow]]:
    draw = random.Random(seed)
    names = [f"n{at}" for at in range(draw.randint(1, 25))]
    sizes = {name: Size(draw.randint(60, 220), draw.randint(30, 120)) for name in names}
    pairs = {(draw.choice(names), draw.choice(names)) for _ in range(draw.randint(0, 40))}
    return sizes, [Arrow(start, to, draw.choice((0.0, 19.0, 60.0))) for start, to in sorted(pairs)]


def apart(one: Spot, other: Spot) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def touches(spot: Spot, point: tuple[float, float]) -> bool:
    return any(abs(point[1] - edge) < 0.01 for edge in (spot.y, spot.y + spot.height))


@pytest.mark.parametrize("seed", range(40))
def test_boxes_keep_clear_and_arrows_lead_from_border_to_border(seed: int) -> None:
    sizes, arrows = some_graph(seed)
    layout = place(sizes, arrows)
    assert layout.spots.keys() == sizes.keys()
    assert all(apart(*pair) for pair in combinations(layout.spots.values(), 2))
    assert {line.arrow for line in layout.lines} == {arrow for arrow in arrows if arrow.start != arrow.to}
    for line in layout.lines:
        assert touches(layout.spots[line.arrow.start], line.points[0])
        assert touches(layout.spots[line.arrow.to], line.points[-1])
    assert all(spot.x >= 0 and spot.x + spot.width <= layout.width + 0.01 for spot in layout.spots.values())


def test_equal_graphs_are_drawn_alike() -> None:
    assert place(*some_graph(7)) == place(*some_graph(7))


def test_whatever_leads_to_a_box_stands_above_it_unless_it_leads_back() -> None:
    box = Size(100, 40)
    arrows = [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c"), Arrow("c", "a")]
    layout: Layout = place(dict.fromkeys("abc", box), arrows)
    assert layout.spots["a"].y < layout.spots["b"].y < layout.spots["c"].y
    assert [line.leads_up for line in layout.lines] == [False, False, False, True]


def test_words_of_arrows_that_leave_one_box_have_their_room() -> None:
    arrows = [Arrow("menu", to, 60.0) for to in ("x", "y", "z")]
    layout = place({"menu": Size(200, 40), **dict.fromkeys("xyz", Size(100, 40))}, arrows)
    begins = sorted(line.points[0][0] for line in layout.lines)
    assert [right - left for left, right in pairwise(begins)] == [60.0, 60.0]


def test_nothing_is_drawn_of_nothing() -> None:
    empty = place({}, [])
    assert (empty.width, empty.height, list(empty.lines)) == (0.0, 0.0, [])
