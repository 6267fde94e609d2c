"""sunvai tree: check, draw and try call trees."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ivr.timing import measure, without_audio
from ivr.trees.drawing import mermaid, svg
from ivr.trees.engine import advance, start
from ivr.trees.lint import lint as lint_tree
from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.model import LANGUAGES, Ask, Continue, Dial, HangUp, Menu, NoInput, Record, Say, Tree, Turn
from ivr.trees.sampling import sample_facts, sampled
from ivr.trees.script import parse_script
from ivr.trees.timing import PULSE_S
from prompts.catalogues import load_catalogue
from prompts.clips import ClipStore
from prompts.recipes import Joined, Planner, Recipe, Speech
from prompts.studio import Studio
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm.errors import SunvaiError
from ptm.settings import load_settings

TREES = PTM_TREE.parent
named = click.argument("tree", default=PTM_TREE.stem)


@click.group()
def command() -> None:
    """Check, draw and try call trees. TREE is a file, or the name of a tree that comes with Sunvai."""


@command.command()
@named
@click.option("--clips", type=click.Path(path_type=Path), help="Folder of clips; default: the one of the settings.")
@click.option("--build", is_flag=True, help="Render what is missing before measuring.")
def lint(tree: str, clips: Path | None, build: bool) -> None:
    """Say what is wrong with a tree, and how long its calls take. Ends with 1 when there is anything to mend."""
    read = _read(tree)
    catalogue = load_catalogue()
    problems = [str(finding) for finding in lint_tree(read, catalogue)]
    studio = Studio(catalogue, ClipStore(clips or load_settings().storage.clips), EspeakSynthesiser())
    problems += _measure(read, studio, build=build) if not problems else []
    studio.close()
    for problem in problems:
        click.echo(problem)
    click.echo(f"{read.name}: {len(read.nodes)} nodes, {f'{len(problems)} to mend' if problems else 'nothing to mend'}")
    sys.exit(bool(problems))


@command.command()
@named
@click.option("--svg", "as_svg", is_flag=True, help="Draw SVG instead of Mermaid.")
@click.option(
    "--all", "folder", type=click.Path(file_okay=False, path_type=Path), help="Draw each tree into FOLDER, as SVG."
)
def draw(tree: str, as_svg: bool, folder: Path | None) -> None:
    """Draw a tree as Mermaid, or as SVG; with --all every tree that comes with Sunvai, as FOLDER/<name>.svg."""
    if folder is not None:
        for file in draw_all(folder):
            click.echo(file)
        return
    read = _read(tree)
    click.echo(svg(read) if as_svg else mermaid(read), nl=False)


def draw_all(folder: Path) -> list[Path]:
    """Draw every tree that comes with Sunvai into a folder, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for tree in map(load_tree, sorted(TREES.glob("*.toml"))):
        drawn.append(folder / f"{tree.name}.svg")
        drawn[-1].write_text(svg(tree), "utf-8")
    return drawn


@command.command(name="try")
@named
@click.argument("words", nargs=-1)
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@click.option("--children", type=click.IntRange(1, 9), default=1, show_default=True)
@click.option("--answer", is_flag=True, help="Tell the family what came of what parents said.")
def try_(tree: str, words: tuple[str, ...], language: str, children: int, answer: bool) -> None:
    """Make a call on paper. WORDS are what the parent does; without them you are asked at each wait.

    1: press 1 · 1/2: press it behind the second prompt · r12: speak for 12 seconds · -: nothing · h: hang up
    """
    _refuse_unknown(words)
    read = _read(tree)
    facts = sample_facts(language, children, answered=answer, line=read.line)
    planner = Planner(load_catalogue(), lambda _words, _language: None)
    given = iter(words)
    turn = start(read, facts)
    while True:
        for line in told(turn, planner):
            click.echo(line)
        if turn.state.over:
            return
        # Nobody is asked at a stretch of prompts: the carrier comes back by itself.
        word = "-" if isinstance(turn.steps[-1], Continue) else _next_word(given, asks=not words)
        if word is None:
            return
        turn = advance(read, facts, turn.state, parse_script(word)[0].given if word != "-" else NoInput())


def _refuse_unknown(words: tuple[str, ...]) -> None:
    """Refuse a call with a word that means nothing, before anything of it is said."""
    try:
        parse_script(" ".join(words))
    except ValueError as error:
        raise SunvaiError(f"{error}; see `sunvai tree try --help`") from None


def told(turn: Turn, planner: Planner) -> Iterator[str]:
    """Yield a turn as lines of text: what is said, what the house is told, what is waited for."""
    *says, last = turn.steps
    for say in [*says, *(last.says if isinstance(last, Menu | Ask) else ())]:
        if isinstance(say, Say):
            text = " ".join(_words(recipe) for recipe in planner.plan(say.prompt, say.language, say.slots))
            yield f"  {say.prompt:22} {text}"
    for event in turn.events:
        yield f"  ! {event.kind} {' '.join(f'{key}={value}' for key, value in event.values.items())}".rstrip()
    if isinstance(last, Menu):
        yield f"[{turn.state.node}: one of {' '.join(last.keys)}, {last.timeout_s} s]"
    elif isinstance(last, Ask):
        yield f"[{turn.state.node}: up to {last.digits} keys, then #; pin or no for whether they are right]"
    elif isinstance(last, Dial):
        yield f"[{turn.state.node}: the teacher's phone rings, {last.timeout_s} s; talk or nobody]"
    elif isinstance(last, Record):
        yield f"[{turn.state.node}: speak, at most {last.max_length_s} s]"
    elif isinstance(last, HangUp):
        yield "[the call ends]"


def _measure(tree: Tree, studio: Studio, *, build: bool) -> list[str]:
    """Print how long calls take in each language, and return what is too long or was never rendered."""
    if build:
        studio.prepare(sampled(tree))
    if missing := without_audio(tree, studio):
        said = [f"{say.prompt} ({say.language}): has no audio; build the prompts" for say in missing]
        return [*dict.fromkeys(said), "clips: calls cannot be timed without them; build the prompts, or add --build"]
    problems = []
    for times in measure(tree, studio):
        others = f"longest {times.longest_s:.0f} s, silence {times.silent_s:.0f} s"
        told = ", ".join(f"{kind} {length:.1f} s" for kind, length in times.typical_s.items())
        budget = f" of {PULSE_S:g} s" if tree.line == "outgoing" else ""  # we pay for our own calls by the minute
        click.echo(f"{times.language}: {told}{budget}, {others}")
        problems += [
            f"typical: {length:.1f} s in {times.language}, more than {PULSE_S:g}; say less, or menus sooner"
            for length in times.typical_s.values()
            if budget and length > PULSE_S
        ]
    return problems


def _read(name: str) -> Tree:
    file = Path(name)
    if not file.suffix:
        file = TREES / f"{name}.toml"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in TREES.glob("*.toml")))
        raise SunvaiError(f"there is no tree {name!r}; give a file, or one of {known}")
    return load_tree(file)


def _next_word(given: Iterator[str], *, asks: bool) -> str | None:
    if not asks:
        return next(given, "-")
    while True:
        try:
            word = click.prompt(">", prompt_suffix=" ", default="-", show_default=False).strip()
            parse_script(word)
        except ValueError as error:
            click.echo(error)
        except click.Abort:
            return None
        else:
            return str(word.split()[0])


def _words(recipe: Recipe) -> str:
    if isinstance(recipe, Joined):
        return " ".join(_words(part) for part in recipe.parts)
    return recipe.text if isinstance(recipe, Speech) else recipe.words
