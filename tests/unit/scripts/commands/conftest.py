"""The command line as a person meets it: words in, text and an exit code out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callqueue.runtime import Runtime
from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.sampling import sampled
from prompts.build import build
from prompts.catalogues import load_catalogue
from prompts.clips import ClipStore
from prompts.studio import Studio
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm.database import Database
from ptm.settings import load_settings
from scripts.cli import sunvai
from tests.conftest import ROOT, SECRETS

Say = Callable[..., Result]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind is enough here: what the verbs call is tested on both."""
    return f"sqlite:///{tmp_path}/sunvai.db"


@pytest.fixture
def environ(database_url: str, redis_url: str, tmp_path: Path) -> Mapping[str, str]:
    """One installation of its own, in which it is always eleven in the morning of a Wednesday when a test begins."""
    return SECRETS | {
        "SUNVAI_CONFIG": str(ROOT / "config.toml"),
        "SUNVAI_DATABASE__URL": database_url,
        "SUNVAI_REDIS__URL": redis_url,
        "SUNVAI_STORAGE__FOLDER": str(tmp_path / "var"),
        "SUNVAI_CARRIER__API_URL": "http://127.0.0.1:9",
        "SUNVAI_CLOCK__SPEED": "1.0",
        "SUNVAI_CLOCK__ANCHOR_AT": '"2026-11-25T05:30:00Z"',
        "SUNVAI_CLOCK__ANCHOR_WALL": str(Path(__file__).stat().st_mtime),
    }


@pytest.fixture
def say(environ: Mapping[str, str]) -> Say:
    """Type `sunvai` and the given words; errors that `main` puts into words come as they are."""

    def say(*words: str, keys: str = "") -> Result:
        return CliRunner().invoke(sunvai, words, env=dict(environ), input=keys, catch_exceptions=True)

    return say


@pytest.fixture
def parts(environ: Mapping[str, str], database: Database) -> Iterator[Runtime]:
    """The installation's parts, with its tables there."""
    parts = Runtime(load_settings(ROOT / "config.toml", environ))
    yield parts
    parts.database.dispose()
    parts.redis.close()


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clips of the catalogue and of the call tree, rendered once."""
    folder = tmp_path_factory.mktemp("built") / "clips"
    with closing(Studio(load_catalogue(), ClipStore(folder), EspeakSynthesiser())) as studio:
        assert build(studio).problems == ()
        studio.prepare(sampled(load_tree(PTM_TREE)))
    return folder


@pytest.fixture
def built(parts: Runtime, clips: Path) -> Path:
    """The installation's clips are there; return their folder."""
    folder = parts.settings.storage.clips
    shutil.copytree(clips, folder)
    return folder


@pytest.fixture
def class_list(tmp_path: Path) -> Path:
    file = tmp_path / "5a.csv"
    file.write_text(
        "UDISE Code,School Name,Class,Admission No,Student Name,Mobile No\n"
        "03010100101,Government Primary School,5A,1,Asha,98140-12345\n"
        "03010100101,Government Primary School,5A,2,ਅਨਮੋਲ,98140-12345\n"
        "03010100101,Government Primary School,3B,3,Ravi,9814012346\n",
        "utf-8",
    )
    return file
