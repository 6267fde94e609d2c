"""What the prompts' pages read: the catalogue with its voices, and how children's names are said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from prompts.audio import pcm_of, wav_of_pcm
from prompts.listing import Entry, listing
from prompts.recorded import LONGEST_PROMPT_S, NAMES, Recorded
from prompts.studio import Studio
from ptm.models import Child

# The names that most children bear; a state has some hundred thousand different ones, most of them borne once.
MOST_NAMES = 2_000
MOST_SHOWN = 100


@dataclass(frozen=True)
class Catalogue:
    """One language: its prompts, and how many of them have which voice."""

    entries: Sequence[Entry]
    voices: Counter[str]
    too_long: int


@dataclass(frozen=True)
class Name:
    """A name and how many children bear it; `why` it is left out, where it is."""

    name: str
    children: int
    why: str = ""


@dataclass(frozen=True)
class Names:
    """How the commonest names are said. Of those without a recording the first few, the commonest first."""

    different: int
    looked_at: int
    recorded: int
    synthesised: int
    left_out: int
    without_voice: Sequence[Name]
    to_record: Sequence[Name]
    recordings: Sequence[Recorded]


def load_catalogue_of(studio: Studio, language: str) -> Catalogue:
    entries = list(listing(studio, language))
    too_long = sum(entry.seconds > LONGEST_PROMPT_S for entry in entries)
    return Catalogue(entries, Counter(entry.voice for entry in entries), too_long)


def load_sound(studio: Studio, entry: Entry) -> bytes:
    """Return the clips of a prompt behind each other, as one WAV. Raises ClipDamaged."""
    return wav_of_pcm(b"".join(pcm_of(studio.store.read(clip.name)) for clip in entry.clips))


def load_names(session: Session, studio: Studio) -> Names:
    """Return how children's names are said, the commonest first. No school and no class is told with them."""
    borne = func.count()
    rows = session.execute(
        select(Child.name, borne.label("children")).group_by(Child.name).order_by(borne.desc(), Child.name)
        .limit(MOST_NAMES)
    ).all()  # fmt: skip
    different = session.scalar(select(func.count(func.distinct(Child.name)))) or 0
    children = {row.name: row.children for row in rows}
    covered = studio.coverage(children)
    recordings = [one for one in studio.recorded.all() if one.language == NAMES]
    return Names(
        different, len(rows), len(covered.recorded), len(covered.synthesised), len(covered.left_out),
        [Name(name, children[name], why) for name, why in covered.left_out[:MOST_SHOWN]],
        [Name(name, children[name]) for name in covered.synthesised[:MOST_SHOWN]],
        recordings,
    )  # fmt: skip
