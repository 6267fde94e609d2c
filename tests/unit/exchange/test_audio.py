from __future__ import annotations

import numpy as np
import pytest

from carrier.exchange.audio import (
    RATE_HZ,
    Track,
    UnplayableAudio,
    beep,
    duration_s,
    read_wav,
    voiced_s,
    wav_bytes,
)
from tests.unit.exchange.sounds import tone, wav


def test_a_clip_comes_back_as_it_was_written() -> None:
    assert np.array_equal(read_wav(wav_bytes(tone(0.5))), tone(0.5))


def test_wide_and_fast_clips_become_one_channel_at_8_khz() -> None:
    both = np.repeat(tone(1.0), 2)  # left and right alike
    assert duration_s(read_wav(wav(both, channels=2))) == 1.0
    assert duration_s(read_wav(wav(tone(1.0), rate_hz=16000))) == 0.5


def test_eight_bit_silence_is_silence() -> None:
    assert not read_wav(wav(np.full(100, 128, dtype=np.uint8), width=1)).any()


@pytest.mark.parametrize("content", [b"", b"ID3 an mp3", wav(tone(0.1), width=3)])
def test_what_cannot_be_played_is_said_so(content: bytes) -> None:
    with pytest.raises(UnplayableAudio):
        read_wav(content)


def test_a_key_cuts_what_was_laid_at_that_moment() -> None:
    track = Track()
    track.lay(1.0, tone(2.0))
    track.cut(1.5)
    heard = track.samples(0, 3)
    assert not heard[:RATE_HZ].any()
    assert heard[RATE_HZ : RATE_HZ * 3 // 2].any()
    assert not heard[RATE_HZ * 3 // 2 :].any()


def test_silence_is_counted_from_the_end_of_speech() -> None:
    track = Track()
    track.say(1.0, tone(2.0))
    assert track.silent_at_s(0.0, 4.0) == pytest.approx(7.0, abs=0.05)
    assert track.silent_at_s(0.0, 0.8) == pytest.approx(0.8)


def test_voice_is_found_between_pauses() -> None:
    pause = np.zeros(RATE_HZ, dtype=np.int16)
    (first, second) = voiced_s(np.concatenate([tone(0.5), pause, tone(0.5)]))
    assert first == pytest.approx((0.0, 0.5), abs=0.03)
    assert second == pytest.approx((1.5, 2.0), abs=0.03)


def test_the_beep_can_be_heard() -> None:
    assert voiced_s(beep()) == [pytest.approx((0.0, 0.3), abs=0.03)]
