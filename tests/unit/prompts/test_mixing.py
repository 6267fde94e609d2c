"""A clip is trimmed, at our level, without clicks and without holes."""

from __future__ import annotations

import numpy as np
import pytest

from prompts.audio import RATE_HZ, Samples, pcm_of, telephone_samples, wav_of
from prompts.errors import AudioRejected
from prompts.mixing import GAP_IN_SENTENCE_MS, MAX_PAUSE_MS, PEAK_DBFS, finish, join, measure, sound_of, wav_from


def voice(seconds: float, amplitude: float = 3000, seed: int = 1) -> Samples:
    """Speech-like noise: louder and softer eight times a second."""
    chance = np.random.default_rng(seed)
    at_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return amplitude * chance.standard_normal(len(at_s)) * (0.6 + 0.4 * np.sin(2 * np.pi * 8 * at_s))


def quiet(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ))


def finished(*parts: Samples) -> bytes:
    return wav_from(finish(sound_of(wav_of(np.concatenate(parts)))))


@pytest.mark.parametrize("amplitude", [40, 300, 3000, 9000])
def test_soft_and_loud_speakers_come_out_at_one_level(amplitude: float) -> None:
    figures = measure(finished(voice(1, amplitude)))
    assert figures.level_dbfs == pytest.approx(-20, abs=0.3)
    assert figures.peak_dbfs <= PEAK_DBFS
    assert figures.clipped == 0


def test_a_calm_speaker_is_not_taken_for_a_quiet_one() -> None:
    steady, calm = measure(finished(voice(2))), measure(finished(voice(1), quiet(0.2), voice(1)))
    assert calm.level_dbfs == steady.level_dbfs


def test_silence_around_the_words_goes() -> None:
    assert measure(finished(quiet(0.8), voice(1), quiet(1.5))).seconds == pytest.approx(1.04, abs=0.02)


def test_a_long_pause_inside_is_shortened_and_a_short_one_kept() -> None:
    figures = measure(finished(voice(1), quiet(0.9), voice(1)))
    assert figures.longest_pause_ms == pytest.approx(MAX_PAUSE_MS, abs=20)
    assert figures.seconds == pytest.approx(2 + MAX_PAUSE_MS / 1000, abs=0.02)
    assert measure(finished(voice(1), quiet(0.15), voice(1))).longest_pause_ms == pytest.approx(150, abs=20)


def test_a_click_does_not_decide_how_loud_the_words_are() -> None:
    spoken = voice(1, 300)
    spoken[4000] = 32000
    figures = measure(finished(spoken))
    assert figures.level_dbfs == pytest.approx(-20, abs=1)
    assert figures.peak_dbfs <= PEAK_DBFS + 0.1


def test_a_clip_begins_and_ends_in_silence() -> None:
    samples = np.frombuffer(pcm_of(finished(voice(0.5))), dtype="<i2").astype(float)
    loudest = np.abs(samples).max()
    assert np.abs(samples[:4]).max() < loudest / 10
    assert np.abs(samples[-4:]).max() < loudest / 10


@pytest.mark.parametrize("nothing", [quiet(1), np.full(8000, 3.0), quiet(0)])
def test_a_recording_of_nothing_is_refused(nothing: Samples) -> None:
    with pytest.raises(AudioRejected, match="nothing to hear"):
        finish(sound_of(wav_of(nothing)))


def test_joined_parts_leave_no_hole() -> None:
    parts = [finish(sound_of(wav_of(np.concatenate([quiet(0.4), voice(0.5, seed=at), quiet(0.4)])))) for at in range(3)]
    figures = measure(wav_from(join(parts)))
    assert 40 <= figures.longest_pause_ms <= 120
    assert figures.seconds == pytest.approx(3 * 0.54 + 2 * GAP_IN_SENTENCE_MS / 1000, abs=0.05)


def test_the_same_sound_gives_the_same_bytes() -> None:
    assert finished(voice(1)) == finished(voice(1))
    assert finished(voice(1)) != finished(voice(1, seed=2))


def test_finishing_a_clip_again_hardly_changes_it() -> None:
    once = finished(quiet(0.3), voice(1), quiet(0.3))
    again = wav_from(finish(sound_of(once)))
    assert measure(again).level_dbfs == measure(once).level_dbfs
    assert len(telephone_samples(again)) == pytest.approx(len(telephone_samples(once)), abs=200)
