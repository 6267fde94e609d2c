"""How much the listening pipeline costs over the bare recogniser, and what a worker costs in memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

from asr.model_store import load_recognisers
from asr.pipeline import transcribe
from asr.vosk_recogniser import VoskRecogniser
from prompts.synthesis.espeak import EspeakSynthesiser
from scripts.tables import table

MODELS = Path(__file__).parents[2] / "asr" / "models"
LANGUAGE = "en"
SENTENCES = (
    "the teacher is very good and explains everything",
    "please give more homework in mathematics",
    "the toilets in the school are not clean and there is no water",
    "my child likes the library and the new books",
    "please start a school bus for our village because the road is not safe",
)
FILES, ROUNDS = 40, 5


def measure() -> dict[str, float]:
    """Print throughput of the whole pipeline against the bare loop on the same files, and memory of workers."""
    with tempfile.TemporaryDirectory() as folder:
        files, audio_s = _files(Path(folder))
        figures = _throughput(files, audio_s)
    figures |= _memory()
    print(table(("Figure", "Value"), [(name.replace("_", " "), value) for name, value in figures.items()]))
    return figures


def _files(folder: Path) -> tuple[list[Path], float]:
    voice, files, audio_s = EspeakSynthesiser(), [], 0.0
    try:
        for number in range(FILES):
            path = folder / f"{number}.wav"
            path.write_bytes(voice.speak(SENTENCES[number % len(SENTENCES)], LANGUAGE))
            with wave.open(str(path)) as file:
                audio_s += file.getnframes() / file.getframerate()
            files.append(path)
    finally:
        voice.close()
    return files, audio_s


def _throughput(files: list[Path], audio_s: float) -> dict[str, float]:
    """Processor time, not the clock: other programs then disturb less. Both ways take turns."""
    recognisers = load_recognisers({LANGUAGE: MODELS / LANGUAGE})
    whole = VoskRecogniser(MODELS / LANGUAGE)

    def bare() -> None:
        for path in files:
            with wave.open(str(path)) as file:
                whole.hear(file.readframes(file.getnframes()))

    def pipeline() -> None:
        for path in files:
            transcribe(path, LANGUAGE, recognisers)

    bare()
    times = [(_spent_s(bare), _spent_s(pipeline)) for _ in range(ROUNDS)]
    bare_s, pipeline_s = (statistics.median(column) for column in zip(*times, strict=True))
    return {
        "bare_times_real_time": round(audio_s / bare_s, 1),
        "times_real_time": round(audio_s / pipeline_s, 1),
        "pipeline_over_bare": round(bare_s / pipeline_s, 3),
    }


def _spent_s(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _memory() -> dict[str, float]:
    """What the machine gives for a parent with all models and one child that hears, and for each further child."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benches._asr_memory"], cwd=MODELS.parents[1], check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    first, second, third = (float(word) for word in done.stdout.split())
    return {"first_worker_mb": first, "next_worker_mb": second, "third_worker_mb": third}
