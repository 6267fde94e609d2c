"""Nothing rings before every prompt is there, in every language, and fit to be heard."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from prompts.audio import wav_of
from prompts.build import build
from prompts.catalogues import Catalogue, load_catalogue
from prompts.check import check, durations
from prompts.clips import ClipStore
from prompts.mixing import MAX_PAUSE_MS, measure
from prompts.recorded import LONGEST_PROMPT_S
from prompts.studio import Request, Studio
from prompts.synthesis.espeak import EspeakSynthesiser
from prompts.synthesis.tones import ToneSynthesiser


@pytest.fixture
def small(catalogue: Catalogue, store: ClipStore) -> Studio:
    """The small catalogue without the prompt that needs a praise of the product's own."""
    texts = {key: prompt for key, prompt in catalogue.items() if key[0] != "said"}
    return Studio(texts, store, ToneSynthesiser())


def test_a_built_catalogue_is_ready(small: Studio) -> None:
    built = build(small)
    report = check(small)
    assert built.problems == ()
    assert (report.prompts, report.ready) == (12, True)
    assert report.clips == built.rendered == 15  # a greeting is two clips in each language
    assert build(small).rendered == 0


def test_a_prompt_missing_in_a_language_is_named(small: Studio) -> None:
    small.prepare(Request("goodbye", language) for language in ("pa", "en"))
    report = check(small, [Request("goodbye", language) for language in ("pa", "hi", "en")])
    assert [str(problem) for problem in report.problems] == [
        "goodbye (hi): no clip for goodbye (hi): 'धन्यवाद।' (hi); build the prompts: `sunvai prompts build`"
    ]


def test_a_slot_without_a_sample_is_named(catalogue: Catalogue, store: ClipStore) -> None:
    studio = Studio(catalogue, store, ToneSynthesiser())
    build(studio)
    assert {(problem.prompt, problem.language) for problem in check(studio).problems} == {
        ("said", language) for language in ("pa", "hi", "en")
    }


def test_a_prompt_that_drags_is_named(small: Studio) -> None:
    build(small)
    _record(small, "goodbye", 8000 * 13)
    (problem,) = check(small).problems
    assert problem.what == f"it lasts 13.0 s, at most {LONGEST_PROMPT_S:g}"
    assert problem.mend == "say it in fewer words"


def test_a_damaged_clip_is_named(small: Studio) -> None:
    build(small)
    (clip,) = small.resolve(Request("goodbye", "en"))
    (small.store.folder / clip.name).write_bytes(b"RIFF")
    (problem,) = check(small).problems
    assert (problem.prompt, problem.language) == ("goodbye", "en")
    assert "other bytes" in problem.what


@pytest.mark.parametrize(
    ("samples", "what"),
    [
        (300 * np.sin(np.arange(8000) / 3), "level is -43.8 dBFS"),
        (np.sign(np.sin(np.arange(8000) / 3)) * 32767, "peaks reach 0 dBFS"),
        (
            np.concatenate([np.ones(4000), np.zeros(4000), np.ones(4000)]) * 4633 * (-1) ** np.arange(12000),
            "silent for 500",
        ),
        (3000 * np.sin(np.arange(500) / 3), "says nothing"),
    ],
)
def test_a_sound_that_is_not_fit_is_named(
    small: Studio, samples: np.ndarray[tuple[int], np.dtype[np.float64]], what: str
) -> None:
    """Such a clip cannot come out of the mixing; it can be put into the folder by hand."""
    build(small)
    (clip,) = small.resolve(Request("goodbye", "en"))
    strange = small.store.add(wav_of(samples))
    for entry in (small.store.folder / "index").rglob("*"):
        if entry.is_file() and clip.name in entry.read_text():
            small.store.remember(entry.name, strange)
    studio = Studio(small.catalogue, ClipStore(small.store.folder), ToneSynthesiser())
    assert any(what in problem.what for problem in check(studio).problems)


def test_durations_are_what_a_parent_listens(small: Studio) -> None:
    build(small)
    clips = small.resolve(Request("goodbye", "hi"))
    assert durations(small)["goodbye", "hi"] == pytest.approx(sum(clip.seconds for clip in clips), abs=0.01)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, espeak: EspeakSynthesiser) -> Studio:
    """The product's own texts in the machine's voice: about a second of work."""
    studio = Studio(load_catalogue(), ClipStore(tmp_path_factory.mktemp("clips")), espeak)
    assert build(studio).problems == ()
    return studio


def test_the_products_own_prompts_are_fit_to_be_heard(product: Studio) -> None:
    report = check(product)
    assert [str(problem) for problem in report.problems] == []


# What a family hears that answers at once, records a suggestion and chooses a time; ten seconds of its own.
TYPICAL = (
    *("greeting.family", "greeting.keys", "inform.attendance", "inform.level", "appreciate.praise"),
    *("listen.consent", "listen.speak", "listen.thanks", "meet.day", "meet.choose", "goodbye.thanks"),
)
OWN_WORDS_S = 10.0
PULSE_S = 58.0


@pytest.mark.parametrize("language", ["pa", "hi", "en"])
def test_the_typical_call_fits_one_billed_minute(product: Studio, language: str) -> None:
    seconds = durations(product)
    assert sum(seconds[prompt, language] for prompt in TYPICAL) + OWN_WORDS_S <= PULSE_S


def test_no_hole_in_the_middle_of_a_real_sentence(product: Studio) -> None:
    paths = list(Path(product.store.folder).glob("*.wav"))
    assert max(measure(path.read_bytes()).longest_pause_ms for path in paths) <= MAX_PAUSE_MS


def _record(studio: Studio, prompt_id: str, samples: int) -> None:
    noise = 3000 * np.random.default_rng(1).standard_normal(samples)
    at, words = datetime(2026, 11, 2, tzinfo=UTC), studio.catalogue[prompt_id, "en"].text
    # Behind the studio's back, which would not take it.
    studio.recorded.add(wav_of(noise), words, "en", recorded_by="teacher", recorded_at=at)
