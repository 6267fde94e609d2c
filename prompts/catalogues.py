"""The catalogue: every prompt's text in every language, checked as a whole when it is read.

The product's own texts stand in `catalogue/`; README.md there tells their form.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prompts.errors import CatalogueError
from prompts.texts import SLOT, Prompt

FOLDER = Path(__file__).with_name("catalogue")
LANGUAGES = ("pa", "hi", "en")

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_KEYS = {"text", "purpose", "version"}
_WITHOUT = "without_"
_SCRIPTS = {"pa": "GURMUKHI", "hi": "DEVANAGARI", "en": "LATIN"}
_SIGNS = frozenset("%&/@#*+=<>[]|\\")

Catalogue = Mapping[tuple[str, str], Prompt]
"""(prompt id, language) -> prompt."""


def load_catalogue(folder: Path = FOLDER) -> dict[tuple[str, str], Prompt]:
    """Read all languages. Raises CatalogueError with every problem at once: file, prompt, how to mend."""
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


def ids(catalogue: Catalogue, prefix: str = "") -> list[str]:
    """Return the prompt ids that begin with `prefix`, in the catalogue's order: the choices of a form, for one."""
    return list(dict.fromkeys(prompt_id for prompt_id, _ in catalogue if prompt_id.startswith(prefix)))


def prompt_of(catalogue: Catalogue, prompt_id: str, language: str) -> Prompt:
    """Return one prompt. Raises CatalogueError naming what is not there."""
    prompt = catalogue.get((prompt_id, language))
    if prompt is None:
        raise CatalogueError((f"{language}.toml: [{prompt_id}] is missing",))
    return prompt


def _tables(file: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        problems.append(f"{file.name}: no such file in {file.parent}")
    except UnicodeDecodeError as error:
        problems.append(f"{file.name}: save it as UTF-8 ({error.reason} at byte {error.start})")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file.name}: not TOML: {error}")
    return {}


def _prompt(prompt_id: str, language: str, table: Any, problems: list[str]) -> Prompt | None:
    where = f"{language}.toml: [{prompt_id}]"
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        problems.append(f'{where}: put the id in quotes and write text = "..." below it')
        return None
    without = {key.removeprefix(_WITHOUT): text for key, text in table.items() if key.startswith(_WITHOUT)}
    problems += [
        f"{where}: no such key {key!r}" for key in sorted(table.keys() - _KEYS - {_WITHOUT + s for s in without})
    ]
    prompt = Prompt(
        prompt_id, language, table.get("text", ""), table.get("purpose", ""), table.get("version", ""), without
    )
    problems += [f"{where}: {problem}" for problem in _problems_of(prompt)]
    return prompt


def _problems_of(prompt: Prompt) -> Iterator[str]:
    if not _ID.fullmatch(prompt.id):
        yield "an id is small letters, digits and _, in parts joined by dots, like greeting.family"
    yield from text_problems("text", prompt.text, prompt.language)
    for slot, text in prompt.without.items():
        yield from text_problems(_WITHOUT + slot, text, prompt.language)
        if slot not in prompt.slots:
            yield f"{_WITHOUT}{slot}: the text has no {{{slot}}} to leave out"
        if slot in SLOT.findall(text):
            yield f"{_WITHOUT}{slot}: this text must do without {{{slot}}}"
        if new := set(SLOT.findall(text)) - prompt.slots:
            yield f"{_WITHOUT}{slot}: {_braced(new)} is not in the text"


def text_problems(key: str, text: str, language: str) -> Iterator[str]:
    """Yield why words cannot be spoken in a language as they stand, each beginning with `key`."""
    if not text.strip():
        yield f"{key} is missing or empty"
    if not unicodedata.is_normalized("NFC", text):
        yield f"{key}: not composed Unicode (NFC)"
    words = SLOT.sub("", text)
    if "{" in words or "}" in words:
        yield f"{key}: a slot is written {{name}}, in small letters, with both braces"
    if foreign := sorted({letter for letter in words if letter.isalpha() and _script(letter) != _SCRIPTS[language]}):
        yield f"{key}: {' '.join(foreign)} is not in the language's script; the voice would stumble"
    if odd := sorted({sign for sign in words if sign.isdigit() or sign in _SIGNS}):
        yield f"{key}: write {' '.join(odd)} in words; the voice reads it in its own way"


def _disagreements(catalogue: Catalogue) -> Iterator[str]:
    """Yield what one language has and another lacks: a prompt, a slot."""
    for prompt_id in ids(catalogue):
        known = {language: catalogue.get((prompt_id, language)) for language in LANGUAGES}
        yield from (
            f"{language}.toml: [{prompt_id}] is missing" for language, prompt in known.items() if prompt is None
        )
        every = frozenset[str]().union(*(prompt.slots for prompt in known.values() if prompt is not None))
        for language, prompt in known.items():
            if prompt is not None and (lost := every - prompt.slots):
                yield f"{language}.toml: [{prompt_id}] lacks {_braced(lost)}, which another language says"


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0]


def _braced(slots: frozenset[str] | set[str]) -> str:
    return ", ".join(f"{{{slot}}}" for slot in sorted(slots))
