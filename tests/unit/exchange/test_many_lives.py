"""An exchange that is killed again and again at chance moments still tells one honest story of every call."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from carrier.exchange.population import KINDS, Behaviour, Speech
from tests.unit.exchange.rehearsal import ANSWERS, HOME, Rehearsal
from tests.unit.exchange.sounds import write_tone

LIVES = 5
NUMBERS = [str(919812345600 + index) for index in range(15)]


def behaviours(said: Speech) -> list[Behaviour]:
    spoken = replace(ANSWERS, keys=("1",), speeches=(said,))
    return [
        spoken,
        replace(spoken, hang_up_after_s=7.0),
        replace(ANSWERS, ring_s=12.0),
        *(Behaviour(kind, code, 5.0) for kind, code in KINDS.items() if kind != "answer"),
    ]


def documents() -> dict[str, str]:
    return {
        "answer": f'<GetDigits action="{HOME}/step" numDigits="1"><Play>{HOME}/a.wav</Play></GetDigits>',
        "step": f'<Record action="{HOME}/done" timeout="4" maxLength="30" callbackUrl="{HOME}/ready"/>',
        "done": f"<Play>{HOME}/b.wav</Play>",
    }


@pytest.mark.parametrize("seed", range(8))
def test_every_call_is_dialled_once_ended_once_and_told(
    opened: Callable[..., Rehearsal], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    said = Speech(write_tone(tmp_path / "said.wav", 3.0), "ਧੰਨਵਾਦ")
    told: Counter[str] = Counter()
    announced: set[str] = set()
    numbers = iter(NUMBERS)
    for life in range(LIVES + 1):
        exchange = opened(cps=0.5, lines=20)
        exchange.customer.documents |= documents()
        people = behaviours(said)
        exchange.people(**{number: (people[index % len(people)],) for index, number in enumerate(NUMBERS)})

        async def live(exchange: Rehearsal = exchange, last: bool = life == LIVES) -> None:
            for _ in range(3 if not last else 0):
                await exchange.place(to=next(numbers))
            await (exchange.quiet() if last else asyncio.sleep(chance.uniform(0, 25)))

        exchange.run(live())
        told.update(form["CallUUID"] for form in exchange.customer.got("hangup"))
        announced.update(form["RecordingID"] for form in exchange.customer.got("ready"))
        exchange.close()
    calls = {entry["call"] for entry in exchange.journal("accepted")}
    assert len(calls) == len(NUMBERS)
    for event in ("dialled", "ended"):
        assert Counter(entry["call"] for entry in exchange.journal(event)) == Counter(calls)
    assert set(told) == calls
    recorded = {entry["id"] for entry in exchange.journal("recording")}
    assert recorded == announced
    assert all((tmp_path / entry["file"]).exists() for entry in exchange.journal("recording"))
