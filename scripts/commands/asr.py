"""sunvai asr: transcribe a file, measure, list, fetch and train speech models."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ptm.settings import load_settings
from scripts.tables import table

NOT_HEARD = 1


@click.group()
def command() -> None:
    """Transcribe a file, measure, list, fetch and train speech models."""


def folders(models: Path | None) -> dict[str, Path]:
    """Language and folder of each model: those below `models`, or those of config.toml."""
    if models is not None:
        return {path.name: path for path in sorted(models.iterdir()) if path.is_dir()}
    return {str(language): folder for language, folder in load_settings().asr.models.items()}


MODELS = click.option(
    "--models", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of model folders named by language, instead of [asr.models] in config.toml.",
)  # fmt: skip


@command.command("transcribe")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", "-l", required=True, help="Language spoken: pa, hi or en.")
@MODELS
def transcribe_file(file: Path, language: str, models: Path | None) -> None:
    """Say what one recording holds. Exit code 1 when no words were heard."""
    from asr.model_store import load_recognisers
    from asr.pipeline import transcribe

    there = folders(models)
    if language not in there:
        raise click.BadParameter(f"no model for {language!r}; there are {', '.join(there) or 'none'}", param_hint="-l")
    known = {language: there[language]}
    heard = transcribe(file, language, load_recognisers(known))
    facts: list[tuple[Any, ...]] = [
        ("verdict", heard.verdict), ("model", heard.model), ("length", f"{heard.duration_s:g} s"),
        ("speech", f"{heard.speech_s:g} s"), ("confidence", heard.confidence), ("doubt", heard.doubt),
        ("theme", heard.theme or "none"), ("note", heard.note or "none"), ("text", heard.text),
        ("public text", heard.public_text), *(("other reading", guess) for guess in heard.guesses),
    ]  # fmt: skip
    click.echo(table(("What", "Found"), facts))
    if heard.words:
        rows = [(w.text, f"{w.start_s:.2f}", f"{w.end_s:.2f}", f"{w.confidence:.2f}") for w in heard.words]
        click.echo(table(("Word", "From s", "To s", "Confidence"), rows))
    sys.exit(0 if heard.verdict == "speech" else NOT_HEARD)


@command.command("evaluate")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", "-l", help="Language of files that lie in FOLDER itself.")
@MODELS
def evaluate_folder(folder: Path, language: str | None, models: Path | None) -> None:
    """Measure errors on WAV files with what was said beside them as .txt, one sub-folder per language."""
    from asr.evaluating import evaluate
    from asr.model_store import load_recognisers

    scores = evaluate(folder, load_recognisers(folders(models)), language)
    if not scores:
        raise click.UsageError(f"{folder} holds no .wav with a .txt beside it (in a folder named by language)")
    heads = ("Language", "Files", "Words", "Word errors", "Letter errors", "Unheard", "Times real time", "Memory MB")
    rows = [
        (one.language, one.recordings, one.words, one.word_errors, one.letter_errors, one.unheard,
         f"{1 / max(one.real_time, 1e-6):.0f}", f"{one.memory_bytes / 1e6:.0f}") for one in scores
    ]  # fmt: skip
    click.echo(table(heads, rows))


@command.command("models")
@MODELS
def list_models(models: Path | None) -> None:
    """List the model of each language and whether its files are whole."""
    from asr.model_store import describe_models

    rows = [
        (one.language, one.folder, one.state, one.rate_hz or "", f"{one.size_bytes / 1e6:.1f}", one.menus)
        for one in describe_models(folders(models))
    ]
    click.echo(table(("Language", "Folder", "State", "Hz", "MB", "Menus"), rows))


@command.command("fetch")
@click.argument("name")
@click.option("--url", required=True, help="Address of the model's ZIP archive.")
@click.option("--sha256", required=True, help="Its SHA-256, from where the publisher says it.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path("var/models"), show_default=True)
def fetch_model(name: str, url: str, sha256: str, into: Path) -> None:
    """Download a published model, check it and unpack it. Again after a break, it goes on where it stopped."""
    from asr.fetching import fetch

    def progress(done: int, total: int | None) -> None:
        share = f"{100 * done / total:3.0f} %" if total else ""
        click.echo(f"\r{done / 1e6:8.1f} MB {share}", nl=False, err=True)

    folder = fetch(name, url, sha256, into, progress)
    click.echo(f"\n{name} is in {folder}. To use it, set its language in [asr.models] of config.toml to this folder.")


@command.command("train")
@click.argument("language", type=click.Choice(["en", "hi", "pa"]))
@click.option(
    "--scratch", type=click.Path(file_okay=False, path_type=Path), default=Path("var/training"), show_default=True
)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path("asr/models"), show_default=True)
@click.option("--utterances", type=click.IntRange(100), default=22_000, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=4, show_default=True)
@click.option("--width", type=click.IntRange(16), default=288, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def train_model(language: str, **wanted: Any) -> None:
    """Make our own small model of a language from synthetic voices; needs the extra `training` and OpenFst's tools."""
    # Read when numpy is imported. Two aligners side by side were three times as fast with a thread each as with two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from asr.training.card import MEANING
        from asr.training.train import Wanted, make
    except ImportError as error:
        raise click.UsageError(f"{error}: install the extra, pip install 'sunvai[training]'") from None
    for name, value in make(Wanted(language=language, **wanted)).items():
        click.echo(f"{'-' if value is None else format(value, 'g'):>8}  {MEANING[name]}")
