"""Whatever a file holds, it ends in PCM or in a verdict, soon, and stays as it was."""

from __future__ import annotations

import hashlib
import re
import struct
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from asr.audio import read_audio
from asr.errors import AudioUnreadable
from asr.pipeline import transcribe
from asr.recogniser import Heard
from asr.resampling import resample
from tests.unit.asr import hostile
from tests.unit.asr.hostile import header
from tests.unit.asr.sounds import RATE_HZ, pcm_of, samples_of, seconds, tone, wav, write_wav

LATEST_S = 10.0
TONE = tone(seconds(1), 2)


def test_sixty_hostile_files_end_in_their_verdict_and_stay_as_they_were(tmp_path: Path) -> None:
    files = hostile.write(tmp_path)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in files}
    assert len(files) == 60
    for path, verdict in files.items():
        began = time.monotonic()
        heard = transcribe(path, "en", {"en": Deaf()})
        told = heard.note if heard.verdict == "unreadable" else heard.verdict
        assert re.search(verdict, told), (path.name, told)
        assert time.monotonic() - began < LATEST_S, path.name
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in files} == before
    assert set(tmp_path.iterdir()) == set(files), "nothing else was written"


class Deaf:
    """Hears nothing: here only the way to the recogniser matters."""

    model, rate_hz = "deaf", RATE_HZ

    def hear(self, pcm: bytes) -> Heard:
        raise AssertionError("none of these files holds speech")

    def guesses(self, pcm: bytes, most: int) -> tuple[str, ...]:
        return ()


def test_telephone_audio_is_read_as_it_is(tmp_path: Path) -> None:
    read = read_audio(write_wav(tmp_path / "a.wav", pcm_of(TONE)))
    assert (read.pcm, read.rate_hz, read.note, read.duration_s) == (pcm_of(TONE), RATE_HZ, "", 1.0)


def test_wide_audio_keeps_its_rate(tmp_path: Path) -> None:
    assert read_audio(write_wav(tmp_path / "a.wav", pcm_of(TONE), 16_000)).rate_hz == 16_000


def test_a_recording_cut_short_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(pcm_of(TONE))[:9000])
    read = read_audio(path)
    assert (read.duration_s, read.note) == (0.56, "cut short: the header promises more")


def mu_law(samples: np.typing.NDArray[np.float64]) -> bytes:
    """G.711 by its formula, not by the table that is tested; 14 bit steps are near enough."""
    squeezed = np.sign(samples) * np.log1p(255 * np.abs(samples)) / np.log(256)
    code = np.round(np.abs(squeezed) * 127).astype(int)
    return bytes((~(np.where(samples < 0, 0x80, 0) | code) & 0xFF).astype("u1"))


FORMS = {
    "8 bit": (header(bits=8, body=bytes((TONE * 127 + 128).astype("u1"))), 0.02),
    "24 bit": (header(bits=24, body=b"".join(struct.pack("<i", int(s * (1 << 23)))[:3] for s in TONE)), 0.001),
    "32 bit": (header(bits=32, body=(TONE * (1 << 30) * 2).astype("<i4").tobytes()), 0.001),
    "float": (header(coding=3, bits=32, body=TONE.astype("<f4").tobytes()), 0.001),
    "mu-law": (header(coding=7, bits=8, body=mu_law(TONE)), 0.02),
    "two channels": (header(channels=2, body=np.repeat(TONE * 32767, 2).astype("<i2").tobytes()), 0.001),
    "extensible": (
        header(coding=0xFFFE, channels=2, body=np.repeat(TONE * 32767, 2).astype("<i2").tobytes(),
               extra=struct.pack("<HHIH", 22, 16, 3, 1) + bytes(14)), 0.001,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(FORMS))
def test_other_forms_are_decoded_in_a_process_of_their_own(tmp_path: Path, form: str) -> None:
    data, near = FORMS[form]
    (tmp_path / "a.wav").write_bytes(data)
    read = read_audio(tmp_path / "a.wav")
    assert np.max(np.abs(samples_of(read.pcm) - TONE)) < near
    assert read.note.startswith("was 8000 Hz")


def test_a_studio_recording_is_brought_to_the_telephones_rate(tmp_path: Path) -> None:
    t = np.arange(44_100) / 44_100
    body = (0.3 * np.sin(2 * np.pi * 500 * t) * 32767).astype("<i2").tobytes()
    (tmp_path / "a.wav").write_bytes(header(rate_hz=44_100, body=body))
    read = read_audio(tmp_path / "a.wav")
    middle = samples_of(read.pcm)[200:-200]
    expected = 0.3 * np.sin(2 * np.pi * 500 * seconds(1))[200:-200]
    assert np.max(np.abs(middle - expected)) < 0.01
    assert read.note == "was 44100 Hz, 16 bit PCM, 1 channel(s); resampled to 8000 Hz"


def test_a_decoder_that_is_late_is_a_verdict(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(header(bits=8, body=bytes(8000)))
    with pytest.raises(AudioUnreadable, match=r"could not be read within 0\.01 s"):
        read_audio(tmp_path / "a.wav", deadline_s=0.01)


def test_a_decoder_that_dies_is_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.wav").write_bytes(header(bits=8, body=bytes(8000)))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(AudioUnreadable, match="more time or memory"):
        read_audio(tmp_path / "a.wav")


def test_what_is_no_file_is_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="no such file"):
        read_audio(tmp_path / "missing.wav")
    with pytest.raises(AudioUnreadable, match="not a file"):
        read_audio(tmp_path)


def test_there_and_back_is_the_same_sound() -> None:
    voice = np.random.default_rng(1).standard_normal(4001).astype(np.float32)
    wide = resample(voice, 8000, 16_000)
    assert len(wide) == 8002
    assert np.max(np.abs(resample(wide, 16_000, 8000) - voice)) < 1e-2
