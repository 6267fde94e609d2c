"""A person's recording says its words instead of the machine, for as long as the words are the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from prompts import slots
from prompts.audio import wav_of
from prompts.catalogues import Catalogue, load_catalogue
from prompts.check import check
from prompts.clips import ClipStore
from prompts.errors import AudioRejected, MissingClip
from prompts.mixing import measure
from prompts.recorded import MAX_UPLOAD_BYTES
from prompts.studio import Request, Studio
from prompts.synthesis.tones import ToneSynthesiser

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
UPLOAD = wav_of(500 * np.random.default_rng(7).standard_normal(44_100), 44_100)
GOODBYE = Request("goodbye", "en")


def test_a_recording_wins_over_the_machine(studio: Studio, tones: ToneSynthesiser) -> None:
    studio.prepare([GOODBYE])
    made = studio.resolve(GOODBYE)
    entry = studio.record_prompt("goodbye", "en", UPLOAD, recorded_by="teacher", recorded_at=AT)
    (clip,) = studio.resolve(GOODBYE)
    assert clip != made[0]
    assert clip.name == entry.clip


def test_it_is_made_fit_for_the_telephone(studio: Studio) -> None:
    entry = studio.record_prompt("goodbye", "en", UPLOAD, recorded_by="teacher", recorded_at=AT)
    figures = measure(studio.store.read(entry.clip))
    assert figures.level_dbfs == pytest.approx(-20, abs=0.3)
    assert (entry.recorded_by, entry.recorded_at, entry.prompt_id) == ("teacher", AT.isoformat(), "goodbye")
    assert entry.seconds == pytest.approx(1.0, abs=0.05)


def test_another_process_hears_of_it_at_once(studio: Studio, catalogue: Catalogue, store: ClipStore) -> None:
    web = Studio(catalogue, ClipStore(store.folder), ToneSynthesiser())
    studio.prepare([GOODBYE])
    machine = web.resolve(GOODBYE)
    entry = studio.record_prompt("goodbye", "en", UPLOAD, recorded_by="teacher", recorded_at=AT)
    assert [clip.name for clip in web.resolve(GOODBYE)] == [entry.clip]
    studio.recorded.remove("Thank you, goodbye.", "en")
    assert web.resolve(GOODBYE) == machine


def test_it_is_heard_at_once_whoever_looked_at_the_recordings_first(studio: Studio) -> None:
    studio.prepare([GOODBYE])
    machine = studio.resolve(GOODBYE)
    studio.record_prompt("goodbye", "en", UPLOAD, recorded_by="teacher", recorded_at=AT)
    assert studio.coverage(["Asha"]).recorded == ()  # reads the recordings anew
    assert studio.resolve(GOODBYE) != machine


def test_a_new_wording_leaves_the_old_recording_behind(
    studio: Studio, store: ClipStore, write_texts: Callable[..., Path]
) -> None:
    studio.record_prompt("goodbye", "en", UPLOAD, recorded_by="teacher", recorded_at=AT)
    reworded = load_catalogue(write_texts(en=_english_with("Thank you and goodbye.")))
    later = Studio(reworded, store, ToneSynthesiser())
    (clip,) = later.playlist(GOODBYE)
    assert clip.name != studio.resolve(GOODBYE)[0].name
    assert [entry.words for entry in check(later).idle_recordings] == ["Thank you, goodbye."]
    assert check(studio).idle_recordings == ()


def test_a_recorded_name_is_joined_into_the_sentence(studio: Studio, tones: ToneSynthesiser) -> None:
    wanted = Request("greeting", "en", {"child": slots.name("GURPREET  kaur")})
    studio.record_name("Gurpreet Kaur", UPLOAD, recorded_by="family", recorded_at=AT)
    studio.prepare([wanted])
    assert ("Gurpreet Kaur", "en") not in tones.spoken
    assert ("If you are the family of,", "en") in tones.spoken
    assert len(studio.resolve(wanted)) == 2  # the greeting, the same for everybody, and the sentence with the name


def test_a_recorded_name_may_be_in_any_script(studio: Studio) -> None:
    studio.record_name("گرپریت", UPLOAD, recorded_by="family", recorded_at=AT)
    assert studio.coverage(["گرپریت"]).recorded == ("گرپریت",)
    studio.prepare([Request("greeting", "pa", {"child": slots.name("گرپریت")})])


def test_fixed_words_of_a_personal_sentence_can_be_recorded(studio: Studio, tones: ToneSynthesiser) -> None:
    assert studio.recordable("attendance", "en") == ("Attendance is",)
    assert studio.recordable("greeting", "en") == ("Hello.", "If you are the family of", "press one.")
    studio.record_prompt("attendance", "en", UPLOAD, recorded_by="teacher", recorded_at=AT, words="Attendance is")
    studio.prepare([Request("attendance", "en", {"percent": slots.percent(82)})])
    assert tones.spoken == [("eighty-two percent", "en")]


def test_a_sentence_is_said_as_it_was_until_the_new_words_are_mixed_in(studio: Studio) -> None:
    wanted = Request("greeting", "en", {"child": slots.name("Gurpreet Kaur")})
    studio.prepare([wanted])
    before = studio.resolve(wanted)
    pieces = ("If you are the family of", "press one.")
    for minute, words in enumerate(pieces):
        at = AT + timedelta(minutes=minute)
        studio.record_prompt("greeting", "en", UPLOAD, recorded_by="teacher", recorded_at=at, words=words)
        assert studio.resolve(wanted) == before
        studio.prepare([wanted])
        assert studio.resolve(wanted) != before, "the new words are heard as soon as they are there"
        before = studio.resolve(wanted)


def test_a_name_that_only_a_person_can_say_is_left_out_until_it_is_mixed_in(studio: Studio) -> None:
    wanted = Request("greeting", "en", {"child": slots.name("گرپریت")})
    studio.prepare([wanted])
    before = studio.resolve(wanted)
    studio.record_name("گرپریت", UPLOAD, recorded_by="family", recorded_at=AT)
    assert studio.resolve(wanted) == before


def test_what_was_never_rendered_is_missing_with_and_without_recordings(studio: Studio) -> None:
    studio.record_prompt("attendance", "en", UPLOAD, recorded_by="teacher", recorded_at=AT, words="Attendance is")
    with pytest.raises(MissingClip, match="attendance"):
        studio.resolve(Request("attendance", "en", {"percent": slots.percent(82)}))


def test_a_prompt_that_differs_for_everybody_cannot_be_recorded_whole(studio: Studio) -> None:
    with pytest.raises(AudioRejected, match=r"If you are the family of \| press one\."):
        studio.record_prompt("greeting", "en", UPLOAD, recorded_by="teacher", recorded_at=AT)


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (b"not a sound", "not a plain"),
        (wav_of(np.zeros(8000)), "nothing to hear"),
        (wav_of(3000 * np.random.default_rng(1).standard_normal(8000 * 61)), "at most 12 s"),
        (b"\0" * (MAX_UPLOAD_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_a_bad_upload_is_refused_and_changes_nothing(studio: Studio, upload: bytes, reason: str) -> None:
    with pytest.raises(AudioRejected, match=reason):
        studio.record_prompt("goodbye", "en", upload, recorded_by="teacher", recorded_at=AT)
    assert studio.recorded.all() == ()


def _english_with(goodbye: str) -> str:
    return f"""
        ["greeting"]
        text = "Hello. If you are the family of {{child}}, press one."
        ["attendance"]
        text = "Attendance is {{percent}}."
        ["goodbye"]
        text = "{goodbye}"
        ["said"]
        text = "{{praise}}"
        ["praise.reads"]
        text = "Reads very well."
    """
