"""What a demonstration came to: figures from our tables, set against the exchange's truth."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import jiwer
from sqlalchemy import Connection, func, select

from carrier.exchange.truths import Truths
from ptm.models import Attempt, Call, CallChild, Recording, Transcript


@dataclass(frozen=True)
class Summary:
    """`wer` is the word error rate over all recordings with words in them, None when there were none.

    `lost`, `double_dialled` and `outside_window` come from the exchange's own journal.
    """

    households: int
    children: int
    attempts: int
    answered: int
    heard: int
    recorded: int
    transcribed: int
    lost: int
    double_dialled: int
    outside_window: int
    unfinished: int
    wer: float | None
    wall_s: float
    speed: float

    @property
    def kept_every_promise(self) -> bool:
        broken = self.lost or self.double_dialled or self.outside_window or self.unfinished
        return not broken and self.transcribed == self.recorded


def summarise(tx: Connection, truths: Truths, *, wall_s: float, speed: float) -> Summary:
    """Count what became of every call. `tx` reads our tables, which are believed about nothing that we promise.

    Lost is a number that should have rung and never did, and a recording with words that has no transcript; the parent
    who wished to say it again took the first one back.
    """
    ours = {row.carrier_id: row.state for row in tx.execute(select(Recording.carrier_id, Recording.state))}
    kept = {carrier_id for carrier_id, state in ours.items() if state != "discarded"}
    transcripts = select(Recording.carrier_id, Transcript.text).join(Recording, Recording.id == Transcript.recording_id)
    heard_words = {row.carrier_id: row.text for row in tx.execute(transcripts)}
    spoken = {said.recording: said.text for said in truths.spoken}
    taken_back = {carrier_id for carrier_id, state in ours.items() if state == "discarded"}
    return Summary(
        households=_count(tx, select(func.count()).select_from(Call)),
        children=_count(tx, select(func.count()).select_from(CallChild)),
        attempts=_count(tx, select(func.count()).select_from(Attempt)),
        answered=_count(tx, _reaching("answered", "heard", "responded", "recorded")),
        heard=_count(tx, _reaching("heard", "responded", "recorded")),
        recorded=len(kept),
        transcribed=len(kept & heard_words.keys()),
        lost=len(truths.never_dialled) + len(spoken.keys() - heard_words.keys() - taken_back),
        double_dialled=len(truths.double_dialled),
        outside_window=len(truths.outside_window),
        unfinished=_count(tx, select(func.count()).select_from(Call).where(Call.state != "ended")),
        wer=word_error_rate({key: spoken[key] for key in spoken.keys() & kept}, heard_words),
        wall_s=round(wall_s, 1),
        speed=speed,
    )


def told(summary: Summary, dispositions: Mapping[str, int]) -> str:
    """Return the summary as people read it."""
    ends = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(dispositions.items()))
    wer = "nothing was said" if summary.wer is None else f"{summary.wer:.1%} of the words wrong"
    return f"""
  {summary.households} households of {summary.children} children were called, in {summary.attempts} attempts.
  {summary.answered} answered, {summary.heard} heard about their child, {summary.recorded} said something to the school.
  Transcribed: {summary.transcribed} of {summary.recorded}, {wer}.
  Calls ended: {ends}.
  From the exchange's own journal: {summary.lost} lost, {summary.double_dialled} dialled twice, \
{summary.outside_window} outside calling hours.
  Simulated families lived {summary.speed:g} times as fast as real ones; all of it took {summary.wall_s:g} s.
"""


def dispositions(tx: Connection) -> dict[str, int]:
    return dict(Counter(tx.scalars(select(func.coalesce(Call.disposition, "unfinished")))))


def as_json(summary: Summary) -> dict[str, object]:
    return asdict(summary)


def word_error_rate(spoken: Mapping[str, str], heard: Mapping[str, str]) -> float | None:
    """Return the errors in a hundredth of words between what was said and what was written, both as plain words."""
    said = {key: plain for key, words in spoken.items() if (plain := _plain(words))}
    if not said:
        return None
    keys = sorted(said)
    return round(float(jiwer.wer([said[key] for key in keys], [_plain(heard.get(key, "")) for key in keys])), 4)


def _plain(words: str) -> str:
    kept = "".join(
        char if unicodedata.category(char)[0] in "LMN" else " " for char in unicodedata.normalize("NFC", words)
    )
    return re.sub(r"\s+", " ", kept).strip().lower()


def _reaching(*reaches: str) -> object:
    return select(func.count()).select_from(Call).where(Call.reach.in_(reaches))


def _count(tx: Connection, query: object) -> int:
    return int(tx.scalar(query) or 0)  # type: ignore[call-overload]
