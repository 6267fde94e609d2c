"""The drawing of a call tree as a real browser draws it: every word can be read, none lies on another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.trees.load import PTM_TREE
from tests.browser.conftest import Browse, Site, go, sign_in

# Words that touch: each word's box against each other's, as drawn.
TOUCHING = """
[...document.querySelectorAll('.drawing text')].map(e => [e.textContent, e.getBoundingClientRect()])
  .flatMap(([one, a], at, all) => all.slice(at + 1)
    .filter(([_, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)
    .map(([other]) => `${one} / ${other}`))
"""
# Words that do not fit into the box of their node.
BURSTING = """
[...document.querySelectorAll('.drawing .node')].flatMap(node => {
  const box = node.querySelector('path').getBoundingClientRect();
  return [...node.querySelectorAll('text')].filter(text => {
    const words = text.getBoundingClientRect();
    return words.left < box.left + 3 || words.right > box.right - 3
      || words.top < box.top - 2 || words.bottom > box.bottom + 2;
  }).map(text => text.textContent);
})
"""
OUTSIDE = """
[...document.querySelectorAll('.drawing text, .drawing path')].filter(e => {
  const frame = document.querySelector('.drawing svg').getBoundingClientRect(), box = e.getBoundingClientRect();
  return !e.closest('defs') && (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom);
}).map(e => e.outerHTML.slice(0, 90))
"""
SMALLEST = "Math.min(...[...document.querySelectorAll('.drawing text')].map(e => e.getBoundingClientRect().height))"


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "laptop"])
def test_every_tree_can_be_read(browse: Browse, site: Site, size: tuple[int, int]) -> None:
    with browse(f"{site.url}/sign-in?next=/trees/") as tab:
        tab.resize(*size)
        sign_in(tab, "operator")
        for name in sorted(file.stem for file in Path(PTM_TREE.parent).glob("*.toml")):
            go(tab, f"{site.url}/trees/{name}")
            assert tab.run(TOUCHING) == [], name
            assert tab.run(BURSTING) == [], name
            assert tab.run(OUTSIDE) == [], name
            assert tab.run(SMALLEST) > 12, f"{name}: words are drawn too small"
            assert tab.run("document.documentElement.scrollWidth") == size[0], "the drawing moves, the page does not"
