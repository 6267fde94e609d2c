"""Our application and the exchange on real sockets, in virtual time: what a parent hears is kept and measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update
from werkzeug.serving import make_server

from carrier.contract import Dial
from carrier.exchange.clock import VirtualPace
from carrier.exchange.population import Behaviour
from carrier.exchange.webhooks import Account
from carrier.plivo.client import PlivoCarrier
from ivr.trees.model import Digits, Menu, Say
from ivr.trees.sampling import sample_facts
from ivr.trees.script import parse_script, play
from ivr.trees.timing import TURN_S, turn_s
from ivr.trees.walk import everything_said
from ptm import schema
from ptm.models import Attempt
from tests.callflow.stage import OUR_NUMBER, SECRETS, Phone, Stage, StandingRuntime
from tests.contract.exchange import OpenExchange, opened_exchange

FRAME_S = 0.01
QUIET = 60.0  # of 32768: below -54 dBFS nothing is heard on a telephone
PARENT_SPEAKS_S = 12.0


@dataclass(frozen=True)
class House:
    """The application at an address, with one school in one round."""

    stage: Stage
    url: str

    def dial_to(self, phone: Phone, *, fallback_url: str = "") -> Dial:
        base = f"{self.url}/voice/{phone.token}"
        return Dial(
            phone.msisdn, OUR_NUMBER, f"{base}/answer", f"{base}/ring", f"{base}/hangup",
            fallback_url or f"{base}/fallback", 40, 240, "GET" if fallback_url else "POST",
        )  # fmt: skip

    def typical_family(self, language: str) -> Phone:
        """A family with the made-up facts by which trees are timed, everything that it may hear prepared."""
        phone = self.stage.dial(language=language, prepared=False)
        child = phone.facts["children"][0]["id"]
        facts = sample_facts(language)
        facts["children"][0]["id"] = child
        with self.stage.runtime.database.writing() as tx:
            tx.execute(update(Attempt).where(Attempt.id == phone.attempt_id).values(facts=facts))
        self.stage.parts.studio.prepare(everything_said(self.stage.tree, facts))
        phone.facts.clear()
        phone.facts.update(facts)
        return phone

    def typical_parent(self, phone: Phone, speech: Any) -> Behaviour:
        """A parent who does what the tree calls typical, each key when its prompt is over and thought of."""
        tree, facts = self.stage.tree, phone.facts
        words = parse_script(tree.typical)
        call = list(play(tree, facts, words))
        keys: list[str] = []
        times: list[float] = []
        for asked, done in pairwise(call):
            word = done.word
            if isinstance(asked.turn.steps[-1], Menu) and word is not None and isinstance(word.given, Digits):
                keys.append(word.given.keys)
                times.append(turn_s(asked.turn, word, self.seconds) - TURN_S)
        return Behaviour(
            "answer", 4000, 6.0, keys=tuple(keys), barge_in_s=tuple(times), speeches=(speech,), speech_delay_s=0.3
        )

    def seconds(self, say: Say) -> float:
        return sum(clip.seconds for clip in self.stage.parts.studio.resolve(say))


@contextmanager
def opened_house(folder: Path, redis_url: str) -> Iterator[House]:
    """Serve the application over a database of its own; what the carrier is told fits the address."""
    late: list[Callable[..., Any]] = []
    server = make_server("127.0.0.1", 0, lambda environ, start: late[0](environ, start), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    runtime = StandingRuntime(database_url=f"sqlite:///{folder}/heard.db", redis_url=redis_url, folder=folder / "var")
    web = runtime.settings.web.model_copy(update={"public_url": url})
    runtime.settings = runtime.settings.model_copy(update={"web": web})
    schema.upgrade(runtime.database)
    stage = Stage(runtime)
    late.append(stage.app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield House(stage, url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        stage.parts.close()
        runtime.redis.close()
        runtime.database.dispose()


@contextmanager
def opened_line(folder: Path, people: dict[str, tuple[Behaviour, ...]]) -> Iterator[tuple[OpenExchange, PlivoCarrier]]:
    """The exchange in virtual time and our client at it; a call takes as long as the machine needs to think."""
    auth_id, token = SECRETS["PLIVO_AUTH_ID"], SECRETS["PLIVO_AUTH_TOKEN"]
    account = Account(auth_id, token, token)
    with opened_exchange(folder, people, pace=VirtualPace(), account=account) as exchange:
        yield exchange, PlivoCarrier(auth_id, token, api_url=exchange.url)


def silences(samples: NDArray[np.int16], rate_hz: int = 8_000) -> list[tuple[float, float]]:
    """Return where nothing is to be heard, as seconds from and to."""
    size = int(FRAME_S * rate_hz)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    quiet = np.sqrt((frames**2).mean(axis=1)) < QUIET
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    return [(begin * FRAME_S, end * FRAME_S) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
