"""Rendering the whole catalogue, for `sunvai prompts build` and for the first start."""

from __future__ import annotations

import time
from dataclasses import dataclass

from prompts.check import everything
from prompts.errors import NotPrepared
from prompts.studio import Studio


@dataclass(frozen=True)
class Built:
    """What a build did."""

    prompts: int
    rendered: int
    took_s: float
    problems: tuple[str, ...]


def build(studio: Studio) -> Built:
    """Render every prompt of the catalogue in every language that is not there yet, personal ones with sample values.

    What fails is in `problems`; all else is rendered.
    """
    began_s = time.perf_counter()
    requests = everything(studio)
    problems: tuple[str, ...] = ()
    try:
        rendered = studio.prepare(requests)
    except NotPrepared as failure:
        rendered, problems = failure.rendered, failure.problems
    return Built(len(requests), rendered, time.perf_counter() - began_s, problems)
