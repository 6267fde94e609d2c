"""Sixty files that somebody might send instead of a recording, each with words of the verdict that it must get."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.unit.asr.sounds import RATE_HZ, hiss, pcm_of, seconds, wav

Case = tuple[str, bytes, str]
NO_SPEECH = "no_speech"
TEN_HOURS, TEN_HOURS_BYTES = "ten_hours.wav", 10 * 3600 * 4000
SECOND = pcm_of(hiss(seconds(1), 0))
GOOD = wav(SECOND)


def header(
    *, coding: int = 1, channels: int = 1, rate_hz: int = RATE_HZ, bits: int = 16, claimed: int | None = None,
    body: bytes = SECOND, extra: bytes = b"",
) -> bytes:  # fmt: skip
    """A WAV with whatever it claims of itself."""
    frame = max(1, channels * bits // 8)
    fmt = (
        struct.pack("<HHIIHH", coding, channels, rate_hz, (rate_hz * frame) & 0xFFFFFFFF, frame & 0xFFFF, bits) + extra
    )
    size = len(body) if claimed is None else claimed
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", size) + body
    return b"RIFF" + struct.pack("<I", (len(chunks) + 4) & 0xFFFFFFFF) + b"WAVE" + chunks


def archive() -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as packed:
        packed.writestr("a.wav", GOOD)
    return box.getvalue()


def cases() -> Iterator[Case]:
    yield from _not_audio()
    yield from _broken_wav()
    yield from _strange_wav()
    yield from _false_mp3()


def _not_audio() -> Iterator[Case]:
    yield "empty.wav", b"", "empty"
    yield "one_byte.wav", b"R", "no kind of audio|text"
    yield "spaces.wav", b" " * 500, "text"
    yield "text.wav", b"the carrier is sorry, try again later\n" * 20, "text, not audio"
    yield "page.wav", b"<!DOCTYPE html><html><body>404</body></html>", "a page"
    yield "error.wav", b'<?xml version="1.0"?><Error>AccessDenied</Error>', "a page"
    yield "answer.wav", json.dumps({"error": "not found"}).encode(), "JSON"
    yield "answer_bom.wav", b"\xef\xbb\xbf" + b'{"error": 1}', "JSON"
    yield "playlist.mp3", b"#EXTM3U\nhttp://127.0.0.1:9/a.mp3\n", "playlist"
    yield "playlist_file.mp3", b"#EXTM3U\nfile:///etc/passwd\n", "playlist"
    yield "playlist.pls", b"[playlist]\nFile1=http://127.0.0.1:9/a.mp3\n", "playlist"
    yield "concat.mp3", b"ffconcat version 1.0\nfile /etc/passwd\n", "text"
    yield "archive.wav", archive(), "ZIP"
    yield "gzip.wav", b"\x1f\x8b\x08\x00" + bytes(100), "gzip"
    yield "document.wav", b"%PDF-1.7\n" + bytes(100), "PDF"
    yield "song.wav", b"OggS" + bytes(200), "Ogg"
    yield "song.flac", b"fLaC" + bytes(200), "FLAC"
    yield "film.wav", b"\0\0\0\x20ftypisom" + bytes(200), "MP4"
    yield "zeros.wav", bytes(5000), "no kind of audio"
    yield "raw.wav", SECOND, "no kind of audio|called MP3|ffmpeg"
    yield "program.wav", b"\x7fELF" + bytes(range(256)) * 4, "no kind of audio"
    yield "script.wav", b"#!/bin/sh\nrm -rf /\n", "text"
    yield "svg.wav", b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "a page"
    yield "letters.wav", "ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ ".encode() * 40, "no kind of audio"


def _broken_wav() -> Iterator[Case]:
    yield "four_bytes.wav", b"RIFF", "not a WAV"
    yield "riff_only.wav", GOOD[:12], "without samples"
    yield "half_header.wav", GOOD[:30], "without samples"
    yield "header_only.wav", GOOD[:44], "without samples"
    yield "no_samples.wav", wav(b""), "without samples"
    yield "not_wave.wav", b"RIFF\x24\0\0\0AVI " + GOOD[12:], "not a WAV"
    yield "no_format.wav", b"RIFF\x24\0\0\0WAVEdata\x10\0\0\0" + bytes(16), "without its format"
    yield (
        "short_format.wav",
        b"RIFF\x24\0\0\0WAVEfmt \x04\0\0\0\x01\0\x01\0data\x04\0\0\0" + bytes(4),
        "without its format",
    )
    yield "chunk_too_long.wav", b"RIFF\x24\0\0\0WAVELIST\xff\xff\xff\x7f" + bytes(40), "without samples"
    yield "chunks_for_ever.wav", b"RIFF\x24\0\0\0WAVE" + b"junk\0\0\0\0" * 5000, "without samples"
    yield "other_order.wav", b"RIFX" + GOOD[4:], "other byte order"
    yield "for_4_gb.wav", b"RF64" + GOOD[4:], "more than 4 GB"
    yield "truncated.wav", GOOD[:5000], NO_SPEECH
    yield "odd_byte.wav", GOOD[:5001], NO_SPEECH
    yield "claims_nothing.wav", header(claimed=0), "without samples"
    yield "claims_4_gb.wav", header(claimed=0xFFFFFFFF), NO_SPEECH
    yield "one_sample.wav", header(body=b"\x01\x02"), NO_SPEECH


def _strange_wav() -> Iterator[Case]:
    yield TEN_HOURS, header(rate_hz=4000, bits=8, claimed=TEN_HOURS_BYTES), "longer than"
    yield "three_minutes.wav", header(body=bytes(2 * RATE_HZ * 180)), "longer than"
    yield "wide.wav", header(rate_hz=192_000, channels=8, body=bytes(192_000 * 16)), NO_SPEECH
    yield "wide_and_long.wav", header(rate_hz=192_000, channels=8, bits=32, body=bytes(70 << 20)), "larger than"
    yield "nine_channels.wav", header(channels=9), "9 channels"
    yield "no_channel.wav", header(channels=0), "0 channels"
    yield "no_rate.wav", header(rate_hz=0), "0 samples a second"
    yield "mad_rate.wav", header(rate_hz=0xFFFFFFFF), "samples a second"
    yield "twelve_bit.wav", header(bits=12), "12 bit"
    yield "no_bits.wav", header(bits=0), "0 bit"
    yield "adpcm.wav", header(coding=17, bits=4), "coding 17"
    yield "mp3_in_wav.wav", header(coding=85), "coding 85"
    yield "not_numbers.wav", header(coding=3, bits=32, body=b"\xff\xff\xff\x7f" * 8000), NO_SPEECH
    yield "infinite.wav", header(coding=3, bits=64, body=struct.pack("<d", float("inf")) * 8000), NO_SPEECH


def _false_mp3() -> Iterator[Case]:
    unreadable = "no sound can be read|no ffmpeg"
    yield "tag_only.mp3", b"ID3\x04\0\0\0\0\0\0", unreadable
    yield "tag_for_ever.mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(1000), unreadable
    yield "sync_and_noise.mp3", b"\xff\xfb\x90\x00" + bytes(range(256)) * 2, f"{unreadable}|{NO_SPEECH}"
    yield "sync_only.mp3", b"\xff\xfb\x90\x00", unreadable
    yield "page_in_tag.mp3", b"ID3\x04\0\0\0\0\0\x0a<html></html>" * 10, unreadable


def write(folder: Path) -> dict[Path, str]:
    """All of them in `folder`, with the words of their verdicts."""
    made = {}
    for name, data, verdict in cases():
        (folder / name).write_bytes(data)
        made[folder / name] = verdict
    os.truncate(folder / TEN_HOURS, 44 + TEN_HOURS_BYTES)  # as long as it says, with nothing on the disk
    return made
