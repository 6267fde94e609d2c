"""What a child's own sentences cost: rendered once, joined with a recorded name, found again; beside the naive way."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from prompts import slots
from prompts.audio import wav_of
from prompts.catalogues import LANGUAGES, load_catalogue
from prompts.clips import ClipStore
from prompts.recipes import Manner
from prompts.samples import sample_slots
from prompts.studio import Request, Studio
from prompts.synthesis.espeak import EspeakSynthesiser
from scripts.tables import table

CHILDREN = 120
NAIVE_CHILDREN = 12
PROMPT = "inform.attendance"  # a child's name and a percentage in one sentence
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def measure() -> dict[str, float]:
    """Print the processor time of one personal sentence each way, and the naive way's as a multiple of it."""
    figures = {
        "rendered_ms": _rendered(Manner.WHOLE, CHILDREN),
        "in_parts_ms": _rendered(Manner.PARTS, CHILDREN),
        "joined_with_a_recorded_name_ms": _joined(),
        "found_again_ms": _found_again(),
    }
    naive_ms = _naive()
    figures = {name: round(value, 3) for name, value in figures.items()} | {"naive_ms": round(naive_ms, 1)}
    figures["naive_to_rendered"] = round(naive_ms / figures["rendered_ms"], 1)
    figures["naive_to_joined"] = round(naive_ms / figures["joined_with_a_recorded_name_ms"], 1)
    print(table(("Figure", "Value"), [(name.replace("_", " "), value) for name, value in figures.items()]))
    return {f"prompt_{name}": value for name, value in figures.items()}


def _requests(children: int) -> list[Request]:
    """Return one sentence for each child, in turn in each language; no two of them are alike."""
    made = []
    for number in range(children):
        language = LANGUAGES[number % len(LANGUAGES)]
        values = dict(sample_slots(language)) | {"percent": slots.percent(number % 101)}
        made.append(Request(PROMPT, language, {name: values[name] for name in ("child", "percent")}))
    return made


def _studio(folder: str, manner: Manner = Manner.WHOLE) -> Studio:
    return Studio(load_catalogue(), ClipStore(Path(folder)), EspeakSynthesiser(), manner)


def _rendered(manner: Manner, children: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        studio = _studio(folder, manner)
        studio.prepare(_requests(3))  # the voice is up, the fixed words are there
        spent_ms = _spent_ms(lambda: studio.prepare(_requests(children)[3:]))
        studio.close()
    return spent_ms / (children - 3)


def _joined() -> float:
    """The name is a person's, every part is there: what is left is to stitch the sentence and to store it."""
    with tempfile.TemporaryDirectory() as folder:
        parts, whole = _studio(folder, Manner.PARTS), _studio(folder)
        voice = wav_of(2_000 * np.random.default_rng(1).standard_normal(8_000))
        for language in LANGUAGES:
            name = sample_slots(language)["child"].value
            parts.record_name(name, voice, recorded_by="bench", recorded_at=datetime.now(UTC))
        parts.prepare(_requests(CHILDREN))
        spent_ms = _spent_ms(lambda: whole.prepare(_requests(CHILDREN)))
        parts.close()
        whole.close()
    return spent_ms / CHILDREN


def _found_again() -> float:
    with tempfile.TemporaryDirectory() as folder:
        studio = _studio(folder)
        studio.prepare(_requests(CHILDREN))
        studio.store.forget()
        spent_ms = _spent_ms(lambda: [studio.resolve(request) for request in _requests(CHILDREN)])
        studio.close()
    return spent_ms / CHILDREN


_NAIVE = """
import sys
from prompts.catalogues import load_catalogue
from prompts.mixing import finish, sound_of, wav_from
from prompts.synthesis.espeak import EspeakSynthesiser
voice = EspeakSynthesiser()
sys.stdout.buffer.write(wav_from(finish(sound_of(voice.speak(sys.argv[1], sys.argv[2])))))
voice.close()
"""


def _naive() -> float:
    """A process for each sentence, as a script that calls a synthesiser does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for request in _requests(NAIVE_CHILDREN):
        argv = [sys.executable, "-c", _NAIVE, f"{request.slots['child'].value} {request.slots['percent'].value}"]
        subprocess.run([*argv, request.language], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000 / NAIVE_CHILDREN


def _spent_ms(act: Callable[[], object]) -> float:
    """Return the processor time of this process and of the one that speaks, which lives on."""
    before_s = time.process_time() + _of_children_s()
    act()
    return (time.process_time() + _of_children_s() - before_s) * 1000


def _of_children_s() -> float:
    me = os.getpid()
    spent_s = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == me:
            spent_s += (int(fields[11]) + int(fields[12])) * _TICK_S
    return spent_s
