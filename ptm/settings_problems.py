"""What is wrong with settings, in words: which key, where its value comes from, and how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ptm.secret_settings import variable_of
from ptm.section import Section

_PASSWORD = re.compile("//[^@/]*@")


def explain(file: Path, error: ValidationError, model: type[BaseModel], environ: Mapping[str, str]) -> str:
    """Return a heading that blames the file, the environment or both, and a line for every problem."""
    problems = error.errors()
    blamed = {name for problem in problems for name in _blamed(problem, file, environ)}
    where = " and ".join(name for name in (str(file), "the environment") if name in blamed)
    lines = [f"{where}: {len(problems)} setting(s) to mend", *(f"  {_told(one, model, environ)}" for one in problems)]
    return "\n".join(lines)


def _blamed(problem: ErrorDetails, file: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return where a problem may come from; what several keys do together may come from both."""
    place = _place(problem)
    if _source(place, environ, is_unknown=_is_unknown(problem)):
        return ("the environment",)
    parts = _variable(place) + "__" if place else "SUNVAI_"
    is_of_several = isinstance(problem["input"], (dict, Section)) and problem["type"] != "missing"
    if is_of_several and any(name.startswith(parts) and "__" in name for name in environ):
        return (str(file), "the environment")
    return (str(file),)


def _told(problem: ErrorDetails, model: type[BaseModel], environ: Mapping[str, str]) -> str:
    """Return the key, what is wrong with it and how to override it. A secret's value is never shown."""
    place = _place(problem)
    variable = variable_of(place)
    what = problem["msg"].removeprefix("Value error, ")
    is_unknown = _is_unknown(problem)
    if is_unknown:
        what = f"no such key{_nearest(place, model)}"
    if variable is not None:
        return f"{variable} (environment): {what}"
    source = _source(place, environ, is_unknown=is_unknown)
    # One entry of a list cannot be set alone, and nothing sets a key that there is not.
    can_be_set = len(place) > 1 and not is_unknown and not any(part.isdigit() for part in place)
    hint = f"; or set {_variable(place)}" if can_be_set and source is None else ""
    hint = f"; it comes from {source} (environment)" if source is not None else hint
    return f"{'.'.join(place) or 'together'}: {what}{_shown(problem)}{hint}"


def _place(problem: ErrorDetails) -> list[str]:
    return [str(part) for part in problem["loc"] if part != "[key]"]


def _variable(place: Iterable[str]) -> str:
    return f"SUNVAI_{'__'.join(place).upper()}"


def _source(place: list[str], environ: Mapping[str, str], *, is_unknown: bool) -> str | None:
    """Return the variable that a value comes from, if one does: of the key, of the list it is in, of a strange part."""
    if secret := variable_of(place):
        return secret
    names = [_variable(place[:end]) for end in range(len(place), 1, -1)]
    strange = f"{_variable(place)}__" if is_unknown else None
    return next((one for one in environ if one in names or (strange is not None and one.startswith(strange))), None)


def _is_unknown(problem: ErrorDetails) -> bool:
    return problem["type"] == "extra_forbidden"


def _nearest(place: list[str], model: type[BaseModel]) -> str:
    at: Any = model
    for part in place[:-1]:
        field = at.model_fields.get(part) if isinstance(at, type) and issubclass(at, BaseModel) else None
        at = field.annotation if field is not None else None
    if not (isinstance(at, type) and issubclass(at, BaseModel)):
        return ""
    near = difflib.get_close_matches(place[-1], at.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _shown(problem: ErrorDetails) -> str:
    if problem["type"] == "missing" or isinstance(problem["input"], (dict, Section)):
        return ""
    return f" (now {_PASSWORD.sub('//…@', repr(problem['input']))})"
