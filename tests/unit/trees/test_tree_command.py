"""sunvai tree lint, draw and try, as an author uses them."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callqueue import voicing
from ivr.timing import LONGEST_S, measure
from ivr.trees.load import INBOUND_TREES, PTM_TREE, load_tree
from ivr.trees.model import RecordNode
from ivr.trees.sampling import sampled
from ivr.trees.timing import LONGEST_VOICE_S, PULSE_S
from prompts.catalogues import load_catalogue
from prompts.clips import ClipStore
from prompts.studio import Studio
from prompts.synthesis.espeak import EspeakSynthesiser
from ptm.errors import SunvaiError
from scripts.commands.tree import command


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(command, words, input=typed, catch_exceptions=False)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


def test_the_ordinary_call_fits_into_a_paid_minute_in_each_language(clips: Path) -> None:
    result = run("lint", "ptm", "--build", "--clips", str(clips))
    assert result.exit_code == 0, result.output
    for language in ("pa", "hi", "en"):
        assert re.search(
            rf"{language}: typical call 5\d\.\d s, .*with both 5\d\.\d s, .*with all three 5\d\.\d s of 58 s",
            result.output,
        )
    assert "nothing to mend" in result.output


def test_the_longest_answer_and_voice_still_end_within_the_paid_minute(clips: Path) -> None:
    """Whatever people may say in a call is timed by the longest that is taken from them."""
    tree, studio = load_tree(PTM_TREE), Studio(load_catalogue(), ClipStore(clips), EspeakSynthesiser())
    with closing(studio):
        studio.prepare(sampled(tree))
        times = {each.language: each.typical_s for each in measure(tree, studio)}
    kinds = ["typical call", "with an answer", "with the teacher's voice", "with both", "of a child who comes seldom"]
    assert list(times["pa"]) == [*kinds, "with all three"]
    assert {language: kind for language, told in times.items() for kind in told if told[kind] > PULSE_S} == {}


def test_one_second_more_for_an_answer_or_a_voice_is_too_long(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LONGEST_S, "appreciate.voice", LONGEST_VOICE_S + 1)
    result = run("lint", "ptm", "--build", "--clips", str(clips))
    assert (result.exit_code, "more than 58" in result.output) == (1, True)


def test_what_a_teacher_says_by_phone_and_on_the_page_has_one_limit() -> None:
    assert voicing.MOST_S == LONGEST_VOICE_S
    speak = load_tree(INBOUND_TREES["teacher"]).nodes["speak"]
    assert isinstance(speak, RecordNode)
    assert speak.max_length_s <= LONGEST_VOICE_S


def test_prompts_without_audio_are_named(tmp_path: Path) -> None:
    result = run("lint", "--clips", str(tmp_path))
    assert result.exit_code == 1
    assert "greeting.family (pa): has no audio; build the prompts" in result.output


def test_a_call_that_is_too_long_is_named(clips: Path, tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_text(PTM_TREE.read_text("utf-8").replace('"1/1 1 r12 2/meet.choose"', '"1 1 r40 1"'), "utf-8")
    result = run("lint", str(file), "--build", "--clips", str(clips))
    assert result.exit_code == 1
    assert "more than 58; say less, or menus sooner" in result.output


def test_a_tree_with_mistakes_is_told_before_it_is_timed(tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(PTM_TREE.read_text("utf-8").replace("listen.consent", "listen.consnt"), "utf-8")
    result = run("lint", str(file), "--clips", str(tmp_path))
    assert (result.exit_code, "did you mean 'listen.consent'?" in result.output) == (1, True)
    assert "typical" not in result.output


def test_a_tree_that_is_not_there_is_told() -> None:
    with pytest.raises(SunvaiError, match=r"there is no tree 'winter'; give a file, or one of .*ptm"):
        run("lint", "winter")


def test_drawing_gives_mermaid_or_svg() -> None:
    assert run("draw").output.startswith("flowchart TD")
    assert run("draw", "ptm", "--svg").output.startswith("<svg")


def test_every_tree_is_drawn_into_a_folder(tmp_path: Path) -> None:
    files = run("draw", "--all", str(tmp_path / "trees")).output.split()
    assert {Path(file).stem for file in files} == {load_tree(file).name for file in PTM_TREE.parent.glob("*.toml")}
    assert all(Path(file).read_text("utf-8").startswith("<svg") for file in files)


def test_a_call_on_paper_is_heard_to_its_end() -> None:
    output = run("try", "ptm", "1", "1", "r12", "2", "--language", "en").output
    assert "Hello. This call is from Government Primary School Rampur." in output
    assert "! recording_kept" in output
    assert output.endswith("[the call ends]\n")


def test_a_call_on_paper_for_siblings() -> None:
    assert run("try", "ptm", "1", "-", "--children", "2", "--language", "en").output.count("The attendance of") == 2


def test_whoever_tries_is_asked_what_the_parent_does() -> None:
    output = run("try", "--language", "en", typed="nine\n9\n9\n").output
    assert "'nine' is no key" in output
    assert "We will not call you again. Goodbye." in output


def test_whoever_tries_may_stop_at_any_time() -> None:
    assert run("try", typed="1\n").exit_code == 0


def test_a_word_that_means_nothing_is_refused_before_anything_is_said() -> None:
    refused = CliRunner().invoke(command, ["try", "ptm", "1", "x9"])
    assert isinstance(refused.exception, SunvaiError)
    assert "'x9' is no key" in str(refused.exception)
    assert refused.output == ""
