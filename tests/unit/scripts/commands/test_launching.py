"""No round opens and no batch starts while a prompt of the tree is missing, at a wrong rate or too long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from callqueue.runtime import Runtime
from ivr.launching import NotFit
from ivr.trees.load import PTM_TREE
from prompts.audio import RATE_HZ, wav_of
from prompts.catalogues import load_catalogue
from prompts.clips import Clip, ClipStore
from prompts.recipes import Speech, key_of
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm.models import Batch, Round
from tests.unit.scripts.commands.conftest import Say

OPEN = ("round", "open", "Week", "--starts", "2026-11-25", "--ends", "2026-11-30")
START = ("batch", "start", "1", "03010100101", "5A")


@pytest.fixture(autouse=True)
def schools(say: Say, parts: Runtime, class_list: Path) -> None:
    say("roster", "import", str(class_list))


def refusal(told: object) -> str:
    error = getattr(told, "exception", None)
    assert isinstance(error, NotFit), told
    return str(error)


def replace_clip(folder: Path, prompt: str, language: str, seconds: float, rate_hz: int = RATE_HZ) -> None:
    """Put another sound in the place of a prompt's clip, as a hand in the folder or a broken disk would."""
    text = load_catalogue()[prompt, language].text
    store = ClipStore(folder)
    wav = wav_of(3_000 * np.random.default_rng(3).standard_normal(int(seconds * rate_hz)), rate_hz)
    name = store.add(wav).name if rate_hz == RATE_HZ else _put(folder, wav)
    store.remember(key_of(Speech(text, language), EspeakSynthesiser.version), Clip(name, seconds, -20.0))


def _put(folder: Path, wav: bytes) -> str:
    import hashlib

    name = f"{hashlib.sha256(wav).hexdigest()}.wav"
    (folder / name).write_bytes(wav)
    return name


def rounds(parts: Runtime) -> int:
    with parts.database.reading() as tx:
        return len(tx.scalars(select(Round.id)).all())


def test_nothing_opens_before_the_prompts_are_built(say: Say, parts: Runtime) -> None:
    told = refusal(say(*OPEN))
    assert "the call tree ptm cannot be used yet" in told
    assert "greeting.keys (pa): no clip for" in told
    assert "`sunvai prompts build`" in told
    assert "more: see `sunvai prompts check`" in told
    assert rounds(parts) == 0


def test_one_prompt_that_is_missing_in_one_language_is_named(say: Say, parts: Runtime, built: Path) -> None:
    text = load_catalogue()["listen.speak", "hi"].text
    key = key_of(Speech(text, "hi"), EspeakSynthesiser.version)
    (built / "index" / key[:2] / key).unlink()
    told = refusal(say(*OPEN))
    assert told.count("\n") == 1
    assert "listen.speak (hi): no clip for" in told
    assert rounds(parts) == 0


@pytest.mark.parametrize(
    ("seconds", "rate_hz", "why"),
    [
        (13.0, RATE_HZ, "listen.speak (hi): it lasts 13.0 s, at most 12; say it in fewer words"),
        (2.0, 16_000, "listen.speak (hi): expected 8000 Hz, 2 bytes, 1 channel, not 16000 Hz"),
    ],
)
def test_a_prompt_that_is_not_fit_stops_a_round_and_a_batch(
    say: Say, parts: Runtime, built: Path, seconds: float, rate_hz: int, why: str
) -> None:
    assert say(*OPEN).exit_code == 0
    replace_clip(built, "listen.speak", "hi", seconds, rate_hz)
    assert why in refusal(say(*OPEN))
    assert why in refusal(say(*START))
    with parts.database.reading() as tx:
        assert tx.scalars(select(Batch.id)).all() == []


def test_a_batch_may_start_while_its_own_preparation_has_something_to_render(
    say: Say, parts: Runtime, built: Path
) -> None:
    assert say(*OPEN).exit_code == 0
    (built / "index").rename(built / "index-gone")
    assert say(*START).exit_code == 0


def test_a_tree_that_says_what_nobody_wrote_opens_no_round(say: Say, tmp_path: Path, built: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(PTM_TREE.read_text("utf-8").replace("listen.consent", "listen.consnt"), "utf-8")
    told = refusal(say(*OPEN, "--tree", str(file)))
    assert "listen.consnt is not written in pa, hi, en" in told


def test_an_open_round_and_a_ready_batch_are_told(say: Say, parts: Runtime, built: Path) -> None:
    assert "is open for" in say(*OPEN).stdout
    assert "has begun" in say(*START).stdout
