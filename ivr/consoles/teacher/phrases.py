"""What a teacher can choose to say: the levels and praises of the catalogue, as a parent would hear them in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ivr.consoles.teacher.forms import Choices
from prompts.catalogues import ids, load_catalogue


@dataclass(frozen=True)
class Phrases:
    """Prompt id -> English text, in the catalogue's order."""

    levels: Mapping[str, str]
    praises: Mapping[str, str]

    @property
    def choices(self) -> Choices:
        return Choices(self.levels.keys(), self.praises.keys())


@cache
def load_phrases() -> Phrases:
    catalogue = load_catalogue()

    def named(prefix: str) -> dict[str, str]:
        return {prompt_id: catalogue[prompt_id, "en"].text for prompt_id in ids(catalogue, prefix)}

    return Phrases(named("level."), named("praise."))
