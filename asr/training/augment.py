"""What a telephone does to a voice: band, room, noise, codec, lost packets, level; and what sounds without one."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt

RATE_HZ = 8000
DTMF_LOW, DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
Wave = NDArray[np.float32]
Chance = np.random.Generator


def coloured_noise(count: int, chance: Chance) -> Wave:
    """Noise between white and brown, sometimes with the hum of the mains, at unit power."""
    noise = chance.standard_normal(count)
    noise = np.asarray(lfilter([1.0], [1.0, -chance.uniform(0, 0.97)], noise))
    if chance.random() < 0.2:
        noise = noise / noise.std() + 1.5 * np.sin(2 * np.pi * 50 * np.arange(count) / RATE_HZ)
    return np.asarray(noise / (noise.std() + 1e-9), np.float32)


def mu_law(wave: Wave) -> Wave:
    """Through 8 bit mu-law and back (G.711, mu = 255)."""
    squeezed = np.sign(wave) * np.log1p(255 * np.abs(wave)) / np.log(256)
    squeezed = np.round(squeezed * 127) / 127
    return np.asarray(np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log(256)) / 255, np.float32)


def a_law(wave: Wave) -> Wave:
    """Through 8 bit A-law and back (G.711, A = 87.6)."""
    a, loud = 87.6, np.abs(wave)
    squeezed = np.where(loud < 1 / a, a * loud, 1 + np.log(np.maximum(a * loud, 1))) / (1 + np.log(a))
    squeezed = np.round(squeezed * 127) / 127 * (1 + np.log(a))
    wide = np.where(squeezed < 1, squeezed / a, np.exp(squeezed - 1) / a)
    return np.asarray(np.sign(wave) * wide, np.float32)


def gsm(wave: Wave) -> Wave:
    """Through GSM 06.10 and back, by libsndfile."""
    import soundfile  # type: ignore[import-not-found,unused-ignore]

    box = io.BytesIO()
    soundfile.write(box, wave, RATE_HZ, format="WAV", subtype="GSM610")
    box.seek(0)
    back, _ = soundfile.read(box, dtype="float32")
    padded = np.zeros_like(wave)
    padded[: len(back)] = back[: len(wave)]
    return padded


def lose_packets(wave: Wave, chance: Chance, share: float | None = None) -> Wave:
    """This share of the 20 ms packets is silent, up to 3 % when none is named."""
    wave = wave.copy()
    packet = RATE_HZ // 50
    luck = chance.random(len(wave) // packet)
    for start in np.flatnonzero(luck < (chance.uniform(0, 0.03) if share is None else share)):
        wave[start * packet : (start + 1) * packet] = 0
    return wave


def line(wave: Wave, chance: Chance) -> Wave:
    """Band-pass, tilt and a short room."""
    band = butter(2, [chance.uniform(100, 320), chance.uniform(3000, 3800)], "bandpass", fs=RATE_HZ, output="sos")
    wave = sosfilt(band, wave)
    wave = lfilter([1.0, chance.uniform(-0.6, 0.4)], [1.0], wave)
    if chance.random() < 0.4:
        room = (
            chance.standard_normal(800) * np.exp(-np.arange(800) / chance.uniform(30, 200)) * chance.uniform(0.02, 0.2)
        )
        room[0] = 1.0
        wave = fftconvolve(wave, room)[: len(wave)]
    return wave.astype(np.float32)


def telephone(wave: Wave, chance: Chance, *, clean_share: float = 0.1) -> Wave:
    """The voice as it arrives: same length, level -38 to -14 dBFS, 5 to 35 dB above the noise."""
    wave = line(wave, chance)
    loudness = float(np.sqrt(np.mean(wave**2)) + 1e-6)
    level = 10 ** (chance.uniform(-38, -14) / 20)
    if chance.random() > clean_share:
        wave = wave + coloured_noise(len(wave), chance) * loudness * 10 ** (-chance.uniform(5, 35) / 20)
    wave = np.clip(wave * (level / loudness), -1, 1).astype(np.float32)
    if chance.random() < 0.2:
        wave = lose_packets(wave, chance)
    codec = chance.choice(4, p=[0.35, 0.3, 0.15, 0.2])
    return (wave, mu_law, a_law, gsm)[codec](wave) if codec else wave  # type: ignore[operator]


def formant_shift(wave: Wave, chance: Chance) -> tuple[Wave, float]:
    """A smaller or larger head: resampled by 0.87 to 1.15. Its times grow by the second value."""
    up = int(chance.integers(87, 116))
    return resample_poly(wave, up, 100).astype(np.float32), up / 100


def not_speech(seconds: float, chance: Chance) -> Wave:
    """Silence, noise, a tone, DTMF, ringing or hold music at unit level."""
    count = int(seconds * RATE_HZ)
    t = np.arange(count) / RATE_HZ
    kind = chance.integers(6)
    if kind == 0:
        return (np.zeros(count) if chance.random() < 0.5 else chance.standard_normal(count) * 1e-3).astype(np.float32)
    if kind == 1:
        return coloured_noise(count, chance)
    if kind == 2:
        wave = np.sin(2 * np.pi * chance.uniform(200, 3400) * t)
    elif kind == 3:
        wave = _beeps(t, chance)
    elif kind == 4:
        wave = (np.sin(2 * np.pi * 400 * t) + np.sin(2 * np.pi * chance.uniform(410, 480) * t)) * ((t % 3.0) < 1.2)
    else:
        wave = _music(t, chance)
    return np.asarray(wave, dtype=np.float32)


def _beeps(t: NDArray[np.float64], chance: Chance) -> NDArray[np.float64]:
    every, on = chance.uniform(0.12, 0.9), chance.uniform(0.06, 0.5)
    wave = np.zeros_like(t)
    for number in range(int(t[-1] / every) + 1):
        inside = (t >= number * every) & (t < number * every + min(on, every))
        low, high = chance.choice(DTMF_LOW), chance.choice(DTMF_HIGH)
        wave[inside] = (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t))[inside]
    return wave


def _music(t: NDArray[np.float64], chance: Chance) -> NDArray[np.float64]:
    beat = chance.uniform(0.15, 0.6)
    wave = np.zeros_like(t)
    for number in range(int(t[-1] / beat) + 1):
        since = t - number * beat
        inside = since >= 0
        for _ in range(int(chance.integers(1, 4))):
            note = 220 * 2 ** (chance.integers(-5, 25) / 12)
            sound = sum(np.sin(2 * np.pi * note * k * since) / k**1.5 for k in range(1, 5))
            wave += np.where(inside, sound * np.exp(-np.maximum(since, 0) / chance.uniform(0.1, 0.8)), 0)
    return wave
