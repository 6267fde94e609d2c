"""The catalogue: every prompt's text in every language, checked as a whole when it is read."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prompts.errors import CatalogueError
from prompts.texts import Prompt

FOLDER = Path(__file__).with_name("catalogue")
LANGUAGES = ("pa", "hi", "en")
_KEYS = {"text", "purpose", "version"}

Catalogue = Mapping[tuple[str, str], Prompt]
"""(prompt id, language) -> prompt."""


def load_catalogue(folder: Path = FOLDER) -> dict[tuple[str, str], Prompt]:
    """Read all languages. Raises CatalogueError with every problem: file, prompt, how to mend."""
    problems: list[str] = []
    catalogue: dict[tuple[str, str], Prompt] = {}
    for language in LANGUAGES:
        for prompt_id, table in _tables(folder / f"{language}.toml", problems).items():
            prompt = _prompt(prompt_id, language, table, problems)
            if prompt is not None:
                catalogue[prompt_id, language] = prompt
    problems += _disagreements(catalogue)
    if problems:
        raise CatalogueError(tuple(problems))
    return catalogue


def ids(catalogue: Catalogue, prefix: str) -> list[str]:
    """Return the prompt ids that begin with `prefix`, in the catalogue's order: the choices of a form, for one."""
    return list(dict.fromkeys(prompt_id for prompt_id, _ in catalogue if prompt_id.startswith(prefix)))


def _tables(file: Path, problems: list[str]) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        problems.append(f"{file.name}: no such file")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file.name}: not TOML: {error}")
    return {}


def _prompt(prompt_id: str, language: str, table: Mapping[str, Any], problems: list[str]) -> Prompt | None:
    place = f"{language}.toml: [{prompt_id}]"
    without = {key.removeprefix("without_"): text for key, text in table.items() if key.startswith("without_")}
    unknown = table.keys() - _KEYS - {f"without_{slot}" for slot in without}
    problems += [f"{place}: no such key {key!r}" for key in sorted(unknown)]
    texts = [table.get("text", ""), *without.values()]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        problems.append(f"{place}: text is missing or empty")
        return None
    problems += [f"{place}: not composed Unicode (NFC)" for text in texts if not unicodedata.is_normalized("NFC", text)]
    return Prompt(prompt_id, language, table["text"], table.get("purpose", ""), table.get("version", ""), without)


def _disagreements(catalogue: Catalogue) -> list[str]:
    """Return what one language has and another lacks: a prompt, a slot."""
    found = []
    for prompt_id in ids(catalogue, ""):
        known = {language: catalogue.get((prompt_id, language)) for language in LANGUAGES}
        found += [f"{language}.toml: [{prompt_id}] is missing" for language, prompt in known.items() if prompt is None]
        slots = {prompt.slots for prompt in known.values() if prompt is not None}
        if len(slots) > 1:
            found.append(f"[{prompt_id}] has other slots in another language: {sorted(map(sorted, slots))}")
    return found
