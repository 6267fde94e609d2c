"""What can go wrong between a text and what a parent hears.

PromptError
├── CatalogueError     a text is missing or wrong; every problem is named with file and id
├── SlotError          a prompt was asked for with a slot missing, unknown or of a value that cannot be said
├── SynthesisError     the synthesiser gave no speech; `permanent` means that this text will never work
├── AudioRejected      an uploaded sound is not usable; the message is fit to show to who uploaded it
├── ClipDamaged        a stored clip is not what its name says
├── NotPrepared        some of what was to be rendered ahead could not be; `problems` names each
└── MissingClip        nothing was rendered for this yet; `missing` names what
"""

from __future__ import annotations

from ptm.errors import SunvaiError


class PromptError(SunvaiError):
    """The root of this package's errors."""


class CatalogueError(PromptError):
    """The catalogue of texts is not usable. `problems` holds one line each: file, prompt id, what to mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("the prompt catalogue needs mending:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


class SlotError(PromptError):
    """A slot of a prompt is missing, unknown or holds a value that cannot be said."""


class SynthesisError(PromptError):
    """No speech came. `permanent` is true when the same text and voice would fail again."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class AudioRejected(PromptError):
    """A sound cannot be used. The message says why, in words for the person who recorded it."""


class ClipDamaged(PromptError):
    """A file in the clip folder does not hold what its name promises."""


class MissingClip(PromptError):
    """Something was asked for that nobody rendered yet. `missing` names each part in readable words."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("no clip yet for " + "; ".join(missing))
        self.missing = missing


class NotPrepared(PromptError):
    """Some requests cannot be said: `problems` names each, and why. The others are there, `rendered` of them new."""

    def __init__(self, problems: tuple[str, ...], rendered: int) -> None:
        super().__init__("not everything can be said:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems
        self.rendered = rendered
