"""The graph of words over phones: every pronunciation is a path, and what sounds alike is shared."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import pytest

from asr.training import graph

PHONES = ["SIL", *"aegiklnoprstw"]
LEXICON = {
    "walking": {tuple("woking"): 1.0},
    "talking": {tuple("toking"): 0.8, tuple("taking"): 0.2},
    "walk": {tuple("wok"): 1.0},
    "see": {tuple("si"): 1.0},
    "sea": {tuple("si"): 0.5, tuple("se"): 0.5},
    "a": {("a",): 1.0},
    "sparing": {tuple("spering"): 0.5, tuple("sparing"): 0.5},
    "look": {tuple("lok"): 0.8, tuple("lot"): 0.2},
    "rook": {tuple("rok"): 0.5, tuple("rot"): 0.5},
    "knight": {tuple("nait"): 1.0},
    "night": {tuple("nait"): 1.0},
    "write": {tuple("rait"): 1.0},
    "right": {tuple("rait"): 1.0},
}
IDS = {word: number for number, word in enumerate([*LEXICON, graph.UNKNOWN], 1)}


def said(lines: list[str]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """Phones, words and cost of every path from the root to the start, the many of ``[unk]`` left out."""
    leaving = defaultdict(list)
    for here, there, label, word, *cost in (line.split() for line in lines if len(line.split()) > 2):
        if here != there:
            leaving[int(here)].append((int(there), int(label), int(word), float(cost[0]) if cost else 0.0))
    paths: list[tuple[int, tuple[int, ...], tuple[int, ...], float]] = [(graph.ROOT, (), (), 0.0)]
    while paths:
        here, phones, words, paid = paths.pop()
        for there, label, word, cost in leaving[here]:
            if cost >= graph.UNKNOWN_COST:
                continue
            if there == graph.START:
                yield phones, words, round(paid + cost, 3)
            else:
                paths.append((there, (*phones, label // 2), (*words, word) if word else words, paid + cost))


@pytest.fixture
def lines() -> list[str]:
    return graph.lexicon_lines(LEXICON, PHONES, IDS)


def test_every_pronunciation_is_one_path_that_tells_its_word_once(lines: list[str]) -> None:
    expected = set()
    for word, ways in LEXICON.items():
        for sounds, share in ways.items():
            kinds = "S" if len(sounds) == 1 else "B" + "I" * (len(sounds) - 2) + "E"
            phones = tuple(graph.graph_phone(PHONES, name, kind) for name, kind in zip(sounds, kinds, strict=True))
            expected.add((phones, (IDS[word],), round(-0.5 * math.log(share / max(ways.values())), 3)))
    found = list(said(lines))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_every_phone_may_last(lines: list[str]) -> None:
    entered, loops = defaultdict(set), defaultdict(list)
    for here, there, label, *_ in (line.split() for line in lines if len(line.split()) > 2):
        if here == there:
            loops[there].append(int(label))
        elif label != "0":
            entered[there].add(int(label) // 2)
    assert loops == {state: [2 * phone - 1 for phone in phones] for state, phones in entered.items()}


def test_a_pause_between_words_costs_what_it_should(lines: list[str]) -> None:
    assert f"{graph.START} {graph.SILENCE} 2 0 {graph.SILENCE_COST:.3f}" in lines
    assert f"{graph.START} {graph.ROOT} 0 0" in lines


def test_words_that_end_alike_share_their_ends() -> None:
    def states(*words: str) -> int:
        lines = graph.lexicon_lines({word: LEXICON[word] for word in words}, PHONES, IDS)
        return len({line.split()[0] for line in lines})

    alone, both = states("walking"), states("walking", "sparing")
    assert both - alone == len("spera"), "after e or a comes the same r, and ing was there"


def test_an_unusual_pronunciation_costs_less_than_its_share() -> None:
    lines = graph.lexicon_lines({"a": {("a",): 0.75, ("e",): 0.25}}, PHONES, IDS)
    costs = sorted(cost for _, words, cost in said(lines) if words == (IDS["a"],))
    assert costs == pytest.approx([0, 0.5 * math.log(3)], abs=1e-3)


def test_openfst_starts_where_the_first_line_does(lines: list[str]) -> None:
    assert lines[0].split()[0] == str(graph.START)
    assert any(line.split()[3:4] == [str(IDS[graph.UNKNOWN])] for line in lines)


def test_every_phone_has_four_positions_that_share_its_sounds() -> None:
    assert len(graph.pdfs(PHONES)) == 1 + (len(PHONES) - 1) * 4
    assert graph.boundaries(PHONES).splitlines()[:5] == ["1 nonword", "2 begin", "3 end", "4 internal", "5 singleton"]
