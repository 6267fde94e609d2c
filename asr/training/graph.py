"""The decoding graphs: words over position-dependent phones with self-loops written directly, and their grammar.

Phones of the graph: SIL is 1; phone p of the lexicon (from 1) has four positions, begin, end, inside and single. In
each the first frame of a phone scores one pdf and every further frame another; libvosk sees that as transition-ids 2i
(forward, entered first) and 2i - 1 (self-loop) of graph phone i.
"""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from .language_model import Model, arcs

POSITIONS = "BEIS"
UNKNOWN = "[unk]"
SILENCE_COST = 0.7
PRONUNCIATION_SCALE = 0.5  # whoever has one unusual pronunciation has others, which their shares do not know
UNKNOWN_COST, UNKNOWN_PHONE_COST = 6.0, 2.0
PLUGINS = "/usr/lib/x86_64-linux-gnu/fst/22"
START, ROOT, SILENCE = 0, 1, 2
Lexicon = Mapping[str, Mapping[tuple[str, ...], float]]
Tails = tuple[tuple[tuple[int, ...], int, float], ...]  # phones, the word unless it was told, the cost still owed


def graph_phone(phones: list[str], name: str, position: str) -> int:
    """The number of a phone at a position; ``phones[0]`` is SIL and has none."""
    return 1 if name == phones[0] else 2 + 4 * (phones.index(name) - 1) + POSITIONS.index(position)


def pdfs(phones: list[str]) -> list[tuple[int, int]]:
    """(first, further) pdf of each graph phone: the four positions share them."""
    return [(0, 1)] + [(2 * i, 2 * i + 1) for i in range(1, len(phones)) for _ in POSITIONS]


def boundaries(phones: list[str]) -> str:
    """graph/phones/word_boundary.int."""
    kinds = ("begin", "end", "internal", "singleton")
    return "1 nonword\n" + "".join(f"{i + 2} {kinds[i % 4]}\n" for i in range(4 * (len(phones) - 1)))


class Tree:
    """A tree over phones whose branches grow together again where the rest of their words sounds alike.

    A word is told on the first arc that only it passes, so that the grammar is asked early, and its cost on the first
    that only this pronunciation passes.
    """

    def __init__(self, phones: list[str]) -> None:
        self._phones = phones
        self._entered: dict[tuple[int, Tails], int] = {}
        self._states = 3
        self.lines: list[str] = []
        self._arc(START, 1, SILENCE, 0, SILENCE_COST)
        self._stay(SILENCE, 1)
        self.lines += [f"{START} {ROOT} 0 0", f"{SILENCE} {ROOT} 0 0", f"{ROOT} 0"]

    def _new(self) -> int:
        self._states += 1
        return self._states - 1

    def _arc(self, here: int, phone: int, there: int, word: int, cost: float) -> None:
        self.lines.append(f"{here} {there} {2 * phone} {word} {cost:.3f}")

    def _stay(self, there: int, phone: int) -> None:
        self.lines.append(f"{there} {there} {2 * phone - 1} 0")

    def grow(self, here: int, tails: Tails) -> None:
        """What can be said from state ``here``.

        The last phone of a word has a position of its own, so no word ends where another goes on."""
        for phone, group in groupby(tails, key=lambda tail: tail[0][0]):
            together = list(group)
            for alike in [together] if together[0][0][1:] else [[tail] for tail in together]:
                (_, word, cost), *others = alike
                word = word if all(word == other for _, other, _ in others) else 0
                cost = cost if not others else 0.0
                left = tuple((phones[1:], 0 if word else told, owed - cost) for phones, told, owed in alike)
                self._arc(here, phone, self._after(phone, left), word, cost)

    def _after(self, phone: int, tails: Tails) -> int:
        """The state of a phone after which these are left."""
        if (phone, tails) not in self._entered:
            there = self._entered[phone, tails] = self._new()
            self._stay(there, phone)
            if tails[0][0]:
                self.grow(there, tails)
            else:
                self.lines.append(f"{there} {START} 0 0")
        return self._entered[phone, tails]

    def placed(self, sounds: tuple[str, ...]) -> tuple[int, ...]:
        """The graph phones of a pronunciation."""
        last = len(sounds) - 1
        kinds = "S" if last == 0 else "B" + "I" * (last - 1) + "E"
        return tuple(graph_phone(self._phones, name, kind) for name, kind in zip(sounds, kinds, strict=True))

    def add_unknown(self, word: int) -> None:
        """``[unk]``: any two or more phones, dear enough that a known word wins where one was said."""
        middle = self._new()
        for name in self._phones[1:]:
            first, inside, last = (graph_phone(self._phones, name, position) for position in "BIE")
            begun, within = self._new(), self._new()
            self._arc(ROOT, first, begun, 0, UNKNOWN_COST + UNKNOWN_PHONE_COST)
            self._stay(begun, first)
            self._arc(middle, inside, within, 0, UNKNOWN_PHONE_COST)
            self._stay(within, inside)
            self.lines += [f"{begun} {middle} 0 0", f"{within} {middle} 0 0"]
            self._arc(middle, last, self._after(last, (((), 0, 0.0),)), word, UNKNOWN_PHONE_COST)


def lexicon_lines(lexicon: Lexicon, phones: list[str], ids: dict[str, int]) -> list[str]:
    """OpenFst text of the whole word loop, START first."""
    tree = Tree(phones)
    tails = [
        (tree.placed(sounds), ids[word], round(-PRONUNCIATION_SCALE * math.log(share / max(lexicon[word].values())), 3))
        for word in lexicon
        for sounds, share in lexicon[word].items()
    ]
    tree.grow(ROOT, tuple(sorted(tails)))
    tree.add_unknown(ids[UNKNOWN])
    return sorted(tree.lines, key=lambda line: int(line.split()[0]))


def run(*command: str, feed: str | None = None) -> None:
    """One OpenFst tool. Raises CalledProcessError with its message when it fails."""
    places = {**os.environ, "LD_LIBRARY_PATH": f"{PLUGINS}:{os.environ.get('LD_LIBRARY_PATH', '')}"}
    subprocess.run(command, input=feed, text=True, check=True, env=places)


def write_graphs(folder: Path, lexicon: Lexicon, phones: list[str], model: Model) -> None:
    """HCLr.fst, Gr.fst, words.txt and their companions under ``folder``; scratch files do not stay."""
    (folder / "phones").mkdir(parents=True, exist_ok=True)
    ids = {word: number for number, word in enumerate([*sorted(lexicon), UNKNOWN], 1)}
    scratch, relabel = folder / "scratch.fst", folder / "relabel"
    run("fstcompile", "-", str(scratch), feed="\n".join(lexicon_lines(lexicon, phones, ids)) + "\n")
    run("fstarcsort", "--sort_type=olabel", str(scratch), str(scratch))
    run(
        "fstconvert",
        "--fst_type=olabel_lookahead",
        f"--save_relabel_opairs={relabel}",
        str(scratch),
        str(folder / "HCLr.fst"),
    )
    new = dict(read_pairs(relabel))
    ids = {word: new[number] for word, number in ids.items()}
    known = {word: number for word, number in ids.items() if word != UNKNOWN}
    run("fstcompile", "-", str(scratch), feed="\n".join(ordered(model, known)) + "\n")
    run("fstarcsort", "--sort_type=ilabel", str(scratch), str(scratch))
    run("fstconvert", "--fst_type=const", str(scratch), str(folder / "Gr.fst"))
    by_number = sorted((number, word) for word, number in ids.items())
    (folder / "words.txt").write_text("<eps> 0\n" + "".join(f"{w} {n}\n" for n, w in by_number), encoding="utf-8")
    (folder / "disambig_tid.int").write_text("")
    (folder / "phones" / "word_boundary.int").write_text(boundaries(phones))
    scratch.unlink()
    relabel.unlink()


def read_pairs(path: Path) -> Iterator[tuple[int, int]]:
    """Old and new label of each line of a relabel file."""
    for line in path.read_text().splitlines():
        old, new = line.split()
        yield int(old), int(new)


def ordered(model: Model, ids: dict[str, int]) -> list[str]:
    """The grammar's lines with the start state first: OpenFst takes the first line's state as the start."""
    return sorted(arcs(model, ids), key=lambda line: int(line.split()[0]))
