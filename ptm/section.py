"""One table of config.toml, checked as it is read: a key that nobody knows is a mistake."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    # A caller id in the environment looks like a number to whoever parses it.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
