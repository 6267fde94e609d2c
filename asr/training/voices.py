"""Who speaks: accents and speaker variants of espeak-ng, those trained on and those kept apart for measuring."""

from __future__ import annotations

ACCENTS = {
    "en": ("en-us", "en", "en-us", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-029"),
    "hi": ("hi",),
    "pa": ("pa",),
}
TRAINED = (
    "Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Marco Michael Mike Nguyen adam anika "
    "antonio belinda benjamin boris caleb david ed edward edward2 f1 f2 f3 f5 grandma grandpa gustave iven iven2 iven3 "
    "iven4 kaukovalta klatt klatt2 klatt3 klatt4 linda m1 m2 m3 m4 m6 m7 marcelo max michel norbert pablo paul pedro "
    "quincy rob robert sandro shelby steph steph3 travis victor Tweaky Storm"
)
HELD_OUT = "m5 m8 f4 Lee Mario aunty john miguel steph2 zac"
"""Never trained on. The same ten since the first measurement, odd ones (Lee, zac) among them, so figures compare."""


def voices(language: str, *, held_out: bool = False) -> list[str]:
    """Every accent of ``language`` with every variant of the asked-for group, as espeak-ng names them."""
    variants = (HELD_OUT if held_out else TRAINED).split()
    return [f"{accent}+{variant}" for accent in ACCENTS[language] for variant in variants]
