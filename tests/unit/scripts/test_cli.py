from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scripts import cli
from tests.conftest import ROOT, SECRETS

VERBS = cli.Verbs().list_commands(click.Context(click.Group()))


def run(words: Sequence[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process, with nothing in its environment but what is told."""
    settings = SECRETS | {"SUNVAI_DATABASE__URL": f"sqlite:///{folder}/sunvai.db", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "scripts", *words], cwd=ROOT, env=settings | environ, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_can_be_called_and_says_what_it_is_for(verb: str) -> None:
    told = CliRunner().invoke(cli.sunvai, [verb, "--help"])
    assert told.exit_code == 0 and told.stdout.startswith("Usage: ")
    assert len(cli.purpose(verb)) > 10 and '"' not in cli.purpose(verb)


def test_help_names_every_verb_without_importing_any() -> None:
    code = "import sys; from scripts.cli import sunvai; sunvai(['--help'], standalone_mode=False); "
    code += "print([name for name in sys.modules if name.startswith('scripts.commands.') or name == 'vosk'])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"\n  {verb} " in told for verb in VERBS)
    assert told.endswith("[]\n")


def test_an_unknown_verb_is_a_wrong_call(tmp_path: Path) -> None:
    told = run(["frobnicate"], tmp_path)
    assert told.returncode == 2 and "No such command 'frobnicate'" in told.stderr


def test_a_setting_that_is_wrong_is_one_clear_error_and_no_traceback(tmp_path: Path) -> None:
    told = run(["round", "list"], tmp_path, SUNVAI_CARRIER__LINES="many")
    assert told.returncode == 2
    assert told.stderr.startswith("sunvai: ") and "carrier.lines" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_database_without_tables_tells_what_to_run(tmp_path: Path) -> None:
    told = run(["round", "list"], tmp_path)
    assert told.returncode == 2
    assert told.stderr == "sunvai: the database says: no such table: round; run `sunvai db upgrade`\n"


def test_a_database_that_is_away_tells_where_to_look(tmp_path: Path) -> None:
    told = run(["round", "list"], tmp_path, SUNVAI_DATABASE__URL="postgresql://nobody@127.0.0.1:9/sunvai")
    assert told.returncode == 2
    assert "see database.url in config.toml" in told.stderr and "Traceback" not in told.stderr


def test_no_settings_file_tells_where_to_run(tmp_path: Path) -> None:
    told = run(["round", "list"], tmp_path, SUNVAI_CONFIG=str(tmp_path / "config.toml"))
    assert told.returncode == 2 and "no such file; run from the project's root" in told.stderr
