"""Prompts become clips ahead of the call; in the call they are only looked up."""

from __future__ import annotations

import pytest

from prompts import slots
from prompts.catalogues import Catalogue
from prompts.clips import ClipStore
from prompts.errors import MissingClip, NotPrepared, SlotError, SynthesisError
from prompts.mixing import GAP_AFTER_SENTENCE_MS, measure
from prompts.recipes import Manner
from prompts.slots import Slot
from prompts.studio import Request, Studio
from prompts.synthesis.tones import ToneSynthesiser


def greeting(child: str, language: str = "en") -> Request:
    return Request("greeting", language, {"child": slots.name(child)})


def attendance(percent: int, language: str = "en") -> Request:
    return Request("attendance", language, {"percent": slots.percent(percent)})


def test_what_was_prepared_is_found_without_speaking(
    studio: Studio, catalogue: Catalogue, store: ClipStore, tones: ToneSynthesiser
) -> None:
    wanted = [greeting("Asha"), attendance(82), Request("goodbye", "hi")]
    assert studio.prepare(wanted) == 4  # the greeting has a sentence for everybody and one with the name
    spoken = list(tones.spoken)
    web = Studio(catalogue, ClipStore(store.folder), tones)
    assert [len(web.resolve(each)) for each in wanted] == [2, 1, 1]
    assert tones.spoken == spoken


def test_preparing_again_renders_nothing(studio: Studio) -> None:
    studio.prepare([greeting("Asha")])
    assert studio.prepare([greeting("Asha")]) == 0


def test_the_sentence_for_everybody_is_shared(studio: Studio, tones: ToneSynthesiser) -> None:
    studio.prepare([greeting("Asha"), greeting("Simran")])
    assert studio.resolve(greeting("Asha"))[0] == studio.resolve(greeting("Simran"))[0]
    assert [text for text, _ in tones.spoken] == [
        "Hello.",
        "If you are the family of Asha, press one.",
        "If you are the family of Simran, press one.",
    ]


def test_what_was_not_prepared_is_named(studio: Studio) -> None:
    with pytest.raises(MissingClip, match=r"attendance \(en\): 'Attendance is eighty-two percent.' \(en\)"):
        studio.resolve(attendance(82))


def test_a_prompt_without_slots_ignores_what_the_call_offers(studio: Studio) -> None:
    studio.prepare([Request("goodbye", "en")])
    assert studio.resolve(Request("goodbye", "en", {"child": slots.name("Asha")}))


def test_a_chosen_praise_is_one_clip_for_all_children(studio: Studio, tones: ToneSynthesiser) -> None:
    said = Request("said", "en", {"praise": slots.prompt("praise.reads"), "child": slots.name("Asha")})
    studio.prepare([said, Request("praise.reads", "en")])
    assert studio.resolve(said) == studio.resolve(Request("praise.reads", "en"))
    assert tones.spoken == [("Reads very well.", "en")]


def test_the_teachers_own_voice_is_played_as_it_is(studio: Studio, store: ClipStore, tones: ToneSynthesiser) -> None:
    voice = store.add(tones.speak("well done", "pa"))
    assert studio.resolve(Request("said", "pa", {"praise": slots.clip(voice.name)})) == (voice,)


def test_a_name_in_another_script_is_joined_from_its_own_voice(studio: Studio, tones: ToneSynthesiser) -> None:
    wanted = greeting("Asha", "pa")
    studio.prepare([wanted])
    assert tones.spoken[1:] == [("ਜੇ ਤੁਸੀਂ,", "pa"), ("Asha,", "en"), ("ਦੇ ਪਰਿਵਾਰ ਤੋਂ ਹੋ, ਤਾਂ ਇੱਕ ਦਬਾਓ।", "pa")]
    clip = studio.resolve(wanted)[1]
    assert measure(studio.store.read(clip.name)).longest_pause_ms <= 120


def test_the_fixed_words_around_such_names_are_spoken_once(studio: Studio, tones: ToneSynthesiser) -> None:
    studio.prepare([greeting("Asha", "pa"), greeting("Simran", "pa")])
    assert [text for text, _ in tones.spoken].count("ਜੇ ਤੁਸੀਂ,") == 1


@pytest.mark.parametrize("name", ["", "  ", "Roll no 12", "گرپریت"])
def test_a_name_that_cannot_be_said_is_left_out(studio: Studio, tones: ToneSynthesiser, name: str) -> None:
    studio.prepare([greeting(name, "en"), greeting(name, "hi")])
    assert ("Hello. If your child is in our school, press one.", "en") in tones.spoken  # the text's own variant
    assert ("यदि आप आपके बच्चे के परिवार से हैं, तो एक दबाइए।", "hi") in tones.spoken  # neutral words in its place
    studio.resolve(greeting(name, "en"))


def test_a_name_that_defeats_the_voice_is_left_out(catalogue: Catalogue, store: ClipStore) -> None:
    voice = StumblesAt("Asha")
    studio = Studio(catalogue, store, voice)
    assert studio.prepare([greeting("Asha")]) == 2
    assert voice.spoken == [("Hello.", "en"), ("If you are the family of your child, press one.", "en")]
    assert len(studio.resolve(greeting("Asha"))) == 2


def test_one_prompt_that_fails_does_not_stop_the_others(catalogue: Catalogue, store: ClipStore) -> None:
    studio = Studio(catalogue, store, StumblesAt("Attendance"))
    with pytest.raises(NotPrepared) as raised:
        studio.prepare([attendance(82), Request("goodbye", "en"), attendance(82)])
    assert raised.value.rendered == 1
    assert len(raised.value.problems) == 1
    assert "attendance (en)" in raised.value.problems[0]
    assert studio.resolve(Request("goodbye", "en"))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "needs the slot {percent}"),
        ({"percent": Slot(slots.SlotKind.PERCENT, "many")}, "'many' cannot be said as percent"),
        ({"percent": slots.text(" ")}, "is empty"),
        ({"percent": slots.clip("../x.wav")}, "not a clip's name"),
    ],
)
def test_a_wrong_slot_is_named(studio: Studio, given: dict[str, Slot], problem: str) -> None:
    with pytest.raises(SlotError, match=problem):
        studio.resolve(Request("attendance", "en", given))


def test_names_are_reported_by_how_they_will_be_said(studio: Studio) -> None:
    coverage = studio.coverage(["Asha", "ਸਿਮਰਨ", "", "Roll 7", "Asha"])
    assert coverage.recorded == ()
    assert coverage.synthesised == ("Asha", "ਸਿਮਰਨ")
    assert [name for name, _ in coverage.left_out] == ["", "Roll 7"]


def test_a_sentence_ends_with_a_breath_and_a_part_of_one_does_not(
    catalogue: Catalogue, store: ClipStore, tones: ToneSynthesiser
) -> None:
    parts = Studio(catalogue, store, tones, Manner.PARTS)
    lead, value, end = parts.playlist(attendance(82, "pa"))
    (whole,) = Studio(catalogue, store, tones).playlist(Request("goodbye", "pa"))
    assert _tail_ms(store, whole.name) == pytest.approx(GAP_AFTER_SENTENCE_MS + 20, abs=15)
    assert _tail_ms(store, lead.name) < 40
    assert _tail_ms(store, value.name) < 40
    assert _tail_ms(store, end.name) > 150


def test_in_parts_only_single_values_are_personal(
    catalogue: Catalogue, store: ClipStore, tones: ToneSynthesiser
) -> None:
    parts = Studio(catalogue, store, tones, Manner.PARTS)
    parts.prepare([greeting("Asha"), greeting("Simran"), greeting("Navjot")])
    assert len(tones.spoken) == 3 + 3  # "Hello.", the words before and after the name; and three names
    assert len(parts.resolve(greeting("Asha"))) == 4


def test_another_voice_does_not_find_the_clips_of_this_one(
    studio: Studio, catalogue: Catalogue, store: ClipStore
) -> None:
    studio.prepare([Request("goodbye", "en")])
    with pytest.raises(MissingClip):
        Studio(catalogue, store, OtherTones()).resolve(Request("goodbye", "en"))


class OtherTones(ToneSynthesiser):
    version = "tones-2"


class StumblesAt(ToneSynthesiser):
    """Cannot say texts with a certain word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def speak(self, text: str, voice: str) -> bytes:
        if self._word in text:
            raise SynthesisError(f"no speech for {text!r}", permanent=True)
        return super().speak(text, voice)


def _tail_ms(store: ClipStore, name: str) -> int:
    """Return how much of a clip's end is silence."""
    pcm = store.read(name)[44:]
    return (len(pcm) - len(pcm.rstrip(b"\0"))) // 16
