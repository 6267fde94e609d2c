"""Voices drawn by chance, for training alone: throats, pitches and breaths between and beyond those espeak-ng brings.

Its own variants are a few dozen and most are alike; a network that has heard only them stumbles over the odd ones among
the voices kept apart. The keys of a variant's file are those of espeak-ng's docs/voices.md.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

COUNT, SEED = 100, 1  # espeak-ng knows 349 voices at most, languages included
FORMANTS = 9  # of espeak-ng: 0 is the low peak below the first one
ODD_SHARE = 0.15  # of the formants above the second: nearly gone, or far too loud
DATA, VARIANTS = "espeak-ng-data", "!v"


def names() -> list[str]:
    """What the variants are called, to be joined to an accent as ``en+made17``."""
    return [f"made{number}" for number in range(COUNT)]


def variant(name: str, chance: random.Random) -> str:
    """The text of one variant's file: percentages of the usual voice, and pitch in hertz."""
    throat = chance.uniform(0.78, 1.4)  # the length of a vocal tract, small children to large men
    pitch = round(chance.uniform(65, 230) * (throat if chance.random() < 0.7 else 1))
    lines = [
        "language variant",
        f"name {name}",
        f"pitch {pitch} {round(pitch * chance.uniform(1.05, 1.9))}",
        f"flutter {chance.choice((0, 2, 5, 10, 20))}",
        f"roughness {chance.choice((0, 0, 1, 2, 3, 5))}",
        f"voicing {round(chance.uniform(60, 130))}",
        f"consonants {round(chance.uniform(50, 140))} {round(chance.uniform(60, 140))}",
    ]
    lines += [_formant(number, throat, chance) for number in range(FORMANTS)]
    if chance.random() < 0.3:
        lines.append("breath " + " ".join(str(chance.choice((0, 0, 5, 10, 20, 40))) for _ in range(8)))
    if chance.random() < 0.3:
        lines.append("stressAmp " + " ".join(str(chance.randint(12, 30)) for _ in range(8)))
    if chance.random() < 0.3:
        lines.append("tone 100 255 " + _tone(chance))
    return "\n".join(lines) + "\n"


def _formant(number: int, throat: float, chance: random.Random) -> str:
    frequency = throat * chance.gauss(1, 0.06)
    height = min(max(chance.lognormvariate(0, 0.3), 0.25), 1.6)
    if number > 2 and chance.random() < ODD_SHARE:
        height = chance.choice((0.08, 0.2, 2.5))
    return f"formant {number} {100 * frequency:.0f} {100 * height:.0f} {100 * chance.uniform(0.6, 1.6):.0f}"


def _tone(chance: random.Random) -> str:
    """Loudness (0 to 255) over frequency: how the voice falls off towards the top."""
    return " ".join(
        f"{hertz} {chance.randint(low, 200)}" for hertz, low in ((600, 60), (1200, 25), (2000, 25), (3000, 10))
    )


@contextmanager
def beside(data: Path) -> Iterator[Path]:
    """A folder for espeak-ng that holds all of ``data`` and the made voices; ``data`` is its espeak-ng-data."""
    with TemporaryDirectory(prefix="sunvai-voices-") as name:
        folder, chance = Path(name), random.Random(SEED)  # noqa: S311
        variants = folder / DATA / "voices" / VARIANTS
        variants.mkdir(parents=True)
        for place in (data, data / "voices", data / "voices" / VARIANTS):
            into = folder / DATA / place.relative_to(data)
            for file in place.iterdir():
                if not (into / file.name).exists():
                    (into / file.name).symlink_to(file)
        for made in names():
            (variants / made).write_text(variant(made, chance))
        yield folder
