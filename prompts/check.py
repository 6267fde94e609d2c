"""The launch gate: nothing may ring before every prompt is there, in every language, and fit to be heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prompts.catalogues import LANGUAGES, ids
from prompts.clips import Clip
from prompts.errors import AudioRejected, ClipDamaged, MissingClip, PromptError
from prompts.mixing import LEVEL_TOLERANCE_DB, MAX_PAUSE_MS, PEAK_DBFS, TARGET_LEVEL_DBFS, measure
from prompts.recipes import fixed_words
from prompts.recorded import LONGEST_PROMPT_S, NAMES, Recorded
from prompts.samples import sample_slots
from prompts.slots import Slot
from prompts.studio import Request, Studio, Wanted

SHORTEST_CLIP_S = 0.15
_PAUSE_TOLERANCE_MS = 40  # the meter's frames are 10 ms, and a fade may make an edge look silent


@dataclass(frozen=True)
class Problem:
    """One thing to mend before launch: where, what and how."""

    prompt: str
    language: str
    what: str
    mend: str
    is_missing: bool = False
    """Only not rendered yet: what a batch's preparation does by itself."""

    def __str__(self) -> str:
        return f"{self.prompt} ({self.language}): {self.what}; {self.mend}"


@dataclass(frozen=True)
class Report:
    """What a check found. Ready when `problems` is empty."""

    prompts: int
    clips: int
    seconds: Mapping[tuple[str, str], float]
    """(prompt id, language) -> how long a parent listens, with sample values in the slots."""
    problems: tuple[Problem, ...]
    idle_recordings: tuple[Recorded, ...]
    """Recordings of words that the catalogue no longer says: made for an older text, to be done again."""

    @property
    def ready(self) -> bool:
        return not self.problems


def check(studio: Studio, wanted: Iterable[Wanted] | None = None) -> Report:
    """Return whether everything wanted can be heard; by default the whole catalogue, with sample values.

    Reads and measures each clip once. Renders nothing.
    """
    requests = list(everything(studio) if wanted is None else wanted)
    seconds: dict[tuple[str, str], float] = {}
    problems: list[Problem] = []
    measured: dict[str, tuple[tuple[str, str], ...]] = {}
    for request in requests:
        try:
            clips = studio.resolve(request)
        except MissingClip as missing:
            problems += [_missing(request, what) for what in missing.missing]
            continue
        except PromptError as problem:
            problems.append(_problem(request, str(problem), "mend the text or the values"))
            continue
        seconds[request.prompt, request.language] = round(sum(clip.seconds for clip in clips), 2)
        problems += _too_long(request, clips)
        for clip in clips:
            if clip.name not in measured:
                measured[clip.name] = tuple(_faults(studio, clip))
            problems += [_problem(request, what, mend) for what, mend in measured[clip.name]]
    return Report(len(requests), len(measured), seconds, tuple(dict.fromkeys(problems)), _idle(studio))


def durations(studio: Studio) -> dict[tuple[str, str], float]:
    """Return how many seconds each prompt lasts in each language, with sample values: for the 58 second budget.

    Only what is rendered counts; build first.
    """
    return dict(check(studio).seconds)


def everything(studio: Studio) -> list[Request]:
    """Return each prompt of the catalogue in each language, with sample values for its slots."""
    return [
        Request(prompt_id, language, _samples_for(studio, prompt_id, language))
        for prompt_id in ids(studio.catalogue)
        for language in LANGUAGES
    ]


def _idle(studio: Studio) -> tuple[Recorded, ...]:
    used = {(words, prompt.language) for prompt in studio.catalogue.values() for words in fixed_words(prompt)}
    recordings = studio.recorded.all()
    return tuple(each for each in recordings if each.language != NAMES and (each.words, each.language) not in used)


def _samples_for(studio: Studio, prompt_id: str, language: str) -> dict[str, Slot]:
    samples = sample_slots(language)
    return {slot: samples[slot] for slot in studio.catalogue[prompt_id, language].slots if slot in samples}


def _too_long(request: Wanted, clips: tuple[Clip, ...]) -> list[Problem]:
    seconds = sum(clip.seconds for clip in clips)
    if seconds <= LONGEST_PROMPT_S:
        return []
    return [_problem(request, f"it lasts {seconds:.1f} s, at most {LONGEST_PROMPT_S:g}", "say it in fewer words")]


def _faults(studio: Studio, clip: Clip) -> list[tuple[str, str]]:
    """Return what is wrong with one clip's sound, and how to mend each."""
    try:
        figures = measure(studio.store.read(clip.name))
    except (ClipDamaged, AudioRejected) as problem:
        return [(str(problem), "build the prompts again")]
    faults = []
    if figures.seconds < SHORTEST_CLIP_S:
        faults.append((f"a clip of {figures.seconds:.2f} s says nothing", "record or build it again"))
    if abs(figures.level_dbfs - TARGET_LEVEL_DBFS) > LEVEL_TOLERANCE_DB:
        faults.append(
            (f"its level is {figures.level_dbfs:g} dBFS, not {TARGET_LEVEL_DBFS:g}", "record it again, nearer")
        )
    if figures.peak_dbfs > PEAK_DBFS + 0.2 or figures.clipped:
        faults.append((f"its peaks reach {figures.peak_dbfs:g} dBFS", "record it again, softer"))
    if figures.longest_pause_ms > MAX_PAUSE_MS + _PAUSE_TOLERANCE_MS:
        faults.append((f"it is silent for {figures.longest_pause_ms} ms inside", "record it again without a break"))
    return faults


def _missing(request: Wanted, what: str) -> Problem:
    return Problem(
        request.prompt, request.language, f"no clip for {what}", "build the prompts: `sunvai prompts build`", True
    )


def _problem(request: Wanted, what: str, mend: str) -> Problem:
    return Problem(request.prompt, request.language, what, mend)
