"""From any WAV to the telephone's 8 kHz without whistles."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from prompts.audio import RATE_HZ, Samples, pcm_of, resample, telephone_samples, wav_of
from prompts.errors import AudioRejected


def tone(pitch_hz: float, rate_hz: int, seconds: float = 0.5) -> Samples:
    return 10_000 * np.sin(2 * np.pi * pitch_hz * np.arange(int(seconds * rate_hz)) / rate_hz)


def loudness_db(samples: Samples) -> float:
    """Against the tone above, away from the edges."""
    middle = samples[400:-400]
    return float(20 * np.log10(np.sqrt((middle**2).mean()) / (10_000 / np.sqrt(2))))


@pytest.mark.parametrize("rate_hz", [11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("pitch_hz", [200, 1000, 3400])
def test_what_a_telephone_carries_passes_unchanged(rate_hz: int, pitch_hz: int) -> None:
    out = resample(tone(pitch_hz, rate_hz), rate_hz)
    expected = tone(pitch_hz, RATE_HZ)
    assert abs(len(out) - len(expected)) <= 1
    assert np.abs(out[400:-400] - expected[400 : len(out) - 400]).max() < 60  # of 10,000: same height, same moment


@pytest.mark.parametrize("rate_hz", [11_025, 16_000, 22_050, 44_100])
@pytest.mark.parametrize("pitch_hz", [4050, 5000])
def test_what_it_does_not_carry_is_gone_and_not_folded_back(rate_hz: int, pitch_hz: int) -> None:
    assert loudness_db(resample(tone(pitch_hz, rate_hz), rate_hz)) < -60


def test_leaving_samples_out_would_have_whistled() -> None:
    assert loudness_db(tone(5000, 16_000)[::2]) > -1


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_pcm_width_and_stereo_come_out_alike(width: int) -> None:
    mono = tone(440, 16_000) / 32768
    both = np.repeat(mono, 2)
    if width == 1:
        data = (np.rint(both * 127) + 128).astype(np.uint8).tobytes()
    else:
        wide = np.rint(both * (2 ** (8 * width - 1) - 1)).astype("<i4")
        data = wide.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setparams((2, width, 16_000, 0, "NONE", ""))
        writer.writeframes(data)
    assert abs(loudness_db(telephone_samples(out.getvalue()))) < 0.2


def test_what_is_not_a_wav_is_refused_in_words() -> None:
    with pytest.raises(AudioRejected, match=r"not a plain .*\. Save it from the recorder"):
        telephone_samples(b"ID3\x04 this is music")


@pytest.mark.parametrize("rate_hz", [6000, 8001])
def test_a_rate_that_cannot_be_used_is_refused(rate_hz: int) -> None:
    with pytest.raises(AudioRejected, match=str(rate_hz)):
        telephone_samples(wav_of(np.zeros(100), rate_hz))


def test_only_the_house_format_is_read_as_it_is() -> None:
    with pytest.raises(AudioRejected, match="16000 Hz"):
        pcm_of(wav_of(np.zeros(100), 16_000))
