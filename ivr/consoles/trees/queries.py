"""What the call trees' pages read: the trees that come with Sunvai, what is wrong with them, how long calls take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.timing import Times, measure, without_audio
from ivr.trees.drawing import arrows, kind_of
from ivr.trees.errors import TreeError
from ivr.trees.lint import Finding, lint
from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.model import AnyNode, Say, Tree
from ivr.trees.timing import PULSE_S
from ivr.trees.walk import lines_of
from prompts.errors import PromptError
from prompts.studio import Studio

FOLDER = PTM_TREE.parent


@dataclass(frozen=True)
class Broken:
    """A file that is no tree, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Looked:
    """One tree, looked through. `times` is empty while something that it says has no audio, which `missing` names."""

    tree: Tree
    findings: Sequence[Finding]
    missing: Sequence[str]
    times: Sequence[Times]

    @property
    def is_too_long(self) -> bool:
        return any(length > PULSE_S for times in self.times for length in times.typical_s.values())


@dataclass(frozen=True)
class Said:
    """One prompt of a node in one language; without words when it stands for something that is known only in a call."""

    prompt: str
    language: str
    text: str
    when: str
    is_again: bool


@dataclass(frozen=True)
class Step:
    """One node as a person reads it."""

    name: str
    kind: str
    said: Sequence[Said]
    ways: Sequence[tuple[str, str]]
    """What is pressed or happens, and the node it leads to."""


def load_all(studio: Studio) -> list[Looked | Broken]:
    """Return every tree, the week's own call first."""
    files = sorted(FOLDER.glob("*.toml"), key=lambda file: (file != PTM_TREE, file.name))
    return [load(file.stem, studio) for file in files]


def is_there(name: str) -> bool:
    return name in {file.stem for file in FOLDER.glob("*.toml")}


def load(name: str, studio: Studio) -> Looked | Broken:
    try:
        tree = load_tree(FOLDER / f"{name}.toml")
    except TreeError as error:
        return Broken(name, str(error))
    findings = lint(tree, studio.catalogue)
    if findings:
        return Looked(tree, findings, (), ())
    try:
        missing = list(dict.fromkeys(map(_named, without_audio(tree, studio))))
        return Looked(tree, (), missing, () if missing else measure(tree, studio))
    except PromptError as error:
        return Looked(tree, (), (str(error),), ())


def _named(say: Say) -> str:
    return f"{say.prompt} ({say.language})"


def steps(tree: Tree, studio: Studio, language: str) -> list[Step]:
    """Return the nodes in the order of the file, with the words of one language."""
    leads: dict[str, list[tuple[str, str]]] = {name: [] for name in tree.nodes}
    for way in arrows(tree):
        leads[way.start].append((way.when, way.to))
    return [_step(node, studio, language, leads[name]) for name, node in tree.nodes.items()]


def _step(node: AnyNode, studio: Studio, language: str, leads: Sequence[tuple[str, str]]) -> Step:
    said = []
    for at, line in enumerate(lines_of(node)):
        spoken = line.language or language
        prompt = studio.catalogue.get((line.prompt, spoken))
        text = prompt.text if prompt else ""
        said.append(Said(line.prompt, spoken, text, line.when or "", at >= len(node.says)))
    return Step(node.name, kind_of(node), said, leads)
