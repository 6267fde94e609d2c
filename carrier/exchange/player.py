"""Fetching what Play names, once per URL, as a carrier's media server does."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import urldefrag

from .audio import Samples, UnplayableAudio, read_wav
from .transport import Request, Transport, Unreachable

_TRIES = 2
_CACHE_SAMPLES = 64 * 1024 * 1024  # 128 MB of clips


class MissingAudio(Exception):
    """A Play cannot be played: not found, not reachable, or not sound."""


class Player:
    """Clips by URL. What the server marks `no-store` or `no-cache` is fetched each time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._clips: OrderedDict[str, Samples] = OrderedDict()
        self._size = 0
        self._fetching: dict[str, asyncio.Task[Samples]] = {}

    def cached(self, url: str) -> Samples | None:
        return self._clips.get(_bare(url))

    def prefetch(self, urls: Iterable[str]) -> None:
        """Begin to fetch what will soon be played, so that no clip waits for the network after the one before it."""
        for url in map(_bare, urls):
            if url not in self._clips:
                self._start(url)

    async def clip(self, url: str) -> Samples:
        """Return the sound at `url`. Raises MissingAudio. Calls that ask at the same time share one fetch."""
        return await asyncio.shield(self._start(_bare(url)))

    def _start(self, url: str) -> asyncio.Task[Samples]:
        if url not in self._fetching:
            task = asyncio.ensure_future(self._fetch(url))
            self._fetching[url] = task
            task.add_done_callback(lambda done: self._forget(url, done))
        return self._fetching[url]

    def _forget(self, url: str, done: asyncio.Task[Samples]) -> None:
        del self._fetching[url]
        if not done.cancelled():
            done.exception()  # somebody may have hung up before it could be told

    async def _fetch(self, url: str) -> Samples:
        reply = None
        for attempt in range(1, _TRIES + 1):
            try:
                reply = await self._transport.send(Request("GET", url, connect_s=2.0, read_s=120.0, total_s=130.0))
                break
            except Unreachable as error:
                if attempt == _TRIES:
                    raise MissingAudio(f"{url}: {error}") from None
        assert reply is not None  # noqa: S101 - the loop ends with a reply or raises
        if reply.status != 200:
            raise MissingAudio(f"{url}: status {reply.status}")
        try:
            samples = read_wav(reply.body)
        except UnplayableAudio as error:
            raise MissingAudio(f"{url}: {error}") from None
        if not any(word in reply.headers.get("cache-control", "") for word in ("no-store", "no-cache")):
            self._keep(url, samples)
        return samples

    def _keep(self, url: str, samples: Samples) -> None:
        self._clips[url] = samples
        self._size += len(samples)
        while self._size > _CACHE_SAMPLES:
            self._size -= len(self._clips.popitem(last=False)[1])


def _bare(url: str) -> str:
    return urldefrag(url).url
