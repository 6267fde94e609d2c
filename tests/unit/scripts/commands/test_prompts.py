from __future__ import annotations

import re
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from callqueue.bells import PREPARE
from callqueue.runtime import Runtime
from ivr.recording import RecordingRefused
from prompts.audio import wav_of
from prompts.catalogues import LANGUAGES
from prompts.errors import AudioRejected
from prompts.listing import UnknownPrompt
from ptm.errors import SunvaiError
from ptm.models import Audit, Batch
from tests.unit.scripts.commands.conftest import Say

Voice = Callable[..., Path]


@pytest.fixture
def voice(tmp_path: Path) -> Voice:
    """Write a WAV in which something like a voice is heard, and return its path."""

    def voice(seconds: float = 1.0, loudness: float = 2_000, name: str = "voice.wav") -> Path:
        samples = loudness * np.random.default_rng(5).standard_normal(int(16_000 * seconds))
        file = tmp_path / name
        file.write_bytes(wav_of(samples, 16_000))
        return file

    return voice


@pytest.fixture
def batch_under_way(say: Say, parts: Runtime, class_list: Path, built: Path) -> int:
    say("roster", "import", str(class_list))
    opened = say("round", "open", "Week", "--starts", "2026-11-25", "--ends", "2026-11-30")
    assert opened.exit_code == 0, opened.exception
    assert say("batch", "start", "1", "03010100101", "5A").exit_code == 0
    with parts.database.writing() as tx:
        tx.execute(update(Batch).values(state="calling"))
    return 1


def refusal(told: object) -> str:
    error = getattr(told, "exception", None)
    assert isinstance(error, SunvaiError), told
    return str(error)


def test_prompts_are_missing_until_they_are_built_and_a_second_build_renders_nothing(say: Say) -> None:
    missing = say("prompts", "check")
    assert missing.exit_code == 1
    assert missing.stdout.startswith("Prompt") and "build the prompts" in missing.stdout
    built = say("prompts", "build")
    assert built.exit_code == 0, built.output
    assert int(built.stdout.split()[2]) > len(LANGUAGES)
    checked = say("prompts", "check")
    assert checked.exit_code == 0 and checked.stdout.endswith(" 0 problem(s).\n")
    assert ": 0 clips rendered" in say("prompts", "build").stdout


def row(listed: str, prompt: str, language: str) -> list[str]:
    (found,) = [line for line in listed.splitlines() if re.match(rf"{re.escape(prompt)} +{language} ", line)]
    return re.split(r"  +", found)


@pytest.mark.usefixtures("built")
def test_a_recording_says_a_prompt_until_it_is_removed(say: Say, parts: Runtime, voice: Voice) -> None:
    assert row(say("prompts", "list").stdout, "apology", "pa")[2] == "synthesised"
    told = say("prompts", "record", "apology", "pa", str(voice()), "--by", "Head teacher")
    assert told.exit_code == 0, told.exception
    assert "apology (pa) is now said by Head teacher: 1.0 s." in told.stdout
    listed = say("prompts", "list", "--language", "pa").stdout
    assert row(listed, "apology", "pa")[2:6] == ["recorded", "Head teacher", "1.0", "-20.0"]
    assert row(listed, "apology", "pa")[6].startswith("Our own failure")
    assert say("prompts", "check").exit_code == 0
    assert "said by the machine again" in say("prompts", "remove", "apology", "pa").stdout
    assert "apology (pa) is not recorded." in say("prompts", "remove", "apology", "pa").stdout
    with parts.database.reading() as tx:
        noted = tx.execute(
            select(Audit.action, Audit.details).where(Audit.subject == "prompt").order_by(Audit.id)
        ).all()
    assert [action for action, _ in noted] == ["prompt.record", "prompt.remove"]
    assert noted[0].details | {"clip": ""} == {"prompt": "apology", "language": "pa", "part": None, "clip": ""}


@pytest.mark.usefixtures("built")
def test_a_prompt_that_differs_from_child_to_child_is_recorded_in_parts(say: Say, parts: Runtime, voice: Voice) -> None:
    whole = refusal(say("prompts", "record", "inform.attendance", "en", str(voice()), "--by", "teacher"))
    assert "its fixed parts can be recorded: 1 “The attendance of”, 2 “is”" in whole
    assert "has no part 3" in refusal(
        say("prompts", "record", "inform.attendance", "en", str(voice()), "--by", "teacher", "--part", "3")
    )
    told = say("prompts", "record", "inform.attendance", "en", str(voice()), "--by", "teacher", "--part", "1")
    assert "“The attendance of”" in told.stdout, told.exception
    say("prompts", "build")
    assert row(say("prompts", "list").stdout, "inform.attendance", "en")[2] == "recorded in part"
    assert "has no words of its own" in refusal(
        say("prompts", "record", "inform.level", "en", str(voice()), "--by", "teacher")
    )


@pytest.mark.parametrize(
    ("words", "kind", "why"),
    [
        (("apolgy", "en"), UnknownPrompt, "no prompt 'apolgy'; did you mean 'apology'?"),
        (("zzz", "en"), UnknownPrompt, "no prompt 'zzz'; `sunvai prompts list` has all of them"),
        (("apology", "ta"), UnknownPrompt, "no language 'ta'; write one of pa, hi, en"),
    ],
)
def test_what_nobody_has_written_cannot_be_recorded(
    say: Say, parts: Runtime, voice: Voice, words: tuple[str, str], kind: type[Exception], why: str
) -> None:
    told = say("prompts", "record", *words, str(voice()), "--by", "teacher")
    assert isinstance(told.exception, kind)
    assert why in str(told.exception)


@pytest.mark.parametrize(
    ("seconds", "loudness", "why"),
    [
        (13, 2_000, "the recording lasts 13.0 s; at most 12 s fit a call"),
        (0.08, 2_000, "which is no word; say it once more, whole"),
        (1, 30, " dBFS); speak nearer to the microphone"),
        (1, 90_000, "of the recording is clipped, it was too loud; speak softer or further away"),
        (1, 0, "nothing to hear"),
    ],
)
def test_a_recording_that_is_not_fit_for_a_telephone_is_refused(
    say: Say, parts: Runtime, voice: Voice, seconds: float, loudness: float, why: str
) -> None:
    told = say("prompts", "record", "apology", "en", str(voice(seconds, loudness)), "--by", "teacher")
    assert isinstance(told.exception, AudioRejected)
    assert why in str(told.exception)
    assert list(Path(parts.settings.storage.clips).rglob("*.wav")) == []


def test_what_is_no_sound_is_refused(say: Say, parts: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "voice.wav"
    file.write_bytes(b"ID3 this is an mp3")
    assert "not a plain (PCM) WAV" in refusal(say("prompts", "record", "apology", "en", str(file), "--by", "teacher"))


def test_a_voice_belongs_to_somebody(say: Say, parts: Runtime, voice: Voice) -> None:
    nobody = say("prompts", "record", "apology", "en", str(voice()), "--by", "  ")
    assert "say whose voice it is" in refusal(nobody)


def test_names_are_recorded_and_their_coverage_is_told(
    say: Say, parts: Runtime, voice: Voice, class_list: Path
) -> None:
    class_list.write_text(class_list.read_text("utf-8").replace("Ravi", "گرپریت"), "utf-8")
    say("roster", "import", str(class_list))
    assert "3 different names: 0 recorded, 2 synthesised, 1 left out." in say("prompts", "names").stdout
    assert "گرپریت" in say("prompts", "names", "--left-out").stdout
    told = say("prompts", "record-name", "گرپریت", str(voice()), "--by", "family")
    assert told.exit_code == 0, told.exception
    assert "1 recorded, 2 synthesised, 0 left out. 1 recording(s)" in say("prompts", "names").stdout
    assert "said by the machine again" in say("prompts", "remove-name", "گرپریت").stdout
    with parts.database.reading() as tx:
        noted = tx.execute(
            select(Audit.action, Audit.details).where(Audit.subject == "prompt").order_by(Audit.id)
        ).all()
    assert [action for action, _ in noted] == ["name.record", "name.remove"]
    assert "گ" not in str(noted), "the audit keeps no names"


def test_words_inside_sentences_that_families_hear_now_are_added_but_never_taken_away(
    say: Say, parts: Runtime, voice: Voice, batch_under_way: int
) -> None:
    part = ("inform.attendance", "en", str(voice()), "--by", "teacher", "--part", "1")
    parts.redis.flushdb()
    assert say("prompts", "record", *part).exit_code == 0
    assert parts.bells.waiting("media") == 1, f"{PREPARE}: the sentences of the batch are wanted once more"
    assert "replace or remove it when they are over" in refusal(say("prompts", "record", *part))
    removed = say("prompts", "remove", "inform.attendance", "en", "--part", "1")
    assert isinstance(removed.exception, RecordingRefused)
    assert say("prompts", "record", "apology", "en", str(voice()), "--by", "teacher").exit_code == 0
    assert say("prompts", "record", "apology", "en", str(voice(2)), "--by", "teacher").exit_code == 0


def test_the_apology_is_written_as_files_for_any_web_server(say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "static"
    told = say("prompts", "fallback", str(folder), "--url", "https://static.example.org/sunvai/")
    assert told.exit_code == 0, told.exception
    assert "carrier.fallback_url to https://static.example.org/sunvai/apology.xml" in told.stdout
    document = (folder / "apology.xml").read_text("utf-8")
    clips = re.findall(r"<Play[^>]*>https://static\.example\.org/sunvai/([0-9a-f]{64}\.wav)</Play>", document)
    assert len(clips) == len(LANGUAGES)
    for clip in clips:
        with wave.open(str(folder / clip)) as file:
            assert file.getframerate() == 8_000
    assert "<Hangup" in document
    assert "no address of a folder" in refusal(say("prompts", "fallback", str(folder)))
