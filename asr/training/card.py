"""What a model folder says of itself: manifest.json for programs, README.md for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asr.manifests import files_of

NAMES = {"en": "English", "hi": "Hindi", "pa": "Punjabi"}

CARD = """# {name} speech model

A small Vosk model made by `asr/training`: a TDNN of {parameters:,} parameters and a word graph of {words:,} words about
school and everyday life. It loads in the unchanged Vosk library, takes runtime grammars, and gives words with times and
confidence.

**It has only ever heard synthetic voices**: {voices}.
It is meant for tests, demonstrations and integration: it understands sentences of the same synthesisers over a
telephone line, and human voices poorly. For real parents put a published Vosk model in this folder's place
(`[asr.models]` in config.toml).

| measured on held-out voices with telephone noise | |
|---|---|
{rows}

`manifest.json` holds the size and SHA-256 of every file, the settings of the training and these figures; both files are
written by `sunvai asr train {code}`. A word outside `graph/words.txt` comes out as whatever is nearest.
"""
MEANING = {
    "domain_wer": "word error rate, sentences like those trained on, %",
    "domain_right": "such sentences entirely right, %",
    "free_wer": "word error rate, 200 sentences by somebody who had seen nothing of this, %",
    "free_unknown_words": "their words that the model does not know, %",
    "development_wer": "word error rate, 500 others on which settings of the language model were tried, %",
    "second_wer": "word error rate of a second synthesiser (flite), never trained on, %",
    "gsm_wer": "word error rate, sentences like those trained on, every one through GSM 06.10, %",
    "packet_loss_wer": "the same with 5 % of the packets lost instead, %",
    "silent_right": "silence, noise, tones, DTMF, ringing, music: no word heard, %",
    "yes_no_right": "yes or no with a grammar of the two, right, %",
    "yes_no_unk_right": "the same with `[unk]` in the grammar, %",
    "digits_right": "single digits with a grammar of ten and `[unk]`, %",
    "times_faster_than_real_time": "seconds of audio heard per second of processor",
}


def write(folder: Path, code: str, made: Mapping[str, Any], figures: Mapping[str, float | None]) -> None:
    """Both files; ``made`` says how: words, parameters, seed and so on."""
    manifest = {"language": code, "made": dict(made), "measured": dict(figures), "files": files_of(folder)}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    rows = "\n".join(f"| {MEANING[name]} | {value:g} |" for name, value in figures.items() if value is not None)
    text = CARD.format(
        name=NAMES[code],
        code=code,
        rows=rows,
        parameters=made["parameters"],
        words=made["vocabulary_words"],
        voices=" and ".join(made["voices_of"]),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
