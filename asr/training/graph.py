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
    """A prefix tree over phones; the word is on the arc of its last phone, whose state all words share."""

    def __init__(self, phones: list[str]) -> None:
        self._phones = phones
        self._next: dict[tuple[int, int], int] = {}
        self._endings: dict[int, int] = {}
        self._states = 3
        self.lines: list[str] = []
        self._enter(START, 1, SILENCE, 0, SILENCE_COST)
        self.lines += [f"{START} {ROOT} 0 0", f"{SILENCE} {ROOT} 0 0", f"{ROOT} 0"]

    def _new(self) -> int:
        self._states += 1
        return self._states - 1

    def _enter(self, here: int, phone: int, there: int, word: int, cost: float, *, loop: bool = True) -> None:
        self.lines.append(f"{here} {there} {2 * phone} {word} {cost:.3f}")
        if loop:
            self.lines.append(f"{there} {there} {2 * phone - 1} 0")

    def _ending(self, phone: int) -> tuple[int, bool]:
        """The state after a word's last phone, and whether it is new (and wants its self-loop)."""
        if phone in self._endings:
            return self._endings[phone], False
        self._endings[phone] = self._new()
        self.lines.append(f"{self._endings[phone]} {START} 0 0")
        return self._endings[phone], True

    def add(self, word: int, sounds: tuple[str, ...], cost: float) -> None:
        """One pronunciation of one word."""
        here = ROOT
        for place, name in enumerate(sounds[:-1]):
            phone = graph_phone(self._phones, name, "B" if place == 0 else "I")
            if (here, phone) not in self._next:
                self._next[here, phone] = self._new()
                self._enter(here, phone, self._next[here, phone], 0, 0)
            here = self._next[here, phone]
        last = graph_phone(self._phones, sounds[-1], "S" if len(sounds) == 1 else "E")
        there, new = self._ending(last)
        self._enter(here, last, there, word, cost, loop=new)

    def add_unknown(self, word: int) -> None:
        """``[unk]``: any two or more phones, dear enough that a known word wins where one was said."""
        middle = self._new()
        for name in self._phones[1:]:
            first, inside, last = (graph_phone(self._phones, name, position) for position in "BIE")
            begun, within = self._new(), self._new()
            self._enter(ROOT, first, begun, 0, UNKNOWN_COST + UNKNOWN_PHONE_COST)
            self._enter(middle, inside, within, 0, UNKNOWN_PHONE_COST)
            self.lines += [f"{begun} {middle} 0 0", f"{within} {middle} 0 0"]
            there, new = self._ending(last)
            self._enter(middle, last, there, word, UNKNOWN_PHONE_COST, loop=new)


def lexicon_lines(lexicon: Lexicon, phones: list[str], ids: dict[str, int]) -> list[str]:
    """OpenFst text of the whole word loop, START first."""
    tree = Tree(phones)
    for word in sorted(lexicon):
        usual = max(lexicon[word].values())
        for sounds, share in sorted(lexicon[word].items()):
            tree.add(ids[word], sounds, -PRONUNCIATION_SCALE * math.log(share / usual))
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
