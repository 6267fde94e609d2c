"""Clips are fetched as a media server fetches them: early, once, twice if nobody answers."""

from __future__ import annotations

import asyncio

import pytest

from carrier.exchange.player import MissingAudio, Player
from carrier.exchange.transport import Reply, Request, Unreachable
from tests.unit.exchange.sounds import tone, wav

URL = "https://ivr.example.org/audio/hello.wav"
SOUND = Reply(200, {"content-type": "audio/wav"}, wav(tone(1.0)))


class Shelf:
    """Answers in turn, the last answer for all further requests."""

    def __init__(self, *answers: Reply | Unreachable) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def send(self, request: Request) -> Reply:
        self.asked.append(request.url)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Unreachable):
            raise answer
        return answer


def play(shelf: Shelf, *urls: str) -> None:
    async def playing() -> None:
        player = Player(shelf)
        for url in urls:
            await player.clip(url)

    asyncio.run(playing())


def test_one_failure_is_forgiven() -> None:
    shelf = Shelf(Unreachable("ct", "refused"), SOUND)
    play(shelf, URL)
    assert len(shelf.asked) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Unreachable("rt", "too slow"), "too slow"),
        (Reply(404, {}, b""), "status 404"),
        (Reply(200, {}, b"ID3 an mp3"), "not a PCM WAV"),
    ],
)
def test_what_cannot_be_had_is_said_so(answer: Reply | Unreachable, reason: str) -> None:
    with pytest.raises(MissingAudio, match=reason):
        play(Shelf(answer), URL)


@pytest.mark.parametrize("rule", ["no-store", "private, no-cache"])
def test_what_must_not_be_cached_is_fetched_each_time(rule: str) -> None:
    shelf = Shelf(Reply(200, {"cache-control": rule}, SOUND.body))
    play(shelf, URL, URL)
    assert len(shelf.asked) == 2


def test_callers_at_the_same_time_share_one_fetch_and_fragments_do_not_count() -> None:
    shelf = Shelf(SOUND)

    async def playing() -> None:
        player = Player(shelf)
        player.prefetch([URL])
        await asyncio.gather(player.clip(URL), player.clip(f"{URL}#rt=5000"))
        player.prefetch([URL])
        assert player.cached(URL) is not None

    asyncio.run(playing())
    assert shelf.asked == [URL]


def test_a_failed_prefetch_is_tried_again_when_the_clip_is_due() -> None:
    shelf = Shelf(Reply(503, {}, b""), SOUND)

    async def playing() -> None:
        player = Player(shelf)
        player.prefetch([URL])
        await asyncio.sleep(0.01)
        await player.clip(URL)

    asyncio.run(playing())
    assert len(shelf.asked) == 2
